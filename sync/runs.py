"""Sync runs: one at a time per connection, under a lease, each leaving a row that says what it saw."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from sync import budget, gateway
from sync.models import Connection, SyncRequest, SyncRun
from zadarma import BadCredentials, Client, ZadarmaError

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
CHUNK = 1000
Work = Callable[[SyncRun, Client], None]
Progress = Callable[[SyncRun], None]


def begin(connection: Connection, kind: str) -> SyncRun | None:
    """Open a run, or return None while another run of this connection holds its lease."""
    now = timezone.now()
    running = SyncRun.objects.filter(connection=connection, state=SyncRun.State.RUNNING)
    running.filter(lease_until__lt=now).update(
        state=SyncRun.State.FAILED, finished_at=now, error="interrupted: its process ended"
    )
    try:
        with transaction.atomic():
            run = SyncRun.objects.create(connection=connection, kind=kind, started_at=now, lease_until=now + LEASE)
            asked, _rows = SyncRequest.objects.filter(connection=connection, kind=kind).delete()
            run.is_asked_for = bool(asked)
            return run
    except IntegrityError:
        return None


class TakenOver(Exception):
    """The run's lease expired and another run took its place: it must not write any more."""


def _update(run: SyncRun, **values: object) -> bool:
    """Write `values` while the run is still ours (compare-and-set)."""
    rows = SyncRun.objects.filter(pk=run.pk, state=SyncRun.State.RUNNING).update(**values)
    for field, value in values.items():
        setattr(run, field, value)
    return bool(rows)


def step(run: SyncRun, name: str, done: int, total: int, progress: Progress | None = None) -> None:
    """Say how far `run` is, and hold its lease for another while. Raises `TakenOver`."""
    lease = timezone.now() + LEASE
    if not _update(run, step=name[:80], steps_done=done, steps_total=total, lease_until=lease):
        raise TakenOver(str(run))
    if progress:
        progress(run)


def _close(run: SyncRun, state: str, error: str = "") -> bool:
    counts = {name: getattr(run, name) for name in ("seen", "created", "updated", "gone", "rejected", "left")}
    return _update(run, state=state, error=error[:300], finished_at=timezone.now(), **counts)


def perform(connection: Connection, kind: str, work: Work) -> SyncRun | None:
    """Do `work` as a run of `kind`. A failed run keeps its error and has marked nothing missing.

    Returns the finished run, or None when another run of this connection is under way (or took its place).
    Raises whatever is not an error of the API, after closing the run.
    """
    run = begin(connection, kind)
    if run is None:
        return None
    try:
        gateway.know_zone(connection)
        with gateway.client(connection, budget.SYNC) as api:
            gateway.remember_balance(connection, api)
            work(run, api)
    except ZadarmaError as error:
        if isinstance(error, BadCredentials):
            gateway.pause(connection, str(error))
        log.warning("sync %s of connection %s failed: %s", kind, connection.pk, error)
        _close(run, SyncRun.State.FAILED, str(error))
    except TakenOver:
        log.warning("sync %s of connection %s stopped: another run took its place", kind, connection.pk)
        return None
    except BaseException as error:
        _close(run, SyncRun.State.FAILED, f"internal error: {type(error).__name__}")
        raise
    else:
        if _close(run, SyncRun.State.DONE):
            Connection.objects.filter(pk=connection.pk).update(**{_AS_OF[kind]: run.started_at})
    return run


_AS_OF = {
    SyncRun.Kind.NUMBERS.value: "numbers_as_of",
    SyncRun.Kind.DOCUMENTS.value: "documents_as_of",
    SyncRun.Kind.CATALOG.value: "catalog_as_of",
}
