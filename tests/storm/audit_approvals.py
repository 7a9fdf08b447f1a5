"""Compares what people decided about orders, and what customers may spend, with what took effect."""

from dataclasses import dataclass
from decimal import Decimal

from tests.storm.audit import Violation
from tests.storm.ledger import Ledger


@dataclass(frozen=True)
class Decision:
    """What became of one customer's order.

    `needs_approval` by the customer's policy. `submitted` and `approved` count how often it was handed in and how often
    somebody approved that, `attempts` the operations that it led to. `ended`: rejected or cancelled, and this for good;
    "" where it was not. `is_own`: who approved it had handed it in.
    """

    purpose: str
    needs_approval: bool
    submitted: int = 0
    approved: int = 0
    attempts: int = 0
    ended: str = ""
    is_own: bool = False
    is_waiting: bool = False


@dataclass(frozen=True)
class Spending:
    """A customer's month in one currency. `most` is the highest sum that was ever seen to count, `limit` None is none.

    `purposes` are its orders that are done, with what each costs it; `in_doubt` what those cost that a person is asked
    about.
    """

    customer: str
    counted: Decimal
    most: Decimal
    limit: Decimal | None
    purposes: dict[str, Decimal]
    in_doubt: Decimal = Decimal(0)


def of_decisions(decisions: list[Decision], ledger: Ledger) -> list[Violation]:
    """No order goes past its approval, each approval leads to one attempt, and what was ended is never bought."""
    return [found for one in decisions for found in _of_decision(one, bool(ledger.orders.get(one.purpose)))]


def _of_decision(one: Decision, is_bought: bool) -> list[Violation]:
    found = []
    if one.needs_approval and (one.attempts > one.approved or (is_bought and not one.approved)):
        found.append(Violation("bypassed", f"{one.purpose}: {one.attempts} attempts for {one.approved} approvals"))
    if one.approved > one.submitted:
        found.append(Violation("doubled", f"{one.purpose}: {one.approved} approvals, handed in {one.submitted} times"))
    if one.ended and is_bought:
        found.append(Violation("bypassed", f"{one.purpose} was {one.ended}, and bought"))
    if one.is_own:
        found.append(Violation("bypassed", f"{one.purpose} was approved by who handed it in"))
    if one.is_waiting:
        found.append(Violation("open", f"{one.purpose} still waits for approval"))
    return found


def of_spending(spending: list[Spending], ledger: Ledger) -> list[Violation]:
    """The limit was never exceeded, and what counts is what was bought: by the customer's orders in the ledger."""
    found = []
    for one in spending:
        if one.limit is not None and max(one.counted, one.most) > one.limit:
            text = f"{one.customer} may spend {one.limit}; {one.counted} counts, {one.most} did once"
            found.append(Violation("overrun", text))
        prices = [price for purpose, price in one.purposes.items() if ledger.orders.get(purpose)]
        bought = sum(prices, Decimal(0))
        if not bought <= one.counted <= bought + one.in_doubt:
            found.append(Violation("money", f"{one.customer} bought for {bought}; {one.counted} counts"))
    return found
