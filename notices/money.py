"""Whether the balance of an account covers what autorenewal takes from it up to a day.

A forecast from stop dates and monthly fees as they are mirrored; what is under way (`sync.holds`) is already taken off.
Fees in another currency than the balance's are left aside: amounts of different currencies are never added.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

from direct_numbers.models import Number, Order
from sync import holds
from sync.models import Connection

HORIZON = timedelta(days=30)
MONTHS: Mapping[str, int] = {Order.AutorenewPeriod.YEAR: 12}


def lacks_money(connection: Connection, until: datetime) -> bool:
    """Whether the balance, as far as it is known, does not cover what falls due in `connection` up to `until`."""
    short = short_from([connection], until - HORIZON, until).get(connection.pk)
    return short is not None and short <= until


def renewing() -> QuerySet[Number]:
    """The numbers that renew themselves at the account's expense."""
    return Number.objects.filter(gone_at=None, status=Number.Status.ON, autorenew=True, stop_at__isnull=False)


def short_from(connections: Collection[Connection], since: datetime, until: datetime) -> dict[int, datetime]:
    """By account: the beginning of the first day (UTC) between `since` and `until` whose renewals are not covered.

    Accounts whose money suffices, or whose balance is not known, are left out. The sums are exact: equal fees of a day
    are counted by the database and multiplied here.
    """
    known = {row.pk: row for row in connections if row.balance is not None}
    rows = renewing().filter(connection__in=known, stop_at__gt=since, stop_at__lte=until, monthly_fee__gt=0)
    due = rows.annotate(day=TruncDate("stop_at", tzinfo=UTC)).order_by("day")
    groups = due.values_list("connection", "day", "currency", "monthly_fee", "autorenew_period")
    held = holds.held_by_account(known)
    left = {pk: (row.balance or Decimal(0)) - held.get(pk, Decimal(0)) for pk, row in known.items()}
    found: dict[int, datetime] = {}
    for pk, day, currency, fee, period, count in groups.annotate(count=Count("pk")):
        if currency != known[pk].balance_currency:
            continue
        left[pk] -= fee * MONTHS.get(period, 1) * count
        if left[pk] < 0 and pk not in found:
            found[pk] = datetime.combine(day, time.min, tzinfo=UTC)
    return found
