"""CSV that a spreadsheet opens without running anything in it."""

import csv
from collections.abc import Iterable, Iterator

# A cell that begins with one of these is a formula to a spreadsheet (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


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
    if not text.lstrip(" \ufeff").startswith(FORMULA) or _is_amount(text):
        return text
    return f"'{text}"


def _is_amount(text: str) -> bool:
    return text[:1] == "-" and text[1:].replace(".", "", 1).isascii() and text[1:].replace(".", "", 1).isdigit()


def lines(head: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The lines of a CSV file, one at a time, beginning with the mark by which spreadsheets know UTF-8."""
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow([safe(cell) for cell in head])
    for row in rows:
        yield writer.writerow([safe(cell) for cell in row])
