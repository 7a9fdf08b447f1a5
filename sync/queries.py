"""Scoped getters for pages about connections, runs and the journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value, When
from django.utils import timezone

from people.models import User
from people.tenancy import Viewer, scope, scoped_or_404
from sync import budget, telling
from sync.budget import Calls
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
    now, found = timezone.now(), list(rows)
    for row in found:
        row.number_count, row.group_count = numbers.get(row.pk, 0), groups.get(row.pk, 0)  # type: ignore[attr-defined]
        row.calls = budget.calls(getattr(row, "budget", None), now)  # type: ignore[attr-defined]
    return found


@dataclass(frozen=True)
class InFrame:
    """What stands on every page of staff: whether there is a demo, and the calls of the account nearest its limit."""

    is_demo: bool
    calls: Calls


def in_frame(viewer: Viewer, now: datetime) -> InFrame:
    """Both in one query, since every page asks it."""
    is_current = Q(is_hidden=False, budget__minute__gte=int(now.timestamp() // 60))
    is_closed = Q(is_hidden=False, budget__closed_until__gt=now)
    busy = Case(When(is_closed, then=Value(10**9)), When(is_current, then=F("budget__used")), default=Value(0))
    demo = Exists(scope(Connection.objects.filter(is_demo=True), viewer))
    rows = scope(Connection.objects.annotate(has_demo=demo), viewer).select_related("budget")
    row = rows.defer("api_key", "api_secret", "retired_pairs").order_by("is_hidden", busy.desc(), "pk").first()
    if row is None:
        return InFrame(is_demo=False, calls=budget.calls(None, now))
    return InFrame(row.has_demo, budget.calls(getattr(row, "budget", None), now))  # type: ignore[attr-defined]


def held(viewer: Viewer) -> dict[tuple[int, str], Decimal]:
    """What `sync.holds.held` tells of one account and currency, of all that `viewer` may see, by both."""
    shows_not_yet = Q(state=Operation.State.DONE, settled_at__gte=F("connection__balance_at"))
    rows = scope(Operation.objects.filter(Q(state__in=Operation.OPEN) | shows_not_yet), viewer).order_by()
    rows = rows.filter(hold_amount__isnull=False)
    sums = rows.values_list("connection_id", "hold_currency").annotate(total=Sum("hold_amount"))
    return {(account, currency): Decimal(total) for account, currency, total in sums}


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
