"""The same change of many numbers: which of them can have it, and planning it once for each."""

import hashlib
import uuid
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from direct_numbers import queries, routing
from direct_numbers.models import Number
from people.models import User
from people.permissions import May
from sync.kinds import Kind
from sync.models import Operation
from sync.operations import REPLACED, AlreadyOpen

# So many numbers are changed with one form.
MOST_NUMBERS = 500
Wanted = dict[str, Any]


class NotChangeable(Exception):
    """At least one of the numbers can't be changed any more."""


class HandsChanged(Exception):
    """At least one of the numbers belongs to somebody else than when the person looked, or is not there any more."""


class OtherForm(Exception):
    """A form of this name was sent before, with other numbers or another value."""


@dataclass(frozen=True)
class Change:
    """A kind of operation by which one value of a number is set.

    - `hinders(number, wanted)`: why there is nothing to change, or it can't be done; "" where it can;
    - `params(number, wanted)`: what the journal keeps of it.
    """

    kind: Kind
    hinders: Callable[[Number, Wanted], str]
    params: Callable[[Number, Wanted], Wanted] = lambda number, wanted: wanted


@dataclass(frozen=True)
class Candidate:
    """A number of the selection. `problem` says why it is left out; "" where it is changed.

    `is_busy` tells that it is because of another change that is not settled yet.
    """

    number: Number
    problem: str = ""
    is_busy: bool = False


def _renews_so(number: Number, wanted: Wanted) -> str:
    if number.autorenew is not wanted["on"]:
        return ""
    return _("Autorenewal is on already.") if wanted["on"] else _("Autorenewal is off already.")


def _goes_there(number: Number, wanted: Wanted) -> str:
    target = wanted["sip_id"] or number.sip
    if not target:
        return _("Calls go nowhere yet: choose where to.")
    if target == number.sip and wanted["test_mode"] is bool(number.is_on_test):
        return _("Calls go there already.") if wanted["sip_id"] else _("It is so already.")
    return ""


def _target(number: Number, wanted: Wanted) -> Wanted:
    """Without a target calls go where they go now: only test mode changes."""
    return {"sip_id": wanted["sip_id"] or number.sip, "test_mode": wanted["test_mode"]}


def _is_called_so(number: Number, wanted: Wanted) -> str:
    if number.number_name != wanted["caller_name"]:
        return ""
    return _("It has this name already.") if wanted["caller_name"] else _("It has no name.")


AUTORENEWAL = Change(routing.SET_AUTORENEWAL, _renews_so)
ROUTE = Change(routing.SET_SIP, _goes_there, _target)
CALLER_NAME = Change(routing.SET_CALLER_NAME, _is_called_so)
KINDS = {change.kind.name: change for change in (AUTORENEWAL, ROUTE, CALLER_NAME)}


def candidates(numbers: Iterable[Number], change: Change, wanted: Wanted) -> list[Candidate]:
    """Which of `numbers` (with their `connection`) can be changed, and why the others can't: one query."""
    rows = list(numbers)
    busy = _busy(rows, change.kind)
    return [_candidate(row, change, wanted, busy.get(row.pk, "")) for row in rows]


def _busy(numbers: Collection[Number], kind: Kind) -> dict[int, str]:
    """Those for which such a change is under way or in doubt, by primary key, with its state."""
    keys = {(row.connection_id, routing.value_key(kind, row)): row.pk for row in numbers}
    rows = Operation.objects.filter(state__in=Operation.OPEN, exclusive_key__in={key for _account, key in keys})
    found = rows.values_list("connection_id", "exclusive_key", "state")
    return {keys[account, key]: state for account, key, state in found if (account, key) in keys}


def _candidate(number: Number, change: Change, wanted: Wanted, under_way: str) -> Candidate:
    problem = why_not(number)
    if not problem and under_way in Operation.IN_DOUBT:
        problem = _("An earlier change of this is in doubt. It must be settled first.")
    elif not problem and under_way:
        problem = _("A change of this is under way already.")
    return Candidate(number, problem or change.hinders(number, wanted), is_busy=bool(under_way))


