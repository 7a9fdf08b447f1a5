"""Periods as the API counts them: in calendar months, in the account's time zone."""

from __future__ import annotations

import calendar
import re
from datetime import datetime, timedelta, timezone, tzinfo


def zone_of(name: str) -> tzinfo:
    """The zone that ``/v1/info/timezone/`` names, such as ``UTC+2`` or ``UTC-5:30``. ValueError for anything else."""
    match = re.fullmatch(r"UTC([+-])(\d{1,2})(?::(\d{2}))?", name)
    if match is None or int(match[2]) > 14:
        raise ValueError(f"not a time zone: {name}")
    shift = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return timezone(-shift if match[1] == "-" else shift)


def add_months(moment: datetime, months: int, zone: tzinfo) -> datetime:
    """The same day and time so many months later in the zone; the month's last day where it has no such day."""
    local = moment.astimezone(zone)
    years, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, calendar.monthrange(years, month + 1)[1])
    return local.replace(year=years, month=month + 1, day=day).astimezone(moment.tzinfo)


def stamp(moment: datetime, zone: tzinfo) -> str:
    """The moment as the API writes it: ``YYYY-MM-DD HH:MM:SS`` in the account's zone."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
