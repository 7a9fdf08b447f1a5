"""Phone numbers as people say them."""

import phonenumbers


def only_digits(value: object) -> str:
    """The digits of a phone number, however it is written."""
    return "".join(character for character in str(value or "") if character.isascii() and character.isdigit())


def international(value: object) -> str:
    """Digits as people say them: 442037691880 → "+44 20 3769 1880"; unknown numbering plans → "+" and the digits."""
    digits = only_digits(value)
    if not digits:
        return ""
    try:
        parsed = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return f"+{digits}"
    if not phonenumbers.is_possible_number(parsed):
        return f"+{digits}"
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
