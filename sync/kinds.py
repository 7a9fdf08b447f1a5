"""The kinds of operation. The journal knows no app above it: apps register their kinds in `AppConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any

from sync.models import Operation
from zadarma import Client


class Verdict(Enum):
    """What becomes of an operation in doubt after a look."""

    DONE = "done"
    NOT_DONE = "not done"
    UNDECIDED = "undecided"


class Seen(StrEnum):
    """What one look showed: the effect, its absence, or something that cannot be told apart."""

    PRESENT = "present"
    ABSENT = "absent"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class Finding:
    """What one look at the account showed of an operation in doubt.

    - `answer`: what the API would have answered, where the effect is `PRESENT`;
    - `is_complete`: whether the look left nothing out (a listing without unreadable rows): only then absence counts;
    - `why`: a word for why it is a `CONFLICT`, for the receipt;
    - `facts`: what was seen, as JSON, kept as evidence;
    - `candidates`: what a person may name as the effect: `{"value": text, "answer": {...}}` each.
    """

    seen: Seen
    facts: dict[str, Any]
    answer: dict[str, Any] = field(default_factory=dict)
    is_complete: bool = True
    why: str = ""
    candidates: list[dict[str, Any]] = field(default_factory=list)


class Stop(Exception):
    """A check before sending found a reason not to send. Its text, in the actor's words, is shown to people."""


class NotYet(Exception):
    """A check before sending found that it must wait: the operation stays planned."""


class Conflict(Exception):
    """What shall be written contradicts what another operation wrote: one effect explains one operation."""


def _nothing(operation: Operation) -> None:
    """Leave local rows alone."""


def _no_evidence(api: Client, operation: Operation) -> dict[str, Any]:
    """Look at nothing first."""
    return {}


def _unseen(api: Client, operation: Operation) -> Finding:
    """Without a rule of its own nothing can be seen: a kind in doubt goes to a person."""
    return Finding(Seen.ABSENT, {}, is_complete=False)


def _not_told(answer: dict[str, Any]) -> None:
    """The API does not say what was paid."""


def _may_go(operation: Operation) -> bool:
    """Nothing stands in its way."""
    return True


@dataclass(frozen=True)
class Kind:
    """How one kind of operation is checked, sent, settled and applied.

    - `send(api, operation)` makes the one changing call and returns its answer as a JSON object;
    - `before(api, operation)` looks first, outside any transaction: may raise `Stop` or `NotYet`; what it returns is
      kept as `operation.evidence["before"]`;
    - `may_go(operation)` is asked in the transaction that claims it, with the connection locked where it costs money;
    - `apply(operation)` writes the local rows once it is done, in the journal's transaction; may raise `Conflict`;
    - `ended(operation)` writes them when it is refused, cancelled or found not done;
    - `doubted(operation)` when its outcome became unclear;
    - `settle(api, operation)` looks for the effect in the account; the journal judges (`sync.settling.judge`);
    - `answered(answer)` tells what was paid, (amount, currency), where the answer says it;
    - `repeatable`: an unpaid PUT that sets a value, which may simply be sent again.
    """

    name: str
    send: Callable[[Client, Operation], dict[str, Any]]
    before: Callable[[Client, Operation], dict[str, Any]] = _no_evidence
    may_go: Callable[[Operation], bool] = _may_go
    apply: Callable[[Operation], None] = _nothing
    ended: Callable[[Operation], None] = _nothing
    doubted: Callable[[Operation], None] = _nothing
    settle: Callable[[Client, Operation], Finding] = _unseen
    answered: Callable[[dict[str, Any]], tuple[Decimal, str] | None] = _not_told
    repeatable: bool = False
    paid: bool = False


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make `kind` known. A name is registered once."""
    if kind.name in _kinds and _kinds[kind.name] is not kind:
        raise ValueError(f"kind of operation {kind.name!r} is registered twice")
    _kinds[kind.name] = kind


def kind_named(name: str) -> Kind:
    """The kind called `name`. Raises `KeyError` when no app registered it."""
    return _kinds[name]


def kind_of(operation: Operation) -> Kind:
    """The kind of `operation`. Raises `KeyError` when no app registered it."""
    return kind_named(operation.kind)
