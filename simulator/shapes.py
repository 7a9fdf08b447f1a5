"""How things look in answers, in production's shape and in that of the vendor's description.

The differences: ids of directions as numbers or text; uploads as a map (empty: a list) or a list; SIP ids of six or
five digits; ``channels`` of one number as a number or text; fields that only production has; the hook ``document``.
"""

from __future__ import annotations

from typing import Any

from .calendar_months import stamp
from .calls import Answer, Call
from .catalog import Direction
from .state import GROUP_FIELDS, WEBHOOKS, Document, Group, Number, Sip
from .world import as_json_number


def yes_no(value: bool) -> str:
    return "true" if value else "false"


def on_off(value: bool) -> str:
    return "on" if value else "off"


def empty_map_as_list(values: dict[str, Any], is_production: bool) -> dict[str, Any] | list[Any]:
    """PHP's habit: an empty map is written as ``[]``."""
    return values if values or not is_production else []


def sip_id(sip: Sip, is_production: bool) -> str:
    """A SIP login as answers name it."""
    return sip.id if is_production else sip.id[1:]


def direction(call: Call, entry: Direction) -> Answer:
    """One row of ``/v1/direct_numbers/country/``."""
    world = call.world
    row: Answer = {
        "id": entry.id if call.is_production else str(entry.id),
        "countryCode": entry.country.dial_code,
        "areaCode": entry.area_code,
        "name": entry.name.into(call.language),
        "connect_fee": as_json_number(world.connect_fee(entry)),
        "monthly_fee": as_json_number(world.monthly_fee(entry)),
        "currency": call.account.currency,
        "restrictions": _restrictions(call, entry),
        "receive_sms": yes_no(entry.has_sms),
        "is_toll": yes_no(entry.is_toll_free),
        "feature": entry.feature.into(call.language) if entry.feature else None,
        "connect_time": str(entry.connect_days),
    }
    if row["restrictions"] is None:
        del row["restrictions"]
    return row


def _restrictions(call: Call, entry: Direction) -> Any:
    """What to upload and to specify. Where nothing is wanted, production has ``[]`` or no such field at all."""
    uploads = {name: text.into(call.language) for name, text in entry.requirements.uploads.items()}
    specify = [text.into(call.language) for text in entry.requirements.specify]
    if not call.is_production:
        return {"upload": list(uploads.values()), "specify": specify}
    if not uploads and not specify:
        return [] if entry.id % 2 else None
    found: dict[str, Any] = {"upload": empty_map_as_list(uploads, True)}
    if specify or entry.id % 2:
        found["specify"] = specify
    return found


def listed_number(call: Call, number: Number) -> Answer:
    """One row of ``/v1/direct_numbers/``."""
    row = _number(call, number)
    row["type"] = number.type
    if number.minutes is not None:
        row["minutes"] = number.minutes
    if call.is_production:
        row.update(_production_only(number), receive_sms=_receive_sms(number))
    return row


def single_number(call: Call, number: Number) -> Answer:
    """What ``/v1/direct_numbers/number/`` says of it."""
    row = _number(call, number)
    row["receive_sms"] = _receive_sms(number)
    if call.is_production:
        row.update(_production_only(number))
    else:
        row["channels"] = str(number.channels)
    return row


def _production_only(number: Number) -> Answer:
    return {
        "direction_id": number.direction_id,
        "group_id": number.group_id,
        "autorenew_period": number.autorenew_period,
    }


def _receive_sms(number: Number) -> str | None:
    return None if number.receive_sms is None else yes_no(number.receive_sms)


def _number(call: Call, number: Number) -> Answer:
    account, entry = call.account, call.world.direction_of(number)
    login = account.sip(number.sip)
    return {
        "number": number.number,
        "status": number.status,
        "country": entry.country.name.into(account.language),
        "description": entry.name.into(account.language),
        "number_name": number.caller_name,
        "sip": sip_id(login, call.is_production) if login else number.sip,
        "sip_name": login.display_name if login else None,
        "start_date": stamp(number.start, account.zone),
        "stop_date": stamp(number.stop, account.zone),
        "monthly_fee": as_json_number(call.world.fee_of(number)),
        "currency": account.currency,
        "channels": number.channels,
        "autorenew": yes_no(number.autorenew),
        "is_on_test": yes_no(number.is_on_test),
    }


def group(entry: Group) -> Answer:
    """A document group with every field of the description."""
    row: Answer = {"id": entry.id}
    for name in GROUP_FIELDS:
        row[name] = entry.fields.get(name)
    row["is_readonly"] = entry.is_readonly
    return row


def document(entry: Document) -> Answer:
    """One file of a document group."""
    return {
        "type": entry.type,
        "is_verified": yes_no(entry.is_verified),
        "source": entry.source,
        "name": entry.name,
    }


def webhooks(call: Call) -> Answer:
    """Which notifications are on. The description knows no hook ``document``."""
    names = WEBHOOKS if call.is_production else WEBHOOKS[:-1]
    return {name: yes_no(call.account.webhooks[name]) for name in names}
