"""The control calls that change accounts: verdicts on documents, numbers that come and go, money, SIP logins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from . import calendar_months, methods_orders, opening, timeline, verification
from .calls import Call
from .messages import Refused
from .state import ON, PARKING, STATUSES, Account, Document, Group, Number
from .world import World, as_json_number

Payload = dict[str, Any]
Orders = Callable[[World, Payload], dict[str, Any]]


def amount(value: Any) -> Decimal:
    """An amount from JSON, by its digits."""
    found = Decimal(str(value))
    if not found.is_finite():
        raise InvalidOperation("an amount is a finite number")
    return found


def _account(world: World, payload: Payload) -> Account:
    """The account with the payload's key, or the main one."""
    key = payload.get("key")
    if key is None:
        return next(iter(world.accounts.values()))
    if key not in world.accounts:
        raise KeyError("key")
    return world.accounts[key]


def _number(world: World, payload: Payload) -> tuple[Account, Number]:
    name = str(payload["number"]).removeprefix("+")
    for account in world.accounts.values():
        if name in account.numbers and payload.get("key") in (None, account.key):
            return account, account.numbers[name]
    raise KeyError("number")


def show_state(world: World, payload: Payload) -> dict[str, Any]:
    """A summary of all accounts."""
    return {"seed": world.seed, "shape": world.shape, "accounts": [_shown(a) for a in world.accounts.values()]}


def _shown(account: Account) -> dict[str, Any]:
    by_status = dict.fromkeys(STATUSES, 0)
    for number in account.numbers.values():
        by_status[number.status] += 1
    return {
        "key": account.key,
        "balance": as_json_number(account.balance),
        "currency": account.currency,
        "timezone": account.timezone,
        "language": account.language,
        "numbers": len(account.numbers),
        "numbers_by_status": {status: count for status, count in by_status.items() if count},
        "groups": list(account.groups),
        "sips": [{"id": sip.id, "display_name": sip.display_name, "is_online": sip.is_online} for sip in account.sips],
    }


def judge_document(world: World, payload: Payload) -> dict[str, Any]:
    """Verify or reject the newest file of a type or name; ``document_type: address`` judges the address instead."""
    account = _account(world, payload)
    group = account.groups.get(int(payload["group_id"]))
    if group is None:
        raise KeyError("group_id")
    verdict = payload["verdict"]
    if verdict not in ("verify", "reject"):
        raise ValueError("verdict is verify or reject")
    reason = str(payload.get("message") or "The document was not accepted") if verdict == "reject" else None
    if payload.get("document_type") == "address":
        group.wrong_address = reason
    else:
        document = _document(group, payload)
        document.is_verified, document.rejected = reason is None, reason
    world.changed(account, group)
    verification.review(world, account, group)
    return {"group_id": group.id, "verdict": verdict}


def _document(group: Group, payload: Payload) -> Document:
    if "name" in payload:
        found = next((entry for entry in reversed(group.documents) if entry.name == payload["name"]), None)
    else:
        found = group.latest(str(payload["document_type"]))
    if found is None:
        raise KeyError("name" if "name" in payload else "document_type")
    return found


def remove_number(world: World, payload: Payload) -> dict[str, Any]:
    """Take a number away: from the account that has it, else from those on offer."""
    try:
        account, number = _number(world, payload)
    except KeyError:
        direction = world.stock.withdraw(str(payload["number"]))
        if direction is None:
            raise
        world.changes.shelves.add(direction.id)
        return {"number": str(payload["number"]), "direction_id": direction.id, "was": "available"}
    del account.numbers[number.number]
    world.changed(account, number)
    world.record(account, "removed", origin="outside", number=number)
    return {"number": number.number, "direction_id": number.direction_id, "was": "owned"}


def set_status(world: World, payload: Payload) -> dict[str, Any]:
    """Give a number of an account another status. A parked one stops now if it has not."""
    account, number = _number(world, payload)
    status = payload["status"]
    if status not in STATUSES:
        raise ValueError(f"status is one of {', '.join(STATUSES)}")
    number.status, number.ready_at = status, None
    if status == ON:
        timeline.connect(number)
    elif status == PARKING:
        number.stop = min(number.stop, world.now())
    else:
        number.is_connected = False
    world.changed(account, number)
    world.record(account, "status", origin="outside", number=number, status=status)
    return {"number": number.number, "status": number.status, "type": number.type}


