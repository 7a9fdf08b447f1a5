"""Sums of money in words, as the reader writes them."""

from decimal import Decimal

from django.utils import formats


def amount(value: Decimal | None) -> str:
    """A sum of money as the reader writes it: 3.00 or 3,00."""
    return formats.number_format(value or Decimal(0), decimal_pos=2)


def money(value: Decimal | None, currency: str) -> str:
    """A sum with its currency: EUR 3.00."""
    return f"{currency} {amount(value)}"
