"""Compares, after a storm, what the panel believes with what took effect. Plain values in, violations out."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from tests.storm.ledger import Entry, Ledger

#: States of an operation whose outcome the panel leaves to a person, and those in which nothing was bought.
UNDECIDED = frozenset({"unknown", "needs_person"})
NOTHING = frozenset({"refused", "not_done", "cancelled", "never"})


@dataclass(frozen=True)
class Violation:
    """One thing that is not as it must be.

    `kind`: doubled, lost, invented, mistaken, undecided, open, money, resent, bypassed, overrun, died, hollow.
    """

    kind: str
    text: str


@dataclass(frozen=True)
class OrderOutcome:
    """What the panel says of one order. `state` is its last operation's; `never`: none was planned."""

    purpose: str
    state: str
    number: str = ""
    may_be_undecided: bool = False


@dataclass(frozen=True)
class Money:
    """An account's money: what the panel's done operations cost, what it still holds, and the stand-in's balances."""

    key: str
    done: Decimal
    undecided: Decimal
    held: Decimal
    opening: Decimal
    closing: Decimal


def of_orders(outcomes: list[OrderOutcome], ledger: Ledger) -> list[Violation]:
    """Each order that was placed stands in the ledger once, with its number; every other one not at all."""
    found = []
    for outcome in outcomes:
        found += _of_order(outcome, ledger.orders.get(outcome.purpose, []))
    known = {outcome.purpose for outcome in outcomes}
    found += [Violation("invented", f"nobody wanted {purpose!r}") for purpose in ledger.orders if purpose not in known]
    numbers = Counter(outcome.number for outcome in outcomes if outcome.number)
    found += [Violation("mistaken", f"{number} explains {n} orders") for number, n in numbers.items() if n > 1]
    return found


def _of_order(outcome: OrderOutcome, entries: list[Entry]) -> list[Violation]:
    purpose, state = outcome.purpose, outcome.state
    bought = [str(entry["number"]) for entry in entries]
    if len(bought) > 1:
        return [Violation("doubled", f"{purpose} ({state}) was ordered as {bought}")]
    if state == "done" and not bought:
        return [Violation("invented", f"{purpose} is done with {outcome.number}, which it never bought")]
    if state == "done" and bought != [outcome.number]:
        return [Violation("mistaken", f"{purpose} is done with {outcome.number}, bought was {bought}")]
    if state in NOTHING and bought:
        return [Violation("lost", f"{purpose} is {state}, bought was {bought}")]
    if state in UNDECIDED and not outcome.may_be_undecided:
        return [Violation("undecided", f"{purpose} is {state}, bought was {bought}")]
    if state not in UNDECIDED | NOTHING | {"done"}:
        return [Violation("open", f"{purpose} is still {state}")]
    return []


def of_money(accounts: list[Money], ledger: Ledger) -> list[Violation]:
    """What was paid is what the panel says it paid; nothing is held any more for what is settled."""
    found = []
    for one in accounts:
        paid = ledger.paid[one.key]
        if not one.done <= paid <= one.done + one.undecided:
            found.append(Violation("money", f"{one.key} paid {paid}; its operations say {one.done}"))
        if one.held != one.undecided:
            found.append(Violation("money", f"{one.key} holds {one.held} for {one.undecided} in doubt"))
        if one.opening - ledger.spent[one.key] != one.closing:
            found.append(
                Violation("money", f"{one.key}: {one.opening} less {ledger.spent[one.key]} is not {one.closing}")
            )
    return found


def of_calls(seen: Counter[str], told_to_come_again: Counter[str], sent: Counter[str]) -> list[Violation]:
    """No operation was sent twice: each order's and each number's calls are its attempts, and those answered with 429.

    All three by the order's purpose, or by the account and number that a prolongation was for. Fewer calls may be:
    a process that is killed leaves an operation as sent whose call never left.
    """
    return [
        Violation("resent", f"{name}: {calls} calls for {sent[name]} attempts, {told_to_come_again[name]} sent away")
        for name, calls in sorted(seen.items())
        if calls > sent[name] + told_to_come_again[name]
    ]


def of_dates(mirror: dict[tuple[str, str], str], account: dict[tuple[str, str], str]) -> list[Violation]:
    """The end date of each number, by account and number, is in the mirror as in the account."""
    names = sorted(set(mirror) | set(account))
    return [
        Violation("mistaken", f"{name} ends {account.get(name)}, the mirror says {mirror.get(name)}")
        for name in names
        if mirror.get(name) != account.get(name)
    ]
