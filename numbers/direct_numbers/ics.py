"""iCalendar text (RFC 5545) of whole-day events: lines of at most 75 octets, ended by CRLF, with text escaped.

Only what the feed of the renewal calendar needs: a calendar of events with a date, a summary and a description.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

MOST_OCTETS = 75
# A calendar must hold something: where it has no event, it has the definition of UTC.
NOTHING = (
    *("BEGIN:VTIMEZONE", "TZID:UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000"),
    *("TZOFFSETFROM:+0000", "TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE"),
)


@dataclass(frozen=True)
class Event:
    """Something on a day. `uid` stays the same as long as it is the same thing, whenever that is."""

    uid: str
    day: date
    summary: str
    description: str = ""
    url: str = ""


def text(value: str) -> str:
    """A TEXT value: backslash, semicolon and comma escaped, line breaks as `\\n`, no other control character."""
    one_break = value.replace("\r\n", "\n").replace("\r", "\n")
    escaped = one_break.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return "".join(letter for letter in escaped if letter >= " " and letter != "\x7f")


def folded(line: str) -> str:
    """A content line in pieces of at most 75 octets, each after the first begun with a space, no letter cut in two."""
    pieces, length = [""], 0
    for letter in line:
        octets = len(letter.encode())
        if length + octets > MOST_OCTETS:
            pieces.append(" ")
            length = 1
        pieces[-1] += letter
        length += octets
    return "\r\n".join(pieces)


def calendar(name: str, product: str, events: Iterable[Event], now: datetime) -> str:
    """A calendar with these events, as of `now`."""
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//{text(product)}//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"),
        *(f"X-WR-CALNAME:{text(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT6H", "X-PUBLISHED-TTL:PT6H"),
        *([line for event in events for line in _event(event, now)] or NOTHING),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _date(day: date) -> str:
    return day.isoformat().replace("-", "")


def _event(event: Event, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{text(event.uid)}"
    yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{_date(event.day)}"
    yield f"DTEND;VALUE=DATE:{_date(event.day + timedelta(days=1))}"
    yield f"SUMMARY:{text(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{text(event.description)}"
    if event.url:
        yield f"URL:{event.url}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"
