"""How long the money of each account lasts, and what if some numbers were paid further now."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from direct_numbers import cash_flow, cash_flow_queries
from direct_numbers.cash_flow import DAYS, NOTHING, Due, Forecast, Prolonged, Reserved
from direct_numbers.models import Number
from people.tenancy import Viewer
from sync import queries as sync_queries
from sync.models import Connection
from zadarma.fields import read_zone

Row = TypeVar("Row", Due, Reserved)


@dataclass(frozen=True)
class WhatIf:
    """Numbers that might be paid for so many `months` now: those of `ids`, or (None) those that end soon."""

    months: int
    ids: Sequence[int] | None = None


@dataclass
class Runway:
    """What is known of an account's money. `forecast` is None where Zadarma has told no balance.

    `takes` is what its renewals of 90 days take in all. Left out of it: numbers whose date or fee is not told
    (`untold`), and those in another currency than the balance's (`foreign`). `number` is the first to fall, where it
    was looked up. With a `WhatIf`: `plan`, and what that costs now (`plan_costs`, by currency).
    """

    connection: Connection
    today: date
    held: Decimal = NOTHING
    forecast: Forecast | None = None
    takes: Decimal = NOTHING
    untold: int = 0
    foreign: int = 0
    number: Number | None = None
    plan: Forecast | None = None
    plan_costs: dict[str, Decimal] | None = None

    @property
    def days(self) -> int | None:
        """For how many days the money lasts; None for more than looked ahead, and where no balance is told."""
        return self.forecast.runway if self.forecast else None

    @property
    def currency(self) -> str:
        """Of the balance."""
        return self.connection.balance_currency

    @property
    def plan_cost(self) -> Decimal:
        """What the `WhatIf` takes off this balance."""
        return (self.plan_costs or {}).get(self.currency, NOTHING)

    @property
    def plan_short(self) -> Decimal:
        """By how much the balance is too small for the `WhatIf` itself."""
        return max(NOTHING, -self.plan.start) if self.plan else NOTHING

    @property
    def urgency(self) -> tuple[bool, int, bool, str, int]:
        """For sorting: the shortest first, then those of whose balance nothing is known."""
        known = self.days is not None
        return not known, self.days or 0, self.forecast is not None, self.connection.name, self.connection.pk


@dataclass
class Runways:
    """All accounts, the most urgent first; `prolonged` tells of the `WhatIf`, where there was one."""

    accounts: list[Runway]
    prolonged: Prolonged | None = None


def day_of(connection: Connection, now: datetime) -> date:
    """Which day it is on the account's clock; in UTC where its zone is not known."""
    try:
        return now.astimezone(read_zone(connection.zone)).date()
    except ValueError:
        return now.astimezone(UTC).date()


def runways(viewer: Viewer, connections: Iterable[Connection], now: datetime, what_if: WhatIf | None = None) -> Runways:
    """The runway of each of `connections` (that `viewer` may see): three queries, four with chosen ids."""
    dues = cash_flow_queries.dues(viewer, now)
    waiting = _by_account(cash_flow_queries.reserved(viewer))
    held = sync_queries.held(viewer)
    found = [Runway(connection, day_of(connection, now)) for connection in connections]
    todays = {one.connection.pk: one.today for one in found}
    changed = _changed(viewer, dues, todays, now, what_if)
    before, after = _by_account(dues), _by_account(changed.dues if changed else [])
    for one in found:
        pk = one.connection.pk
        one.held = held.get((pk, one.currency), NOTHING)
        _forecast(one, before[pk], waiting[pk])
        if changed and one.forecast:
            one.plan_costs = {currency: cost for (account, currency), cost in changed.costs.items() if account == pk}
            start = one.forecast.start - one.plan_cost
            rows = _own(after[pk], one.currency)
            one.plan = cash_flow.forecast(start, rows, one.today, reserved=_own(waiting[pk], one.currency))
    return Runways(sorted(found, key=lambda one: one.urgency), changed)


def name_the_first(viewer: Viewer, accounts: Iterable[Runway]) -> None:
    """Look up which number is the first to fall, for the accounts that are shown: one query."""
    shown = {one.connection.pk: one for one in accounts if one.forecast and one.forecast.fall}
    falls = {pk: one.forecast.fall for pk, one in shown.items() if one.forecast and one.forecast.fall}
    for pk, number in cash_flow_queries.first_to_fall(viewer, falls).items():
        shown[pk].number = number


def _by_account(rows: Iterable[Row]) -> defaultdict[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.account].append(row)
    return found


def _own(rows: Iterable[Row], currency: str) -> list[Row]:
    """Those that the balance pays."""
    return [row for row in rows if row.currency == currency]


def _forecast(one: Runway, dues: Sequence[Due], waiting: Sequence[Reserved]) -> None:
    """Fill in what the account's rows tell."""
    last = one.today + timedelta(days=DAYS)
    going = [due for due in dues if due.renews is not False and not due.is_parked and (not due.day or due.day <= last)]
    one.untold = sum(due.count for due in going if due.day is None or due.fee is None)
    balance = one.connection.balance
    if balance is None:
        return
    told = [due for due in going if due.day is not None and due.fee is not None]
    one.foreign = sum(due.count for due in told if due.currency != one.currency)
    own = _own(waiting, one.currency)
    one.forecast = cash_flow.forecast(balance - one.held, _own(dues, one.currency), one.today, reserved=own)
    one.takes = one.forecast.start - one.forecast.days[-1].needed


def _changed(
    viewer: Viewer, dues: Sequence[Due], todays: dict[int, date], now: datetime, what_if: WhatIf | None
) -> Prolonged | None:
    if what_if is None:
        return None
    if what_if.ids is None:
        chosen = [
            row for due in dues if due.account in todays for row in cash_flow.ending_soon([due], todays[due.account])
        ]
    else:
        chosen = cash_flow_queries.dues(viewer, now, what_if.ids)
    return cash_flow.prolonged(dues, chosen, what_if.months)
