"""In which time zone a person reads dates, and those that can be chosen."""

from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from people.models import User

# Of all the names that there are those that say a place; the rest are aliases and offsets.
REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")

Choices = list[tuple[str, str | list[tuple[str, str]]]]


def of(user: User | None) -> ZoneInfo:
    """The time zone that `user` chose; the panel's own (`TIME_ZONE`) without a choice, or where it is no more."""
    name = user.time_zone if user else ""
    try:
        return ZoneInfo(name or settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)


def activate(user: User) -> None:
    """From here on this thread tells dates in the time zone of `user`."""
    if user.time_zone:
        timezone.activate(of(user))


@cache
def names() -> tuple[str, ...]:
    """Those that can be chosen, by name."""
    placed = {name for name in available_timezones() if name.partition("/")[0] in REGIONS and "/" in name}
    return tuple(sorted(placed | {"UTC"}))


def choices() -> Choices:
    """For a select: the panel's own first, then by region, with places as people write them."""
    found: Choices = [("", _("as the panel (%(zone)s)") % {"zone": settings.TIME_ZONE}), ("UTC", "UTC")]
    for region in REGIONS:
        there = [name for name in names() if name.partition("/")[0] == region]
        found.append((region, [(name, name.partition("/")[2].replace("_", " ")) for name in there]))
    return found
