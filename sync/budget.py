"""The calls a minute that all processes share for one connection.

One row a connection, changed by compare-and-set. Lanes keep a reserve: background sync may use 70% of a minute,
operations 90%, a person's click all of it.
"""

import logging
import time
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Calls:
    """The calls of an account in the running minute: `used` of `allowed`, and by lane. `closed`: the API said 429."""

    used: int
    by_lane: dict[str, int]
    allowed: int
    closed: bool = False

    @property
    def left(self) -> int:
        """How many may still be made, if by a person's click."""
        return self.left_by_lane[CLICK]

    @property
    def left_by_lane(self) -> dict[str, int]:
        """How many each lane may still make: each by itself, since all take from the same minute."""
        return {lane: 0 if self.closed else max(0, limit(lane) - self.used) for lane in SHARES}


def calls(row: CallBudget | None, now: datetime) -> Calls:
    """What is used of the minute at `now`, as an account's row tells it; None where it never made a call."""
    closed_until = row.closed_until if row else None
    is_closed = bool(closed_until and closed_until > now)
    if row is None or row.minute < int(now.timestamp() // 60):
        return Calls(0, dict.fromkeys(SHARES, 0), settings.ZADARMA_CALLS_A_MINUTE, is_closed)
    by_lane = {lane: getattr(row, f"used_{lane}") for lane in SHARES}
    return Calls(row.used, by_lane, settings.ZADARMA_CALLS_A_MINUTE, is_closed)


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
    lanes = {f"used_{name}": int(name == lane) for name in SHARES}
    one_more = {"used": F("used") + 1, f"used_{lane}": F(f"used_{lane}") + 1}
    if open_rows.filter(minute__in=current, used__lt=limit(lane)).update(**one_more):
        return 0.0
    if open_rows.exclude(minute__in=current).update(minute=minute, used=1, **lanes):
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
