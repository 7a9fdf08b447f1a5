"""Files that people upload: good ones, made when they are asked for. The hostile ones are in hostile_files.py."""

import io
import random
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image, PngImagePlugin
from pypdf import PdfWriter
from pypdf.generic import NameObject

GPS = 0x8825
ORIENTATION = 0x0112
SECRET = "Musterstrasse 5, Anna Berg"


def picture(mode: str = "RGB", size: tuple[int, int] = (240, 160)) -> Image.Image:
    """Something with edges and shades in it."""
    band = Image.radial_gradient("L").resize(size)
    image = Image.merge("RGB", (band, band.rotate(90), Image.linear_gradient("L").resize(size)))
    return image.quantize(64) if mode == "P" else image.convert(mode)


def jpeg(mode: str = "RGB", size: tuple[int, int] = (240, 160), **more: Any) -> bytes:
    """A JPEG."""
    out = io.BytesIO()
    picture(mode, size).save(out, format="JPEG", **{"quality": 88, **more})
    return out.getvalue()


def jpeg_with_place(orientation: int = 6) -> bytes:
    """A JPEG as a phone makes it: which side is up, where it was, with which camera, a comment, an XMP packet."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F] = "Maker " + SECRET
    exif.get_ifd(GPS).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf>{SECRET}</rdf></x:xmpmeta>'.encode()
    return jpeg(exif=exif, comment=SECRET.encode(), xmp=xmp) + SECRET.encode()


def mpo() -> bytes:
    """Two views of a scene in one file."""
    out = io.BytesIO()
    picture().save(out, format="MPO", save_all=True, append_images=[picture().rotate(180)])
    return out.getvalue()


def png(mode: str = "RGB", size: tuple[int, int] = (240, 160), **more: Any) -> bytes:
    """A PNG."""
    out = io.BytesIO()
    picture(mode, size).save(out, format="PNG", **more)
    return out.getvalue()


def png_with_text() -> bytes:
    """A PNG with words and a place in it, before the picture and after it."""
    exif = Image.Exif()
    exif[ORIENTATION] = 8
    exif.get_ifd(GPS).update({1: "N", 2: (52.0, 31.0, 12.0)})
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", SECRET)
    words.add_itxt("XML:com.adobe.xmp", SECRET, zip=True)
    made = png(exif=exif, pnginfo=words)
    return made[:-12] + chunk(b"tEXt", b"Comment\0" + SECRET.encode()) + made[-12:]


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of a PNG with its checksum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_chunk(name: bytes, data: bytes) -> bytes:
    """A PNG with one more chunk behind its header."""
    made = png()
    return made[:33] + chunk(name, data) + made[33:]


def blank(width: int, height: int, kind: str, mode: str = "L", **more: Any) -> bytes:
    """A large picture of one shade: a few bytes of file a thousand pixels."""
    out = io.BytesIO()
    Image.new(mode, (width, height), 200 if mode == "L" else (10, 200, 90, 5)[: len(mode)]).save(
        out, format=kind, **more
    )
    return out.getvalue()


def header_only(width: int, height: int) -> bytes:
    """A PNG that claims a size and has one packed line."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def archive(**names: bytes) -> bytes:
    """A ZIP with these files; two underscores stand for a slash, one for a point."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in names.items():
            made.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


def stream(data: bytes, head: bytes = b"") -> bytes:
    """A stream of a PDF."""
    return b"<< /Length %d %s >>\nstream\n" % (len(data), head) + data + b"\nendstream"


def flate(data: bytes, head: bytes = b"") -> bytes:
    """A packed stream of a PDF."""
    return stream(zlib.compress(data, 9), b"/Filter /FlateDecode " + head)


def pdf(
    *more: bytes,
    pages: int = 1,
    catalog: bytes = b"",
    page: bytes = b"",
    kids: bytes | None = None,
    count: bytes | None = None,
    trailer: bytes = b"",
    lost: bytes = b"",
) -> bytes:
    """A PDF 1.4: catalogue 1, page tree 2, content 3, pages from 4 on, and `more` after them (5 with one page).

    `lost` stands in the file without being listed.
    """
    names = b" ".join(b"%d 0 R" % (4 + number) for number in range(pages))
    kids = names if kids is None else kids
    count = b"%d" % pages if count is None else count
    leaf = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R %s >>" % page
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages /Kids [%s] /Count %s >>" % (kids, count),
        flate(b"BT /F1 12 Tf 50 700 Td (Passport) Tj ET"),
        *[leaf] * pages,
        *more,
    ]
    return tabled(objects, trailer, lost)


def tabled(objects: list[bytes], trailer: bytes = b"", lost: bytes = b"") -> bytes:
    """Objects from 1 on, with their table of contents."""
    out, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    out += lost
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        trailer,
        start,
    )


def packed_pdf(catalog: bytes = b"", inner: bytes = b"<< /Producer (x) >>", padding: int = 0) -> bytes:
    """A PDF 1.5: catalogue, page tree, page and one more object in an object stream, listed in an xref stream."""
    inside = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        inner + b" " * padding,
    ]
    index, body = b"", b""
    for number, content in enumerate(inside, 1):
        index += b"%d %d " % (number, len(body))
        body += content + b"\n"
    out = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"
    first = len(out)
    out += b"5 0 obj\n%s\nendobj\n" % flate(index + body, b"/Type /ObjStm /N 4 /First %d" % len(index))
    start = len(out)
    rows = [(0, 0, 65535), *[(2, 5, place) for place in range(4)], (1, first, 0), (1, start, 0)]
    table = b"".join(struct.pack(">BIH", *row) for row in rows)
    out += b"6 0 obj\n%s\nendobj\n" % flate(table, b"/Type /XRef /Size 7 /W [1 4 2] /Root 1 0 R")
    return out + b"startxref\n%d\n%%%%EOF\n" % start


def scanned_pdf(pages: int = 2) -> bytes:
    """A PDF as a scanner makes it: a JPEG a page."""
    out = io.BytesIO()
    picture().save(out, format="PDF", save_all=True, append_images=[picture("L")] * (pages - 1))
    return out.getvalue()


def scanned_with_place() -> bytes:
    """A PDF as a phone's app makes it of a photo, which it takes over as it is."""
    head = b"/Type /XObject /Subtype /Image /Width 240 /Height 160 /ColorSpace /DeviceRGB /BitsPerComponent 8"
    return _with_photo(stream(jpeg_with_place(), head + b" /Filter /DCTDecode"))


def packed_photo(photo: bytes, head: bytes) -> bytes:
    """The same with the photo packed once more."""
    return _with_photo(stream(zlib.compress(photo), head + b" /Filter [/FlateDecode /DCTDecode]"))


def _with_photo(photo: bytes) -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 240 160] /Resources << /XObject << /I 4 0 R >> >>"
    catalog, tree = b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return tabled([catalog, tree, page + b" /Contents 5 0 R >>", photo, stream(b"q 240 0 0 160 0 0 cm /I Do Q")])


def locked_pdf(user_password: str, algorithm: str) -> bytes:
    """A PDF behind a password, which may be empty."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt(user_password, "the owner's", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pypdf_pdf() -> bytes:
    """A PDF by another writer, with words about it and a link in it."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({NameObject("/Title"): "A bill"})
    writer.add_outline_item(title="Page", page_number=0)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes without sense, the same each time."""
    return random.Random(seed).randbytes(size)
