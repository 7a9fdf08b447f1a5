"""The audit of a storm finds what it is there to find."""

from decimal import Decimal
from typing import Any

import pytest

from tests.storm import audit, plan
from tests.storm.audit import Money, OrderOutcome, ProlongOutcome
from tests.storm.ledger import Ledger

ORDER = {"kind": "order", "origin": "api", "key": "k", "amount": 2, "purpose": "storm 1", "number": "4420"}
PROLONG = {"kind": "prolong", "origin": "api", "key": "k", "amount": 2, "number": "4420", "months": 1}


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


@pytest.mark.parametrize(
    ("attempts", "paid", "found"),
    [
        ((("done", 1),), [1], []),
        ((("not_done", 1), ("done", 1)), [1], []),
        ((("not_done", 1), ("done", 1)), [1, 1], ["doubled"]),
        ((("not_done", 1),), [1], ["lost"]),
        ((("done", 1),), [], ["invented"]),
        ((("done", 1),), [3], ["mistaken"]),
        ((("needs_person", 1),), [1], ["undecided"]),
    ],
)
def test_prolongations(attempts: tuple[tuple[str, int], ...], paid: list[int], found: list[str]) -> None:
    ledger = Ledger.of(PROLONG | {"months": months} for months in paid)
    assert kinds(audit.of_prolongs([ProlongOutcome("k", "4420", 1, attempts)], ledger)) == found


def test_money_and_calls() -> None:
    def found(done: int, held: int, closing: int) -> list[str]:
        money = Money("k", Decimal(done), Decimal(0), Decimal(held), Decimal(10), Decimal(closing))
        return kinds(audit.of_money([money], Ledger.of([ORDER])))

    assert found(2, 0, 8) == []
    assert found(0, 0, 8) == found(4, 0, 8) == found(2, 2, 8) == found(2, 0, 10) == ["money"]
    assert audit.of_calls(10, 9, 1) == []
    assert kinds(audit.of_calls(11, 9, 1)) == ["resent"]


def test_the_same_seed_makes_the_same_storm() -> None:
    size = plan.Size(orders=40, prolongs=20, seed=3)
    assert plan.intents(size) == plan.intents(size)
    assert plan.intents(size) != plan.intents(plan.Size(orders=40, prolongs=20, seed=4))
    assert len(plan.intents(size)) == 60
