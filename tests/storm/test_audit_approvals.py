"""The audit of approvals and limits finds what it is there to find."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.storm.audit_approvals import Decision, Spending, of_decisions, of_spending
from tests.storm.ledger import Ledger

BOUGHT = Ledger.of(
    [{"kind": "order", "origin": "api", "key": "k", "amount": 2, "purpose": "storm 1", "number": "4420"}]
)
NOTHING = Ledger.of([])
APPROVED = Decision("storm 1", needs_approval=True, submitted=1, approved=1, attempts=1)


@pytest.mark.parametrize(
    ("changed", "ledger", "found"),
    [
        ({}, BOUGHT, []),
        ({}, NOTHING, []),
        ({"submitted": 2, "approved": 2, "attempts": 2}, BOUGHT, []),
        ({"needs_approval": False, "approved": 0}, BOUGHT, []),
        ({"approved": 0}, BOUGHT, ["bypassed"]),
        ({"approved": 0, "attempts": 0}, BOUGHT, ["bypassed"]),
        ({"approved": 0}, NOTHING, ["bypassed"]),
        ({"attempts": 2}, BOUGHT, ["bypassed"]),
        ({"approved": 2}, BOUGHT, ["doubled"]),
        ({"approved": 2, "attempts": 2}, BOUGHT, ["doubled"]),
        ({"approved": 0, "attempts": 0, "ended": "rejected"}, NOTHING, []),
        ({"ended": "cancelled"}, BOUGHT, ["bypassed"]),
        ({"needs_approval": False, "ended": "rejected"}, BOUGHT, ["bypassed"]),
        ({"is_own": True}, BOUGHT, ["bypassed"]),
        ({"approved": 0, "attempts": 0, "is_waiting": True}, NOTHING, ["open"]),
    ],
)
def test_decisions(changed: dict[str, object], ledger: Ledger, found: list[str]) -> None:
    decision = replace(APPROVED, **changed)  # type: ignore[arg-type]
    assert [violation.kind for violation in of_decisions([decision], ledger)] == found


@pytest.mark.parametrize(
    ("counted", "most", "limit", "in_doubt", "ledger", "found"),
    [
        ("2.20", "2.20", "2.20", "0", BOUGHT, []),
        ("2.20", "2.20", None, "0", BOUGHT, []),
        ("2.20", "2.20", "2.19", "0", BOUGHT, ["overrun"]),
        ("2.20", "4.40", "2.20", "0", BOUGHT, ["overrun"]),
        ("2.00", "2.00", "9", "0", BOUGHT, ["money"]),
        ("0", "2.20", "9", "0", BOUGHT, ["money"]),
        ("2.20", "2.20", "9", "0", NOTHING, ["money"]),
        ("2.20", "2.20", "9", "2.20", NOTHING, []),
        ("0", "2.20", "9", "0", NOTHING, []),
    ],
)
def test_spending(counted: str, most: str, limit: str | None, in_doubt: str, ledger: Ledger, found: list[str]) -> None:
    spending = Spending(
        "one",
        Decimal(counted),
        Decimal(most),
        None if limit is None else Decimal(limit),
        {"storm 1": Decimal("2.20")},
        Decimal(in_doubt),
    )
    assert [violation.kind for violation in of_spending([spending], ledger)] == found
