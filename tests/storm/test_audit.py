"""The audit of a storm finds what it is there to find."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tests.storm import audit, plan
from tests.storm.audit import Money, OrderOutcome
from tests.storm.ledger import Ledger

ORDER = {"kind": "order", "origin": "api", "key": "k", "amount": 2, "purpose": "storm 1", "number": "4420"}


def kinds(violations: list[audit.Violation]) -> list[str]:
    """What was found."""
    return [violation.kind for violation in violations]


@pytest.mark.parametrize(
    ("state", "number", "bought", "found"),
    [
        ("done", "4420", [{}], []),
        ("refused", "", [], []),
        ("never", "", [], []),
        ("done", "4420", [{}, {"number": "4421"}], ["doubled"]),
        ("needs_person", "", [{}, {}], ["doubled"]),
        ("done", "4420", [], ["invented"]),
        ("done", "4421", [{}], ["mistaken"]),
        ("not_done", "", [{}], ["lost"]),
        ("unknown", "", [{}], ["undecided"]),
        ("planned", "", [], ["open"]),
    ],
)
def test_orders(state: str, number: str, bought: list[dict[str, Any]], found: list[str]) -> None:
    ledger = Ledger.of(ORDER | entry for entry in bought)
    assert kinds(audit.of_orders([OrderOutcome("storm 1", state, number)], ledger)) == found


def test_an_order_that_nobody_wanted_and_a_number_that_two_got() -> None:
    assert kinds(audit.of_orders([], Ledger.of([ORDER]))) == ["invented"]
    both = [OrderOutcome("storm 1", "done", "4420"), OrderOutcome("storm 2", "done", "4420")]
    assert kinds(audit.of_orders(both, Ledger.of([ORDER, ORDER | {"purpose": "storm 2"}]))) == ["mistaken"]


def test_money() -> None:
    def found(done: int, held: int, closing: int) -> list[str]:
        money = Money("k", Decimal(done), Decimal(0), Decimal(held), Decimal(10), Decimal(closing))
        return kinds(audit.of_money([money], Ledger.of([ORDER])))

    assert found(2, 0, 8) == []
    assert found(0, 0, 8) == found(4, 0, 8) == found(2, 2, 8) == found(2, 0, 10) == ["money"]


@pytest.mark.parametrize(
    ("seen", "sent_away", "sent", "found"),
    [
        ({"storm 1": 2}, {"storm 1": 1}, {"storm 1": 1}, []),
        ({"storm 1": 1}, {}, {"storm 1": 2}, []),
        ({"storm 1": 2}, {}, {"storm 1": 1}, ["resent"]),
        # another's call that was never sent, or was sent away, makes none good
        ({"storm 1": 2}, {}, {"storm 1": 1, "storm 2": 1}, ["resent"]),
        ({"storm 1": 2, "storm 2": 1}, {"storm 2": 1}, {"storm 1": 1}, ["resent"]),
        ({"4420 of k": 2, "4421 of k": 0}, {}, {"4420 of k": 1, "4421 of k": 1}, ["resent"]),
    ],
)
def test_calls(seen: dict[str, int], sent_away: dict[str, int], sent: dict[str, int], found: list[str]) -> None:
    assert kinds(audit.of_calls(Counter(seen), Counter(sent_away), Counter(sent))) == found


def test_the_same_seed_makes_the_same_storm() -> None:
    size = plan.Size(orders=40, prolongs=20, seed=3)
    assert plan.intents(size) == plan.intents(size)
    assert plan.intents(size) != plan.intents(plan.Size(orders=40, prolongs=20, seed=4))
    assert len(plan.intents(size)) == 60
    assert plan.more(size, 0, 3, 2) == plan.more(size, 0, 3, 2) != plan.more(size, 1, 3, 2)
    assert len(plan.more(size, 0, 3, 2)) == 5
