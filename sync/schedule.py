"""When each connection's numbers, documents and catalogue are read again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.models import Connection, SyncRun
from sync.waking import wake

# A failed run is tried again after this long, where its own period is longer.
AFTER_FAILURE = timedelta(minutes=5)
# One that has been due for its own period, and for so long at least, goes before more urgent ones.
LATE_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Schedule:
    """A kind of run: its task (takes a connection id) and how often it is due."""

    kind: str
    task: str
    every: timedelta
    urgency: int


_schedules: dict[str, Schedule] = {}


def register(kind: str, task: str, every: timedelta, urgency: int) -> None:
    """Called by the apps in `AppConfig.ready`. Of several that are due the least `urgency` goes first."""
    _schedules[kind] = Schedule(kind, task, every, urgency)


def is_due(schedule: Schedule, last: SyncRun | None, now: datetime) -> bool:
    """Whether a run of this kind should start at `now`, given the last one."""
    if last is None:
        return True
    if last.state == SyncRun.State.RUNNING:
        return last.lease_until < now
    if last.state == SyncRun.State.DONE and last.left:
        return True
    wait = min(schedule.every, AFTER_FAILURE) if last.state == SyncRun.State.FAILED else schedule.every
    return last.started_at + wait <= now


def is_late(schedule: Schedule, last: SyncRun | None, now: datetime) -> bool:
    """Whether it waits so long that others, which are always due, must not keep it from its turn any more."""
    return last is None or last.started_at + schedule.every + max(schedule.every, LATE_AFTER) <= now


def by_urgency(last: Mapping[str, SyncRun | None], now: datetime, asked: Collection[str] = ()) -> list[Schedule]:
    """The kinds that are due at `now`, given the last run of each, the most urgent first."""
    due = [one for one in _schedules.values() if one.kind in asked or is_due(one, last.get(one.kind), now)]
    return sorted(due, key=lambda one: (one.kind not in asked, not is_late(one, last.get(one.kind), now), one.urgency))


def start_due(now: datetime, connection_id: int | None = None) -> list[tuple[int, str]]:
    """Wake the most urgent due run of each connection (or of one). Returns (connection id, kind) of what was woken.

    What a person asked for goes first, then what is late. One a connection at a time: the end of a run asks again, so
    the next kind follows at once.
    """
    woken = []
    connections = Connection.objects.filter(state=Connection.State.ACTIVE, is_hidden=False)
    if connection_id is not None:
        connections = connections.filter(pk=connection_id)
    for connection in connections:
        asked = set(connection.requests.values_list("kind", flat=True))
        runs = SyncRun.objects.filter(connection=connection).order_by("-started_at", "-pk")
        last = {kind: runs.filter(kind=kind).first() for kind in _schedules}
        for schedule in by_urgency(last, now, asked)[:1]:
            wake(schedule.task, connection.pk)
            woken.append((connection.pk, schedule.kind))
    return woken
