"""Files that nobody should send on, by name: how each is made, and the code of the sentence that refuses it."""

import functools
import io
import zlib
from collections.abc import Callable

from tests.support import files

Made = Callable[[], bytes]
MEGABYTE = 1024 * 1024
ACTION = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
PROGRAM = b"MZ\x90\0" + bytes(60) + b"This program cannot be run in DOS mode.\r\n" + bytes(2000)


def link(action: bytes) -> bytes:
    """An annotation of a page with an action."""
    return b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A %s >>]" % action


def moving() -> bytes:
    """An APNG."""
    out = io.BytesIO()
    files.picture().save(out, format="PNG", save_all=True, append_images=[files.picture().rotate(90)], duration=100)
    return out.getvalue()


def many_scans() -> bytes:
    """A progressive JPEG whose last pass comes 300 times."""
    made = files.jpeg(progressive=True)
    last = made.rfind(b"\xff\xda")
    return made[:last] + made[last:-2] * 300 + made[-2:]


def late_text_bomb() -> bytes:
    """A PNG with a packed text of 20 MB behind its picture."""
    made = files.png()
    return made[:-12] + files.chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(20 * MEGABYTE))) + made[-12:]


def broken_png() -> bytes:
    """A PNG whose packed data is none, with the right checksum."""
    made = files.png()
    return made[:33] + files.chunk(b"IDAT", files.noise(3000)) + files.chunk(b"IEND", b"")


def short_png() -> bytes:
    """A PNG that packs fewer lines than it has."""
    return files.header_only(400, 400)


def claims_jpeg(width: int, height: int) -> bytes:
    """A JPEG whose header says another size."""
    made = bytearray(files.jpeg())
    start = made.find(b"\xff\xc0") + 5
    made[start : start + 4] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(made)


def deep_pages() -> bytes:
    """A page below 200 nodes of a page tree."""
    nodes = [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (6 + level) for level in range(200)]
    return files.pdf(*nodes, b"<< /Type /Page /Parent 2 0 R >>", kids=b"5 0 R")


def endless_tables() -> bytes:
    """A PDF whose table of contents names itself as the one before."""
    made = files.pdf()
    start = made.rfind(b"startxref\n") + 10
    place = made[start : made.find(b"\n", start)]
    return made.replace(b"/Size", b"/Prev %s /Size" % place)


def without_contents() -> bytes:
    """A PDF that tells wrongly where its table of contents is, and has none."""
    made = files.pdf()
    return made[: made.find(b"xref")] + b"startxref\n999999\n%%EOF\n"


def bomb_of(filters: bytes, layers: int) -> bytes:
    """A stream of a PDF packed several times over."""
    data = bytes(60 * MEGABYTE if layers else 60)
    for _layer in range(layers):
        data = zlib.compress(data, 9)
    return files.pdf(files.stream(data, b"/Filter [%s]" % filters))


def too_many_objects() -> bytes:
    """A PDF of 60 000 objects."""
    return files.pdf(*[b"null"] * 60_000)


def cut(made: bytes, part: float = 0.5) -> bytes:
    """The beginning of a file."""
    return made[: int(len(made) * part)]


def old_revision(hidden: bytes) -> bytes:
    """A PDF with an object that no table of contents lists."""
    return files.pdf(lost=b"77 0 obj\n%s\nendobj\n" % hidden)


def before_its_table(made: bytes, hidden: bytes) -> bytes:
    """A PDF with something in its middle, where no reader looks."""
    return files.pdf(lost=hidden) if made else b""


IMAGE = b"/Type /XObject /Subtype /Image /ColorSpace /DeviceRGB /BitsPerComponent 8"
BIG_IMAGE = IMAGE + b" /Width 100000 /Height 100000"
SMALL_IMAGE = IMAGE + b" /Width 10 /Height 10"

