"""Each guard by itself, where another one would stand in for it in the files of hostile_files.py."""

import io
import json
import logging
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf._codecs._codecs import LzwCodec

from documents import inspecting
from documents.inspection import pdf
from documents.inspection.verdict import Limits
from tests.support import files, hostile_files
from tests.support.refusals import limits

ACTIONS = ("JavaScript", "Launch", "ImportData", "SubmitForm", "Rendition", "Movie", "Sound", "GoToE", "GoToR")


@pytest.fixture(autouse=True)
def loud() -> Iterator[None]:
    """What `inspect_pdf` changes for good in its own process is changed for a test here."""
    logger = logging.getLogger("pypdf")
    handlers, propagate = logger.handlers[:], logger.propagate
    yield
    logger.handlers[:], logger.propagate = handlers, propagate


def limits_of(**more: Any) -> Limits:
    """The usual limits."""
    return Limits(**json.loads(limits(**more)))


def check_code(content: bytes) -> str:
    """Why a file is not taken, asked without a process of its own: nothing for one that is."""
    return str(inspecting.inspect(content, limits_of())[0]["code"])


@pytest.mark.parametrize("action", [*ACTIONS, "RichMediaExecute"])
def test_no_link_may_do_more_than_go_to_a_page_or_an_address(action: str) -> None:
    # the remark keeps it from the search for what stands in clear
    assert check_code(files.pdf(page=hostile_files.link(b"<< /S % x\n /" + action.encode() + b" >>"))) == "pdf_program"


@pytest.mark.parametrize("action", ["JavaScript", "Launch", "ImportData", "SubmitForm", "Rendition", "GoToE"])
def test_nor_may_what_only_stands_in_the_file_and_is_no_object(action: str) -> None:
    assert check_code(files.pdf(lost=b"<< /S /" + action.encode() + b" >>\n")) == "pdf_program"
    disguised = b"<< /S /#" + b"%02x" % ord(action[0]) + action[1:].encode() + b" >>\n"
    assert check_code(files.pdf(lost=disguised)) == "pdf_program"


@pytest.mark.parametrize("words", [b"/Type /EmbeddedFile", b"/EmbeddedFiles"])
def test_nor_may_a_file(words: bytes) -> None:
    assert check_code(files.pdf(lost=b"<< %s >>\n" % words)) == "pdf_files"


def test_nor_what_stands_in_a_packed_stream_as_clear_words() -> None:
    packed = b"".join(b"%02x" % byte for byte in b"<< /S /Launch >>") + b">"
    assert check_code(files.pdf(files.stream(packed, b"/Filter /ASCIIHexDecode"))) == "pdf_program"


@pytest.mark.parametrize("subtype", ["FileAttachment", "RichMedia", "Screen", "Movie", "Sound", "3D"])
def test_no_annotation_may_carry_a_file(subtype: str) -> None:
    annotation = b"/Annots [<< /Type /Annot /Subtype /%s /Rect [0 0 9 9] >>]" % subtype.encode()
    assert check_code(files.pdf(page=annotation)) == "pdf_files"


@pytest.mark.parametrize(
    "catalog",
    [
        b"/Names << /EmbeddedFiles % x\n << /Names [] >> >>",
        b"/AF [<< /Type /Filespec /EF << >> >>]",
        b"/Collection << /View /D >>",
        b"/X << /Type % x\n /EmbeddedFile >>",
    ],
)
def test_each_way_to_attach_a_file_counts(catalog: bytes) -> None:
    assert check_code(files.pdf(catalog=catalog)) == "pdf_files"


def test_a_script_of_any_kind_counts_without_its_action() -> None:
    for catalog in (b"/X << /JS (x) >>", b"/Names << /JavaScript << /Names [] >> >>"):
        assert check_code(files.pdf(catalog=catalog)) == "pdf_program"


def test_many_objects_that_no_table_lists_are_damage() -> None:
    lost = b"".join(b"%d 0 obj\nnull\nendobj\n" % number for number in range(100, 201))
    assert check_code(files.pdf(lost=lost)) == "pdf_damaged"
    assert check_code(files.pdf(lost=lost[len(b"100 0 obj\nnull\nendobj\n") :])) == ""


