"""The moves of an operation from state to state: each one a compare-and-set, each with what it writes beside it."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from people.models import User
from sync import noting
from sync.kinds import Kind, kind_of
from sync.models import Operation
from sync.pace import LOOK_AFTER

State = Operation.State


def move(operation: Operation, states: Any, to: str, **fields: Any) -> bool:
    """Compare-and-set on the state. True when this call made the move; `operation` then shows it."""
    with transaction.atomic():
        moved = Operation.objects.filter(pk=operation.pk, state__in=list(states)).update(state=to, **fields)
    if moved:
        operation.state = to
        for name, value in fields.items():
            setattr(operation, name, value)
    return bool(moved)


def end(kind: Kind, operation: Operation, states: Any, to: str, *, actor: User | None = None, **fields: Any) -> bool:
    """Let it end without effect, and its kind write the local rows. False when it was not in `states`.

    `actor`: the person who ends it, if any; one who decided it stands in `fields` as `decided_by`.
    """
    before = operation.state
    with transaction.atomic():
        if not move(operation, states, to, settled_at=timezone.now(), look_at=None, **fields):
            return False
        kind.ended(operation)
        noting.ended(operation, before, actor or fields.get("decided_by"))
    return True


def settle_done(operation: Operation, answer: dict[str, Any], **fields: Any) -> bool:
    """Record that it took effect and write the local rows. False when it was settled already.

    Raises `kinds.Conflict`, and then changes nothing, where the effect explains another operation already.
    """
    kind = kind_of(operation)
    told_of: dict[str, Any] = {"answer": answer, "error": "", "settled_at": timezone.now(), "look_at": None}
    if operation.error:  # why it was in doubt belongs to the evidence
        fields["evidence"] = {**fields.get("evidence", operation.evidence), "error": operation.error}
    if kind.paid and (told := kind.answered(answer)):
        told_of |= {"paid_amount": told[0], "paid_currency": told[1]}
    told_of |= fields
    before = operation.state
    try:
        with transaction.atomic():
            if not move(operation, Operation.OUT, State.DONE, **told_of):
                return False
            kind.apply(operation)
            noting.ended(operation, before, fields.get("decided_by"))
    except Exception:
        operation.refresh_from_db()
        raise
    return True


def doubt(operation: Operation, error: str) -> None:
    """The outcome is unclear: look for evidence soon. It is never sent again by itself."""
    look_at = timezone.now() + LOOK_AFTER[min(operation.looks, len(LOOK_AFTER) - 1)]
    with transaction.atomic():
        if move(operation, [State.SENT], State.UNKNOWN, error=error[:300], look_at=look_at):
            kind_of(operation).doubted(operation)


def postpone(operation: Operation, wait: timedelta, because: str) -> None:
    """A planned one is not tried again before `wait` has passed; `because` is one of `Operation.Waits`."""
    rows = Operation.objects.filter(pk=operation.pk, state=State.PLANNED)
    rows.update(not_before=timezone.now() + wait, waits_for=because)
