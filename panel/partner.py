"""Whose panel it is: the partner's name and logo, from the settings PARTNER_NAME and PARTNER_LOGO."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse

MOST_BYTES = 256 * 1024
CONTENT_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}


class BadLogo(Exception):
    """The file of PARTNER_LOGO can't be shown; the text says why, to whoever runs the panel."""


@dataclass(frozen=True)
class Logo:
    """A picture, and what its address ends with: another picture has another address."""

    content: bytes
    content_type: str
    version: str


def name() -> str:
    """What the panel is called on every page."""
    return str(settings.PARTNER_NAME)


def read_logo(path: str) -> Logo:
    """The picture at `path`. Raises `BadLogo`."""
    file = Path(path)
    content_type = CONTENT_TYPES.get(file.suffix.lower())
    if content_type is None:
        raise BadLogo("it is no SVG, PNG or WebP file by its name")
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadLogo(f"it can't be read ({error.strerror})") from None
    if len(content) > MOST_BYTES:
        raise BadLogo("it is larger than 256 kB")
    if not _begins_as(content, content_type):
        raise BadLogo("its content is not what its name says")
    return Logo(content, content_type, hashlib.sha256(content).hexdigest()[:12])


def _begins_as(content: bytes, content_type: str) -> bool:
    if content_type == "image/png":
        return content.startswith(b"\x89PNG\r\n\x1a\n")
    if content_type == "image/webp":
        return content.startswith(b"RIFF") and content[8:12] == b"WEBP"
    return b"<svg" in content[:4096] and b"\0" not in content


@lru_cache(maxsize=1)
def _kept(path: str) -> Logo | None:
    try:
        return read_logo(path)
    except BadLogo:  # told by `manage.py check`; pages show the panel's own
        return None


def logo() -> Logo | None:
    """The partner's logo, read once a process; None where there is none that can be shown."""
    return _kept(settings.PARTNER_LOGO) if settings.PARTNER_LOGO else None


def logo_url() -> str:
    """Where pages find the logo."""
    found = logo()
    return f"{reverse('logo')}?v={found.version}" if found else static("img/logo.svg")
