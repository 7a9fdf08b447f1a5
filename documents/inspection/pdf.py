"""Looks into PDF files: locked, damaged, or carrying what a paper doesn't carry."""

import io
import logging
import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from documents.inspection.places import blanked
from documents.inspection.verdict import MEGABYTE, TAIL_BYTES, Limits, Refused, refuse_polyglot

if TYPE_CHECKING:
    from pypdf import PdfReader
    from pypdf.generic import DictionaryObject, StreamObject

PHOTO = "/DCTDecode"
OBJECTS = 50_000
LOST_OBJECTS = 100  # that no table of contents names
DEPTH = 50
STREAM_BYTES = 32 * MEGABYTE  # of one stream when unpacked
ALL_STREAMS_BYTES = 1024 * MEGABYTE

# How pypdf's warnings begin: of a key twice, a half-read dictionary, tables of contents in a circle or lost
AMBIGUOUS = ("Multiple definitions", "%(exception)", "Circular xref", "Previous trailer")
OBJECT = re.compile(rb"(?<![0-9])([0-9]{1,7})\s+([0-9]{1,5})\s+obj\b")
NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
RAW_PROGRAM = re.compile(rb"/S\s*/(?:JavaScript|Launch|ImportData|SubmitForm|Rendition|GoToE)\b")
RAW_FILE = re.compile(rb"/Type\s*/EmbeddedFile\b|/EmbeddedFiles\b")
ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/Movie", "/Sound", "/GoToE", "/GoToR"}
ACTIONS |= {"/RichMediaExecute"}
TRIGGERS = {"/E", "/X", "/D", "/U", "/Fo", "/Bl", "/PO", "/PC", "/PV", "/PI", "/O", "/C", "/K", "/F", "/V"}
TRIGGERS |= {"/WC", "/WS", "/DS", "/WP", "/DP"}
CARRIERS = {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"}


class _Ambiguities(logging.Handler):
    """Hears pypdf tell of what two programs may read as two documents (`AMBIGUOUS`)."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = False

    def emit(self, record: logging.LogRecord) -> None:
        """Remember that there was one; never what it was."""
        self.heard |= str(record.msg).startswith(AMBIGUOUS)


def inspect_pdf(data: bytes, limits: Limits) -> tuple[int, bytes]:
    """The number of pages and what to send: what photos in it tell of their place is blanked, but for `keep_metadata`.

    Raises `Refused` for what is locked, damaged, or carries programs, files or forms.
    """
    from pypdf import PdfReader, overwrite_configuration
    from pypdf.errors import LimitReachedError

    end = data.rfind(b"%%EOF")
    if end < 0:
        raise Refused("pdf_damaged")
    refuse_polyglot(data, end + 5)
    overwrite_configuration(jbig2dec_binary=None, zlib_maximum_output_length=STREAM_BYTES)
    overwrite_configuration(lzw_maximum_output_length=STREAM_BYTES, run_length_maximum_output_length=STREAM_BYTES)
    ambiguities = _Ambiguities()
    logger = logging.getLogger("pypdf")
    logger.addHandler(ambiguities)
    logger.propagate = False
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted or "/Encrypt" in reader.trailer:
            raise Refused("encrypted")
        refuse_raw(unescaped(data))
        photos = inspect_objects(reader, data, limits)
        pages = count_pages(reader, limits.pages)
    except (Refused, MemoryError):
        raise
    except LimitReachedError:
        raise Refused("bomb") from None
    except Exception:  # noqa: BLE001 - whatever a reader stumbles over
        raise Refused("encrypted" if b"/Encrypt" in data else "pdf_damaged") from None
    if ambiguities.heard:
        raise Refused("pdf_damaged")
    return pages, data if limits.keep_metadata else blanked(data, photos)


def unescaped(data: bytes) -> bytes:
    """With names as they are meant: /#4a#53 is /JS."""
    return NAME_ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data)


def refuse_raw(data: bytes) -> None:
    """Raise `Refused` for what stands in the file in clear, listed in its table of contents or not."""
    if RAW_PROGRAM.search(data):
        raise Refused("pdf_program")
    if RAW_FILE.search(data):
        raise Refused("pdf_files")


def inspect_objects(reader: "PdfReader", data: bytes, limits: Limits) -> list[bytes]:
    """Look at every object there is, wherever it hangs. Returns the photos (JPEG). Raises `Refused`."""
    from pypdf.generic import DictionaryObject, IndirectObject, StreamObject

    listed = {(generation, number) for generation, table in reader.xref.items() for number in table}
    listed |= {(0, number) for number in reader.xref_objStm}
    lost = {(int(found[2]), int(found[1])) for found in OBJECT.finditer(data)} - listed
    if len(listed) > OBJECTS:
        raise Refused("too_complex")
    if len(lost) > LOST_OBJECTS:
        raise Refused("pdf_damaged")
    left, photos = ALL_STREAMS_BYTES, []
    for generation, number in sorted(listed | lost):
        whole = IndirectObject(number, generation, reader).get_object()
        for part in _parts(whole):
            if isinstance(part, DictionaryObject):
                refuse_dictionary(part)
        if isinstance(whole, StreamObject):
            left -= inspect_stream(whole, limits, left)
            if PHOTO in filters_of(whole):
                photos.append(whole._data)
    return photos


