"""Methods that spend money: order, prolong, add incoming channels."""

from __future__ import annotations

from decimal import Decimal

from . import shapes, timeline, verification
from .calendar_months import add_months, stamp
from .calls import Answer, Call
from .catalog import Direction
from .messages import Refused
from .state import CHECKING, ON, PARKING, RESERVED, Group, Number
from .world import CHANNEL_FEE, as_json_number

_MOST_CHANNELS = 30


def order(call: Call) -> Answer:
    """POST /v1/direct_numbers/order/

    Charges the connection fee and the months of the period. With too small a balance the number is reserved,
    nothing is charged, and it is paid as soon as the balance allows.
    """
    direction = call.direction(call.text("direction_id"))
    group = call.group("documents_group_id")
    months = 3 if call.choice("period", ("month", "3month"), "month") == "3month" else 1
    autorenew_period = call.choice("autorenew_period", ("month", "year"), "month")
    wants_sms = call.choice("receive_sms", ("0", "1"), "0") == "1"
    _check_fit(call, direction, group, wants_sms)
    number_id = call.params.get("number_id")
    index = call.world.stock.index_of(direction, number_id) if number_id else None
    if number_id and index is None:
        raise Refused("gone")
    number = Number(
        number=call.world.take(direction, index),
        direction_id=direction.id,
        group_id=group.id,
        status=verification.status_for(group, direction),
        start=call.now,
        stop=timeline.period_end(call.account, call.now, months),
        months=months,
        autorenew_period=autorenew_period,
        receive_sms=wants_sms if direction.has_sms else None,
        minutes=0 if direction.is_revenue else None,
        purpose=call.text("purpose", ""),
    )
    if number.status == CHECKING:
        number.ready_at = verification.ready_at(group, direction, call.now)
    total = call.world.connect_fee(direction) + call.world.fee_of(number) * months
    paid = _pay_or_reserve(call, number, total)
    call.account.numbers[number.number] = number
    call.world.changed(call.account, number)
    facts = {"group_id": group.id, "number_id": number_id, "months": months, "status": number.status}
    facts["purpose"] = number.purpose
    call.record("order", number=number, amount=paid, **facts)
    return {
        "number": number.number,
        "is_reserved": shapes.yes_no(number.is_reserved),
        "is_activated": shapes.yes_no(number.status == ON),
    }


def _check_fit(call: Call, direction: Direction, group: Group, wants_sms: bool) -> None:
    """Refuse what the direction cannot do or the group cannot satisfy. Missing files are no reason to refuse."""
    if wants_sms and not direction.has_sms:
        raise Refused("sms")
    if direction.requirements.has_purpose and not call.text("purpose", "").strip():
        raise Refused("purpose")
    answers = verification.validity(group, direction)
    if not answers.is_information_match:
        raise Refused("information")
    if not answers.is_address_match:
        raise Refused("address")


def _pay_or_reserve(call: Call, number: Number, total: Decimal) -> Decimal:
    """Charge the total, or reserve the number where the balance is too small. What was charged."""
    if call.account.balance < total:
        number.status = RESERVED + number.status
        return Decimal(0)
    timeline.pay(call.account, number, total, call.now)
    number.is_connected = number.status == ON
    return total


def prolong(call: Call) -> Answer:
    """POST /v1/direct_numbers/prolong/: 1 to 36 months more. A parked number gets active again by it."""
    number = call.number()
    months = call.integer("months", 1, 36)
    if number.is_reserved:
        raise Refused("unpaid")
    total = call.world.fee_of(number) * months
    if call.account.balance < total:
        raise Refused("funds")
    call.account.balance -= total
    number.stop = add_months(number.stop, months, call.account.zone)
    if number.status == PARKING:
        number.status = ON
    call.world.changed(call.account, number)
    stop_date = stamp(number.stop, call.account.zone)
    call.record("prolong", number=number, amount=total, months=months, stop_date=stop_date)
    return {"number": number.number, "stop_date": stop_date, "total_paid": _money(call, total)}


def incoming_channels(call: Call) -> Answer:
    """GET /v1/direct_numbers/incoming_channels/: of a number, or of a direction before one orders.

    Of the answer only ``status`` is documented; the rest is the simulator's own.
    """
    number = call.number() if "number" in call.params else None
    direction = call.world.direction_of(number) if number else call.direction(call.text("direction_id"))
    return {
        "direction_id": direction.id,
        "channels": number.channels if number else 2,
        "max_channels": _MOST_CHANNELS,
        "channel_fee": _money(call, CHANNEL_FEE),
    }


def set_incoming_channels(call: Call) -> Answer:
    """PUT /v1/direct_numbers/incoming_channels/: charges for each channel added."""
    number = call.number()
    channels = call.integer("channels", 1, _MOST_CHANNELS)
    if channels < number.channels:
        raise Refused("fewer")
    total = CHANNEL_FEE * (channels - number.channels)
    if call.account.balance < total:
        raise Refused("funds")
    call.account.balance -= total
    number.channels = channels
    call.world.changed(call.account, number)
    call.record("incoming_channels", number=number, amount=total, channels=channels)
    return {"number": number.number, "channels": channels, "total_paid": _money(call, total)}


def _money(call: Call, amount: Decimal) -> Answer:
    return {"amount": as_json_number(amount), "currency": call.account.currency}
