"""All accounts with the clock, the catalogue, the prices, the stock and the ledger that they share."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from .catalog import Catalog, Direction
from .state import Account, Group, Number
from .stock import Stock

#: What a month costs, as a part of the monthly fee, when a number renews by the year. The vendor says that the
#: period affects the fee and not how; this figure is the simulator's own.
YEARLY_PART = Decimal("0.8")

#: What one more incoming channel costs, once. Documented nowhere; the simulator's own figure.
CHANNEL_FEE = Decimal("2")

SHAPES = ("production", "description")


def as_json_number(amount: Decimal) -> int | float:
    """An amount as a JSON number with the digits that it has: 3 rather than 3.0."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


@dataclass(slots=True)
class Changes:
    """What changed since the state file was last written to, by name."""

    numbers: dict[tuple[str, str], None] = field(default_factory=dict)
    groups: set[tuple[str, int]] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    shelves: set[int] = field(default_factory=set)
    is_head_changed: bool = False
    first_new_entry: int = 0

    def __bool__(self) -> bool:
        return bool(self.numbers or self.groups or self.accounts or self.shelves or self.is_head_changed)


class World:
    """The simulator's memory. Whoever reads or changes it holds ``lock``: so each call takes effect as a whole."""

    def __init__(self, seed: int, shape: str = "production") -> None:
        self.lock = threading.RLock()
        self.seed = seed
        self.shape = shape
        self.catalog = Catalog()
        self.stock = Stock(self.catalog, seed)
        self.accounts: dict[str, Account] = {}
        self.prices: dict[int, tuple[Decimal, Decimal]] = {}
        self.requirements: dict[int, str] = {}
        self.offset = timedelta()
        self.next_group_id = 1001
        self.ledger: list[dict[str, Any]] = []
        self.changes = Changes()

    def become(self, other: World) -> None:
        """Take over everything of another world but the lock."""
        lock = self.lock
        self.__dict__.update(other.__dict__)
        self.lock = lock

    # time

    def now(self) -> datetime:
        """The simulated moment, to the second, in UTC."""
        return (datetime.now(UTC) + self.offset).replace(microsecond=0)

    def move(self, delta: timedelta) -> None:
        """Move the simulated clock forward. It never goes back."""
        if delta < timedelta():
            raise ValueError("time only moves forward")
        self.offset += delta
        self.changes.is_head_changed = True

    # prices

    def connect_fee(self, direction: Direction) -> Decimal:
        """The one-time fee as it is now."""
        return self.prices[direction.id][0] if direction.id in self.prices else direction.connect_fee

    def monthly_fee(self, direction: Direction, autorenew_period: str = "month") -> Decimal:
        """The fee for a month as it is now, to the cent; less when the number renews by the year."""
        fee = self.prices[direction.id][1] if direction.id in self.prices else direction.monthly_fee
        if autorenew_period == "year":
            fee = (fee * YEARLY_PART).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return fee

    def fee_of(self, number: Number) -> Decimal:
        """What a month of this number costs now: existing numbers follow the direction's price."""
        return self.monthly_fee(self.direction_of(number), number.autorenew_period)

    def set_price(self, direction: Direction, connect_fee: Decimal | None, monthly_fee: Decimal | None) -> None:
        """Change a direction's fees from now on; None leaves one as it is."""
        self.prices[direction.id] = (
            self.connect_fee(direction) if connect_fee is None else connect_fee,
            self.monthly_fee(direction) if monthly_fee is None else monthly_fee,
        )
        self.changes.is_head_changed = True

    def set_requirements(self, direction: Direction, profile: str) -> None:
        """Let a direction ask for something else from now on; numbers that are connected stay as they are."""
        self.catalog.require(direction.id, profile)
        self.requirements[direction.id] = profile
        self.changes.is_head_changed = True

    def direction_of(self, number: Number) -> Direction:
        return self.catalog.directions[number.direction_id]

    # changes

    def changed(self, account: Account, *touched: Number | Group) -> None:
        """Note that the account and these of its parts changed, and when time will change them next."""
        self.changes.accounts.add(account.key)
        for part in touched:
            if isinstance(part, Number):
                self.changes.numbers[account.key, part.number] = None
                if part.number in account.numbers:
                    account.schedule(part)
            else:
                self.changes.groups.add((account.key, part.id))

    def take(self, direction: Direction, index: int | None = None) -> str:
        """A number off the stock: that with this index, or the one that the operator assigns."""
        self.changes.shelves.add(direction.id)
        return self.stock.take(direction, index)

    def new_group_id(self) -> int:
        """An id that no document group of any account has had."""
        self.next_group_id += 1
        self.changes.is_head_changed = True
        return self.next_group_id - 1

    def record(
        self,
        account: Account,
        kind: str,
        *,
        origin: str,
        request: int | None = None,
        number: Number | None = None,
        direction_id: int | None = None,
        amount: Decimal = Decimal(0),
        at: datetime | None = None,
        **details: Any,
    ) -> None:
        """Write into the ledger that something took effect. ``amount`` is how much money moved, never negative."""
        self.changes.accounts.add(account.key)
        self.ledger.append(
            {
                "n": len(self.ledger) + 1,
                "at": (at or self.now()).isoformat(),
                "key": account.key,
                "kind": kind,
                "number": number.number if number else None,
                "direction_id": number.direction_id if number else direction_id,
                "amount": as_json_number(amount),
                "currency": account.currency,
                "balance_after": as_json_number(account.balance),
                "origin": origin,
                "request": request,
                **details,
            }
        )
