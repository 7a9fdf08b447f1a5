"""Scoped getters for pages about connections, runs and the journal."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from people.models import User
from people.tenancy import Viewer, scope, scoped_or_404
from sync import telling
from sync.models import Connection, ConnectionImport, Operation, SyncRequest, SyncRun

MANY = 50  # from so many accounts on, a select is no help any more
# States that are filtered together, by the name of their group.
GROUPS_OF_STATES: dict[str, tuple[str, ...]] = {"open": Operation.OPEN, "attention": Operation.IN_DOUBT}


def connections(viewer: Viewer) -> QuerySet[Connection]:
    """The Zadarma accounts `viewer` may see (staff only), hidden ones left out."""
    return scope(Connection.objects.filter(is_hidden=False), viewer)


def connection(viewer: Viewer, pk: int) -> Connection:
    """One account, or 404."""
    return scoped_or_404(Connection.objects.filter(is_hidden=False), viewer, pk=pk)


def connection_choices(viewer: Viewer, chosen: str) -> list[tuple[str, str]]:
    """For a filter: the accounts where they are few, or only the one chosen (a primary key as text)."""
    rows = connections(viewer).order_by("name", "pk")
    few = list(rows.values_list("pk", "name")[: MANY + 1])
    if len(few) > MANY:
        is_key = chosen.isascii() and chosen.isdigit() and len(chosen) < 19
        few = list(rows.filter(pk=int(chosen)).values_list("pk", "name")) if is_key else []
    return [(str(pk), name) for pk, name in few]


def accounts(viewer: Viewer) -> Sequence[Connection]:
    """The accounts with how many numbers and document groups each has, and this minute's calls. Without key pairs."""
    rows = connections(viewer).defer("api_key", "api_secret", "retired_pairs").select_related("budget")
    # One after the other: joined to each other they would be as many rows as numbers times groups.
    bare = connections(viewer).order_by()
    numbers = dict(bare.values_list("pk").annotate(count=Count("numbers", filter=Q(numbers__gone_at=None))))
    groups = dict(bare.values_list("pk").annotate(count=Count("document_groups")))
    minute, found = int(timezone.now().timestamp() // 60), list(rows)
    for row in found:
        row.number_count, row.group_count = numbers.get(row.pk, 0), groups.get(row.pk, 0)  # type: ignore[attr-defined]
        used = getattr(row, "budget", None)
        row.calls_used = used.used if used and used.minute == minute else 0  # type: ignore[attr-defined]
        row.calls_allowed = settings.ZADARMA_CALLS_A_MINUTE  # type: ignore[attr-defined]
    return found


def account_import(viewer: Viewer, pk: int) -> ConnectionImport:
    """One import of accounts, or 404."""
    return scoped_or_404(ConnectionImport.objects.all(), viewer, pk=pk)


def runs(viewer: Viewer) -> QuerySet[SyncRun]:
    """Sync runs, newest first."""
    return scope(SyncRun.objects.select_related("connection"), viewer)


def asked(viewer: Viewer) -> QuerySet[SyncRequest]:
    """Readings that were asked for and have not begun."""
    return scope(SyncRequest.objects.select_related("connection"), viewer).order_by("asked_at", "pk")


def operations(viewer: Viewer) -> QuerySet[Operation]:
    """The journal, newest first (staff only)."""
    rows = scope(Operation.objects.select_related("connection", "actor"), viewer)
    return rows.defer("connection__api_key", "connection__api_secret")


def operation(viewer: Viewer, pk: int) -> Operation:
    """One operation, or 404."""
    rows = Operation.objects.select_related("connection", "actor", "decided_by", "previous", "data_key")
    return scoped_or_404(rows.defer("connection__api_key", "connection__api_secret"), viewer, pk=pk)


def actors(viewer: Viewer) -> QuerySet[User]:
    """Everybody who ever wanted something changed."""
    wanted = Exists(operations(viewer).filter(actor=OuterRef("pk")))
    return scope(User.objects.filter(wanted), viewer).order_by("name", "email")


def needing_a_person(viewer: Viewer) -> QuerySet[Operation]:
    """Operations that only a person can settle."""
    return operations(viewer).filter(state=Operation.State.NEEDS_PERSON)


def narrowed(rows: QuerySet[Operation], wanted: dict[str, Any]) -> QuerySet[Operation]:
    """The operations that a person asked for; `wanted` is what the filter's form holds, empty values left aside."""
    if connection := wanted.get("connection"):
        rows = rows.filter(connection=connection)
    if kind := wanted.get("kind"):
        rows = rows.filter(kind=kind)
    if state := wanted.get("state"):
        rows = rows.filter(state__in=GROUPS_OF_STATES.get(state, [state]))
    if who := wanted.get("who"):
        rows = rows.filter(actor=None) if who == "schedule" else rows.filter(actor_id=who)
    if digits := wanted.get("q"):
        rows = rows.filter(telling.with_digits(digits))
    if since := wanted.get("since"):
        rows = rows.filter(created_at__gte=_midnight(since))
    if until := wanted.get("until"):
        rows = rows.filter(created_at__lt=_midnight(until + timedelta(days=1)))
    if batch := wanted.get("batch"):
        rows = rows.filter(batch=batch)
    return rows


def _midnight(day: date) -> datetime:
    """The beginning of a day where the reader is."""
    return timezone.make_aware(datetime.combine(day, time.min))
