"""Of what notices are made: for each kind the rows that are to be noticed now, chosen by the database.

Each queryset is annotated with `account`, `owner` (0: nobody's), `step` (the threshold in days, 0 without one) and
`at` (the moment it is about, or none).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, DateTimeField, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from direct_numbers.models import Number, Order
from documents.models import DocumentGroup, Upload
from notices import money
from notices.kinds import BALANCE_THRESHOLDS, THRESHOLDS, Kind
from sync.accounts import BY_HAND
from sync.models import Connection, Operation

# A number still listed as active so long after its end: the mirror is older than that.
STALE = timedelta(days=2)

Rows = QuerySet[Any]


@dataclass(frozen=True)
class Source:
    """One kind. `rows(now)` as above; `text` is the field that names the occurrence (else `at` does).

    `is_counted`: nothing of the row tells one occurrence from the next, so they are numbered.
    """

    kind: str
    subject_type: str
    rows: Callable[[datetime], Rows]
    text: str = ""
    is_counted: bool = False


def _annotated(
    rows: Rows, *, owner: str = "", step: Any = None, at: Any = None, account: str = "connection_id"
) -> Rows:
    nothing = Value(None, output_field=DateTimeField())
    found: Rows = rows.order_by().annotate(
        account=F(account),
        owner=Coalesce(owner, 0) if owner else Value(0),
        step=step if step is not None else Value(0),
        at=at if at is not None else nothing,
    )
    return found


def _nearest(field: str, now: datetime, days: Iterable[int]) -> Case:
    """The least threshold within which the moment of `field` lies."""
    steps = [When(**{f"{field}__lte": now + timedelta(days=day)}, then=Value(day)) for day in sorted(days)]
    return Case(*steps, output_field=IntegerField())


def _ending(now: datetime) -> Rows:
    last = now + timedelta(days=max(THRESHOLDS))
    rows = Number.objects.filter(gone_at=None, status=Number.Status.ON, stop_at__gt=now - STALE, stop_at__lte=last)
    return rows.filter(connection__is_hidden=False)


def _numbers(rows: Rows, now: datetime) -> Rows:
    return _annotated(rows, owner="customer_id", step=_nearest("stop_at", now, THRESHOLDS), at=F("stop_at"))


def ends(now: datetime) -> Rows:
    """Numbers that end within 30 days and don't renew themselves."""
    return _numbers(_ending(now).filter(autorenew=False), now)


def short_accounts(now: datetime) -> dict[int, datetime]:
    """By account the first day that its balance does not cover, within 30 days."""
    accounts = Connection.objects.filter(is_hidden=False, balance__isnull=False)
    lean = list(accounts.only("pk", "balance", "balance_currency").order_by("pk"))
    return money.short_from(lean, now - STALE, now + timedelta(days=max(THRESHOLDS)))


def unpaid(now: datetime) -> Rows:
    """Numbers that renew themselves from the day on which the money no longer suffices. Free ones go on."""
    is_short = Q(pk__in=[])
    for account, day in short_accounts(now).items():
        is_short |= Q(connection=account, stop_at__gte=day, currency=F("connection__balance_currency"))
    return _numbers(_ending(now).filter(is_short, autorenew=True, monthly_fee__gt=0), now)


def parked(now: datetime) -> Rows:
    """Numbers that were switched off and will be lost."""
    rows = Number.objects.filter(gone_at=None, status=Number.Status.PARKING, connection__is_hidden=False)
    return _annotated(rows, owner="customer_id", at=F("stop_at"))


def documents(now: datetime) -> Rows:
    """Numbers that wait for documents, unless some were given that Zadarma has not judged yet."""
    statuses = [Number.Status.CHECKING_UPLOAD, Number.Status.RESERVED_CHECKING_UPLOAD]
    rows = Number.objects.filter(gone_at=None, status__in=statuses, connection__is_hidden=False)
    given = Upload.objects.filter(
        _unjudged(F("group__checked_at")),
        group__connection=OuterRef("connection"),
        group__remote_id=OuterRef("group_remote_id"),
        group__gone_at=None,
        error="",
    ).exclude(group__remote_id="")
    return _annotated(rows.exclude(Exists(given)), owner="customer_id")


def _unjudged(checked_at: Any) -> Q:
    """Files on their way to Zadarma, or there since it last said something."""
    return Q(arrived_at=None, deleted_at=None) | Q(arrived_at__gt=checked_at)


def rejected(now: datetime) -> Rows:
    """Document groups of which something was not accepted, and was not given anew since."""
    rows = DocumentGroup.objects.filter(gone_at=None, erased_at=None, connection__is_hidden=False)
    newer = Upload.objects.filter(
        _unjudged(OuterRef("checked_at")),
        group=OuterRef("pk"),
        document_type=OuterRef("wrong_document_type"),
        error="",
    )
    wrong = (~Q(wrong_document_type="") | ~Q(wrong_document="")) & ~Exists(newer)
    return _annotated(rows.filter(wrong | ~Q(wrong_address="") | ~Q(error="")), owner="customer_id")


def approvals(now: datetime) -> Rows:
    """Orders that wait for somebody of the staff."""
    rows = Order.objects.filter(state=Order.State.APPROVAL, connection__is_hidden=False)
    return _annotated(rows, owner="customer_id", at=F("submitted_at"))


def in_doubt(now: datetime) -> Rows:
    """Operations that only a person can settle."""
    return _annotated(Operation.objects.filter(state=Operation.State.NEEDS_PERSON, connection__is_hidden=False))


def balances(now: datetime) -> Rows:
    """Accounts whose balance is used up within 14 days."""
    last = now + timedelta(days=max(BALANCE_THRESHOLDS))
    short = {pk: day for pk, day in short_accounts(now).items() if day <= last}
    steps = {
        pk: next(step for step in BALANCE_THRESHOLDS if day <= now + timedelta(days=step)) for pk, day in short.items()
    }
    rows = Connection.objects.filter(pk__in=short)
    if not short:
        return _annotated(rows, account="pk")
    step = Case(*[When(pk=pk, then=Value(step)) for pk, step in steps.items()], output_field=IntegerField())
    at = Case(*[When(pk=pk, then=Value(day)) for pk, day in short.items()], output_field=DateTimeField())
    return _annotated(rows, account="pk", step=step, at=at)


def paused(now: datetime) -> Rows:
    """Accounts that stand still since their key pair was not accepted. Who paused one by hand knows it."""
    rows = Connection.objects.filter(state=Connection.State.PAUSED, is_hidden=False).exclude(paused_because=BY_HAND)
    return _annotated(rows, account="pk")


SOURCES = (
    Source(Kind.PAUSED, "connection", paused, is_counted=True),
    Source(Kind.PARKED, "number", parked, "stop_text"),
    Source(Kind.ENDS, "number", ends, "stop_text"),
    Source(Kind.UNPAID, "number", unpaid, "stop_text"),
    Source(Kind.BALANCE, "connection", balances, is_counted=True),
    Source(Kind.IN_DOUBT, "operation", in_doubt),
    Source(Kind.REJECTED, "group", rejected, is_counted=True),
    Source(Kind.APPROVAL, "order", approvals),
    Source(Kind.DOCUMENTS, "number", documents, is_counted=True),
)
