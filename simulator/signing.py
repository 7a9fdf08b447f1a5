"""The signature check, written from the vendor's description of the ``Authorization`` header.

``KEY:SIGNATURE`` with SIGNATURE = base64(hex(HMAC-SHA1(path + query + hex(md5(query)), secret))), where query is
the parameters sorted by name and encoded as forms are (RFC 1738: a space is ``+``, ``~`` and ``*`` are escaped).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def _escape(text: str) -> str:
    pieces = []
    for byte in text.encode("utf-8"):
        if byte in _PLAIN:
            pieces.append(chr(byte))
        else:
            pieces.append("+" if byte == 0x20 else f"%{byte:02X}")
    return "".join(pieces)


def canonical_query(params: Iterable[tuple[str, str]]) -> str:
    """The parameters as they are signed: sorted by name (bytes, not letters), escaped, joined by ``&``."""
    ordered = sorted(params, key=lambda pair: pair[0].encode("utf-8"))
    return "&".join(f"{_escape(name)}={_escape(value)}" for name, value in ordered)


def signature(path: str, params: Iterable[tuple[str, str]], secret: str) -> str:
    """The signature that a request for this path (as requested, slash included) must carry."""
    query = canonical_query(params)
    signed = path + query + hashlib.md5(query.encode(), usedforsecurity=False).hexdigest()
    digest = hmac.new(secret.encode(), signed.encode(), hashlib.sha1).hexdigest()
    return base64.b64encode(digest.encode()).decode()


def split_header(header: str) -> tuple[str, str]:
    """Key and signature of an ``Authorization`` header; both empty when it has no colon."""
    key, colon, given = header.strip().partition(":")
    return (key, given) if colon else ("", "")


def is_signed(header: str, path: str, params: Iterable[tuple[str, str]], secret: str) -> bool:
    """Whether the header carries the right signature of this request."""
    _, given = split_header(header)
    return hmac.compare_digest(given.encode("utf-8", "replace"), signature(path, params, secret).encode())
