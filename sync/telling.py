"""Operations in words. The journal knows no app above it: apps register theirs in `AppConfig.ready`.

What is told here is read by people who may print it: no secret, and no personal datum such as a person's name.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from people import subjects
from people.subjects import Subject as Subject
from people.tenancy import Viewer
from sync.models import Operation


@dataclass(frozen=True)
class Line:
    """One fact: what it is, and its value as words, a sum, a phone number or a moment. `note` says how old it is."""

    label: str
    value: str = ""
    amount: Decimal | None = None
    currency: str = ""
    phone: str = ""
    at: datetime | None = None
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Sight:
    """What one look showed: a sentence, and the facts behind it."""

    text: str
    lines: list[Line]


@dataclass(frozen=True)
class Focus:
    """The rows of one number, order or group in the journal: its name, its page, and which operations are its own."""

    subject: Subject
    rows: Q


@dataclass(frozen=True)
class Way:
    """Where a person goes on: the page and what its link says."""

    url: str
    label: str


def _no_lines(operation: Operation) -> list[Line]:
    return []


def _no_facts(facts: dict[str, Any]) -> list[Line]:
    return []


def _no_words(operation: Operation) -> str:
    return ""


def _nothing_seen(operation: Operation, facts: dict[str, Any]) -> Sight:
    return Sight("", [])


def _its_value(operation: Operation, candidate: dict[str, Any]) -> Subject:
    return Subject(str(candidate["value"]))


def _no_more(operation: Operation, candidate: dict[str, Any]) -> list[Line]:
    return []


def _no_way(operation: Operation) -> Way | None:
    return None


@dataclass(frozen=True)
class Telling:
    """How operations of one kind are told. Everything but the name may be left out.

    - `name()`: what it does, in a word or two; `brief(operation)`: to what, short enough for a list;
    - `request(operation)`: what was asked for; `answer(answer)`: what came back, also of a candidate;
    - `before(before)`: what stood in the account before it was sent;
    - `look(operation, facts)`: what one look showed; `candidate(operation, candidate)`: the name of a candidate, and
      `candidate_lines` what else tells it from others;
    - `if_done(operation)`, `if_not_done(operation)`: what a person's decision brings about, in a sentence;
    - `again(operation)`: where a new attempt begins, or a value is saved anew; None where there is no such place.
    """

    name: Callable[[], str]
    brief: Callable[[Operation], str] = _no_words
    request: Callable[[Operation], list[Line]] = _no_lines
    answer: Callable[[dict[str, Any]], list[Line]] = _no_facts
    before: Callable[[dict[str, Any]], list[Line]] = _no_facts
    look: Callable[[Operation, dict[str, Any]], Sight] = _nothing_seen
    candidate: Callable[[Operation, dict[str, Any]], Subject] = _its_value
    candidate_lines: Callable[[Operation, dict[str, Any]], list[Line]] = _no_more
    if_done: Callable[[Operation], str] = _no_words
    if_not_done: Callable[[Operation], str] = _no_words
    again: Callable[[Operation], Way | None] = _no_way


@dataclass(frozen=True)
class Concern:
    """How one type of object (`Operation.object_type`) is found and named.

    - `subjects(ids)`: by id, in one query, whatever their number;
    - `with_digits(digits)`: the operations on objects whose phone number contains these digits;
    - `focus(viewer, key)`: the operations of one object that `viewer` may see, by the key its page has; None: no such.
    """

    subjects: Callable[[Collection[int]], dict[int, Subject]]
    with_digits: Callable[[str], Q] | None = None
    focus: Callable[[Viewer, Any], Focus | None] | None = None


# In the evidence of an operation whose personal words were taken out; where its data key is destroyed, all are gone.
ERASED = "erased"
_tellings: dict[str, Telling] = {}
_concerns: dict[str, Concern] = {}


def register(kind: str, telling: Telling) -> None:
    """Say how operations of `kind` are told."""
    _tellings[kind] = telling


def register_concern(object_type: str, concern: Concern) -> None:
    """Say how objects of `object_type` are named."""
    _concerns[object_type] = concern
    subjects.register(object_type, concern.subjects)


def telling_of(operation: Operation) -> Telling:
    """How `operation` is told. A kind that no app knows (any more) has its raw name and nothing else."""
    return _tellings.get(operation.kind) or Telling(name=lambda: operation.kind)


def name_of(operation: Operation) -> str:
    """What `operation` does, in a word or two."""
    return telling_of(operation).name()


def kinds() -> list[tuple[str, str]]:
    """The kinds that are known, with their names: for a filter."""
    return sorted(((kind, telling.name()) for kind, telling in _tellings.items()), key=lambda pair: pair[1].casefold())


def subjects_of(operations: Iterable[Operation]) -> dict[int, Subject]:
    """What each of `operations` concerns, by its primary key: one query for each type of object among them."""
    rows = list(operations)
    wanted: dict[str, set[int]] = {}
    for operation in rows:
        wanted.setdefault(operation.object_type, set()).add(operation.object_id)
    found = {name: _concerns[name].subjects(ids) for name, ids in wanted.items() if name in _concerns}
    nothing = Subject()
    return {row.pk: found.get(row.object_type, {}).get(row.object_id, nothing) for row in rows}


def with_digits(digits: str) -> Q:
    """The operations on what has a phone number with these digits in it."""
    found = Q(pk__in=[])
    for concern in _concerns.values():
        if concern.with_digits:
            found |= concern.with_digits(digits)
    return found


def focus_on(object_type: str, viewer: Viewer, key: Any) -> Focus | None:
    """The operations of one object. None where `viewer` may see no such object."""
    concern = _concerns.get(object_type)
    return concern.focus(viewer, key) if concern and concern.focus else None


def why(word: str) -> str:
    """Why a look was no proof, as a sentence; the word itself where it is new here."""
    known = {
        "several": _("More than one new entry fits, so none of them can be told to be this one."),
        "unsure": _(
            "Something fits, but what stood in the account before is not fully known: it may have been there already."
        ),
        "unpaid": _("A number fits, but the balance did not fall: it may have come in another way."),
        "other direction": _("The number is in the account, but in another direction than ordered."),
        "other papers": _("The number is in the account, but with other documents than ordered."),
        "another order": _("The number is in the account, but another order of this panel has got it."),
        "older": _("The number is in the account, but it is older than this order."),
        "gone": _("Zadarma did not show this number when it was asked for it."),
        "no date": _("An end date is missing, before or now, so there is nothing to compare."),
        "autorenewal": _(
            "The end date moved by as much as was asked for, but autorenewal may have moved it by as much just then."
        ),
        "others": _("A new group is in the account, but its data differ from those that were sent."),
        "moved": _("It is neither as it was before nor as was asked for: somebody else may have changed it."),
    }
    return known.get(word, word)


def is_erased(operation: Operation) -> bool:
    """Whether what was personal in it is no longer kept."""
    key = operation.data_key
    return (key is not None and key.destroyed_at is not None) or bool(operation.evidence.get(ERASED))


def exported(operation: Operation) -> dict[str, Any]:
    """`operation` as its customer is given it: in words, with what was sent, and nothing of the account it was sent to.

    What was seen in the account before and after (`evidence`) may be of other customers; why it was refused (`error`)
    was the answer to the partner, and may be about the balance.
    """
    told = telling_of(operation)
    dates = {"asked_for": operation.created_at, "sent": operation.sent_at, "settled": operation.settled_at}
    return {
        "what": told.name(),
        "state": operation.get_state_display(),
        **{name: moment.isoformat() if moment else None for name, moment in dates.items()},
        "asked": {line.label: _plain(line) for line in told.request(operation)},
        "parameters": operation.params,
        "paid": f"{operation.paid_amount} {operation.paid_currency}" if operation.paid_amount is not None else None,
    }


def _plain(line: Line) -> str:
    if line.amount is not None:
        return f"{line.amount} {line.currency}"
    return line.phone or (line.at.isoformat() if line.at else line.value)