OTHER_KINDS: dict[str, tuple[Made, str]] = {
    "nothing": (lambda: b"", "empty"),
    "white space": (lambda: b" \n \n", "unknown"),
    "noise": (lambda: files.noise(5000), "unknown"),
    "zeros": (lambda: bytes(5000), "unknown"),
    "HEIC": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + files.noise(900), "heic"),
    "HEIF": (lambda: b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + files.noise(900), "heic"),
    "AVIF": (lambda: b"\0\0\0\x18ftypavif\0\0\0\0mif1" + files.noise(900), "other_picture"),
    "GIF": (lambda: b"GIF89a" + files.noise(900), "other_picture"),
    "WebP": (lambda: b"RIFF\0\1\0\0WEBPVP8 " + files.noise(900), "other_picture"),
    "TIFF": (lambda: b"II*\0" + files.noise(900), "other_picture"),
    "TIFF, big end first": (lambda: b"MM\0*" + files.noise(900), "other_picture"),
    "BMP": (lambda: files.blank(200, 200, "BMP"), "other_picture"),
    "Photoshop": (lambda: b"8BPS\0\1" + files.noise(900), "other_picture"),
    "icon": (lambda: b"\0\0\1\0\1\0" + files.noise(900), "other_picture"),
    "JPEG 2000": (lambda: b"\0\0\0\x0cjP  \r\n\x87\n" + files.noise(900), "other_picture"),
    "JPEG XL": (lambda: b"\xff\x0a" + files.noise(900), "other_picture"),
    "Word": (lambda: files.archive(word__document_xml=b"<w/>"), "office"),
    "Excel": (lambda: files.archive(xl__workbook_xml=b"<x/>"), "office"),
    "OpenDocument": (lambda: files.archive(mimetype=b"application/vnd.oasis.opendocument.text"), "office"),
    "old Word": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + files.noise(900), "office"),
    "RTF": (lambda: b"{\\rtf1 Passport}", "office"),
    "ZIP": (lambda: files.archive(passport_jpg=files.jpeg()), "archive"),
    "empty ZIP": (lambda: files.archive(), "archive"),
    "RAR": (lambda: b"Rar!\x1a\7\1\0" + files.noise(900), "archive"),
    "7z": (lambda: b"7z\xbc\xaf\x27\x1c" + files.noise(900), "archive"),
    "gzip": (lambda: b"\x1f\x8b\x08" + files.noise(900), "archive"),
    "Windows program": (lambda: PROGRAM, "program"),
    "Linux program": (lambda: b"\x7fELF\2\1\1\0" + files.noise(900), "program"),
    "macOS program": (lambda: b"\xcf\xfa\xed\xfe" + files.noise(900), "program"),
    "shell script": (lambda: b"#!/bin/sh\nrm -rf /\n", "program"),
    "HTML": (lambda: b"<!DOCTYPE html><script>alert(1)</script>", "web_page"),
    "HTML after a mark": (lambda: b"\xef\xbb\xbf \n<HTML><body>", "web_page"),
    "SVG": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "web_page"),
    "SVG as XML": (lambda: b"<?xml version='1.0'?><svg/>", "web_page"),
    "MP4": (lambda: b"\0\0\0\x18ftypisom\0\0\2\0" + files.noise(900), "video"),
    "WAV": (lambda: b"RIFF\0\1\0\0WAVEfmt " + files.noise(900), "video"),
    "text": (lambda: b"My passport number is L01X00T47", "text"),
    "German text": (lambda: "Straße und Größe".encode() * 200, "text"),
}

