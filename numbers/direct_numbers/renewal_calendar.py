"""On which day which numbers renew themselves or end, and what that costs: counted and added up by the database.

Fees are grouped, not added, in SQL: rows of one fee, currency and period are counted, and their sum is computed exactly
(SQLite adds in floating point), each number's own price rounded by itself as `prices` does it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, Count, QuerySet, Value, When
from django.db.models.functions import TruncDate

from direct_numbers import prices
from direct_numbers.calendar_months import Month, start_of
from direct_numbers.models import Number
from direct_numbers.paid_until import PERIODS
from people.models import Customer
from people.tenancy import Viewer

# What happens to a number at its date. Of a parked one nothing is renewed, whatever its switch says.
RENEWS, ENDS, UNKNOWN = "renews", "ends", "unknown"
WHAT_HAPPENS = Case(
    When(status=Number.Status.PARKING, then=Value(ENDS)),
    When(autorenew=True, then=Value(RENEWS)),
    When(autorenew=False, then=Value(ENDS)),
    default=Value(UNKNOWN),
    output_field=CharField(),
)


@dataclass
class Sort:
    """Numbers to which the same happens: how many, and what they cost together by currency.

    `amounts`: what renews itself, its whole period; what ends, a month. `unpriced`: how many of them have no known fee.
    """

    count: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)
    unpriced: int = 0

    def add(self, count: int, currency: str, each: Decimal | None) -> None:
        """Count numbers that cost `each`."""
        self.count += count
        if each is None:
            self.unpriced += count
        else:
            self.amounts[currency] = self.amounts.get(currency, Decimal(0)) + each * count

    @property
    def sums(self) -> list[tuple[Decimal, str]]:
        """The sums with their currencies, by currency."""
        return [(self.amounts[currency], currency) for currency in sorted(self.amounts)]


@dataclass
class Due:
    """What a day or a month brings."""

    renews: Sort = field(default_factory=Sort)
    ends: Sort = field(default_factory=Sort)
    unknown: Sort = field(default_factory=Sort)

    @property
    def count(self) -> int:
        """How many numbers in all."""
        return self.renews.count + self.ends.count + self.unknown.count

    def add(self, happens: str, count: int, currency: str, each: Decimal | None) -> None:
        """Count numbers to which `happens`."""
        {RENEWS: self.renews, ENDS: self.ends}.get(happens, self.unknown).add(count, currency, each)


def between(rows: QuerySet[Number], first: date, last: date, zone: tzinfo) -> QuerySet[Number]:
    """Those of `rows` whose date is from `first` to `last`, both included, as days of `zone`."""
    return rows.filter(stop_at__gte=start_of(first, zone), stop_at__lt=start_of(last + timedelta(days=1), zone))


def happening(rows: QuerySet[Number]) -> QuerySet[Number]:
    """`rows` with what happens to each: `happens`."""
    return rows.annotate(happens=WHAT_HAPPENS)


def months_paid(happens: str, autorenew_period: str) -> int:
    """For how many months is paid at a number's date."""
    return PERIODS.get(autorenew_period, 1) if happens == RENEWS else 1


def price(fee: Decimal | None, months: int, customer: Customer | None, viewer: Viewer) -> Decimal | None:
    """What so many months of a number cost as `viewer` is shown it: their own price, rounded by the month."""
    monthly = prices.shown(fee, customer, viewer)
    return None if monthly is None else monthly * months


def days_due(
    rows: QuerySet[Number], month: Month, zone: tzinfo, viewer: Viewer, customer: Customer | None
) -> dict[date, Due]:
    """What each day of a month brings, in one query; days that bring nothing are left out.

    `customer`: whose prices are shown where `viewer` is not staff; all of `rows` are then theirs.
    """
    found: Any = between(rows, month.first, month.last, zone)
    found = happening(found.select_related(None).order_by()).annotate(day=TruncDate("stop_at", tzinfo=zone))
    grouped = found.values_list("day", "happens", "autorenew_period", "currency", "monthly_fee")
    days: dict[date, Due] = {}
    for day, happens, period, currency, fee, count in grouped.annotate(found=Count("pk")):
        each = price(fee, months_paid(happens, period), customer, viewer)
        days.setdefault(day, Due()).add(happens, count, currency, each)
    return days


def together(days: Iterable[Due]) -> Due:
    """What several days bring together."""
    whole = Due()
    for day in days:
        for mine, its in ((whole.renews, day.renews), (whole.ends, day.ends), (whole.unknown, day.unknown)):
            mine.count += its.count
            mine.unpriced += its.unpriced
            mine.amounts = _added(mine, its)
    return whole


def _added(one: Sort, other: Sort) -> dict[str, Decimal]:
    currencies = {*one.amounts, *other.amounts}
    return {name: one.amounts.get(name, Decimal(0)) + other.amounts.get(name, Decimal(0)) for name in currencies}


def by_date(rows: QuerySet[Number]) -> QuerySet[Number]:
    """`rows` in the order of their dates."""
    return happening(rows).order_by("stop_at", "pk")


def next_day(rows: QuerySet[Number], first: date, zone: tzinfo) -> date | None:
    """The first day from `first` on that brings something to any of `rows`."""
    found = rows.select_related(None).filter(stop_at__gte=start_of(first, zone)).order_by("stop_at")
    moment = found.values_list("stop_at", flat=True).first()
    return moment.astimezone(zone).date() if moment else None
