"""Control calls under ``/__simulator__/``: JSON in, JSON out, unsigned. What a real operator would never offer.

They move simulated time, play the people who check documents, change prices, order faults, and show what happened.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from . import control_accounts, timeline
from .control_accounts import Orders, Payload, amount
from .simulation import Simulation
from .world import as_json_number

PREFIX = "/__simulator__/"


def answer(simulation: Simulation, method: str, path: str, query: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """The HTTP status and body of a control call. 400 says what was wrong with it."""
    name = path.removeprefix(PREFIX).strip("/")
    function = _CALLS.get((method, name))
    if function is None:
        return 404, {"error": f"no control call {method} {name}"}
    try:
        payload = json.loads(body) if body else dict(parse_qsl(query))
        if not isinstance(payload, dict):
            raise ValueError("the body is a JSON object")
        return 200, function(simulation, payload)
    except KeyError as missing:
        return 400, {"error": f"{missing.args[0]} is missing or unknown"}
    except (ValueError, TypeError, ArithmeticError, re.error) as wrong:
        return 400, {"error": str(wrong) or type(wrong).__name__}


def _show_time(simulation: Simulation, payload: Payload) -> dict[str, Any]:
    world = simulation.world
    return {"now": world.now().isoformat(), "offset_seconds": world.offset.total_seconds()}


def _move_time(simulation: Simulation, payload: Payload) -> dict[str, Any]:
    """Forward by days, hours, minutes, seconds (fractions allowed), or ``to`` a moment (ISO with its zone)."""
    units = {name: float(payload[name]) for name in ("days", "hours", "minutes", "seconds") if name in payload}
    unknown = set(payload) - set(units) - {"to"}
    if unknown or not payload:
        raise ValueError(f"give days, hours, minutes, seconds or to; unknown: {', '.join(sorted(unknown)) or '-'}")
    with simulation.world.lock:
        delta = timedelta(**units)
        if "to" in payload:
            delta += datetime.fromisoformat(payload["to"]) - (datetime.now(UTC) + simulation.world.offset)
        simulation.world.move(delta)
        timeline.settle_all(simulation.world)
        simulation.store.commit(simulation.world)
    return _show_time(simulation, payload)


def _set_price(simulation: Simulation, payload: Payload) -> dict[str, Any]:
    world = simulation.world
    direction = world.catalog.find(str(payload["direction_id"]))
    if direction is None:
        raise KeyError("direction_id")
    fees = [amount(payload[name]) if name in payload else None for name in ("connect_fee", "monthly_fee")]
    if any(fee is not None and fee < 0 for fee in fees):
        raise ValueError("fees are not negative")
    with world.lock:
        world.set_price(direction, fees[0], fees[1])
        simulation.store.commit(world)
    return {
        "direction_id": direction.id,
        "connect_fee": as_json_number(world.connect_fee(direction)),
        "monthly_fee": as_json_number(world.monthly_fee(direction)),
    }


def _set_requirements(simulation: Simulation, payload: Payload) -> dict[str, Any]:
    """Let a direction ask for what a profile of the catalogue says (none, passport, local, …)."""
    world = simulation.world
    direction = world.catalog.find(str(payload["direction_id"]))
    if direction is None:
        raise KeyError("direction_id")
    with world.lock:
        world.set_requirements(direction, str(payload["profile"]))
        simulation.store.commit(world)
    return {"direction_id": direction.id, "profile": world.requirements[direction.id]}


def _order_fault(simulation: Simulation, payload: Payload) -> dict[str, Any]:
    return {"fault": simulation.faults.order(payload)}


def _show_faults(simulation: Simulation, payload: Payload) -> dict[str, Any]:
    faults = simulation.faults
    return {
        "faults": faults.shown(),
        "late_effects": simulation.late_effects,
        "hits": faults.hits(),
        "hits_by_method": faults.hits_by_method(),
    }


def _clear_faults(simulation: Simulation, payload: Payload) -> dict[str, Any]:
    simulation.faults.clear()
    return _show_faults(simulation, payload)


def _show_requests(simulation: Simulation, payload: Payload) -> dict[str, Any]:
    return {"requests": simulation.requests.shown()}


def _show_totals(simulation: Simulation, payload: Payload) -> dict[str, Any]:
    """How many changing calls came, by method and path, however many the log keeps."""
    return {"totals": simulation.requests.totals()}


def _show_changing(simulation: Simulation, payload: Payload) -> dict[str, Any]:
    """The changing calls alone: those that look push none of them out of the log."""
    return {"requests": simulation.requests.changing()}


def _clear_requests(simulation: Simulation, payload: Payload) -> dict[str, Any]:
    simulation.requests.clear()
    return {"requests": []}


def _show_ledger(simulation: Simulation, payload: Payload) -> dict[str, Any]:
    with simulation.world.lock:
        timeline.settle_all(simulation.world)
        simulation.store.commit(simulation.world)
        return {"ledger": list(simulation.world.ledger), "late_effects": simulation.late_effects}


def _set_rate(simulation: Simulation, payload: Payload) -> dict[str, Any]:
    limit = int(payload["calls_a_minute"])
    if limit < 1:
        raise ValueError("calls_a_minute is at least 1")
    simulation.rates.set_limit(limit)
    return {"calls_a_minute": limit}


def _set_secret(simulation: Simulation, payload: Payload) -> dict[str, Any]:
    """Another secret for a key, or for the main one; the one before is not accepted any more."""
    secrets = simulation.options.secrets
    key = str(payload.get("key") or next(iter(secrets)))
    if key not in secrets:
        raise KeyError("key")
    secrets[key] = str(payload["secret"])
    return {"key": key}


def _set_shape(simulation: Simulation, payload: Payload) -> dict[str, Any]:
    simulation.set_shape(str(payload["shape"]))
    return {"shape": simulation.world.shape}


def _reset(simulation: Simulation, payload: Payload) -> dict[str, Any]:
    simulation.reset()
    return {"seed": simulation.world.seed}


def _on_accounts(order: Orders) -> Callable[[Simulation, Payload], dict[str, Any]]:
    """A control call that changes accounts: settled first, under the lock, and kept."""

    def run(simulation: Simulation, payload: Payload) -> dict[str, Any]:
        with simulation.world.lock:
            timeline.settle_all(simulation.world)
            try:
                return order(simulation.world, payload)
            finally:
                simulation.store.commit(simulation.world)

    return run


_CALLS: dict[tuple[str, str], Callable[[Simulation, Payload], dict[str, Any]]] = {
    ("GET", "time"): _show_time,
    ("POST", "time"): _move_time,
    ("POST", "price"): _set_price,
    ("POST", "requirements"): _set_requirements,
    ("POST", "faults"): _order_fault,
    ("GET", "faults"): _show_faults,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "requests"): _show_requests,
    ("DELETE", "requests"): _clear_requests,
    ("GET", "requests/totals"): _show_totals,
    ("GET", "requests/changing"): _show_changing,
    ("GET", "ledger"): _show_ledger,
    ("POST", "rate"): _set_rate,
    ("POST", "secret"): _set_secret,
    ("POST", "shape"): _set_shape,
    ("POST", "reset"): _reset,
    ("GET", "state"): _on_accounts(control_accounts.show_state),
    ("POST", "documents"): _on_accounts(control_accounts.judge_document),
    ("POST", "numbers/remove"): _on_accounts(control_accounts.remove_number),
    ("POST", "numbers/status"): _on_accounts(control_accounts.set_status),
    ("POST", "numbers/order"): _on_accounts(control_accounts.order_outside),
    ("POST", "numbers/renew"): _on_accounts(control_accounts.renew_number),
    ("POST", "numbers/add"): _on_accounts(control_accounts.add_numbers),
    ("POST", "balance"): _on_accounts(control_accounts.change_balance),
    ("POST", "sip"): _on_accounts(control_accounts.change_sip),
    ("POST", "timezone"): _on_accounts(control_accounts.change_timezone),
}