PICTURES: dict[str, tuple[Made, str]] = {
    "JPEG cut in half": (lambda: cut(files.jpeg()), "truncated"),
    "JPEG without its end": (lambda: files.jpeg()[:-2], "truncated"),
    "JPEG without its last row": (lambda: cut(files.jpeg(), 0.97), "truncated"),
    "JPEG of its first bytes": (lambda: b"\xff\xd8\xff", "truncated"),
    "JPEG without a picture": (lambda: b"\xff\xd8\xff\xe0\0\4ab\xff\xd9", "damaged_picture"),
    "JPEG of marks": (lambda: b"\xff\xd8\xff\xe0\0\1" + b"\xff\xe1\0\0" * 500, "damaged_picture"),
    "JPEG of noise": (lambda: b"\xff\xd8\xff\xe0" + files.noise(90_000), "truncated"),
    "JPEG of ff": (lambda: b"\xff\xd8\xff" + b"\xff" * 3 * MEGABYTE, "truncated"),
    "JPEG with 300 passes": (many_scans, "too_complex"),
    "JPEG that claims 65500 pixels": (lambda: claims_jpeg(65500, 65500), "too_many_pixels"),
    "JPEG that claims no height": (lambda: claims_jpeg(200, 0), "damaged_picture"),
    "JPEG just too large": (lambda: files.blank(8000, 5001, "JPEG"), "too_many_pixels"),
    "progressive JPEG just too large": (
        lambda: files.blank(4000, 4001, "JPEG", "RGB", progressive=True),
        "too_many_pixels_in_passes",
    ),
    "small JPEG": (lambda: files.jpeg(size=(99, 300)), "too_small"),
    "PNG cut in half": (lambda: cut(files.png()), "truncated"),
    "PNG without its end": (lambda: files.png()[:-12], "truncated"),
    "PNG of its first bytes": (lambda: b"\x89PNG\r\n\x1a\n", "truncated"),
    "PNG with a wrong checksum": (lambda: files.png()[:60] + b"xx" + files.png()[62:], "damaged_picture"),
    "PNG of noise": (broken_png, "damaged_picture"),
    "PNG with lines missing": (short_png, "truncated"),
    "PNG with no depth": (lambda: files.with_chunk(b"IHDR", bytes(13)), "damaged_picture"),
    "PNG that claims a gigapixel": (lambda: files.header_only(100_000, 100_000), "too_many_pixels"),
    "PNG that claims the largest numbers": (lambda: files.header_only(2**31 - 1, 2**31 - 1), "too_many_pixels"),
    "PNG just too large": (lambda: files.blank(8000, 5001, "PNG"), "too_many_pixels"),
    "PNG like a line": (lambda: files.blank(20_000, 20, "PNG"), "too_small"),
    "PNG of no size": (lambda: files.header_only(0, 0), "damaged_picture"),
    "PNG that moves": (moving, "animated"),
    "PNG with a text bomb": (
        lambda: files.with_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(20 * MEGABYTE))),
        "bomb",
    ),
    "PNG with an international text bomb": (
        lambda: files.with_chunk(b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(bytes(20 * MEGABYTE))),
        "bomb",
    ),
    "PNG with a colour profile bomb": (
        lambda: files.with_chunk(b"iCCP", b"icc\0\0" + zlib.compress(bytes(20 * MEGABYTE))),
        "bomb",
    ),
    "PNG with a late text bomb": (late_text_bomb, "bomb"),
}

