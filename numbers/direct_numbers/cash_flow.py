"""How an account's balance will fall as its numbers renew themselves: by day, and which number is the first to fall.

Pure calculation over plain rows (`cash_flow_queries` reads them). Each account pays its own numbers out of its own
balance, in the balance's currency; nothing of two currencies is ever added. Days are those of the account's clock.

What is assumed, where Zadarma does not tell: on a day that can't be paid whole, the cheaper numbers renew first; a
number whose date has passed renews today; one whose autorenewal is not told renews; an unknown period is a month.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from dateutil.relativedelta import relativedelta

from direct_numbers.paid_until import PERIODS

DAYS = 90
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Due:
    """So many (`count`) numbers of an account that are paid until the same `day` for the same `fee` a month.

    `period` as Zadarma told it ("" where it did not). `day` and `fee` are None where they were not told. Parked ones
    pay nothing by themselves: their day has passed.
    """

    account: int
    currency: str
    day: date | None
    fee: Decimal | None
    renews: bool | None
    period: str
    count: int = 1
    is_parked: bool = False

    @property
    def months(self) -> int:
        """By how many months it renews itself."""
        return PERIODS.get(self.period, 1)

    @property
    def is_estimate(self) -> bool:
        """Whether it is not told if it renews itself, or for how long."""
        return self.renews is None or (self.renews and self.period not in PERIODS)

    @property
    def cost(self) -> Decimal:
        """What one of them pays when it renews itself."""
        return (self.fee or NOTHING) * self.months


@dataclass(frozen=True)
class Reserved:
    """So many (`count`) numbers that Zadarma connects as soon as the balance pays `cost` for each."""

    account: int
    currency: str
    cost: Decimal | None
    count: int = 1


@dataclass(frozen=True)
class Day:
    """What happens on a day, and what is left at its end. `needed` is what would be left had all been paid.

    `renewed` numbers pay `paid` together, with those reserved that are connected; `fallen` ones can't be paid and are
    parked; `ended` ones don't renew themselves.
    """

    day: date
    paid: Decimal
    renewed: int
    fallen: int
    ended: int
    balance: Decimal
    needed: Decimal


@dataclass(frozen=True)
class Fall:
    """The first day on which a renewal is not covered. `short` is what that day lacks.

    The first number to fall is one of `due`, where `skipped` others of it were paid before it.
    """

    day: date
    short: Decimal
    due: Due
    skipped: int
    count: int


@dataclass(frozen=True)
class Forecast:
    """An account's next days, today first. `start` is the balance without what open operations hold."""

    start: Decimal
    days: Sequence[Day]
    fall: Fall | None
    is_estimate: bool = False
    unpaid_reserved: int = 0
    short_for_reserved: Decimal = NOTHING

    @property
    def end(self) -> Decimal:
        """What is left after the last day."""
        return self.days[-1].balance

    @property
    def paid(self) -> Decimal:
        """What is paid on all days together."""
        return sum((day.paid for day in self.days), NOTHING)

    @property
    def missing(self) -> Decimal:
        """How much more it takes for all of these days."""
        return max(NOTHING, -self.days[-1].needed)

    @property
    def runway(self) -> int | None:
        """How many days the money lasts; None: longer than looked ahead."""
        return None if self.fall is None else (self.fall.day - self.days[0].day).days


# Rows that are due on a day, each with how many of its numbers are still there.
_Going = tuple[Due, int]


@dataclass
class _Tally:
    """What became of the renewals of a day; `first` is the row of the first that fell, and how many of it were paid."""

    paid: Decimal = NOTHING
    wanted: Decimal = NOTHING
    renewed: int = 0
    fallen: int = 0
    first: _Going | None = None
    next: list[tuple[date, _Going]] = field(default_factory=list)


@lru_cache(maxsize=4096)
def later(day: date, months: int) -> date:
    """So many calendar months later; the month's last day where it has no such day."""
    return day + relativedelta(months=months)


def forecast(
    start: Decimal, dues: Iterable[Due], today: date, *, reserved: Iterable[Reserved] = (), days: int = DAYS
) -> Forecast:
    """The next days of one account: rows of its own, all in the currency of its balance.

    `start`: the balance without what open operations hold. Rows without a day or a fee take no part.
    """
    last = today + timedelta(days=days)
    rows = _merged(due for due in dues if due.day and due.fee is not None and not due.is_parked)
    renewing, ended = _by_day([due for due in rows if due.renews is not False], today, last), Counter[date]()
    for due in rows:
        if due.renews is False and due.day is not None and today <= due.day <= last:
            ended[due.day] += due.count
    balance, connected, waiting, lacking = _connect(start, reserved)
    needed = balance - lacking
    lines: list[Day] = []
    fall: Fall | None = None
    is_estimate = any(due.is_estimate and due.day and due.day <= last for due in rows)
    demand = _demand(rows, today, last)
    day = today
    while day <= last:
        tally = _pay(balance, renewing.pop(day, []), day, today)
        for moment, going in tally.next:
            if moment <= last:
                renewing[moment].append(going)
        needed -= demand.get(day, NOTHING)
        if tally.first and fall is None:
            fall = Fall(day, tally.wanted - balance, *tally.first, tally.fallen)
        balance -= tally.paid
        paid, renewed = tally.paid, tally.renewed
        if day == today:
            paid, renewed = paid + connected[0], renewed + connected[1]
        lines.append(Day(day, paid, renewed, tally.fallen, ended[day], balance, needed))
        day += timedelta(days=1)
    return Forecast(start, lines, fall, is_estimate, waiting, lacking)


