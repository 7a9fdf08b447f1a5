"""Whose files and verdicts are asked for in a reading: two calls a group, so not everybody's every time.

Groups that something waits for are asked for every 15 minutes (up to 400 of an account), others daily.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from documents.models import DocumentGroup, Upload
from sync.models import Operation

# A reading comes every 15 minutes: what was asked for in the last one is due in the next.
WAITING_EVERY = timedelta(minutes=14)
OTHERS_EVERY = timedelta(days=1)
# So many groups in one reading (two calls each); the next reading goes on, after the numbers where they are due.
MOST_A_RUN = 100
# A file that was never judged is no reason to look every quarter of an hour for ever.
WAITS_AT_MOST = timedelta(days=60)

Source = Callable[[int], Iterable[str]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Called by the apps above in `AppConfig.ready`: `source(connection id)` tells the groups' remote ids."""
    if source not in _sources:
        _sources.append(source)


def waited_for(connection_id: int, now: datetime) -> set[str]:
    """The remote ids of groups that a number, an order, an upload or an operation waits for."""
    found = {str(remote_id) for source in _sources for remote_id in source(connection_id)}
    unchecked = Upload.objects.filter(
        group__connection=connection_id, verified_at=None, error="", created_at__gte=now - WAITS_AT_MOST
    )
    changed = Operation.objects.filter(
        connection=connection_id, object_type="group", created_at__gte=now - timedelta(days=2)
    )
    groups = DocumentGroup.objects.filter(connection=connection_id, pk__in=changed.values("object_id"))
    found |= set(unchecked.values_list("group__remote_id", flat=True))
    return (found | set(groups.values_list("remote_id", flat=True))) - {""}


def due(
    checked: dict[str, datetime | None], waiting: set[str], now: datetime, *, everything: bool = False
) -> list[str]:
    """The remote ids that are due, most urgent first, of those in `checked` (remote id → when last asked for).

    Never asked for before what something waits for, that before the others, and in each the oldest first.
    """

    def is_due(remote_id: str) -> bool:
        last = checked[remote_id]
        every = WAITING_EVERY if remote_id in waiting else OTHERS_EVERY
        return everything or last is None or last <= now - every

    def urgency(remote_id: str) -> tuple[int, float]:
        last = checked[remote_id]
        return (0 if last is None else 1 if remote_id in waiting else 2, last.timestamp() if last else 0.0)

    return sorted(filter(is_due, checked), key=urgency)