PDFS: dict[str, tuple[Made, str]] = {
    "locked": (lambda: files.locked_pdf("secret", "RC4-128"), "encrypted"),
    "locked with an empty password": (lambda: files.locked_pdf("", "RC4-40"), "encrypted"),
    "locked with AES": (lambda: files.locked_pdf("", "AES-256"), "encrypted"),
    "locked in an unknown way": (
        lambda: files.pdf(trailer=b"/Encrypt << /Filter /Mine /V 9 >>"),
        "encrypted",
    ),
    "only a first line": (lambda: b"%PDF-1.4\n", "pdf_damaged"),
    "only a first and a last line": (lambda: b"%PDF-1.4\n%%EOF\n", "pdf_damaged"),
    "cut in half": (lambda: cut(files.scanned_pdf()), "pdf_damaged"),
    "its middle cut out": (lambda: cut(files.pdf(), 0.4) + files.pdf()[-40:], "pdf_damaged"),
    "noise": (lambda: b"%PDF-1.4\n" + files.noise(9000) + b"\n%%EOF", "pdf_damaged"),
    "no catalogue": (without_contents, "pdf_damaged"),
    "no page tree": (lambda: files.tabled([b"<< /Type /Catalog >>"]), "pdf_damaged"),
    "no pages": (lambda: files.pdf(kids=b"", count=b"0"), "no_pages"),
    "31 pages": (lambda: files.pdf(pages=31), "too_many_pages"),
    "31 pages that claim to be one": (lambda: files.pdf(pages=31, count=b"1"), "too_many_pages"),
    "100 000 kids": (lambda: files.pdf(kids=b"4 0 R " * 90_000), "too_many_pages"),
    "claims a million pages": (lambda: files.pdf(count=b"1000000"), "pdf_damaged"),
    "claims minus one page": (lambda: files.pdf(count=b"-1"), "pdf_damaged"),
    "claims no number": (lambda: files.pdf(count=b"(x)"), "pdf_damaged"),
    "page tree in a circle": (lambda: files.pdf(kids=b"4 0 R 2 0 R"), "pdf_damaged"),
    "the same page twice": (lambda: files.pdf(kids=b"4 0 R 4 0 R", count=b"2"), "pdf_damaged"),
    "a page that isn't there": (lambda: files.pdf(kids=b"4 0 R 99 0 R", count=b"2"), "pdf_damaged"),
    "a deep page tree": (deep_pages, "pdf_damaged"),
    "its table of contents in a circle": (endless_tables, "pdf_damaged"),
    "arrays in arrays": (lambda: files.pdf(b"[" * 50_000 + b"]" * 50_000), "pdf_damaged"),
    "an endless array": (lambda: files.pdf(b"[ 1 2 3 "), "pdf_damaged"),
    "a key twice": (lambda: files.pdf(catalog=b"/PageMode /UseNone /PageMode /UseOutlines"), "pdf_damaged"),
    "broken packed data": (lambda: files.pdf(files.stream(files.noise(500), b"/Filter /FlateDecode")), "pdf_damaged"),
    "cut packed data": (
        lambda: files.pdf(files.stream(zlib.compress(files.noise(500))[:300], b"/Filter /FlateDecode")),
        "pdf_damaged",
    ),
    "a photo cut in half": (
        lambda: files.pdf(files.stream(cut(files.jpeg()), SMALL_IMAGE + b"/Filter /DCTDecode")),
        "pdf_damaged",
    ),
    "60 000 objects": (too_many_objects, "too_complex"),
    "an action when opened": (lambda: files.pdf(catalog=b"/OpenAction " + ACTION), "pdf_program"),
    "an action behind a reference": (lambda: files.pdf(ACTION, catalog=b"/OpenAction 5 0 R"), "pdf_program"),
    "an action's kind behind a reference": (
        lambda: files.pdf(b"/Launch", catalog=b"/OpenAction << /S 5 0 R /F (cmd.exe) >>"),
        "pdf_program",
    ),
    "an action in disguise": (
        lambda: files.pdf(catalog=b"/OpenAction << /S /J#61va#53cript /J#53 (x) >>"),
        "pdf_program",
    ),
    "an action with a remark in it": (
        lambda: files.pdf(catalog=b"/OpenAction << /S % x\n /Launch /F (cmd.exe) >>"),
        "pdf_program",
    ),
    "an action after an action": (
        lambda: files.pdf(catalog=b"/OpenAction << /S /GoTo /D [4 0 R] /Next [" + ACTION + b"] >>"),
        "pdf_program",
    ),
    "named scripts": (
        lambda: files.pdf(catalog=b"/Names << /JavaScript << /Names [(a) " + ACTION + b"] >> >>"),
        "pdf_program",
    ),
    "a script in a stream": (
        lambda: files.pdf(files.flate(b"app.alert(1)"), catalog=b"/OpenAction << /S /Foo /JS 5 0 R >>"),
        "pdf_program",
    ),
    "actions of the document": (
        lambda: files.pdf(catalog=b"/AA << /WC << /S /Named /N /Print >> >>"),
        "pdf_program",
    ),
    "actions of a page": (lambda: files.pdf(page=b"/AA << /O << /S /Named /N /Print >> >>"), "pdf_program"),
    "a link that starts a program": (lambda: files.pdf(page=link(b"<< /S /Launch /F (cmd.exe) >>")), "pdf_program"),
    "a link that runs a script": (lambda: files.pdf(page=link(ACTION)), "pdf_program"),
    "a link that sends a form": (lambda: files.pdf(page=link(b"<< /S /SubmitForm /F (http://x) >>")), "pdf_program"),
    "a link that fetches data": (lambda: files.pdf(page=link(b"<< /S /ImportData /F (x) >>")), "pdf_program"),
    "a link into another file": (lambda: files.pdf(page=link(b"<< /S /GoToR /F (\\\\\\\\x\\\\y) >>")), "pdf_program"),
    "a link that plays": (lambda: files.pdf(page=link(b"<< /S /Rendition /OP 0 >>")), "pdf_program"),
    "PostScript": (lambda: files.pdf(files.stream(b"quit", b"/Type /XObject /Subtype /PS")), "pdf_program"),
    "a script among packed objects": (lambda: files.packed_pdf(inner=ACTION), "pdf_program"),
    "packed objects with an action when opened": (
        lambda: files.packed_pdf(catalog=b"/OpenAction << /S /Launch /F (cmd.exe) >>"),
        "pdf_program",
    ),
    "a script that no table lists": (lambda: old_revision(ACTION), "pdf_program"),
    "a script in disguise that no table lists": (
        lambda: old_revision(b"<< /S % x\n /JavaScript /J#53 (x) >>"),
        "pdf_program",
    ),
    "an attached file": (
        lambda: files.pdf(
            files.flate(b"MZ", b"/Type /EmbeddedFile"),
            b"<< /Type /Filespec /F (a.exe) /EF << /F 5 0 R >> >>",
            catalog=b"/Names << /EmbeddedFiles << /Names [(a) 6 0 R] >> >>",
        ),
        "pdf_files",
    ),
    "an attached file without a type": (
        lambda: files.pdf(files.flate(b"MZ"), b"<< /F (a.exe) /EF << /F 5 0 R >> >>", catalog=b"/AF [6 0 R]"),
        "pdf_files",
    ),
    "a file pinned to a page": (
        lambda: files.pdf(page=b"/Annots [<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] >>]"),
        "pdf_files",
    ),
    "a film on a page": (
        lambda: files.pdf(page=b"/Annots [<< /Type /Annot /Subtype /RichMedia /Rect [0 0 9 9] >>]"),
        "pdf_files",
    ),
    "a collection": (lambda: files.pdf(catalog=b"/Collection << /View /D >>"), "pdf_files"),
    "content from elsewhere": (lambda: files.pdf(files.stream(b"", b"/F (http://x/y)")), "pdf_files"),
    "an XFA form": (lambda: files.pdf(files.flate(b"<xdp/>"), catalog=b"/AcroForm << /XFA 5 0 R >>"), "pdf_form"),
    "a bomb": (lambda: bomb_of(b"/FlateDecode", 1), "bomb"),
    "a bomb packed twice": (lambda: bomb_of(b"/FlateDecode /FlateDecode", 2), "bomb"),
    "many filters": (lambda: bomb_of(b"/ASCIIHexDecode " * 20, 0), "bomb"),
    "a bomb of packed objects": (lambda: files.packed_pdf(padding=60 * MEGABYTE), "bomb"),
    "a picture that unpacks to more": (
        lambda: files.pdf(files.flate(bytes(20 * MEGABYTE), SMALL_IMAGE)),
        "bomb",
    ),
    "a huge picture": (lambda: files.pdf(files.flate(b"x", BIG_IMAGE)), "too_many_pixels"),
}

