"""CSV that a spreadsheet opens without running anything in it."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator

# A cell that begins with one of these is a formula to a spreadsheet (OWASP, CSV injection), in any width.
FORMULA = "=+-@|%\N{MINUS SIGN}"
# Where a spreadsheet that cuts at semicolons or tabs, as those set to German do, would begin a cell of its own.
_INNER = re.compile(r"(?<=[;\t\r\n])(?=[\s\"']*(\S))")


class _Line:
    """What the writer writes into: gives each line back."""

    def write(self, text: str) -> str:
        """The line as it is."""
        return text


def safe(cell: object) -> str:
    """`cell` as text that no spreadsheet takes for a formula: an apostrophe goes before what looks like one.

    Whole numbers, amounts and dates stay as they are, also negative ones.
    """
    text = "" if cell is None else str(cell).replace("\0", "")
    if _is_amount(text):
        return text
    begins_like_one = text[:1] in ("\t", "\r", "\n") or _is_formula(text)
    text = _INNER.sub(lambda found: "'" if _is_formula(found[1]) else "", text)
    return f"'{text}" if begins_like_one else text


def _is_formula(text: str) -> bool:
    """Whether the first character that shows is one of `FORMULA`, whatever invisible ones stand before it."""
    seen = (one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one)[0] not in "ZC")
    return next(seen, "x") in FORMULA


def _is_amount(text: str) -> bool:
    return text[:1] == "-" and text[1:].replace(".", "", 1).isascii() and text[1:].replace(".", "", 1).isdigit()


def lines(head: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The lines of a CSV file, one at a time, beginning with the mark by which spreadsheets know UTF-8."""
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow([safe(cell) for cell in head])
    for row in rows:
        yield writer.writerow([safe(cell) for cell in row])
