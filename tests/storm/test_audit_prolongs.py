"""The audit of prolongations finds what it is there to find."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.storm.audit import Violation
from tests.storm.audit_prolongs import Attempt, ProlongOutcome, of_prolongs, renewals_amid
from tests.storm.ledger import Ledger

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
#: So many seconds lie between an attempt and the next; it is settled after so many.
APART, SETTLED = 100, 20


def at(seconds: float) -> datetime:
    """A moment by the seconds since the start."""
    return START + timedelta(seconds=seconds)


def attempts(*told: tuple[str, int], why: str = "") -> tuple[Attempt, ...]:
    """Attempts one after the other, by state and months; none that a person is asked about is settled."""
    return tuple(
        Attempt(state, months, at(place * APART), None if state == "needs_person" else at(place * APART + SETTLED), why)
        for place, (state, months) in enumerate(told)
    )


def entry(kind: str, seconds: float, **more: Any) -> dict[str, Any]:
    """An entry of the ledger."""
    common = {"kind": kind, "origin": "api", "key": "k", "amount": 2, "number": "4420", "months": 1}
    return common | {"at": at(seconds).isoformat()} | more


def found(outcome: tuple[Attempt, ...], *entries: dict[str, Any], intents: int = 1) -> list[str]:
    """The kinds of what is wrong."""
    violations: list[Violation] = of_prolongs([ProlongOutcome("k", "4420", intents, outcome)], Ledger.of(entries))
    return [violation.kind for violation in violations]


def paid(*seconds: float, months: int = 1) -> list[dict[str, Any]]:
    """Payments at these moments."""
    return [entry("prolong", moment, months=months) for moment in seconds]


@pytest.mark.parametrize(
    ("told", "months_paid", "wrong"),
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
def test_prolongations(told: tuple[tuple[str, int], ...], months_paid: list[int], wrong: list[str]) -> None:
    outcome = attempts(*told)
    last = (len(told) - 1) * APART + 1
    assert found(outcome, *[entry("prolong", last, months=months) for months in months_paid]) == wrong


def test_one_doubled_and_one_invented_do_not_make_each_other_good() -> None:
    both = attempts(("done", 1), ("done", 1))
    assert found(both, *paid(1, APART + 1), intents=2) == []
    assert found(both, *paid(1, 3), intents=2) == ["invented", "doubled"]


def test_what_took_effect_after_it_was_judged_is_lost() -> None:
    both = attempts(("not_done", 1), ("done", 1))
    assert found(both, *paid(SETTLED + 10), intents=2) == ["invented", "lost"]
    assert found(both, *paid(SETTLED + 10, APART + 1), intents=2) == ["lost"]


def test_months_that_changed_places_are_mistaken() -> None:
    both = attempts(("done", 1), ("done", 3))
    entries = [*paid(1, months=3), *paid(APART + 1, months=1)]
    assert found(both, *entries, intents=2) == ["mistaken", "mistaken"]


def test_what_may_have_been_autorenewal_as_well_may_be_undecided() -> None:
    asked = attempts(("needs_person", 1), why="autorenewal")
    renewed = entry("autorenew", 5, origin="time")
    assert found(asked, renewed) == []
    assert renewals_amid(asked, [renewed]) == 1
    assert found(asked, *paid(1), entry("autoprolongation", 3, value="on")) == []


def test_nothing_else_may_be_undecided() -> None:
    asked = attempts(("needs_person", 1), why="autorenewal")
    assert found(asked) == ["undecided"]
    assert found(asked, *paid(1)) == ["undecided"]
    assert found(asked, entry("autoprolongation", 3, value="on")) == ["undecided"]
    assert found(asked, *paid(1), entry("autoprolongation", 3, value="off")) == ["undecided"]
    assert found(asked, *paid(1), entry("autorenew", 5)) == ["undecided"], "two months tell that both happened"
    assert found(asked, entry("autorenew", -50)) == ["undecided"], "it renewed itself before"
    assert found(asked, entry("autorenew", 5, months=12)) == ["undecided"], "a year is no month"
    assert found(attempts(("needs_person", 1), why="moved"), entry("autorenew", 5)) == ["undecided"]
