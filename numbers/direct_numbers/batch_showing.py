"""What became of the numbers of one form: counted, and told number by number."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from direct_numbers import bulk, queries
from direct_numbers.models import Number
from direct_numbers.showing import operation_note, why_late
from people.tenancy import Viewer
from sync.models import Operation
from sync.operations import REPLACED
from sync.showing import Told

State = Operation.State
MOVING = (State.PLANNED, State.SENT)


@dataclass(frozen=True)
class Counts:
    """The operations of a form together. `waiting`: none of them moves by itself within seconds."""

    count: int
    settled: int
    done: int
    failed: int
    doubtful: int
    waiting: bool

    @property
    def moving(self) -> bool:
        """Whether something will change without a person."""
        return self.settled < self.count

    @property
    def under_way(self) -> int:
        """How many are neither settled nor in doubt."""
        return self.count - self.done - self.failed - self.doubtful


def counted(operations: Iterable[Operation]) -> dict[str, Any]:
    """What `Counts` holds."""
    rows = list(operations)
    return {
        "count": len(rows),
        "settled": sum(row.state not in (*MOVING, State.UNKNOWN) for row in rows),
        "done": sum(row.state == State.DONE for row in rows),
        "failed": sum(row.state in Operation.WITHOUT_EFFECT for row in rows),
        "doubtful": sum(row.state in Operation.IN_DOUBT for row in rows),
        "waiting": not any(row.state in MOVING and not row.waits_for for row in rows),
    }


def seen_by(viewer: Viewer, operations: Iterable[Operation]) -> tuple[list[Operation], dict[int, Number]]:
    """Those of a form's operations that `viewer` may be told of, and their numbers by primary key.

    Of a number that changed hands its new customer is told nothing from before.
    """
    rows = list(operations)
    numbers = {row.pk: row for row in queries.numbers_among(viewer, [row.object_id for row in rows])}
    since = {} if viewer.is_staff else queries.theirs_since(numbers.values())
    told = [
        row
        for row in rows
        if row.object_id in numbers and (not (known := since.get(row.object_id)) or row.created_at >= known)
    ]
    return told, numbers


@dataclass(frozen=True)
class Outcome:
    """What became of one number; `later` is another attempt made since."""

    operation: Operation
    number: Number
    told: Told
    later: Operation | None = None

    @property
    def may_be_tried_again(self) -> bool:
        """Whether it was not done, nobody decided otherwise since, and nobody has tried again."""
        return bulk.may_be_tried_again(self.operation) and self.later is None and self.number.gone_at is None


def of_batch(viewer: Viewer, batch: UUID) -> list[Outcome]:
    """What became of the numbers of one form by which values were set, as far as `viewer` may be told."""
    operations, numbers = seen_by(viewer, bulk.of_batch(batch))
    later = queries.later_attempts(operations)
    return [outcome(row, numbers[row.object_id], viewer, later.get(row.pk)) for row in operations]


def outcome(operation: Operation, number: Number, viewer: Viewer, later: Operation | None) -> Outcome:
    """The outcome of a value that was to be set."""
    return Outcome(operation, number, _told(operation, viewer), later)


def _told(operation: Operation, viewer: Viewer) -> Told:
    match operation.state:
        case State.PLANNED if not operation.waits_for:
            return Told("waiting", _("waits its turn"))
        case State.PLANNED:
            return Told("waiting", _("not sent yet"), why_late(operation, viewer))
        case State.SENT:
            return Told("waiting", _("on its way"))
        case State.DONE:
            return Told("active", _("changed"))
        case State.UNKNOWN:
            text = _("Zadarma's answer did not arrive. The panel finds out by itself whether it was changed.")
            return Told("waiting", _("in doubt"), text)
        case State.NEEDS_PERSON:
            text = _("It is not clear whether this was changed. A person must look at it.")
            return Told("needs", _("needs a person"), text)
        case State.REFUSED:
            return Told("needs", _("refused"), _refusal(operation, viewer))
    if operation.error == REPLACED:
        return Told("parked", _("replaced"), _("A later change took its place."))
    return Told("parked", _("not changed"), _("Nothing was changed."))


def _refusal(operation: Operation, viewer: Viewer) -> str:
    """Why it was refused: what Zadarma said, or what was found before anything was sent."""
    note = operation_note(operation, viewer)
    if note and not operation.sent_at:
        return note
    return _("%(reason)s Nothing was changed.") % {"reason": note or _("Zadarma did not take it.")}
