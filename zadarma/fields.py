"""How single fields of an answer are read, whichever of its habits the API shows.

Booleans come as true, "true", "on", 1 or "1"; ids and amounts as number or text; an empty map as []; an absent value as
null, "" or []. Every error is a ValueError without the value in it, since the value may be personal.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator

_TRUE = {"true", "on", "1", "yes"}
_FALSE = {"false", "off", "0", "no"}
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_PHONE = re.compile(r"\+?[0-9 ().-]+")


def read_text(value: Any) -> str:
    """Text, or a number as text. NUL is dropped: no database column holds it."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    raise ValueError("not text")


def read_plain_text(value: Any) -> str:
    """Text; absent is empty."""
    return "" if is_absent(value) else read_text(value)


def read_id(value: Any) -> str:
    text = read_text(value).strip()
    if not text:
        raise ValueError("an id is missing")
    return text


def read_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = read_text(value).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError("neither true nor false")


def read_decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise ValueError("not an amount")
    try:
        amount = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise ValueError("not an amount") from None
    if not amount.is_finite():
        raise ValueError("not an amount")
    return amount


def read_int(value: Any) -> int:
    amount = read_decimal(value)
    if amount != amount.to_integral_value() or abs(amount) > 10**18:
        raise ValueError("not a whole number")
    return int(amount)


def read_days(value: Any) -> int | None:
    """A number of days; None where the API is vague about it, which is no reason to lose a row."""
    try:
        return read_int(value)
    except ValueError:
        return None


def read_phone(value: Any) -> str:
    """A phone number as digits, without a leading +."""
    text = read_text(value).strip()
    digits = re.sub(r"[^0-9]", "", text)
    if not digits or not _PHONE.fullmatch(text):
        raise ValueError("not a phone number")
    return digits


def is_absent(value: Any) -> bool:
    """Whether the API sent nothing: null, an empty text, or [] for an empty map."""
    return value is None or value == [] or value == {} or (isinstance(value, str) and not value.strip("\x00 "))


def _or_none(read: Any) -> BeforeValidator:
    return BeforeValidator(lambda value: None if is_absent(value) else read(value))


Text = Annotated[str, BeforeValidator(read_plain_text)]
Id = Annotated[str, BeforeValidator(read_id)]
Phone = Annotated[str, BeforeValidator(read_phone)]
Bool = Annotated[bool, BeforeValidator(read_bool)]
Int = Annotated[int, BeforeValidator(read_int)]
Amount = Annotated[Decimal, BeforeValidator(read_decimal)]
Flag = Annotated[bool, BeforeValidator(lambda value: not is_absent(value) and read_bool(value))]
OptionalText = Annotated[str | None, _or_none(read_text)]
OptionalId = Annotated[str | None, _or_none(read_id)]
OptionalBool = Annotated[bool | None, _or_none(read_bool)]
OptionalInt = Annotated[int | None, _or_none(read_int)]
OptionalAmount = Annotated[Decimal | None, _or_none(read_decimal)]
Days = Annotated[int | None, BeforeValidator(read_days)]


def read_date(text: str, zone: tzinfo) -> datetime | None:
    """`YYYY-MM-DD HH:MM:SS` (or the date alone) in `zone`, aware; None for empty, all-zero and unreadable dates."""
    for pattern in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"):
        try:
            return datetime.strptime(text.strip(), pattern).replace(tzinfo=zone)
        except ValueError:
            continue
    return None


def read_zone(text: str) -> tzinfo:
    """A time zone from the API's name for it: `UTC+2`, `UTC-3`, `UTC+05:30`, or an IANA name.

    Raises ValueError for anything else.
    """
    name = text.strip()
    if name.upper() in {"UTC", "GMT", "Z"}:
        return UTC
    if match := _OFFSET.fullmatch(name):
        sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        if offset < timedelta(hours=24) and int(minutes or 0) < 60:
            return timezone(-offset if sign == "-" else offset)
        raise ValueError("the time zone's offset is out of range")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("the time zone is unknown") from None