def _parts(whole: Any) -> Iterator[Any]:
    """An object and all that stands in it directly."""
    waiting = [whole]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, dict):
            waiting.extend(dict.values(part))
        elif isinstance(part, list):
            waiting.extend(list.__iter__(part))


def value(found: "DictionaryObject", key: str) -> Any:
    """What stands under a key, followed to where it is; None where it isn't. Raises `Refused` for what has no end."""
    got = dict.get(found, key)
    for _step in range(9):
        followed = got.get_object() if got is not None else None
        if followed is got:
            return got
        got = followed
    raise Refused("pdf_damaged")


def refuse_dictionary(found: "DictionaryObject") -> None:
    """Raise `Refused` where a dictionary makes a reader run, fetch, send or unpack something."""
    from pypdf.generic import DictionaryObject, StreamObject

    triggers, script = value(found, "/AA"), value(found, "/JS")
    has_triggers = isinstance(triggers, DictionaryObject) and bool(TRIGGERS & set(triggers))
    has_script = isinstance(script, (str, bytes, StreamObject)) or "/JavaScript" in found
    kind = _name(found, "/Subtype")
    if has_triggers or has_script or _name(found, "/S") in ACTIONS or kind == "/PS":
        raise Refused("pdf_program")
    if "/XFA" in found:
        raise Refused("pdf_form")
    is_file = _name(found, "/Type") == "/EmbeddedFile" or kind in CARRIERS
    is_elsewhere = isinstance(found, StreamObject) and "/F" in found
    if is_file or is_elsewhere or not {"/EmbeddedFiles", "/EF", "/Collection"}.isdisjoint(found):
        raise Refused("pdf_files")


def _name(found: "DictionaryObject", key: str) -> str:
    got = value(found, key)
    return got if isinstance(got, str) else ""


def filters_of(stream: "StreamObject") -> list[str]:
    """How a stream is packed, the outermost first."""
    named = value(stream, "/Filter")
    names = named if isinstance(named, list) else [named] if named else []
    return [str(name.get_object()) for name in list.__iter__(names)]


def inspect_stream(stream: "StreamObject", limits: Limits, left: int) -> int:
    """How many bytes it has unpacked. Raises `Refused` for one that is damaged or unpacks to too much."""
    from pypdf.filters import decode_stream_data

    filters = filters_of(stream)
    if len(filters) > 3 or sum(name in ("/FlateDecode", "/Fl", "/LZWDecode", "/LZW") for name in filters) > 1:
        raise Refused("bomb")
    packed: bytes = stream._data
    is_picture, most = _name(stream, "/Subtype") == "/Image", STREAM_BYTES
    if is_picture:
        width, height, bits = (int(value(stream, key) or 8) for key in ("/Width", "/Height", "/BitsPerComponent"))
        if width * height * bits > 16 * limits.pixels:  # scans in black and white have many pixels of one bit
            raise Refused("too_many_pixels")
        most = max(width * height * bits, MEGABYTE)
        if (
            PHOTO in filters and len(filters) > 1 and not limits.keep_metadata
        ):  # its place can't be blanked where it lies
            raise Refused("too_complex")
        if filters == [PHOTO] and (packed[:2] != b"\xff\xd8" or b"\xff\xd9" not in packed[-TAIL_BYTES:]):
            raise Refused("pdf_damaged")
    size = len(packed)
    if filters and filters[0] in ("/FlateDecode", "/Fl") and packed:
        size = unpacked_size(packed, min(most, left))
    is_plain = filters in ([], ["/FlateDecode"])
    if not is_picture and (not is_plain or _name(stream, "/Type") == "/ObjStm"):
        decoded = decode_stream_data(stream)
        size = len(decoded)
        refuse_raw(unescaped(decoded))
    if size > left:
        raise Refused("bomb")
    return size


def unpacked_size(packed: bytes, most: int) -> int:
    """The size of Flate data, unpacked piece by piece and thrown away. Raises `Refused` past `most` or if damaged."""
    unpacker, size = zlib.decompressobj(), 0
    try:
        for start in range(0, len(packed), 65536):
            piece = packed[start : start + 65536]
            while piece and not unpacker.eof:
                size += len(unpacker.decompress(piece, MEGABYTE))
                piece = unpacker.unconsumed_tail
                if size > most:
                    raise Refused("bomb")
    except zlib.error:
        raise Refused("pdf_damaged") from None
    if not unpacker.eof:
        raise Refused("pdf_damaged")
    return size


def count_pages(reader: "PdfReader", most: int) -> int:
    """The number of pages by walking their tree, which must say the same itself. Raises `Refused`."""
    from pypdf.generic import DictionaryObject, IndirectObject

    waiting: list[tuple[Any, int]] = [(reader.root_object.raw_get("/Pages"), 0)]
    seen, pages = set(), 0
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, IndirectObject):
            if node.idnum in seen or depth > DEPTH:
                raise Refused("pdf_damaged")
            seen.add(node.idnum)
        found = node.get_object()
        if not isinstance(found, DictionaryObject):
            raise Refused("pdf_damaged")
        kids = value(found, "/Kids")
        pages += kids is None
        if isinstance(kids, list):
            waiting.extend((kid, depth + 1) for kid in list.__iter__(kids))
        if pages > most or len(waiting) > most + 1000:
            raise Refused("too_many_pages")
    if not pages:
        raise Refused("no_pages")
    root = value(reader.root_object, "/Pages")
    if value(root, "/Count") != pages:
        raise Refused("pdf_damaged")
    return pages
