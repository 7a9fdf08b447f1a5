"""Raising and clearing notices: one look over everything, the same however often and by however many it is done.

The database chooses the rows that have no notice as they should; each of them is written by its key (kind, subject,
occurrence, threshold), so that two who look at once write one row. How many queries it takes does not depend on how
many rows there are, chunks of what is new aside.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db.models import CharField, DateTimeField, Exists, F, OuterRef, Value
from django.db.models.functions import Coalesce

from notices import kinds
from notices.models import Notice
from notices.sources import SOURCES, Source

log = logging.getLogger(__name__)

CHUNK = 1000
KEPT = timedelta(days=180)  # so long what is done stays in the panel
TURN, TURN_SECONDS = "notices.scan", 300
LONG_AGO = datetime.fromisoformat("1970-01-01T00:00:00+00:00")  # stands for "no moment" where SQL compares


class Found(NamedTuple):
    """A row that is to be noticed, and whose notice is not as it should be."""

    pk: int
    account: int
    owner: int
    step: int
    at: datetime | None
    text: str


def scan(now: datetime) -> bool:
    """Look over everything. False where another worker is at it: it sees the same."""
    if not cache.add(TURN, "1", TURN_SECONDS):
        return False
    try:
        look(now)
    finally:
        cache.delete(TURN)
    return True


def look(now: datetime) -> None:
    """Raise what is new, clear what is done, and forget what was done long ago."""
    for source in SOURCES:
        raise_new(source, now)
        clear_done(source, now)
    Notice.objects.filter(done_at__lt=now - KEPT).delete()


def raise_new(source: Source, now: datetime) -> None:
    """Write the notices that are not there yet, or not as they should be: done, or another customer's by now."""
    unnoticed = _unnoticed(source, now)
    for begin in range(0, len(unnoticed), CHUNK):
        rows = unnoticed[begin : begin + CHUNK]
        marks = _marks(source, rows)
        Notice.objects.bulk_create(
            [
                Notice(
                    kind=source.kind,
                    subject_type=source.subject_type,
                    subject_id=row.pk,
                    occurrence=marks[row.pk],
                    threshold=row.step,
                    connection_id=row.account,
                    customer_id=row.owner or None,
                    urgency=kinds.urgency_of(source.kind, row.step),
                    since=now,
                    moment=row.at,
                )
                for row in rows
            ],
            # Who is told of it is settled anew; who was told already is not told a second time.
            update_conflicts=True,
            unique_fields=["kind", "subject_type", "subject_id", "occurrence", "threshold"],
            update_fields=["customer", "moment", "planned_at", "done_at"],
        )


def clear_done(source: Source, now: datetime) -> None:
    """Mark those done whose reason is gone: mended, come nearer (another threshold), or prolonged (another moment)."""
    still = source.rows(now).filter(
        pk=OuterRef("subject_id"), step=OuterRef("threshold"), owner=Coalesce(OuterRef("customer_id"), 0)
    )
    still = still.annotate(was=Coalesce("at", Value(LONG_AGO, output_field=DateTimeField())))
    still = still.filter(was=Coalesce(OuterRef("moment"), Value(LONG_AGO, output_field=DateTimeField())))
    mine = Notice.objects.filter(kind=source.kind, done_at=None)
    mine.exclude(Exists(still)).update(done_at=now)


def _unnoticed(source: Source, now: datetime) -> list[Found]:
    """In the order of their keys: two who write at once wait for each other, and never in a circle."""
    never = Value(LONG_AGO, output_field=DateTimeField())
    same = Notice.objects.filter(
        kind=source.kind, subject_type=source.subject_type, subject_id=OuterRef("pk"), done_at=None
    )
    same = same.annotate(whose=Coalesce("customer_id", 0), then=Coalesce("moment", never))
    same = same.filter(threshold=OuterRef("step"), whose=OuterRef("owner"), then=Coalesce(OuterRef("at"), never))
    text = F(source.text) if source.text else Value("", output_field=CharField())
    rows = source.rows(now).annotate(text=text).exclude(Exists(same)).order_by("pk")
    return [Found(*row) for row in rows.values_list("pk", "account", "owner", "step", "at", "text")]


def _marks(source: Source, rows: Sequence[Found]) -> dict[int, str]:
    """What tells this occurrence of each row from those before.

    Of what ends or was sent: that date, as the account writes it (its zone moves with the season, its text does not).
    Of the rest: the open one goes on, else it is the next in number.
    """
    if not source.is_counted:
        return {row.pk: row.text or (row.at.isoformat() if row.at else "") for row in rows}
    known: dict[int, list[tuple[str, Any]]] = {row.pk: [] for row in rows}
    before = Notice.objects.filter(kind=source.kind, subject_type=source.subject_type, subject_id__in=known)
    for pk, occurrence, done_at in before.order_by().values_list("subject_id", "occurrence", "done_at"):
        known[pk].append((occurrence, done_at))
    return {pk: _next(told) for pk, told in known.items()}


def _next(told: Sequence[tuple[str, Any]]) -> str:
    is_open = [occurrence for occurrence, done_at in told if done_at is None]
    if is_open:
        return max(is_open, key=int)
    return str(1 + max((int(occurrence) for occurrence, _done in told), default=-1))
