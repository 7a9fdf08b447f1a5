"""Reading the body of a request: plain or chunked, a form or multipart."""

from __future__ import annotations

import re
from email.message import Message
from io import BufferedIOBase
from urllib.parse import parse_qsl, unquote

from .calls import Upload
from .messages import Refused

#: Larger bodies are refused (bytes).
LARGEST = 64 * 1024 * 1024


def read(headers: Message, stream: BufferedIOBase) -> bytes:
    """The body's bytes. Refused when its length cannot be told or is too large."""
    if "chunked" in (headers.get("Transfer-Encoding") or "").lower():
        return _read_chunks(stream)
    length = headers.get("Content-Length") or "0"
    if not length.isdigit() or int(length) > LARGEST:
        raise Refused("body")
    content = stream.read(int(length))
    if len(content) != int(length):
        raise Refused("body")
    return content


def _read_chunks(stream: BufferedIOBase) -> bytes:
    pieces: list[bytes] = []
    total = 0
    while True:
        try:
            size = int(stream.readline(64).split(b";")[0], 16)
        except ValueError:
            raise Refused("body") from None
        if size == 0:
            while stream.readline(8192).strip():
                pass
            return b"".join(pieces)
        total += size
        if size < 0 or total > LARGEST:
            raise Refused("body")
        pieces.append(stream.read(size))
        stream.readline(8)


def parameters(headers: Message, body: bytes, query: str, method: str) -> tuple[list[tuple[str, str]], Upload | None]:
    """The signed parameters, in order, and the file of a multipart body, which is not signed.

    GET has its parameters in the query string, the others in the body (or, with an empty body, in the query string).
    """
    if method == "GET" or not body:
        return _pairs(query), None
    if headers.get_content_type() == "multipart/form-data":
        return _multipart(headers, body)
    return _pairs(body.decode("utf-8", "replace")), None


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True, encoding="utf-8", errors="replace")


def _multipart(headers: Message, body: bytes) -> tuple[list[tuple[str, str]], Upload | None]:
    boundary = headers.get_boundary()
    if not boundary:
        raise Refused("body")
    fields: list[tuple[str, str]] = []
    upload: Upload | None = None
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:]:
        if part.startswith(b"--"):
            return fields, upload
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        disposition = head.decode("utf-8", "replace")
        name = re.search(r'[;\s]name="([^"]*)"', disposition)
        if name is None:
            raise Refused("body")
        file_name = _file_name(disposition)
        if file_name is None:
            fields.append((name[1], content.decode("utf-8", "replace")))
        else:
            upload = Upload(name[1], file_name, content)
    raise Refused("body")  # the closing boundary never came


def _file_name(disposition: str) -> str | None:
    """The file name of a part, without folders; plain or percent-encoded (``filename*=utf-8''...``)."""
    encoded = re.search(r"filename\*=(?:utf-8|UTF-8)'[^']*'([^;\s]+)", disposition)
    plain = re.search(r'filename="([^"]*)"', disposition)
    if encoded is None and plain is None:
        return None
    name = unquote(encoded[1]) if encoded else plain[1] if plain else ""
    return re.split(r"[/\\]", name)[-1]
