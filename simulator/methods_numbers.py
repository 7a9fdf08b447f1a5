"""Methods about the numbers of an account that cost nothing."""

from __future__ import annotations

import re

from . import shapes
from .calls import Answer, Call
from .messages import Refused
from .state import Number

_SERVER = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?(?::[0-9]{1,5})?")


def numbers(call: Call) -> Answer:
    """GET /v1/direct_numbers/"""
    return {"info": [shapes.listed_number(call, number) for number in call.account.numbers.values()]}


def number(call: Call) -> Answer:
    """GET /v1/direct_numbers/number/"""
    return {"info": shapes.single_number(call, call.typed_number())}


def autoprolongation(call: Call) -> Answer:
    """GET /v1/direct_numbers/autoprolongation/"""
    found = call.typed_number()
    return {"number": found.number, "autoprolongation": shapes.on_off(found.autorenew)}


def set_autoprolongation(call: Call) -> Answer:
    """PUT /v1/direct_numbers/autoprolongation/"""
    found = call.typed_number()
    value = call.choice("value", ("on", "off"))
    found.autorenew = value == "on"
    _took_effect(call, found, "autoprolongation", value=value)
    return {"number": found.number, "autoprolongation": value}


def set_caller_name(call: Call) -> Answer:
    """PUT /v1/direct_numbers/set_caller_name/"""
    found = call.typed_number()
    name = call.text("caller_name")
    if not re.fullmatch(r"[A-Za-z0-9]{0,30}", name):
        raise Refused("caller_name")
    found.caller_name = name or None
    _took_effect(call, found, "set_caller_name", caller_name=name)
    return {"number": found.number, "caller_name": name}


def set_sip_id(call: Call) -> Answer:
    """PUT /v1/direct_numbers/set_sip_id/: a SIP login of the account, or a server elsewhere."""
    found = call.typed_number()
    wanted = call.text("sip_id")
    test_mode = call.choice("test_mode", ("on", "off")) if "test_mode" in call.params else None
    login = call.account.sip(wanted)
    if login is None and not _SERVER.fullmatch(wanted):
        raise Refused("sip")
    found.sip = login.id if login else wanted
    if test_mode is not None:
        found.is_on_test = test_mode == "on"
    _took_effect(call, found, "set_sip_id", sip_id=found.sip, test_mode=test_mode)
    return {"number": found.number, "sip_id": shapes.sip_id(login, call.is_production) if login else wanted}


def set_receive_sms(call: Call) -> Answer:
    """PUT /v1/direct_numbers/receive_sms/"""
    found = call.number()
    value = call.choice("value", ("on", "off"))
    if "documents_group_id" in call.params:
        call.group("documents_group_id")
    if found.receive_sms is None:
        raise Refused("sms")
    found.receive_sms = value == "on"
    _took_effect(call, found, "receive_sms", value=value)
    return {"number": found.number, "receive_sms": value}


def _took_effect(call: Call, found: Number, kind: str, **facts: str | None) -> None:
    call.world.changed(call.account, found)
    call.record(kind, number=found, **facts)
