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

    `kind`: doubled, lost, invented, mistaken, undecided, open, money, resent, died.
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
class ProlongOutcome:
    """What the panel says of all prolongations of one number: each attempt's state and months."""

    key: str
    number: str
    intents: int
    attempts: tuple[tuple[str, int], ...]


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


def of_prolongs(outcomes: list[ProlongOutcome], ledger: Ledger) -> list[Violation]:
    """The prolongations that are done, and no others, stand in the ledger, with their months."""
    found = []
    for outcome in outcomes:
        found += _of_prolongs(outcome, ledger.prolongs.get((outcome.key, outcome.number), []))
    known = {(outcome.key, outcome.number) for outcome in outcomes}
    found += [Violation("invented", f"nobody prolonged {name}") for name in ledger.prolongs if name not in known]
    return found


def _of_prolongs(outcome: ProlongOutcome, entries: list[Entry]) -> list[Violation]:
    name = f"{outcome.number} of {outcome.key}: {list(outcome.attempts)}"
    paid = Counter(int(entry["months"]) for entry in entries)
    done = Counter(months for state, months in outcome.attempts if state == "done")
    found = []
    if any(state in UNDECIDED for state, _ in outcome.attempts):
        found.append(Violation("undecided", name))
    if any(state not in UNDECIDED | NOTHING | {"done"} for state, _ in outcome.attempts):
        found.append(Violation("open", name))
    if paid.total() > outcome.intents:
        found.append(Violation("doubled", f"{name}, paid {dict(paid)} for {outcome.intents} wishes"))
    elif not found and paid.total() > done.total():
        found.append(Violation("lost", f"{name}, paid {dict(paid)}"))
    elif not found and paid.total() < done.total():
        found.append(Violation("invented", f"{name}, paid {dict(paid)}"))
    elif not found and paid != done:
        found.append(Violation("mistaken", f"{name}, paid {dict(paid)}"))
    return found


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


def of_calls(posts: int, sent: int, put_back: int) -> list[Violation]:
    """No operation was sent twice: the calls seen are no more than those sent, but for the ones told to come again."""
    if posts <= sent + put_back:
        return []
    return [Violation("resent", f"{posts} calls for {sent} operations, {put_back} of them put back")]


def of_dates(mirror: dict[tuple[str, str], str], account: dict[tuple[str, str], str]) -> list[Violation]:
    """The end date of each number, by account and number, is in the mirror as in the account."""
    names = sorted(set(mirror) | set(account))
    return [
        Violation("mistaken", f"{name} ends {account.get(name)}, the mirror says {mirror.get(name)}")
        for name in names
        if mirror.get(name) != account.get(name)
    ]
