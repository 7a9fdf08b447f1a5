"""Where calls go, under which name, and whether a number renews itself: unpaid changes of one number."""

import re
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from direct_numbers import assigning
from direct_numbers.models import Number, Order
from people.models import User
from sync import operations
from sync.kinds import Kind
from sync.models import Operation
from zadarma import Client

SIP_URI = re.compile(r"^(?:sip:)?([A-Za-z0-9_.!~*'()&=+$,;?/%-]+)@((?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]+)(:[0-9]{1,5})?$")
CALLER_NAME = re.compile(r"^[A-Za-z0-9]{0,30}$")


def clean_sip_uri(text: str) -> str:
    """A SIP URI as the API takes it: `user@server`, with a port where given, without `sip:`. Raises `ValueError`."""
    found = SIP_URI.match(text.strip())
    if not found or len(text) > 200:
        raise ValueError(text)
    user, server, port = found.groups()
    if port and not 0 < int(port[1:]) < 65536:
        raise ValueError(text)
    return f"{user}@{server.lower()}{port or ''}"


def route(number: Number, sip_id: str, test_mode: bool, actor: User | None, *, replaces: bool = True) -> Operation:
    """Plan PUT /v1/direct_numbers/set_sip_id/: `sip_id` is a SIP login or a SIP URI. Raises `AlreadyOpen`.

    `replaces`: whether it takes the place of one that was not sent yet. An order of the number's customer whose
    routing was replaced has this.
    """
    params = {"sip_id": sip_id, "test_mode": test_mode}
    with transaction.atomic():
        operation = set_value(SET_SIP, number, params, actor, replaces=replaces)
        ended = Operation.objects.filter(
            connection=number.connection_id,
            exclusive_key=operation.exclusive_key,
            state__in=Operation.WITHOUT_EFFECT,
            routed_order__isnull=False,
        )
        replaced = [row.pk for row in ended if row.error == operations.REPLACED]
        # Not an order of the customer who had the number before: where calls go now is not theirs to know.
        readers = Q(customer=number.customer_id) | Q(customer=None)
        Order.objects.filter(readers, routing_operation__in=replaced).update(
            routing_operation=operation, error="", updated_at=timezone.now(), **params
        )
    return operation


def set_caller_name(number: Number, caller_name: str, actor: User | None) -> Operation:
    """Plan PUT /v1/direct_numbers/set_caller_name/: up to 30 Latin letters and digits, empty clears it."""
    return set_value(SET_CALLER_NAME, number, {"caller_name": caller_name}, actor)


def set_autorenewal(number: Number, on: bool, actor: User | None) -> Operation:
    """Plan PUT /v1/direct_numbers/autoprolongation/. Raises `AlreadyOpen`."""
    return set_value(SET_AUTORENEWAL, number, {"on": on}, actor)


def value_key(kind: Kind, number: Number) -> str:
    """One change of a value of a number may be open at a time in its account.

    By its digits: a number that returns is another row, and still the same.
    """
    return f"{kind.name}:{number.number}"


def set_value(kind: Kind, number: Number, params: dict[str, Any], actor: User | None, **more: Any) -> Operation:
    """Plan one of the kinds below with its own `params`; `more` is for the journal. Raises `AlreadyOpen`."""
    params, key = {**params, "customer": number.customer_id}, value_key(kind, number)
    return operations.plan(
        kind.name, number.connection, ("number", number.pk), params, actor, exclusive_key=key, **more
    )


def look_whose(api: Client, operation: Operation) -> dict[str, Any]:
    """Before a value of a number is set, also again: it must still be theirs for whom it was asked. Raises `Stop`."""
    assigning.check_hands(operation, _number(operation))
    return {}


def _number(operation: Operation) -> Number:
    return Number.objects.get(pk=operation.object_id)


def _locked(operation: Operation) -> Number:
    """For writing: two changes of a number settled at once must not lose each other's note."""
    return Number.objects.select_for_update().get(pk=operation.object_id)


def _send_sip(api: Client, operation: Operation) -> dict[str, Any]:
    number, params = _number(operation), operation.params
    test_mode = params["test_mode"]
    told = api.set_sip_id(number=number.number, number_type=number.type, sip_id=params["sip_id"], test_mode=test_mode)
    return {"sip": told, "is_on_test": test_mode}


def _apply_sip(operation: Operation) -> None:
    number, answer = _locked(operation), operation.answer
    sip_name = number.sip_name if number.sip == answer["sip"] else ""
    number.confirm(timezone.now(), sip=answer["sip"], is_on_test=answer["is_on_test"], sip_name=sip_name)


def _send_caller_name(api: Client, operation: Operation) -> dict[str, Any]:
    number = _number(operation)
    name = operation.params["caller_name"]
    return {"caller_name": api.set_caller_name(number=number.number, number_type=number.type, caller_name=name)}


def _apply_caller_name(operation: Operation) -> None:
    _locked(operation).confirm(timezone.now(), number_name=operation.answer["caller_name"] or "")


def _send_autorenewal(api: Client, operation: Operation) -> dict[str, Any]:
    number = _number(operation)
    return {"on": api.set_autoprolongation(number=number.number, number_type=number.type, on=operation.params["on"])}


def _apply_autorenewal(operation: Operation) -> None:
    _locked(operation).confirm(timezone.now(), autorenew=operation.answer["on"])


def _routing_refused(operation: Operation) -> None:
    """An order whose routing was refused says so; the number can be routed from its page."""
    if operation.error == operations.REPLACED:  # the order gets the one that took its place
        return
    Order.objects.filter(routing_operation=operation).update(error=operation.error[:300], updated_at=timezone.now())


SET_SIP = Kind(
    "set_sip_id",
    _send_sip,
    before=look_whose,
    may_go=assigning.is_theirs,
    apply=_apply_sip,
    ended=_routing_refused,
    repeatable=True,
)
SET_CALLER_NAME = Kind(
    "set_caller_name",
    _send_caller_name,
    before=look_whose,
    may_go=assigning.is_theirs,
    apply=_apply_caller_name,
    repeatable=True,
)
SET_AUTORENEWAL = Kind(
    "autoprolongation",
    _send_autorenewal,
    before=look_whose,
    may_go=assigning.is_theirs,
    apply=_apply_autorenewal,
    repeatable=True,
)
