"""Words as the reader writes them: sums of money, phone numbers, and the language of who asked."""

from decimal import ROUND_HALF_UP, Decimal

import phonenumbers
from django.utils import formats
from django.utils.translation import get_language, override

from people.models import User


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


def digits(value: object) -> str:
    """The digits of `value`, in their order."""
    return "".join(character for character in str(value or "") if character.isascii() and character.isdigit())


def phone(value: object) -> str:
    """Digits as people say them: 442037691880 → "+44 20 3769 1880"; unknown numbering plans → "+" and the digits."""
    known = digits(value)
    if not known:
        return ""
    try:
        parsed = phonenumbers.parse(f"+{known}")
    except phonenumbers.NumberParseException:
        return f"+{known}"
    if not phonenumbers.is_possible_number(parsed):
        return f"+{known}"
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def in_language_of(user: User | None) -> override:
    """What is said in this context is in the language of `user`; English where that is not known."""
    return override((user.language if user else "") or "en")
