"""Guards taken away on purpose: a storm with one of them missing must find fault. The test of the test."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from direct_numbers import limits
from sync import gateway, moves, operations, settling
from sync.kinds import Finding, Kind, Seen, Verdict
from sync.models import Operation

State = Operation.State


def claim_without_comparing() -> None:
    """Whoever has read the operation as planned sends it, though another may have done so since."""

    compared = operations.move

    def move(operation: Operation, states: Any, to: str, **fields: Any) -> bool:
        if to == State.SENT:
            states = list(State)
        return compared(operation, states, to, **fields)

    operations.move = move


def believe_absence_at_once() -> None:
    """What the first look does not see was not done."""

    def judge(operation: Operation, finding: Finding, now: datetime) -> Verdict:
        return Verdict.DONE if finding.seen is Seen.PRESENT else Verdict.NOT_DONE

    settling.judge = judge


def believe_the_balance() -> None:
    """Money that is gone was spent by this operation; money that is there was not."""

    def look(kind: Kind, operation: Operation, lane: str, *, counts: bool = True) -> Verdict:
        with gateway.client(operation.connection, lane) as api:
            balance, finding = api.balance(), kind.settle(api, operation)
        assert operation.balance_before is not None and operation.hold_amount is not None
        if operation.balance_before - balance.amount < operation.hold_amount:
            moves.end(kind, operation, Operation.IN_DOUBT, State.NOT_DONE)
            return Verdict.NOT_DONE
        moves.settle_done(operation, finding.answer or _answer(operation))
        return Verdict.DONE

    settling._look = look


def _answer(operation: Operation) -> dict[str, Any]:
    """What Zadarma would have answered, had it been done."""
    if operation.kind == "order":
        number = operation.params["number"] or f"999{operation.pk}"
        return {"number": number, "is_reserved": False, "is_activated": True}
    before = operation.evidence["before"]
    return {"stop": before["stop"], "stop_at": before["stop_at"], "amount": "", "currency": ""}


def nothing_needs_approval() -> None:
    """Every order is placed at once, whatever the customer's policy says."""
    limits.needs_approval = lambda *_told: False


def nothing_is_limited() -> None:
    """Nobody asks what a customer has spent when it orders."""
    limits.check = lambda *_told, **_more: None


GUARDS: dict[str, Callable[[], None]] = {
    "claim": claim_without_comparing,
    "absence": believe_absence_at_once,
    "balance": believe_the_balance,
}
#: Those that whoever orders lacks: the workers are as they should be.
GUARDS_OF_ORDERING: dict[str, Callable[[], None]] = {
    "approval": nothing_needs_approval,
    "limit": nothing_is_limited,
}
