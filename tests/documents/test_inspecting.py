"""What people upload is looked into by a process of its own: the good is taken, all else refused with a sentence."""

import io
from typing import Any

import pytest
from django.conf import LazySettings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat
from pypdf import PdfReader

from documents.checking import SENTENCES, Unfit, check
from tests.support import files, hostile_files
from tests.support.refusals import refusal, sentence

MEGABYTE = 1024 * 1024
GOOD_PDFS = {
    "one page": (files.pdf, 1),
    "three pages": (lambda: files.pdf(pages=3), 3),
    "thirty pages": (lambda: files.pdf(pages=30), 30),
    "packed objects": (files.packed_pdf, 1),
    "a scan": (files.scanned_pdf, 2),
    "another writer": (files.pypdf_pdf, 1),
    "opens at a place": (lambda: files.pdf(catalog=b"/OpenAction [4 0 R /Fit]"), 1),
    "a link": (lambda: files.pdf(page=hostile_files.link(b"<< /S /URI /URI (https://example.com) >>")), 1),
    "a form": (lambda: files.pdf(catalog=b"/AcroForm << /Fields [] >>"), 1),
    "a font named /AA": (lambda: files.pdf(page=b"/Resources << /Font << /AA << /Type /Font >> >> >>"), 1),
    "a few line breaks at its end": (lambda: files.pdf() + b"\r\n\r\n" + bytes(2000), 1),
    "a mark at its beginning": (lambda: b"\xef\xbb\xbf" + files.pdf(), 1),
}


