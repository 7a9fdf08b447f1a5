"""What else a number can do: take SMS, and several calls at once."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from direct_numbers import assigning, routing
from direct_numbers.models import Number
from direct_numbers.renewal_evidence import find
from direct_numbers.renewals import paid_key
from people.models import User
from sync import operations
from sync.kinds import Finding, Kind, Seen, Stop
from sync.models import Operation
from sync.words import in_language_of
from zadarma import Client, Refused

MOST_CHANNELS = 100


def set_receive_sms(number: Number, on: bool, actor: User | None) -> Operation:
    """Plan PUT /v1/direct_numbers/receive_sms/. Raises `AlreadyOpen`."""
    return operations.plan(
        SET_SMS.name,
        number.connection,
        ("number", number.pk),
        {"on": on, "customer": number.customer_id},
        actor,
        exclusive_key=f"{SET_SMS.name}:{number.number}",
    )


def set_channels(number: Number, channels: int, actor: User) -> Operation:
    """Plan PUT /v1/direct_numbers/incoming_channels/: `channels` calls at once.

    May cost money, and the API does not document how much: a person must know that before. Raises `AlreadyOpen`, and
    `ValueError` for anything but 1 to 100.
    """
    if isinstance(channels, bool) or not 1 <= channels <= MOST_CHANNELS:
        raise ValueError(channels)
    last = Operation.objects.filter(kind=SET_CHANNELS.name, object_type="number", object_id=number.pk).first()
    return operations.plan(
        SET_CHANNELS.name,
        number.connection,
        ("number", number.pk),
        {"channels": channels, "customer": number.customer_id},
        actor,
        exclusive_key=paid_key(number),
        previous=last if last and last.state in Operation.WITHOUT_EFFECT else None,
    )


def _number(operation: Operation) -> Number:
    return Number.objects.get(pk=operation.object_id)


def _locked(operation: Operation) -> Number:
    return Number.objects.select_for_update().get(pk=operation.object_id)


def _send_sms(api: Client, operation: Operation) -> dict[str, Any]:
    number = _number(operation)
    group = number.group_remote_id or None
    return {"on": api.set_receive_sms(number=number.number, on=operation.params["on"], documents_group_id=group)}


def _apply_sms(operation: Operation) -> None:
    _locked(operation).confirm(timezone.now(), receive_sms=operation.answer["on"])


def _channels_before(api: Client, operation: Operation) -> dict[str, Any]:
    """Look first: a form sent again must not be paid again, and how many it took before is evidence."""
    number = _number(operation)
    assigning.check_hands(operation, number)
    with in_language_of(operation.actor):
        try:
            channels = find(api, number).channels
        except Refused as error:
            told = {"reason": error.message.rstrip(".")}
            raise Stop(_("Zadarma does not find this number: “%(reason)s”. Nothing was paid.") % told) from None
        if channels == operation.params["channels"]:
            raise Stop(_("The number takes as many calls at once already. Nothing was paid."))
    return {"channels": channels}


def _send_channels(api: Client, operation: Operation) -> dict[str, Any]:
    channels = operation.params["channels"]
    api.set_incoming_channels(number=_number(operation).number, channels=channels)
    return {"channels": channels}


def _apply_channels(operation: Operation) -> None:
    _locked(operation).confirm(timezone.now(), channels=operation.answer["channels"])


def _look_for_channels(api: Client, operation: Operation) -> Finding:
    """As many as were asked for: done. As many as before: not. Anything else was set by somebody else."""
    number, wanted = _number(operation), operation.params["channels"]
    try:
        channels = find(api, number).channels
    except Refused:
        return Finding(Seen.CONFLICT, {"listed": False}, why="gone")
    facts = {"listed": True, "channels": channels}
    before = operation.evidence.get("before", {}).get("channels")
    candidates = [{"value": str(channels), "answer": {"channels": channels}}] if channels is not None else []
    if channels == wanted != before:
        return Finding(Seen.PRESENT, facts, {"channels": wanted}, candidates=candidates)
    if channels is not None and channels == before != wanted:
        return Finding(Seen.ABSENT, facts)
    return Finding(Seen.CONFLICT, facts, why="moved", candidates=candidates)


SET_SMS = Kind(
    "receive_sms",
    _send_sms,
    before=routing.look_whose,
    may_go=assigning.is_theirs,
    apply=_apply_sms,
    repeatable=True,
)
SET_CHANNELS = Kind(
    "incoming_channels",
    _send_channels,
    before=_channels_before,
    may_go=assigning.is_theirs,
    apply=_apply_channels,
    settle=_look_for_channels,
    paid=True,
)
