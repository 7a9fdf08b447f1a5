"""CSV that a spreadsheet opens without running anything in it."""

import csv
import io
import re
import unicodedata
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people import sheets

ROOT = Path(__file__).resolve().parents[2]
BEFORE = st.text(st.sampled_from(" \t\r\n\ufeff\xa0\u200b\u2060\u3000\x01\x7f"), max_size=4)
SIGNS = st.sampled_from("=+-@|%＝＋－＠﹦﹢﹣﹫−｜％")


def shown(cell: str) -> str:
    """The cell as a spreadsheet takes it: without what does not show, signs in their usual width."""
    plain = unicodedata.normalize("NFKC", cell)
    return "".join(one for one in plain if unicodedata.category(one)[0] not in "ZC")


@given(before=BEFORE, sign=SIGNS, after=st.text(max_size=20))
def test_no_cell_begins_with_a_sign_that_makes_it_a_formula(before: str, sign: str, after: str) -> None:
    cell = before + sign + after
    amount = re.fullmatch(r"-[0-9]+\.?[0-9]*|-\.[0-9]+", cell.replace("\0", ""))
    safe = sheets.safe(cell)
    assert amount or safe.startswith("'")
    assert safe.replace("'", "") == cell.replace("\0", "").replace("'", "")


@given(cell=st.text(max_size=30))
def test_no_text_at_all_is_a_formula(cell: str) -> None:
    safe = sheets.safe(cell)
    is_amount = re.fullmatch(r"-[0-9]+\.?[0-9]*|-\.[0-9]+", safe)
    assert is_amount or not shown(safe).startswith(tuple("=+-@|%−")) and not safe.startswith(("\t", "\r", "\n"))


@given(first=st.text(max_size=8), cut=st.sampled_from(";\t\n\r"), sign=SIGNS, after=st.text(max_size=8))
def test_no_part_is_a_formula_where_a_spreadsheet_cuts_elsewhere(first: str, cut: str, sign: str, after: str) -> None:
    for part in re.split("[;\t\r\n]", sheets.safe(first + cut + sign + after)):
        assert not shown(part).lstrip('"').startswith(tuple("=+-@|%−")) or sheets._is_amount(part)


@pytest.mark.parametrize("cell", [5, -5, Decimal("-12.50"), Decimal("3.1"), "-7", "442012345678", "2026-01-02 03:04"])
def test_amounts_numbers_and_dates_stay_as_they_are(cell: object) -> None:
    assert sheets.safe(cell) == str(cell)


@pytest.mark.parametrize("cell", ["-5+cmd|' /C calc'!A0", "-1-1", "--5", "-5.5.5", "-٣"])
def test_what_only_begins_like_an_amount_is_none(cell: str) -> None:
    assert sheets.safe(cell) == f"'{cell}"


@given(rows=st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2), max_size=4))
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    text = "".join(sheets.lines(["a", "=b"], rows))
    assert text.startswith("\ufeff")
    read = list(csv.reader(io.StringIO(text[1:], newline="")))
    assert read == [["a", "'=b"], *[[sheets.safe(cell) for cell in row] for row in rows]]


def test_nothing_else_writes_csv() -> None:
    for folder in ("people", "sync", "documents", "numbers", "notices", "panel", "config"):
        for path in (ROOT / folder).rglob("*.py"):
            code = path.read_text()
            if path.name != "sheets.py":
                assert not re.search(r"\b(csv\.(writer|DictWriter)|from csv import .*[wW]riter)\b", code), path
                assert "text/csv" not in code or re.search(r"\b(sheets|audit_files|number_files)\.", code), path
