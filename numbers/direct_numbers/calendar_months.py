"""Months of the renewal calendar: which one an address names, its days in the reader's time zone, its weeks."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

_NAMED = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True)
class Month:
    """A calendar month."""

    year: int
    number: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> "Month":
        """The month after it."""
        return month_of(self.first + timedelta(days=31))

    @property
    def previous(self) -> "Month":
        """The month before it."""
        return month_of(self.first - timedelta(days=1))

    @property
    def is_within_reach(self) -> bool:
        """Whether the calendar goes so far."""
        return FIRST_YEAR <= self.year <= LAST_YEAR

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    def weeks(self) -> list[list[date | None]]:
        """Its weeks from Monday to Sunday, with None for days of its neighbours."""
        weeks = calendar.Calendar(calendar.MONDAY).monthdayscalendar(self.year, self.number)
        return [[date(self.year, self.number, day) if day else None for day in week] for week in weeks]


def month_of(day: date) -> Month:
    """The month in which a day lies."""
    return Month(day.year, day.month)


def named(text: str) -> Month | None:
    """The month that an address names ("2026-12"); None for anything else."""
    found = _NAMED.fullmatch(text)
    if not found:
        return None
    month = Month(int(found[1]), int(found[2]))
    return month if 1 <= month.number <= 12 and month.is_within_reach else None


def day_named(text: str) -> date | None:
    """The day that an address names ("2026-12-05"); None for anything else."""
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return day if day and month_of(day).is_within_reach else None


def start_of(day: date, zone: tzinfo) -> datetime:
    """When a day begins in a time zone."""
    return datetime.combine(day, time.min, zone)
