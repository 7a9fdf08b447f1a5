"""Blanks what a photo inside a PDF tells of place and camera, in its own length: nothing else of the PDF moves."""

from collections.abc import Iterator

from documents.inspection.verdict import Refused

START_OF_SCAN, COMMENT = 0xDA, 0xFE
END = b"\xff\xd9"
# JFIF, the colour profile, and what Adobe needs for its colours: the picture looks otherwise without them.
KEPT_HEADS = (b"JFIF\0", b"JFXX\0", b"ICC_PROFILE\0", b"Adobe")


def told(jpeg: bytes) -> Iterator[tuple[int, int]]:
    """Where in a JPEG something stands beside the picture: from and to."""
    at = 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == START_OF_SCAN:
            yield max(jpeg.rfind(END) + len(END), at), len(jpeg)  # what hangs on after the picture
            return
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        is_beside = 0xE0 <= marker <= 0xEF or marker == COMMENT
        if is_beside and not jpeg[at + 4 : end].startswith(KEPT_HEADS):
            yield at + 4, min(end, len(jpeg))
        at = end


def blanked(pdf: bytes, photos: list[bytes]) -> bytes:
    """`pdf` with what its `photos`, JPEGs that stand in it byte by byte, tell beside the picture made zeros."""
    out = bytearray(pdf)
    for photo in photos:
        spots = list(told(photo))
        if not spots:
            continue
        start = pdf.find(photo)
        if start < 0:
            raise Refused("too_complex")
        while start >= 0:  # the same photo may stand in it twice
            for begin, end in spots:
                out[start + begin : start + end] = bytes(end - begin)
            start = pdf.find(photo, start + len(photo))
    return bytes(out)
