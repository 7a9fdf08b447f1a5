"""What a direction wants, told apart from what it wanted before: a digest of its documents and data."""

import hashlib
import json
from collections.abc import Iterable, Mapping

from direct_numbers.models import Direction


def signature(uploads: Iterable[Mapping[str, str]], specify: Iterable[str]) -> str:
    """A digest over the documents and data that are wanted, in English; "" when nothing is.

    Capitals, spaces, the full stop at an end and the order in which they are listed make no difference.
    """
    wanted = {
        "upload": sorted(
            [upload.get("type", "").strip().lower(), _plain(upload.get("text", ""))] for upload in uploads
        ),
        "specify": sorted(_plain(text) for text in specify),
    }
    if not any(wanted.values()):
        return ""
    return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()


def signature_of(direction: Direction) -> str:
    """The same for a direction as it is mirrored."""
    return signature(direction.uploads_en, direction.specify_en)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(" .;")
