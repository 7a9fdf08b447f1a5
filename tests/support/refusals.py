"""What is said of files that are not taken, and what the process that looks into them is told."""

import json
from typing import Any

import pytest

from documents.checking import SENTENCES, Unfit, check

MEGABYTE = 1024 * 1024


def sentence(code: str, kind: str = "") -> str:
    """What a person reads."""
    limits = {"megabytes": 10, "megapixels": 40, "fewer_megapixels": "16", "pages": 30, "pixels": 100, "kind": kind}
    return str(SENTENCES[code]) % limits


def refusal(content: bytes) -> Unfit:
    """Why a file is not taken."""
    with pytest.raises(Unfit) as caught:
        check(content)
    return caught.value


def limits(**more: Any) -> str:
    """What `check` tells the process."""
    given = {"bytes": 10 * MEGABYTE, "pages": 30, "pixels": 40_000_000, "pixels_in_passes": 16_000_000}
    return json.dumps({**given, "min_side": 100, "cpu_seconds": 20, "keep_metadata": False, **more})
