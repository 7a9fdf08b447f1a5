"""Sums of money in words."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from sync import words


@pytest.mark.parametrize(
    ("language", "amount", "told"),
    [
        ("en", Decimal("3"), "EUR 3.00"),
        ("de", Decimal("1234.5"), "1.234,50 EUR"),
        ("en", Decimal("0.0125"), "EUR 0.0125"),
        ("en", Decimal("-2"), "EUR \N{MINUS SIGN}2.00"),
        ("en", None, "–"),
    ],
)
def test_sums_are_told_in_the_readers_way(language: str, amount: Decimal | None, told: str) -> None:
    with override(language):
        assert words.money(amount, "EUR") == told


def test_a_float_is_no_money() -> None:
    with pytest.raises(TypeError):
        words.money(0.1, "EUR")  # type: ignore[arg-type]
