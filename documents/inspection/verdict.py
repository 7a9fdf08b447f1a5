"""What a file may be, why it is refused, and how it is told what a file seems to be."""

import re
from dataclasses import dataclass

MEGABYTE = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n"
TAIL_BYTES = 1024  # what may follow the end of a PDF, or of a picture that goes out unchanged

FTYP = {b"heic": "heic", b"heix": "heic", b"hevc": "heic", b"hevx": "heic", b"heim": "heic", b"heis": "heic"}
FTYP |= {b"mif1": "heic", b"msf1": "heic", b"avif": "AVIF", b"avis": "AVIF"}
PICTURES = [(b"GIF8", "GIF"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"), (b"8BPS", "Photoshop"), (b"\0\0\1\0", "icon")]
PICTURES += [(b"\xff\x0a", "JPEG XL"), (b"\0\0\0\x0cJXL ", "JPEG XL"), (b"\0\0\0\x0cjP  ", "JPEG 2000")]
ARCHIVES = (b"PK\5\6", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\xfd7zXZ", b"BZh", b"MSCF", b"(\xb5/\xfd")
PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"#!")
SOUNDS = (b"ID3", b"OggS", b"\x1aE\xdf\xa3", b"fLaC")
INSIDE = re.compile(
    rb"<(?:script|html|iframe|svg)[\s>]|<!doctype\s+html|<\?php"
    rb"|program cannot be run in DOS mode|\x7fELF[\x01\x02]\x01\x01",
    re.IGNORECASE,
)


class Refused(Exception):
    """The file is not fit: `code` says why, `kind` what it seems to be."""

    def __init__(self, code: str, kind: str = "") -> None:
        super().__init__(code)
        self.code, self.kind = code, kind


@dataclass(frozen=True)
class Limits:
    """What a file may be: bytes, pages of a PDF, pixels of a picture and of its shorter side; seconds of processor.

    A JPEG in colours that comes in several passes (progressive) may have `pixels_in_passes` only.
    """

    bytes: int
    pages: int
    pixels: int
    pixels_in_passes: int
    min_side: int
    cpu_seconds: int
    keep_metadata: bool


def recognise(data: bytes) -> str:
    """The MIME type by content. Raises `Refused` for all but JPEG, PNG and PDF, with what it seems to be."""
    if not data:
        raise Refused("empty")
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(PNG):
        return "image/png"
    start = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if start.startswith(b"%PDF-"):
        return "application/pdf"
    code, kind = _seems(data, start)
    raise Refused("polyglot" if code == "unknown" and b"%PDF-" in start else code, kind)


def _seems(data: bytes, start: bytes) -> tuple[str, str]:
    """A word for what people take for a document."""
    if data[4:8] == b"ftyp":
        kind = FTYP.get(data[8:12], "video")
        return (kind, "") if kind in ("heic", "video") else ("other_picture", kind)
    if data.startswith(b"RIFF"):
        return ("other_picture", "WebP") if data[8:12] == b"WEBP" else ("video", "")
    if data.startswith(b"BM") and data[6:10] == bytes(4):
        return "other_picture", "BMP"
    for magic, kind in PICTURES:
        if data.startswith(magic):
            return "other_picture", kind
    if data.startswith(b"PK\3\4"):
        office = b"word/" in data or b"xl/" in data or b"ppt/" in data or b"opendocument" in data[:200]
        return "office" if office else "archive", ""
    if data.startswith((b"\xd0\xcf\x11\xe0", b"{\\rtf")):
        return "office", ""
    for code, magics in (("archive", ARCHIVES), ("program", PROGRAMS), ("video", SOUNDS)):
        if data.startswith(magics):
            return code, ""
    if re.match(rb"<(?:!doctype|html|head|body|script|svg|\?xml|!--)", start, re.IGNORECASE):
        return "web_page", ""
    is_text = (
        not re.search(rb"[\0-\x08\x0e-\x1f\x7f]", start)
        and len(start.decode(errors="ignore").encode()) > len(start) - 4
    )
    return "text" if start and is_text else "unknown", ""


def refuse_polyglot(data: bytes, end: int) -> None:
    """Raise `Refused` where a file is something else as well, or has more behind its end than line breaks.

    A chance hit in packed data is out of the question: a ZIP counts where both of its directory's marks are there.
    """
    is_zip = b"PK\1\2" in data and b"PK\5\6" in data
    tail = data[end:].lstrip(b"\0\r\n\t ")
    if is_zip or len(tail) > TAIL_BYTES or tail.startswith((*ARCHIVES, *PROGRAMS)) or INSIDE.search(data):
        raise Refused("polyglot")