TWO_IN_ONE: dict[str, tuple[Made, str]] = {
    "PDF and ZIP": (lambda: files.pdf() + files.archive(a=b"x"), "polyglot"),
    "PDF and ZIP with a last line": (lambda: files.pdf() + files.archive(a=b"x") + b"\n%%EOF\n", "polyglot"),
    "PDF and program": (lambda: files.pdf() + PROGRAM, "polyglot"),
    "PDF and noise": (lambda: files.pdf() + files.noise(1100), "polyglot"),
    "PDF and a short shell script": (lambda: files.pdf() + b"#!/bin/sh\n", "polyglot"),
    "PDF and HTML": (lambda: files.pdf() + b"<html><script>alert(1)</script>", "polyglot"),
    "PDF with HTML in its second line": (lambda: files.pdf().replace(b"%\xe2", b"%<script>x</script>"), "polyglot"),
    "PDF with PHP in it": (lambda: files.pdf(trailer=b"/X (<?php system\\(1\\) ?>)"), "polyglot"),
    "PDF with a program in it": (lambda: files.pdf(lost=PROGRAM), "polyglot"),
    "ZIP and PDF": (lambda: files.archive(a=b"x") + files.pdf(), "archive"),
    "program and PDF": (lambda: PROGRAM[:80] + files.pdf(), "program"),
    "GIF and PDF": (lambda: b"GIF89a" + files.pdf(), "other_picture"),
    "HTML and PDF": (lambda: b"<html>" + files.pdf(), "web_page"),
    "noise and PDF": (lambda: files.noise(100) + files.pdf(), "polyglot"),
    "PDF of 10 MB of trailing zeros and a word": (lambda: files.pdf() + bytes(MEGABYTE) + b"x" * 2000, "polyglot"),
}


