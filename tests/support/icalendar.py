"""A strict reader of iCalendar text (RFC 5545): what it takes, programs take; it raises `Wrong` for the rest."""

import re
from dataclasses import dataclass, field

_LINE = re.compile(
    r'([A-Z0-9-]+)((?:;[A-Z0-9-]+=(?:"[^"\x00-\x08\x0a-\x1f\x7f]*"|[^";:,\x00-\x08\x0a-\x1f\x7f]*))*):(.*)', re.DOTALL
)
TEXTS = {"SUMMARY", "DESCRIPTION", "X-WR-CALNAME", "UID", "PRODID"}


class Wrong(Exception):
    """The text is no iCalendar; says why."""


@dataclass
class Component:
    """A component with its properties (name → parameters and value) and what is in it."""

    name: str
    properties: dict[str, tuple[str, str]] = field(default_factory=dict)
    parts: list["Component"] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.properties[name][1]


def read(data: bytes) -> Component:
    """The calendar that `data` holds."""
    if not data.endswith(b"\r\n"):
        raise Wrong("the last line has no end")
    lines = data[:-2].split(b"\r\n")
    for line in lines:
        if b"\r" in line or b"\n" in line:
            raise Wrong(f"a line ends without CRLF: {line!r}")
        if len(line) > 75:
            raise Wrong(f"{len(line)} octets in a line")
        line.decode()  # no letter is cut in two
    open_ones: list[Component] = [Component("")]
    for line in data[:-2].decode().replace("\r\n ", "").split("\r\n"):
        _take(line, open_ones)
    if len(open_ones) != 1 or [part.name for part in open_ones[0].parts] != ["VCALENDAR"]:
        raise Wrong("it is not one calendar")
    calendar = open_ones[0].parts[0]
    _check(calendar)
    return calendar


def _take(line: str, open_ones: list[Component]) -> None:
    found = _LINE.fullmatch(line)
    if not found:
        raise Wrong(f"no property: {line!r}")
    name, parameters, value = found[1], found[2], found[3]
    if name == "BEGIN":
        open_ones.append(Component(value))
    elif name == "END":
        done = open_ones.pop()
        if done.name != value or not open_ones:
            raise Wrong(f"{value} ends where {done.name} is open")
        open_ones[-1].parts.append(done)
    elif name in open_ones[-1].properties:
        raise Wrong(f"{name} twice")
    else:
        open_ones[-1].properties[name] = (parameters, _text(value) if name in TEXTS else value)


def _text(value: str) -> str:
    if re.search(r"(?<!\\)(?:\\\\)*[;,]", value) or re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value):
        raise Wrong(f"not escaped: {value!r}")
    if re.sub(r"\\[\\;,nN]", "", value).count("\\"):
        raise Wrong(f"escaped what needs none: {value!r}")
    return re.sub(r"\\([\\;,nN])", lambda one: "\n" if one[1] in "nN" else one[1], value)


def _check(calendar: Component) -> None:
    if not {"VERSION", "PRODID"} <= set(calendar.properties) or not calendar.parts:
        raise Wrong("something is missing of the calendar")
    events = [part for part in calendar.parts if part.name == "VEVENT"]
    for event in events:
        if not {"UID", "DTSTAMP", "DTSTART"} <= set(event.properties):
            raise Wrong("something is missing of an event")
        for name, form in (("DTSTAMP", r"\d{8}T\d{6}Z"), ("DTSTART", r"\d{8}"), ("DTEND", r"\d{8}")):
            if not re.fullmatch(form, event[name]):
                raise Wrong(f"{name}: {event[name]}")
        if event.properties["DTSTART"][0] != ";VALUE=DATE" or event["DTEND"] <= event["DTSTART"]:
            raise Wrong("it is no whole day")
    if len({event["UID"] for event in events}) != len(events):
        raise Wrong("two events have one UID")
