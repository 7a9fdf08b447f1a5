"""Sums of money in words, as the reader writes them."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils import formats
from django.utils.translation import get_language


def money(amount: Decimal | int | str | None, currency: str = "") -> str:
    """An amount without markup, for buttons and sentences: "EUR 3.00", in German "3,00 EUR"; None → "–"."""
    if amount is None or amount == "":
        return "–"
    if isinstance(amount, float):
        raise TypeError("Money is Decimal, never float.")
    exact = Decimal(amount)
    exponent = exact.normalize().as_tuple().exponent
    places = min(max(2, -exponent if isinstance(exponent, int) else 2), 4)
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    figures = formats.number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True)
    figures = figures.replace("-", "\N{MINUS SIGN}")
    if not currency:
        return figures
    return f"{figures} {currency}" if (get_language() or "").startswith("de") else f"{currency} {figures}"
