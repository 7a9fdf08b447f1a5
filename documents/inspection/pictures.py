"""Looks into pictures, and writes them anew without what is not picture."""

import io
import re
import zlib
from typing import TYPE_CHECKING, Any

from documents.inspection.verdict import PNG, Limits, Refused, refuse_polyglot

if TYPE_CHECKING:
    from PIL import Image

ORIENTATION = 0x0112  # of EXIF: which side of the picture is up
COLOUR_PROFILE_BYTES = 100_000  # larger colour profiles are left out
JPEG_SCANS = 200  # programs write about ten; each costs a pass over the whole picture
FURTHER_VIEW = re.compile(rb"\0*\xff\xd8\xff")  # in a MPO: of the same scene
JPEG_MARKER = re.compile(rb"\xff[^\0\xd0-\xd7\xff]")


class _Bounded(io.BytesIO):
    """What is written, which must not be much more than what came: little data can unpack to a lot of noise."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def write(self, data: Any) -> int:
        """Write on. Raises `Refused`."""
        if self.tell() + len(data) > self.most:
            raise Refused("bomb")
        return super().write(data)


def is_in_passes(data: bytes, picture: "Image.Image") -> bool:
    """Whether a decoder must keep all of a JPEG in colours (2 bytes a pixel and colour) to get the first line of it.

    It must where the JPEG is progressive, or where its first scan hasn't all the colours.
    """
    colours: int = getattr(picture, "layers", 1)
    if colours == 1:
        return False
    position = 2
    while found := JPEG_MARKER.search(data, position):
        position = found.end()
        if found.group()[1] == 0xDA:
            break
        position += 0 if found.group()[1] in (0x01, 0xD8) else int.from_bytes(data[position : position + 2], "big")
    return "progressive" in picture.info or data[position + 2] < colours


def jpeg_end(data: bytes, start: int = 0) -> int:
    """Where the picture of a JPEG that starts there ends. Raises `Refused` where it has no end."""
    position, scans = start + 2, 0
    while found := JPEG_MARKER.search(data, position):
        position, marker = found.end(), found.group()[1]
        if marker == 0xD9:
            return position
        if marker in (0x01, 0xD8):
            continue
        length = int.from_bytes(data[position : position + 2], "big")
        scans += marker == 0xDA
        if length < 2:
            raise Refused("damaged_picture")
        if scans > JPEG_SCANS:
            raise Refused("too_complex")
        position += length
    raise Refused("truncated")


def png_end(data: bytes) -> int:
    """Where a PNG ends. Raises `Refused` where it has no end, a wrong checksum, or moves."""
    position = len(PNG)
    while position + 12 <= len(data):
        length, name = int.from_bytes(data[position : position + 4], "big"), data[position + 4 : position + 8]
        end = position + 12 + length
        if end > len(data):
            break
        if zlib.crc32(memoryview(data)[position + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            raise Refused("damaged_picture")
        if name == b"acTL":
            raise Refused("animated")
        if name == b"IEND":
            return end
        position = end
    raise Refused("truncated")


def inspect_picture(data: bytes, content_type: str, limits: Limits) -> bytes:
    """The picture as it may go out: checked by decoding all of it, and written anew without what is not picture."""
    from PIL import ImageFile, JpegImagePlugin, PngImagePlugin

    ImageFile.LOAD_TRUNCATED_IMAGES = False
    is_jpeg = content_type == "image/jpeg"
    end = jpeg_end(data) if is_jpeg else png_end(data)
    if limits.keep_metadata:
        while is_jpeg and (more := FURTHER_VIEW.match(data, end)):
            end = jpeg_end(data, more.end() - 3)
        refuse_polyglot(data, end)
        if b"%PDF-" in data[:1024]:
            raise Refused("polyglot")
    try:
        kind = JpegImagePlugin.JpegImageFile if is_jpeg else PngImagePlugin.PngImageFile
        picture: Image.Image = kind(io.BytesIO(data))  # a header; nothing is decoded yet
        width, height = picture.size
        if width * height > limits.pixels:
            raise Refused("too_many_pixels")
        if min(width, height) < limits.min_side:
            raise Refused("too_small")
        if is_jpeg and width * height > limits.pixels_in_passes and is_in_passes(data, picture):
            raise Refused("too_many_pixels_in_passes")
        picture.load()
        return data if limits.keep_metadata else rewritten(picture, is_jpeg, 2 * limits.bytes)
    except (Refused, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever a decoder stumbles over
        told = str(error)
        if "too large" in told or "MAX_TEXT" in told:
            raise Refused("bomb") from None
        raise Refused("truncated" if "truncated" in told else "damaged_picture") from None


def rewritten(picture: "Image.Image", is_jpeg: bool, most: int) -> bytes:
    """The picture alone: no place, no camera, no comment, nothing behind it; which side is up stays known.

    Raises `Refused` where that would take more than `most` bytes.
    """
    from PIL import Image

    try:
        side_up = picture.getexif().get(ORIENTATION)
    except Exception:  # noqa: BLE001 - broken metadata is no reason to refuse a picture that is not sent with it
        side_up = None
    exif = Image.Exif()
    if side_up in range(2, 9):
        exif[ORIENTATION] = side_up
    profile = picture.info.get("icc_profile") or b""
    given: dict[str, Any] = {"icc_profile": profile if len(profile) <= COLOUR_PROFILE_BYTES else None}
    given["exif"] = exif if len(exif) else b""
    out = _Bounded(most)
    if not is_jpeg:
        if given["icc_profile"] is None:
            picture.info.pop("icc_profile", None)
        picture.save(out, format="PNG", **given)
        return out.getvalue()
    try:
        picture.save(out, format="JPEG", quality="keep", comment=b"", **given)
    except ValueError:  # tables that a writer does not take
        out = _Bounded(most)
        picture.save(out, format="JPEG", quality=95, comment=b"", **given)
    return out.getvalue()
