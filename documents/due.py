"""Whose files and verdicts are asked for in a reading: two calls a group, so not everybody's every time.

What changes in groups that something waits for is noticed within 15 minutes (up to 400 of an account), in others within
a day: proven with a clock of its own in tests/documents/test_due_at_the_limit.py.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from documents.models import DocumentGroup, Upload
from sync.models import Operation

# A reading comes every two minutes, and at once where more are due; with 400 that wait each has its turn after 14.
READING_EVERY = timedelta(minutes=2)
WAITING_EVERY = timedelta(minutes=9)
OTHERS_EVERY = timedelta(days=1)
# So many groups in one reading (two calls each, about a minute); the next goes on, after the numbers if they are due.
MOST_A_RUN = 36
# Where a person asked for everything, which is one reading.
MOST_ASKED_FOR = 100
# After so many that something waits for comes one of the others, so that neither keeps the other from its turn.
WAITING_IN_A_ROW = 8
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

    What something waits for goes before the others, but for a share of theirs; in each the oldest first.
    """

    def of(these: Iterable[str], every: timedelta) -> list[str]:
        times = {one: last.timestamp() if (last := checked[one]) else 0.0 for one in these}
        is_due = (one for one in times if everything or times[one] <= (now - every).timestamp())
        return sorted(is_due, key=lambda one: times[one])

    urgent = of((one for one in checked if one in waiting), WAITING_EVERY)
    others = of((one for one in checked if one not in waiting), OTHERS_EVERY)
    found: list[str] = []
    while urgent and others:
        found += urgent[:WAITING_IN_A_ROW] + others[:1]
        urgent, others = urgent[WAITING_IN_A_ROW:], others[1:]
    return found + urgent + others