def why_not(number: Number) -> str:
    """Why nothing at all can be changed of a number at Zadarma; "" where it can."""
    if number.gone_at is not None:
        return _("Zadarma no longer lists this number.")
    if not number.connection.usable:
        return _("The Zadarma account of this number is paused.")
    return ""


def hands(numbers: Iterable[Number]) -> str:
    """Which numbers these are, and whose, short enough for a form: what was confirmed of others is not done."""
    rows = sorted(f"{row.pk} {row.customer_id}" for row in numbers)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


def plan(
    pks: Collection[int],
    change: Change,
    wanted: Wanted,
    *,
    seen: str,
    batch: uuid.UUID,
    actor: User,
    again: uuid.UUID | None = None,
) -> list[Operation]:
    """Plan the change for each of the numbers: all of them, or none.

    `seen` says which numbers the person saw, and whose they were (see `hands`); `batch` names the form, which plans
    only once however often it is sent; `again` names the form whose refused ones are tried again. Raises
    `NotChangeable`, `HandsChanged`, `OtherForm`, and from the journal `AlreadyOpen`.
    """
    if sent := _sent_before(batch, pks, change, wanted):
        return sent
    try:
        with transaction.atomic():
            return _plan_all(pks, change, wanted, seen, batch, actor, again)
    except (NotChangeable, HandsChanged, AlreadyOpen):
        if sent := _sent_before(batch, pks, change, wanted):  # sent twice at the same moment: the other was faster
            return sent
        raise


def _sent_before(batch: uuid.UUID, pks: Collection[int], change: Change, wanted: Wanted) -> list[Operation]:
    """What this very form has planned already. Raises `OtherForm` where it was sent with something else in it."""
    sent = of_batch(batch)
    told = {name: value for name, value in wanted.items() if value != ""}
    for row in sent:
        if row.kind != change.kind.name or any(row.params.get(name) != value for name, value in told.items()):
            raise OtherForm
    if sent and {row.object_id for row in sent} != set(pks):
        raise OtherForm
    return sent


def _plan_all(
    pks: Collection[int],
    change: Change,
    wanted: Wanted,
    seen: str,
    batch: uuid.UUID,
    actor: User,
    again: uuid.UUID | None,
) -> list[Operation]:
    """Look again with the numbers locked, always in the same order, so that no two forms wait for each other."""
    viewer = User.objects.get(pk=actor.pk).viewer()
    rows = list(queries.numbers_among(viewer, pks).select_for_update(of=("self",)).order_by("pk"))
    if len(rows) != len(set(pks)) or seen != hands(rows):
        raise HandsChanged
    if not all(viewer.may(May.ROUTE, row.customer_id) for row in rows):
        raise NotChangeable
    if any(candidate.problem for candidate in candidates(rows, change, wanted)):
        raise NotChangeable
    before = {} if again is None else without_effect(of_batch(again), rows, change)
    return [
        routing.set_value(
            change.kind,
            row,
            change.params(row, wanted),
            actor,
            # A single change that is under way is not taken the place of: nobody saw that here.
            replaces=False,
            batch=batch,
            previous=before.get(row.pk),
        )
        for row in rows
    ]


def of_batch(batch: uuid.UUID) -> list[Operation]:
    """What was planned with the form `batch`, in the order of planning."""
    rows = Operation.objects.filter(batch=batch, kind__in=KINDS, object_type="number").order_by("pk")
    return list(rows.select_related("actor"))


def may_be_tried_again(operation: Operation) -> bool:
    """Whether it had no effect, and not because somebody has decided otherwise since."""
    return operation.state in Operation.WITHOUT_EFFECT and operation.error != REPLACED


def without_effect(operations: Iterable[Operation], numbers: Iterable[Number], change: Change) -> dict[int, Operation]:
    """Those of `operations` that may be tried again, by their number, where it is still the same customer's."""
    whose = {row.pk: row.customer_id for row in numbers}
    return {
        row.object_id: row
        for row in operations
        if row.kind == change.kind.name
        and may_be_tried_again(row)
        and row.object_id in whose
        and row.params.get("customer") == whose[row.object_id]
    }
