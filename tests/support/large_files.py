"""Files of the size that is just taken, and such as are just too large or need more memory than they seem to."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

from PIL import Image

from tests.support import files
from tests.support.hostile_files import Made

PIXELS = (8000, 5000)
FEWER_PIXELS = (4000, 4000)
TOO_MANY_IN_PASSES = (4000, 4001)
SHADE = (10, 200, 90, 5)


def jpeg(mode: str, size: tuple[int, int], **more: Any) -> bytes:
    """A large JPEG of one shade, with as much of colour as of light (4:4:4)."""
    out = io.BytesIO()
    colour = SHADE[0] if mode == "L" else SHADE[: len(mode)]
    Image.new(mode, size, colour).save(out, format="JPEG", **{"quality": 90, "subsampling": 0, **more})
    return out.getvalue()


def one_colour_first(size: tuple[int, int]) -> bytes:
    """A JPEG that isn't progressive and whose first scan has one of three colours (no others follow)."""
    made = jpeg("L", size)
    start = made.index(b"\xff\xc0")
    head = made[start + 4 : start + 9] + b"\3" + b"\1\x11\0\2\x11\0\3\x11\0"
    return made[:start] + b"\xff\xc0" + struct.pack(">H", len(head) + 2) + head + made[start + 13 :]


def png(
    size: tuple[int, int], bits: int, colour_type: int, lines: Callable[[int], bytes], interlaced: int = 0
) -> bytes:
    """A PNG of such lines as they are packed, filter byte and all."""
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(lines(number)) for number in range(size[1])) + packer.flush()
    return signed(size, bits, colour_type, packed, interlaced)


def signed(size: tuple[int, int], bits: int, colour_type: int, packed: bytes, interlaced: int) -> bytes:
    """A PNG of packed data."""
    header = struct.pack(">IIBBBBB", *size, bits, colour_type, 0, 0, interlaced)
    parts = files.chunk(b"IHDR", header) + files.chunk(b"IDAT", packed) + files.chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def png16(colour_type: int, channels: int) -> bytes:
    """A PNG of two bytes a channel, all lines alike."""
    line = b"\0" + files.noise(80) * (PIXELS[0] * channels * 2 // 80)
    return png(PIXELS, 16, colour_type, lambda _number: line)


def expanding_png(size: tuple[int, int] = (1500, 26_600)) -> bytes:
    """A PNG of a megabyte that is 160 MB when written anew, of 26 600 lines.

    Eight lines of noise come again and again. Interlaced, the same line is near enough to be packed as a copy; one
    after the other, it is not.
    """
    width, height = size
    noise = files.noise(32 * width)
    lines = [noise[4 * width * number :][: 4 * width] for number in range(8)]
    packer, packed = zlib.compressobj(9), b""
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    for left, top, right, down in passes:
        taken = [b"\0" + b"".join(line[4 * at : 4 * at + 4] for at in range(left, width, right)) for line in lines]
        packed += b"".join(packer.compress(taken[row % 8]) for row in range(top, height, down))
    return signed(size, 8, 6, packed + packer.flush(), 1)


TAKEN: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: jpeg("RGB", PIXELS),
    "JPEG for print": lambda: jpeg("CMYK", PIXELS),
    "PNG": lambda: files.blank(*PIXELS, "PNG", "RGB"),
    "PNG that can be seen through": lambda: files.blank(*PIXELS, "PNG", "RGBA"),
    "PNG of 16 bits, grey": lambda: png16(0, 1),
    "PNG of 16 bits": lambda: png16(2, 3),
    "PNG of 16 bits, grey, that can be seen through": lambda: png16(4, 2),
    "PNG of 16 bits that can be seen through": lambda: png16(6, 4),
    "progressive JPEG": lambda: jpeg("RGB", FEWER_PIXELS, progressive=True),
    "progressive JPEG with 10 MB behind it": lambda: jpeg("RGB", FEWER_PIXELS, progressive=True) + bytes(9_900_000),
    "progressive JPEG for print": lambda: jpeg("CMYK", FEWER_PIXELS, progressive=True),
    "progressive JPEG in grey": lambda: jpeg("L", PIXELS, progressive=True),
    "JPEG with one colour first": lambda: one_colour_first(FEWER_PIXELS),
}

REFUSED: dict[str, tuple[Made, str]] = {
    "progressive JPEG": (
        lambda: jpeg("RGB", TOO_MANY_IN_PASSES, progressive=True),
        "too_many_pixels_in_passes",
    ),
    "progressive JPEG with less of colour": (
        lambda: jpeg("RGB", TOO_MANY_IN_PASSES, progressive=True, subsampling=2),
        "too_many_pixels_in_passes",
    ),
    "progressive JPEG for print": (
        lambda: jpeg("CMYK", TOO_MANY_IN_PASSES, progressive=True),
        "too_many_pixels_in_passes",
    ),
    "JPEG with one colour first": (lambda: one_colour_first(TOO_MANY_IN_PASSES), "too_many_pixels_in_passes"),
    "PNG that is far larger when written anew": (expanding_png, "bomb"),
}