def test_a_locked_pdf_is_locked_even_where_its_password_is_known() -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("", "", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    assert check_code(out.getvalue()) == "encrypted"


def test_a_run_length_unpacks_to_no_more() -> None:
    packed = files.stream(b"\x81\0" * 300_000 + b"\x80", b"/Filter /RunLengthDecode")
    assert check_code(files.pdf(packed)) == "bomb"


def test_all_streams_together_unpack_to_no_more_than_a_gigabyte() -> None:
    packed = files.flate(bytes(31 * 1024 * 1024))
    assert check_code(files.pdf(*[packed] * 33)) == ""
    assert check_code(files.pdf(*[packed] * 34)) == "bomb"


@pytest.mark.parametrize("filters", [b"/FlateDecode", b"/ASCIIHexDecode", b"[/ASCIIHexDecode /FlateDecode]", b"null"])
def test_all_streams_together_are_counted_however_they_are_packed(
    filters: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "ALL_STREAMS_BYTES", 100_000)
    packed = zlib.compress(bytes(60_000)) if b"Flate" in filters else bytes(60_000)
    packed = packed.hex().encode() + b">" if b"Hex" in filters else packed
    one = files.stream(packed, b"" if filters == b"null" else b"/Filter " + filters)
    assert check_code(files.pdf(one)) == ""
    assert check_code(files.pdf(one, one)) == "bomb"


def lzw(data: Iterable[int]) -> bytes:
    """Codes of LZW as they stand in a stream of a PDF."""
    return bytes(LzwCodec()._pack_codes_into_bytes([*data]))


def test_lzw_unpacks_to_no_more_than_32_megabytes() -> None:
    growing = [256, 0, *range(258, 4096)]  # each code is one byte longer than the one before it: 7 MB
    for times, code in ((4, ""), (5, "bomb")):
        packed = files.stream(lzw([*growing * times, 257]), b"/Filter /LZWDecode")
        assert check_code(files.pdf(packed)) == code


@pytest.mark.parametrize("filters", [b"/FlateDecode", b"[/ASCIIHexDecode /FlateDecode]"])
def test_flate_unpacks_to_no_more_than_32_megabytes_in_any_place(filters: bytes) -> None:
    for megabytes, code in ((31, ""), (33, "bomb")):
        packed = zlib.compress(bytes(megabytes * 1024 * 1024), 9)
        packed = packed.hex().encode() + b">" if b"Hex" in filters else packed
        assert check_code(files.pdf(files.stream(packed, b"/Filter " + filters))) == code


@pytest.mark.parametrize("first", [b"/FlateDecode", b"/Fl", b"/LZWDecode", b"/LZW"])
@pytest.mark.parametrize("second", [b"/FlateDecode", b"/Fl", b"/LZWDecode", b"/LZW"])
def test_nothing_is_packed_twice(first: bytes, second: bytes) -> None:
    inner = zlib.compress(b"(Passport)") if b"Fl" in second else lzw([256, *b"(Passport)", 257])
    packed = zlib.compress(inner) if b"Fl" in first else lzw([256, *inner, 257])
    assert check_code(files.pdf(files.stream(packed, b"/Filter [%s %s]" % (first, second)))) == "bomb"
    assert check_code(files.pdf(files.stream(packed, b"/Filter [/ASCIIHexDecode %s %s]" % (first, second)))) == "bomb"


def test_three_filters_and_no_more() -> None:
    packed = b"(Passport)"
    for number in range(1, 5):
        packed = packed.hex().encode() + b">"
        code = "bomb" if number > 3 else ""
        assert check_code(files.pdf(files.stream(packed, b"/Filter [%s]" % (b"/ASCIIHexDecode " * number)))) == code


def test_packed_data_that_is_cut_is_damage_wherever_it_is_cut() -> None:
    packed = zlib.compress(b"BT (Passport) Tj ET")
    assert check_code(files.pdf(files.stream(packed, b"/Filter /FlateDecode"))) == ""
    for end in range(1, len(packed)):
        assert check_code(files.pdf(files.stream(packed[:end], b"/Filter /FlateDecode"))) == "pdf_damaged"


def test_fifty_thousand_objects_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pdf.OBJECTS == 50_000
    monkeypatch.setattr(pdf, "OBJECTS", 10)
    made = files.pdf(*[b"null"] * 5)  # and four, and the first, which is free
    listed = sum(len(table) for table in PdfReader(io.BytesIO(made)).xref.values())
    assert listed <= 10 and check_code(made) == ""
    assert check_code(files.pdf(*[b"null"] * (5 + 11 - listed))) == "too_complex"


def oddly_tabled_jpeg(**more: Any) -> bytes:
    """A JPEG whose only table has the number 1, which Pillow reads and does not write."""
    made = files.jpeg("L", **more)
    made = made.replace(b"\xff\xdb\0\x43\0", b"\xff\xdb\0\x43\1", 1)
    frame = made.index(b"\xff\xc0")
    return made[: frame + 12] + b"\1" + made[frame + 13 :]


def test_a_jpeg_with_tables_that_no_writer_takes_is_written_with_others() -> None:
    before = oddly_tabled_jpeg(comment=files.SECRET.encode())
    with Image.open(io.BytesIO(before)) as picture, pytest.raises(ValueError, match="quantization"):
        picture.save(io.BytesIO(), format="JPEG", quality="keep")
    content = inspecting.inspect(before, limits_of())[1]
    assert Image.open(io.BytesIO(content)).size == (240, 160) and files.SECRET.encode() not in content


@pytest.mark.parametrize("orientation", [0, 1, 9, 4711])
def test_a_side_that_is_none_is_not_passed_on(orientation: int) -> None:
    content = inspecting.inspect(files.jpeg_with_place(orientation), limits_of())[1]
    assert content and b"Exif" not in content


def test_a_jpeg_with_a_mark_of_no_length_is_damaged() -> None:
    made = files.jpeg()
    assert check_code(made[:2] + b"\xff\xe5\0\0" + made[2:]) == "damaged_picture"


def test_a_png_with_a_wrong_checksum_of_its_picture_is_damaged() -> None:
    made = files.png()  # Pillow reads over this one
    assert check_code(made[:-16] + b"xxxx" + made[-12:]) == "damaged_picture"


def test_the_process_counts_the_bytes_itself() -> None:
    made = files.jpeg()
    assert inspecting.inspect(made, limits_of(bytes=len(made)))[0]["code"] == ""
    assert inspecting.inspect(made, limits_of(bytes=len(made) - 1))[0]["code"] == "too_large"


def test_a_file_that_takes_too_much_memory_is_too_complicated(monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(data: bytes, limits: Limits) -> int:
        raise MemoryError

    monkeypatch.setattr(inspecting, "inspect_pdf", greedy)
    assert inspecting.inspect(files.pdf(), limits_of())[0]["code"] == "too_complex"


def test_also_where_the_reader_runs_out_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(reader: PdfReader, data: bytes, limits: Limits) -> None:
        raise MemoryError

    monkeypatch.setattr(pdf, "inspect_objects", greedy)
    assert check_code(files.pdf()) == "too_complex"