def opened(content: bytes) -> Image.Image:
    """A picture, decoded."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def difference(one: bytes, other: bytes) -> float:
    """How far two pictures are apart on average, from 0 to 255."""
    before, after = opened(one), opened(other)
    assert (before.mode, before.size) == (after.mode, after.size)
    if before.mode == "P":
        before, after = before.convert("RGB"), after.convert("RGB")
    return max(ImageStat.Stat(ImageChops.difference(before, after)).mean)


@pytest.mark.parametrize("name", hostile_files.ALL)
def test_a_hostile_file_is_refused_with_its_sentence(name: str) -> None:
    code = hostile_files.ALL[name][1]
    unfit = refusal(hostile_files.made(name))
    kind = unfit.params["kind"]
    assert (unfit.code, unfit.messages) == (code, [sentence(code, kind)])
    assert bool(kind) == (code == "other_picture")


def test_the_corpus_is_large_and_meets_every_sentence_about_content() -> None:
    assert len(hostile_files.ALL) >= 60
    about_the_server = {"too_large", "too_many", "unreadable", "busy", "unavailable"}
    assert {code for _made, code in hostile_files.ALL.values()} == set(SENTENCES) - about_the_server


@pytest.mark.parametrize("name", hostile_files.KEPT)
def test_what_hides_in_a_picture_is_refused_where_pictures_go_out_as_they_are(
    name: str, settings: LazySettings
) -> None:
    settings.UPLOAD_KEEP_METADATA = True
    made, code = hostile_files.KEPT[name]
    assert refusal(made()).code == code


@pytest.mark.parametrize("name", [name for name in hostile_files.KEPT if hostile_files.KEPT[name][1] == "polyglot"])
def test_and_dropped_where_they_are_written_anew(name: str) -> None:
    content = check(hostile_files.KEPT[name][0]()).content
    assert not any(word in content for word in (b"PK\1\2", b"MZ\x90", b"%PDF", b"<script", b"<html", b"Rar!", b"ftyp"))
    assert opened(content).size == (240, 160)


@pytest.mark.parametrize("name", GOOD_PDFS)
def test_a_good_pdf_goes_out_as_it_came(name: str) -> None:
    make, pages = GOOD_PDFS[name]
    made = make()  # once: some have the time in them
    checked = check(made)
    assert (checked.content, checked.content_type, checked.pages) == (made, "application/pdf", pages)


def test_a_phones_jpeg_loses_its_place_and_keeps_which_side_is_up() -> None:
    before = files.jpeg_with_place(orientation=6)
    checked = check(before)
    assert (checked.content_type, checked.pages) == ("image/jpeg", None)
    assert dict(opened(before).getexif().get_ifd(files.GPS)) and files.SECRET.encode() in before
    after = opened(checked.content)
    assert dict(after.getexif()) == {files.ORIENTATION: 6}
    assert files.SECRET.encode() not in checked.content and b"xmpmeta" not in checked.content
    assert {"comment", "xmp", "photoshop"}.isdisjoint(after.info)
    assert difference(before, checked.content) < 1


def test_a_png_loses_its_words_and_place_and_keeps_which_side_is_up() -> None:
    before = files.png_with_text()
    content = check(before).content
    after = opened(content)
    assert files.SECRET.encode() in before and files.SECRET.encode() not in content
    assert dict(after.getexif()) == {files.ORIENTATION: 8}
    assert not {"tEXt", "zTXt", "iTXt"} & {content[at : at + 4].decode("latin-1") for at in range(len(content))}
    assert difference(before, content) == 0


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpegs_of_all_kinds_are_taken(mode: str, progressive: bool) -> None:
    before = files.jpeg(mode, progressive=progressive)
    checked = check(before)
    assert checked.content_type == "image/jpeg" and difference(before, checked.content) < 1
    assert opened(checked.content).quantization == opened(before).quantization  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_pngs_of_all_kinds_are_taken(mode: str) -> None:
    before = files.png(mode)
    checked = check(before)
    assert checked.content_type == "image/png"
    if mode == "I;16":
        assert opened(checked.content).tobytes() == opened(before).tobytes()
    else:
        assert difference(before, checked.content) == 0


def test_of_two_views_of_a_scene_the_first_is_sent() -> None:
    checked = check(files.mpo())
    assert checked.content_type == "image/jpeg" and getattr(opened(checked.content), "n_frames", 1) == 1
    assert difference(files.mpo(), checked.content) < 1


def test_a_small_colour_profile_stays_and_a_large_one_goes() -> None:
    for make in (files.jpeg, files.png):
        small, large = make(icc_profile=files.noise(3000)), make(icc_profile=files.noise(200_000))
        assert opened(check(small).content).info["icc_profile"] == files.noise(3000)
        assert "icc_profile" in opened(large).info and "icc_profile" not in opened(check(large).content).info


def test_broken_metadata_is_no_reason_to_refuse_a_picture() -> None:
    before = files.jpeg(exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + files.noise(99))
    assert difference(before, check(before).content) < 1


@pytest.mark.parametrize("make", [files.jpeg_with_place, files.png_with_text, files.mpo, files.pdf])
def test_with_metadata_kept_a_good_file_goes_out_as_it_came(make: Any, settings: LazySettings) -> None:
    settings.UPLOAD_KEEP_METADATA = True
    assert check(make()).content == make()


def test_the_limits_are_the_settings(settings: LazySettings) -> None:
    settings.UPLOAD_MAX_PAGES, settings.UPLOAD_MAX_MEGAPIXELS, settings.UPLOAD_MAX_MB = 2, 1, 1
    assert check(files.pdf(pages=2)).pages == 2
    assert refusal(files.pdf(pages=3)).messages == [
        "This PDF has more than 2 pages. Upload only those with the document."
    ]
    assert check(files.blank(1000, 1000, "PNG")).content_type == "image/png"
    assert refusal(files.blank(1000, 1001, "PNG")).code == "too_many_pixels"
    assert refusal(files.jpeg() + bytes(MEGABYTE)).messages == [
        "This file is larger than 1 MB. Make it smaller and upload it again."
    ]


# Files of chance ---------------------------------------------------------------------------------------------------
GOOD = [files.jpeg_with_place(), files.png_with_text(), files.mpo(), files.pdf(pages=2), files.packed_pdf()]


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """A good file with some bytes changed, dropped, doubled or cut off."""
    content = bytearray(draw(st.sampled_from(GOOD)))
    for _change in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, max(len(content) - 1, 0)))
        end = start + draw(st.integers(0, 40))
        put = draw(st.binary(max_size=40) | st.just(bytes(content[start:end] * 2)))
        content[start:end] = put
    return bytes(content[: draw(st.none() | st.integers(0, len(content)))])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=300) | spoiled())
def test_whatever_comes_is_taken_or_unfit(content: bytes) -> None:
    try:
        checked = check(content)
    except Unfit as unfit:
        assert unfit.code in set(SENTENCES) - {"busy", "unavailable", "unreadable"}
    else:
        if checked.content_type == "application/pdf":
            assert len(PdfReader(io.BytesIO(checked.content)).pages) == checked.pages
        else:
            opened(checked.content)
