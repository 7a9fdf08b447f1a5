"""The kinds of operation. The journal knows no app above it: apps register their kinds in `AppConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sync.models import Operation
from zadarma import Client


class Verdict(Enum):
    """What a settler makes of the evidence."""

    DONE = "done"
    NOT_DONE = "not done"
    UNDECIDED = "undecided"


class Stop(Exception):
    """A check before sending found a reason not to send. Its text, in the actor's words, is shown to people."""


class NotYet(Exception):
    """A check before sending found that it must wait: the operation stays planned."""


def _nothing(operation: Operation) -> None:
    """Leave local rows alone."""


def _no_evidence(api: Client, operation: Operation) -> None:
    """Look at nothing first."""


def _undecided(api: Client, operation: Operation) -> tuple[Verdict, dict[str, Any]]:
    """Without a rule of its own a kind in doubt goes to a person."""
    return Verdict.UNDECIDED, {}


@dataclass(frozen=True)
class Kind:
    """How one kind of operation is checked, sent, settled and applied.

    - `send(api, operation)` makes the one changing call and returns its answer as a JSON object;
    - `before(api, operation)` looks first, outside any transaction: may raise `Stop` or `NotYet`, and may put what it
      saw into `operation.evidence`;
    - `apply(operation)` writes the local rows once it is done, in the journal's transaction;
    - `ended(operation)` writes them when it is refused, cancelled or found not done;
    - `doubted(operation)` when its outcome became unclear;
    - `settle(api, operation)` decides from what the API shows, with an answer to keep where it finds `DONE`;
    - `repeatable`: an unpaid PUT that sets a value, which may simply be sent again.
    """

    name: str
    send: Callable[[Client, Operation], dict[str, Any]]
    before: Callable[[Client, Operation], None] = _no_evidence
    apply: Callable[[Operation], None] = _nothing
    ended: Callable[[Operation], None] = _nothing
    doubted: Callable[[Operation], None] = _nothing
    settle: Callable[[Client, Operation], tuple[Verdict, dict[str, Any]]] = _undecided
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
