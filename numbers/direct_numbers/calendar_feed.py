"""The renewal calendar as a feed for one's own calendar program: the next twelve months, in a bounded number of events.

Each number has one event, which moves with its date. Of more than 500 numbers each day has one that counts them.
"""

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db.models import Count
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from direct_numbers import ics, queries, renewal_calendar
from direct_numbers.ics import Event
from direct_numbers.renewal_calendar import ENDS, RENEWS
from people.models import User
from people.phones import international
from people.tenancy import Viewer
from sync import words

MOST_SINGLE = 500
MONTHS = 12


def of(person: User, viewer: Viewer, now: datetime, base: str) -> str:
    """What `viewer`, who is `person`, may see of the next twelve months. `base`: the panel's scheme and host."""
    zone = _zone_of(person)
    with words.in_language_of(person):
        return ics.calendar(
            _("Phone numbers"), f"{settings.PARTNER_NAME}//Numberdesk", _events(viewer, now, zone, base), now
        )


def _zone_of(person: User) -> tzinfo:
    """The person's own time zone; the panel's, where they have none."""
    name = str(getattr(person, "time_zone", "") or "")
    return ZoneInfo(name) if name else timezone.get_default_timezone()


def _events(viewer: Viewer, now: datetime, zone: tzinfo, base: str) -> list[Event]:
    today = timezone.localtime(now, zone).date()
    rows: Any = queries.numbers(viewer)
    rows = renewal_calendar.between(rows, today, today + relativedelta(months=MONTHS), zone)
    few = list(renewal_calendar.by_date(rows)[: MOST_SINGLE + 1])
    host = urlsplit(base).netloc
    if len(few) <= MOST_SINGLE:
        return [_of_number(row, timezone.localtime(row.stop_at, zone).date(), host, base) for row in few]
    days = renewal_calendar.happening(rows.select_related(None).order_by()).annotate(
        day=TruncDate("stop_at", tzinfo=zone)
    )
    return _of_days(days.values_list("day", "happens").annotate(found=Count("pk")), host, base)


def _of_number(row: Any, day: date, host: str, base: str) -> Event:
    shown = international(row.number)
    place = row.direction.name if row.direction else row.description or row.country_name
    happens = {
        RENEWS: (_("%(number)s renews itself"), _("Autorenewal is on: the number is paid further by itself.")),
        ENDS: (_("%(number)s ends"), _("Autorenewal is off: the number ends unless it is paid further before.")),
    }.get(row.happens, (_("%(number)s: paid until this day"), _("Whether it renews itself is not known.")))
    described = "\n".join(part for part in (place, happens[1]) if part)
    url = f"{base}{reverse('number', args=[row.pk])}"
    return Event(f"number-{row.pk}@{host}", day, happens[0] % {"number": shown}, described, url)


def _of_days(counted: Iterable[tuple[date, str, int]], host: str, base: str) -> list[Event]:
    """One event a day, which counts what happens to how many."""
    days: dict[date, dict[str, int]] = {}
    for day, happens, count in counted:
        days.setdefault(day, {})[happens] = count
    found = []
    for day, counts in sorted(days.items()):
        told = [in_words(happens, count) for happens, count in sorted(counts.items(), key=lambda pair: pair[0])]
        url = f"{base}{reverse('renewal-calendar')}?day={day:%Y-%m-%d}"
        found.append(Event(f"day-{day:%Y%m%d}@{host}", day, ", ".join(told), "", url))
    return found


def in_words(happens: str, count: int) -> str:
    """How many numbers renew themselves or end."""
    if happens == RENEWS:
        told = ngettext("%(count)d number renews itself", "%(count)d numbers renew themselves", count)
    elif happens == ENDS:
        told = ngettext("%(count)d number ends", "%(count)d numbers end", count)
    else:
        told = ngettext("%(count)d number is paid until this day", "%(count)d numbers are paid until this day", count)
    return told % {"count": count}
