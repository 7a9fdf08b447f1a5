"""What a forecast needs of the mirror, added up by the database: a row for each account, day, fee and autorenewal."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, TextField, Value, When, Window
from django.db.models.functions import Cast, Coalesce, NullIf, RowNumber, Substr

from direct_numbers import queries
from direct_numbers.cash_flow import DAYS, Due, Fall, Reserved
from direct_numbers.models import Number, Offer, Order
from people.tenancy import Viewer, scope

RESERVED = "reserved_"
# A day of an account's clock is at most so far from the same day of ours.
ZONES = timedelta(days=2)
# The day until which a number is paid, as the account writes it; the day in UTC where only the moment is known.
_DAY = Substr(
    Coalesce(NullIf("stop_text", Value("")), Cast("stop_at", TextField()), output_field=CharField()),
    1,
    10,
    output_field=CharField(),
)


def _numbers(viewer: Viewer) -> QuerySet[Number]:
    return queries.numbers(viewer).select_related(None).order_by()


def dues(viewer: Viewer, now: datetime, among: Collection[int] | None = None) -> list[Due]:
    """Numbers that are paid until a day of the next three months, or whose day is not told: one query, added up.

    `among`: only these numbers, until whenever they are paid. Reserved ones are not paid yet: `reserved`.
    """
    rows = _numbers(viewer).exclude(status__startswith=RESERVED)
    if among is None:
        rows = rows.filter(Q(stop_at__lt=now + timedelta(days=DAYS) + ZONES) | Q(stop_at=None))
    else:
        rows = rows.filter(pk__in=among)
    rows = rows.annotate(
        until=Case(When(stop_at=None, then=Value("")), default=_DAY, output_field=CharField()),
        is_parked=Case(When(status=Number.Status.PARKING, then=Value(1)), default=Value(0)),
    )
    fields = ("connection_id", "currency", "until", "monthly_fee", "autorenew", "autorenew_period", "is_parked")
    return [
        Due(account, currency, _read(until), fee, renews, period, count, is_parked=bool(is_parked))
        for account, currency, until, fee, renews, period, is_parked, count in rows.values_list(*fields).annotate(
            count=Count("pk")
        )
    ]


def _read(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def reserved(viewer: Viewer) -> list[Reserved]:
    """Numbers that wait for their first payment: what was confirmed with the order, else connecting and one month."""
    ordered = scope(Order.objects.filter(number=OuterRef("pk"), currency=OuterRef("currency")), viewer)
    offered = scope(Offer.objects.filter(direction=OuterRef("direction"), currency=OuterRef("currency")), viewer)
    offered = offered.filter(connection=OuterRef("connection"), gone_at=None)
    rows = (
        _numbers(viewer)
        .filter(status__in=[status for status in Number.Status.values if status.startswith(RESERVED)])  # by its index
        .annotate(
            total=Subquery(ordered.order_by("pk").values("total")[:1]),
            connect_fee=Subquery(offered.order_by("pk").values("connect_fee")[:1]),
        )
        .values_list("connection_id", "currency", "monthly_fee", "total", "connect_fee")
        .annotate(count=Count("pk"))
    )
    found = []
    for account, currency, fee, total, connect_fee, count in rows:
        estimate = None if fee is None else fee + (connect_fee or Decimal(0))
        found.append(Reserved(account, currency, estimate if total is None else total, count))
    return found


def first_to_fall(viewer: Viewer, falls: Mapping[int, Fall]) -> dict[int, Number]:
    """The number that falls first, by account, for the falls of some accounts: one query."""
    if not falls:
        return {}
    chosen, places = Q(), []
    for account, fall in falls.items():
        due = fall.due
        assert due.day is not None
        noon = datetime.fromisoformat(f"{due.day}T12:00:00+00:00")
        chosen |= Q(
            connection_id=account,
            currency=due.currency,
            until=due.day.isoformat(),
            monthly_fee=due.fee,
            autorenew=due.renews,
            autorenew_period=due.period,
            stop_at__range=(noon - ZONES, noon + ZONES),
        )
        places.append(When(connection_id=account, then=Value(fall.skipped + 1)))
    rows = queries.numbers(viewer).exclude(status__startswith=RESERVED).exclude(status=Number.Status.PARKING)
    rows = rows.annotate(until=_DAY, wanted=Case(*places, default=Value(0))).filter(chosen)
    rows = rows.annotate(place=Window(RowNumber(), partition_by="connection_id", order_by=("stop_at", "pk")))
    return {row.connection_id: row for row in rows.filter(place=F("wanted"))}


def ending_soon(viewer: Viewer, now: datetime) -> QuerySet[Number]:
    """Numbers that end within 30 days because they don't renew themselves, the next one first."""
    rows = queries.numbers(viewer).filter(autorenew=False, stop_at__gte=now, stop_at__lt=now + queries.ENDS_SOON)
    return rows.exclude(status__startswith=RESERVED).exclude(status=Number.Status.PARKING).order_by("stop_at", "pk")
