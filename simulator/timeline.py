"""What the mere passing of time does: numbers get active, renew, park and get lost; reserved ones get paid."""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta
from decimal import Decimal

from .calendar_months import add_months
from .state import CHECKING, ON, PARKING, RESERVED, Account, Number
from .world import World

_SECOND = timedelta(seconds=1)


def settle(world: World, account: Account, now: datetime) -> None:
    """Let everything happen to the account that was due by now, in the order of its moments."""
    while account.agenda and account.agenda[0][0] <= now.timestamp():
        moment, name = heapq.heappop(account.agenda)
        number = account.numbers.get(name)
        due = number.due() if number else None
        if number is not None and due is not None and due.timestamp() == moment:
            _happen(world, account, number, due)


def settle_all(world: World) -> None:
    """Settle every account at the simulated now."""
    now = world.now()
    for account in world.accounts.values():
        settle(world, account, now)


def _happen(world: World, account: Account, number: Number, at: datetime) -> None:
    if number.status == PARKING:
        del account.numbers[number.number]
        world.record(account, "lost", origin="time", number=number, at=at)
    elif number.status == CHECKING and number.ready_at is not None and number.ready_at <= at:
        connect(number)
        world.record(account, "connected", origin="time", number=number, at=at)
    else:
        _renew_or_park(world, account, number, at)
    world.changed(account, number)


def _renew_or_park(world: World, account: Account, number: Number, at: datetime) -> None:
    if not renew(world, account, number, at):
        number.status = PARKING
        world.record(account, "parking", origin="time", number=number, at=at)


def renew(world: World, account: Account, number: Number, at: datetime) -> bool:
    """Let the number renew itself. False where it does not autorenew, or the balance is too small."""
    months = 12 if number.autorenew_period == "year" else 1
    fee = world.fee_of(number) * months
    if not number.autorenew or account.balance < fee:
        return False
    account.balance -= fee
    number.stop = add_months(number.stop, months, account.zone)
    world.record(account, "autorenew", origin="time", number=number, amount=fee, at=at, months=months)
    return True


def connect(number: Number) -> None:
    """The number gets active."""
    number.status, number.ready_at, number.is_connected = ON, None, True


def period_end(account: Account, start: datetime, months: int) -> datetime:
    """The last second of so many months from the start."""
    return add_months(start, months, account.zone) - _SECOND


def pay_reserved(world: World, account: Account, request: int | None = None) -> None:
    """Pay what is reserved, in the order it was ordered, as far as the balance goes."""
    now = world.now()
    for number in list(account.numbers.values()):
        if not number.is_reserved:
            continue
        direction = world.direction_of(number)
        total = world.connect_fee(direction) + world.fee_of(number) * number.months
        if account.balance < total:
            continue
        pay(account, number, total, now)
        number.status = number.status.removeprefix(RESERVED)
        if number.status == ON:
            connect(number)
        elif number.status == CHECKING and number.ready_at is not None:
            number.ready_at = max(number.ready_at, now)
        world.changed(account, number)
        world.record(account, "reserve_paid", origin="time", request=request, number=number, amount=total, at=now)


def pay(account: Account, number: Number, total: Decimal, now: datetime) -> None:
    """Take an order's price off the balance and let its period begin."""
    account.balance -= total
    number.start, number.stop = now, period_end(account, now, number.months)