def _merged(rows: Iterable[Due]) -> list[Due]:
    """Rows that differ in nothing but their count, as one."""
    counts: Counter[Due] = Counter()
    for due in rows:
        counts[replace(due, count=1)] += due.count
    return [replace(due, count=count) for due, count in counts.items() if count > 0]


def _by_day(rows: Sequence[Due], today: date, last: date) -> defaultdict[date, list[_Going]]:
    found: defaultdict[date, list[_Going]] = defaultdict(list)
    for due in rows:
        if due.day is not None and due.day <= last:
            found[max(due.day, today)].append((due, due.count))
    return found


def _connect(balance: Decimal, reserved: Iterable[Reserved]) -> tuple[Decimal, tuple[Decimal, int], int, Decimal]:
    """What is left once the reserved numbers that the balance pays are connected: Zadarma does so at once.

    With what that cost and for how many, and how many others wait for how much.
    """
    paid, connected, waiting, lacking = NOTHING, 0, 0, NOTHING
    for row in sorted(reserved, key=lambda one: (one.cost is None, one.cost or NOTHING)):
        if row.cost is None:
            waiting += row.count
            continue
        count = _covered(balance - paid, row.cost, row.count)
        paid += row.cost * count
        connected += count
        waiting += row.count - count
        lacking += row.cost * (row.count - count)
    return balance - paid, (paid, connected), waiting, lacking


def _covered(balance: Decimal, cost: Decimal, count: int) -> int:
    """How many of `count` a balance pays."""
    if cost <= 0:
        return count
    return min(count, max(0, int(balance // cost)))


def _order(going: _Going) -> tuple[Decimal, date, str, str]:
    due, _count = going
    return due.cost, due.day or date.max, due.period, "" if due.renews is None else str(due.renews)


def _pay(balance: Decimal, goings: Iterable[_Going], day: date, today: date) -> _Tally:
    """Renew what the balance pays, the cheaper ones first."""
    tally, left = _Tally(), balance
    for due, going in sorted(goings, key=_order):
        tally.wanted += due.cost * going
        count = _covered(left, due.cost, going)
        left -= due.cost * count
        tally.renewed += count
        if count < going:
            tally.fallen += going - count
            tally.first = tally.first or (due, count)
        if count:
            tally.next.append((_next(day, due, today), (due, count)))
    tally.paid = balance - left
    return tally


def _next(day: date, due: Due, today: date) -> date:
    """When numbers that were renewed on `day` are due again: counted from their own date, where that has passed."""
    until = due.day if day == today and due.day is not None else day
    until = later(until, due.months)
    while until <= today:
        until = later(until, due.months)
    return until


def _demand(rows: Iterable[Due], today: date, last: date) -> dict[date, Decimal]:
    """What each day takes for all that renew themselves, whether the balance pays it or not."""
    found: defaultdict[date, Decimal] = defaultdict(Decimal)
    for due in rows:
        if due.renews is not False:
            for day in _days_of(due, today, last):
                found[day] += due.cost * due.count
    return found


def _days_of(due: Due, today: date, last: date) -> Iterator[date]:
    if due.day is None:
        return
    day = max(due.day, today)
    while day <= last:
        yield day
        day = _next(day, due, today)


# What if some of them are paid further now


@dataclass(frozen=True)
class Prolonged:
    """Rows as they would be, and what that costs now, by account and currency.

    `count` of them can be paid further; of `untold` others no fee or date is told.
    """

    dues: list[Due]
    costs: dict[tuple[int, str], Decimal]
    count: int
    untold: int


def prolonged(dues: Iterable[Due], chosen: Iterable[Due], months: int) -> Prolonged:
    """What if `chosen` (of `dues`, or parked ones besides) were paid for so many months now."""
    left = Counter({replace(due, count=1): due.count for due in _merged(dues)})
    costs: defaultdict[tuple[int, str], Decimal] = defaultdict(Decimal)
    count = untold = 0
    moved: Counter[Due] = Counter()
    for due in chosen:
        if due.day is None or due.fee is None or not due.currency:
            untold += due.count
            continue
        one = replace(due, count=1)
        left[one] -= min(due.count, left[one])
        moved[replace(one, day=later(due.day, months), is_parked=False)] += due.count
        costs[due.account, due.currency] += due.fee * months * due.count
        count += due.count
    left.update(moved)
    return Prolonged([replace(due, count=n) for due, n in left.items() if n > 0], dict(costs), count, untold)


def ending_soon(dues: Iterable[Due], today: date, within: int = 30) -> list[Due]:
    """Those that don't renew themselves and end within so many days."""
    last = today + timedelta(days=within)
    return [due for due in dues if due.renews is False and due.day and today <= due.day <= last and not due.is_parked]


# Several accounts beside each other


def together(forecasts: Iterable[Forecast]) -> list[tuple[date, Decimal, Decimal]]:
    """Balances of accounts of one currency on each day, and what would be left had all been paid.

    Only to look at: none of them pays for another. Days are told as the first account counts them.
    """
    beside = zip(*(one.days for one in forecasts), strict=True)
    return [
        (lines[0].day, sum((line.balance for line in lines), NOTHING), sum((line.needed for line in lines), NOTHING))
        for lines in beside
    ]
