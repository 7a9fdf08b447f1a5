"""The calls a minute that all processes share for one connection.

One row a connection, changed by compare-and-set. Lanes keep a reserve: background sync may use 70% of a minute,
operations 90%, a person's click all of it.
"""

import logging
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from sync.models import CallBudget

log = logging.getLogger(__name__)

CLICK = "click"
OPERATION = "operation"
SYNC = "sync"
SHARES = {CLICK: 1.0, OPERATION: 0.9, SYNC: 0.7}


def limit(lane: str) -> int:
    """How many calls of a minute may be used once `lane` asks."""
    return max(1, int(settings.ZADARMA_CALLS_A_MINUTE * SHARES[lane]))


def take(connection_id: int, lane: str, now: datetime | None = None) -> float:
    """Take one call. Returns 0.0 when it was granted, otherwise the seconds until one may be free."""
    now = now or timezone.now()
    minute = int(now.timestamp() // 60)
    current = (minute, minute + 1)  # another process, whose clock is a little ahead, may have begun the next one
    rows = CallBudget.objects.filter(connection_id=connection_id)
    open_rows = rows.filter(Q(closed_until=None) | Q(closed_until__lte=now))
    if open_rows.filter(minute__in=current, used__lt=limit(lane)).update(used=F("used") + 1):
        return 0.0
    if open_rows.exclude(minute__in=current).update(minute=minute, used=1):
        return 0.0
    row = rows.first()
    if row is None:
        CallBudget.objects.bulk_create([CallBudget(connection_id=connection_id)], ignore_conflicts=True)
        return take(connection_id, lane, now)
    if row.closed_until and row.closed_until > now:
        return (row.closed_until - now).total_seconds()
    if row.used < limit(lane):  # another process opened the minute between the two updates
        return take(connection_id, lane, now)
    return 60.0 - now.timestamp() % 60.0 + 0.05


def close(connection_id: int, until: datetime) -> None:
    """The API said 429: no process calls before `until` (at most two minutes ahead)."""
    until = min(until, timezone.now() + timedelta(minutes=2))
    rows = CallBudget.objects.filter(connection_id=connection_id)
    rows.filter(Q(closed_until=None) | Q(closed_until__lt=until)).update(closed_until=until)
    log.warning("connection %s: the API's allowance is spent until %s", connection_id, until.isoformat())


def wait_for(connection_id: int, lane: str, patience: float) -> float:
    """Take a call, sleeping up to `patience` seconds for it. Returns 0.0 when granted, else the seconds missing."""
    until = time.monotonic() + patience
    while missing := take(connection_id, lane):
        left = until - time.monotonic()
        if missing > left:
            return missing
        time.sleep(missing)
    return 0.0
