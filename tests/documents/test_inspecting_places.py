"""A photo inside a PDF loses what it tells of its place, and nothing else of the PDF moves."""

import io
from typing import Any

import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader

from documents.checking import Unfit, check
from documents.inspection import places
from tests.support import files


def pictures(content: bytes) -> list[Image.Image]:
    """The pictures of a PDF, decoded."""
    return [image.image for page in PdfReader(io.BytesIO(content)).pages for image in page.images]  # type: ignore[misc]


def test_a_photo_in_a_pdf_loses_its_place_and_the_picture_stays() -> None:
    before = files.scanned_with_place()
    checked = check(before)
    assert before.count(files.SECRET.encode()) >= 4
    assert files.SECRET.encode() not in checked.content and b"xmpmeta" not in checked.content
    assert len(checked.content) == len(before) and checked.pages == 1
    (old,), (new,) = pictures(before), pictures(checked.content)
    assert ImageChops.difference(old.convert("RGB"), new.convert("RGB")).getbbox() is None
    assert not new.getexif() and not new.getexif().get_ifd(files.GPS)


def test_by_setting_it_keeps_it(settings: Any) -> None:
    settings.UPLOAD_KEEP_METADATA = True
    before = files.scanned_with_place()
    assert check(before).content == before


def test_a_photo_packed_once_more_is_refused_since_it_can_not_be_blanked() -> None:
    photo = files.jpeg_with_place()
    head = b"/Type /XObject /Subtype /Image /Width 240 /Height 160 /ColorSpace /DeviceRGB /BitsPerComponent 8"
    packed = files.packed_photo(photo, head)
    with pytest.raises(Unfit) as refused:
        check(packed)
    assert refused.value.code == "too_complex"


@pytest.mark.parametrize(
    "jpeg",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xe1",
        b"\xff\xd8\xff\xe1\xff\xff",
        b"\xff\xd8\xff\xff\xff\xff",
        b"\xff\xd8\xff\xe1\0\0\xff",
    ],
)
def test_what_is_no_whole_jpeg_ends_the_look(jpeg: bytes) -> None:
    assert all(begin >= 0 and end <= len(jpeg) for begin, end in places.told(jpeg))


def test_colours_and_jfif_stay_and_the_same_photo_twice_is_blanked_twice() -> None:
    photo = files.jpeg_with_place()
    pdf = b"%PDF " + photo + b" between " + photo + b" end"
    out = places.blanked(pdf, [photo])
    assert len(out) == len(pdf) and out.count(b"JFIF") == 2 and b" between " in out and out.endswith(b" end")
    assert files.SECRET.encode() not in out