def with_comment(words: bytes) -> bytes:
    """A JPEG with a comment right at its beginning."""
    made = files.jpeg()
    return made[:2] + b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words + made[2:]


KEPT: dict[str, tuple[Made, str]] = {
    "JPEG and ZIP": (lambda: files.jpeg() + files.archive(a=b"x"), "polyglot"),
    "JPEG and program": (lambda: files.jpeg() + PROGRAM, "polyglot"),
    "JPEG and noise": (lambda: files.jpeg() + files.noise(1100), "polyglot"),
    "JPEG and film": (lambda: files.jpeg() + b"\0\0\0\x18ftypisom" + files.noise(9000), "polyglot"),
    "JPEG with a PDF's first line": (lambda: with_comment(b"%PDF-1.4"), "polyglot"),
    "JPEG with a script": (lambda: with_comment(b"<script>alert(1)</script>"), "polyglot"),
    "JPEG and JPEG and ZIP": (lambda: files.mpo() + files.archive(a=b"x"), "polyglot"),
    "PNG and ZIP": (lambda: files.png() + files.archive(a=b"x"), "polyglot"),
    "PNG and archive": (lambda: files.png() + b"Rar!\x1a\7\1\0", "polyglot"),
    "PNG with a page": (lambda: files.with_chunk(b"tEXt", b"a\0<html><body>"), "polyglot"),
    "JPEG cut in half": (lambda: cut(files.jpeg()), "truncated"),
    "PNG with a text bomb": (late_text_bomb, "bomb"),
}

ALL = {**OTHER_KINDS, **PICTURES, **{f"PDF: {name}": made for name, made in PDFS.items()}, **TWO_IN_ONE}


@functools.cache
def made(name: str) -> bytes:
    """A hostile file, made once."""
    return ALL[name][0]()
