"""How and when a person wants to be told: what they chose, or what is the rule."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from notices.kinds import way_of
from notices.models import DIGEST_HOUR, Delivery, Preference, Way
from people import time_zones
from people.models import User


@dataclass(frozen=True)
class Choice:
    """What one person chose; `zone` is where their day begins."""

    zone: ZoneInfo
    hour: int = DIGEST_HOUR
    ways: Mapping[str, str] = field(default_factory=dict)

    def way(self, topic: str, role: str) -> Way:
        """How they are told of `topic` as somebody of `role`."""
        return way_of(topic, role, self.ways)

    def due_at(self, way: str, now: datetime) -> datetime:
        """When what is raised `now` is told: at once, or with the next summary."""
        return next_summary(now, self.hour, self.zone) if way == Way.DIGEST else now


def next_summary(now: datetime, hour: int, zone: ZoneInfo) -> datetime:
    """The next time that a clock of `zone` shows `hour`, after `now`.

    An hour that is left out in spring is the one after it; of one that comes twice in autumn it is the first.
    """
    today = now.astimezone(zone).date()
    for days in range(3):
        day = today + timedelta(days=days)
        moment = datetime(day.year, day.month, day.day, hour, tzinfo=zone).astimezone(now.tzinfo)
        if moment > now:
            return moment
    raise AssertionError("a day of more than two days")


def of(users: Iterable[User]) -> dict[int, Choice]:
    """What each of them chose, by primary key, in one query."""
    people = list(users)
    rows = Preference.objects.filter(user__in=[user.pk for user in people])
    chosen = {pk: (hour, ways) for pk, hour, ways in rows.values_list("user_id", "hour", "ways")}
    nothing: tuple[int, Mapping[str, str]] = (DIGEST_HOUR, {})
    return {user.pk: Choice(time_zones.of(user), *chosen.get(user.pk, nothing)) for user in people}


def choose(user: User, hour: int, ways: Mapping[str, str], topics: Collection[str], now: datetime) -> None:
    """Keep what `user` chose for `topics`; what they are not asked about stays. The next summary moves along."""
    row, _made = Preference.objects.get_or_create(user=user)
    row.hour = hour
    row.ways = {**{topic: way for topic, way in row.ways.items() if topic not in topics}, **ways}
    row.save(update_fields=["hour", "ways"])
    move_summary(user, now)


def move_summary(user: User, now: datetime) -> None:
    """What waits for the summary of `user` waits for their next one, as they want it now."""
    choice = of([user])[user.pk]
    waiting = Delivery.objects.filter(user=user, state=Delivery.State.WAITING, way=Way.DIGEST, attempts=0)
    waiting.filter(due_at__gt=now).update(due_at=choice.due_at(Way.DIGEST, now))
