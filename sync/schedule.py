"""When each connection's numbers, documents and catalogue are read again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.models import Connection, SyncRun
from sync.waking import wake

# A failed run is tried again after this long, where its own period is longer.
AFTER_FAILURE = timedelta(minutes=5)


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


def start_due(now: datetime, connection_id: int | None = None) -> list[tuple[int, str]]:
    """Wake the most urgent due run of each connection (or of one). Returns (connection id, kind) of what was woken.

    What a person asked for goes first. One a connection at a time: the end of a run asks again, so the next kind
    follows at once.
    """
    woken = []
    connections = Connection.objects.filter(state=Connection.State.ACTIVE, is_hidden=False)
    if connection_id is not None:
        connections = connections.filter(pk=connection_id)
    for connection in connections:
        asked = set(connection.requests.values_list("kind", flat=True))
        for schedule in sorted(_schedules.values(), key=lambda s: (s.kind not in asked, s.urgency)):
            runs = SyncRun.objects.filter(connection=connection, kind=schedule.kind)
            last = runs.order_by("-started_at", "-pk").first()
            if schedule.kind in asked or is_due(schedule, last, now):
                wake(schedule.task, connection.pk)
                woken.append((connection.pk, schedule.kind))
                break
    return woken