def order_outside(world: World, payload: Payload) -> dict[str, Any]:
    """Order as someone would in the operator's own cabinet: by the same rules, in the account's main group."""
    params = {name: str(value) for name, value in payload.items() if name != "key"}
    call = Call(world, _account(world, payload), {"documents_group_id": "0", **params}, origin="outside")
    try:
        return methods_orders.order(call)
    except Refused as refusal:
        raise ValueError(refusal.message("en")) from refusal


def add_numbers(world: World, payload: Payload) -> dict[str, Any]:
    """Give an account numbers that it seems to have had for a while: count, direction_id, status, number.

    ``autorenew`` (true or false) and ``stop_in`` (seconds until the period ends) leave nothing to the mix.
    """
    direction_id = int(payload["direction_id"]) if "direction_id" in payload else None
    if direction_id is not None and direction_id not in world.catalog.directions:
        raise KeyError("direction_id")
    count, status, number = int(payload.get("count", 1)), payload.get("status"), payload.get("number")
    if status is not None and status not in STATUSES:
        raise ValueError(f"status is one of {', '.join(STATUSES)}")
    if number is not None and (count != 1 or direction_id is None):
        raise ValueError("a number of one's own needs its direction_id and count 1")
    if not 1 <= count <= 100_000:
        raise ValueError("count is between 1 and 100000")
    autorenew = payload.get("autorenew")
    if autorenew not in (None, True, False):
        raise ValueError("autorenew is true or false")
    stop_in = float(payload["stop_in"]) if "stop_in" in payload else None
    if stop_in is not None and not 0 <= stop_in <= 3e8:
        raise ValueError("stop_in is at least 0 seconds")
    account = _account(world, payload)
    added = opening.add_numbers(
        world,
        account,
        count,
        direction_id=direction_id,
        status=status,
        number=str(number) if number else None,
        autorenew=autorenew,
        stop_in=stop_in,
    )
    for entry in added if count <= 100 else ():
        world.record(account, "added", origin="outside", number=entry)
    return {"numbers": [entry.number for entry in added]}


def renew_number(world: World, payload: Payload) -> dict[str, Any]:
    """Let a number that autorenews and ends within a day do so at this moment. ValueError where it can't."""
    account, number = _number(world, payload)
    if number.stop > world.now() + timedelta(days=1):
        raise ValueError("it does not end within a day")
    if not timeline.renew(world, account, number, world.now()):
        raise ValueError("it does not renew itself, or the balance is too small")
    world.changed(account, number)
    return {"number": number.number, "stop": number.stop.isoformat()}


def change_balance(world: World, payload: Payload) -> dict[str, Any]:
    """Top up; a negative amount is a call that was charged. What is reserved gets paid as far as it reaches."""
    account = _account(world, payload)
    added = amount(payload["amount"])
    account.balance += added
    kind = "top_up" if added >= 0 else "charge"
    world.record(account, kind, origin="outside", amount=abs(added))
    if added > 0:
        timeline.pay_reserved(world, account)
    return {"key": account.key, "balance": as_json_number(account.balance), "currency": account.currency}


def change_sip(world: World, payload: Payload) -> dict[str, Any]:
    """Let a SIP login go online or offline."""
    account = _account(world, payload)
    sip = account.sip(str(payload["sip"]))
    if sip is None:
        raise KeyError("sip")
    sip.is_online = bool(payload["is_online"])
    world.changed(account)
    return {"sip": sip.id, "is_online": sip.is_online}


def change_timezone(world: World, payload: Payload) -> dict[str, Any]:
    """Move an account to another zone, as a season does: every date is written in it from now on."""
    account = _account(world, payload)
    calendar_months.zone_of(str(payload["timezone"]))
    account.timezone = str(payload["timezone"])
    world.changed(account)
    return {"key": account.key, "timezone": account.timezone}
