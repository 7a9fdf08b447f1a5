"""Each kind of fault: what the caller sees, and whether the call took effect."""

from __future__ import annotations

import threading
import time

import pytest
import requests

from tests.simulator.api import Api
from tests.support.simulator import SimulatorProcess

ORDER = "/v1/direct_numbers/order/"
FIELDS = {"direction_id": 13755, "documents_group_id": 0}


def orders(sim: SimulatorProcess) -> int:
    return len(sim.ledger("order"))


def test_a_fault_can_be_put_before_the_others(sim: SimulatorProcess, api: Api) -> None:
    sim.fault("rate")
    sim.fault("error", first=True)
    api.refused("GET", "/v1/info/balance/", 500)
    api.refused("GET", "/v1/info/balance/", 429)


@pytest.mark.parametrize(
    ("kind", "status", "message"),
    [
        ("rate", 429, "You exceeded the rate limit"),
        ("error", 500, "The server failed"),
        ("error_in_200", 200, "The server failed"),
        ("error_after", 500, "The server failed"),
    ],
)
def test_errors(sim: SimulatorProcess, api: Api, kind: str, status: int, message: str) -> None:
    sim.fault(kind, path="order", method="POST")
    assert api.refused("POST", ORDER, status, **FIELDS) == message
    assert orders(sim) == (kind == "error_after")
    if kind == "rate":
        assert api.last.headers["X-RateLimit-Remaining"] == "0"
        assert int(api.last.headers["X-RateLimit-Reset"]) > time.time()
    api.order(13755)
    assert sim.requests("order")[0]["fault"] == kind
    assert sim.hits() == {kind: 1}
    assert sim.requests("order")[1]["fault"] is None


def test_a_refusal_for_the_rate_may_be_a_short_one(sim: SimulatorProcess, api: Api) -> None:
    sim.fault("rate", path="order", seconds=3)
    api.refused("POST", ORDER, 429, **FIELDS)
    assert 2 < int(api.last.headers["X-RateLimit-Reset"]) - time.time() + 1 < 5


@pytest.mark.parametrize(("kind", "effect"), [("reset_before", 0), ("reset_after", 1)])
def test_resets(sim: SimulatorProcess, api: Api, kind: str, effect: int) -> None:
    sim.fault(kind, path="order")
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        api.send("POST", ORDER, **FIELDS)
    assert orders(sim) == effect
    assert sim.requests("order")[0]["status"] is None
    assert api.balance() == 100 - 2 * effect  # the next connection is fine


def test_an_effect_long_after_the_reset(sim: SimulatorProcess, api: Api) -> None:
    sim.fault("reset_then_effect", path="order", seconds=0.8)
    with pytest.raises(requests.ConnectionError):
        api.send("POST", ORDER, **FIELDS)
    assert (orders(sim), sim.late_effects()) == (0, 1)
    deadline = time.monotonic() + 10
    while sim.late_effects() and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    assert orders(sim) == 1
    assert len(api.numbers()) == 1
    assert sim.ledger("order")[0]["request"] == sim.requests("order")[0]["n"]


@pytest.mark.parametrize(("kind", "effect"), [("latency", 1), ("latency_before", 0)])
def test_latency_past_the_timeout(sim: SimulatorProcess, api: Api, kind: str, effect: int) -> None:
    sim.fault(kind, path="order", seconds=1.2)
    started = time.monotonic()
    with pytest.raises(requests.ReadTimeout):
        api.send("POST", ORDER, timeout=0.2, **FIELDS)
    assert orders(sim) == effect
    while orders(sim) == 0 and time.monotonic() < started + 10:
        threading.Event().wait(0.02)
    assert orders(sim) == 1
    assert effect or time.monotonic() - started >= 1.2


def test_latency_within_the_timeout_is_only_slow(sim: SimulatorProcess, api: Api) -> None:
    sim.fault("latency", seconds=0.2)
    started = time.monotonic()
    assert api.balance() == 100
    assert time.monotonic() - started >= 0.2


def test_a_truncated_body(sim: SimulatorProcess, api: Api) -> None:
    sim.fault("truncated", path="order")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError), match="IncompleteRead"):
        api.send("POST", ORDER, **FIELDS)
    assert orders(sim) == 1
    assert api.balance() == 98


@pytest.mark.parametrize(("kind", "status", "effect"), [("html", 502, 1), ("html", 200, 1), ("html_before", 502, 0)])
def test_html(sim: SimulatorProcess, api: Api, kind: str, status: int, effect: int) -> None:
    sim.fault(kind, path="order", status=status)
    answer = api.send("POST", ORDER, **FIELDS)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html")
    assert "<html>" in answer.text
    assert orders(sim) == effect


def test_bad_json(sim: SimulatorProcess, api: Api) -> None:
    sim.fault("bad_json", path="order")
    answer = api.send("POST", ORDER, **FIELDS)
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert orders(sim) == 1


def test_a_body_that_trickles_outlives_the_timeout_of_each_read(sim: SimulatorProcess, api: Api) -> None:
    sim.fault("slow_body", path="balance", seconds=0.01)
    started = time.monotonic()
    assert api.ok("GET", "/v1/info/balance/", timeout=0.3)["balance"] == 100
    assert time.monotonic() - started >= 0.01 * len(api.last.content)


def test_faults_hit_only_what_they_match_and_count_down(sim: SimulatorProcess, api: Api) -> None:
    sim.fault("error", method="POST", path="/order/$", count=2)
    api.balance()
    api.available(13755)
    assert [fault["count"] for fault in sim.faults()] == [2]
    api.refused("POST", ORDER, 500, **FIELDS)
    assert [fault["count"] for fault in sim.faults()] == [1]
    api.refused("POST", ORDER, 500, **FIELDS)
    api.order(13755)
    assert sim.faults() == []
    sim.fault("error", count=-1)
    for _ in range(3):
        api.refused("GET", "/v1/info/balance/", 500)
    sim.clear_faults()
    assert api.balance() == 98


def test_a_probable_fault_falls_by_the_seed(sim: SimulatorProcess, api: Api) -> None:
    def round_of_calls() -> list[int]:
        sim.reset()
        sim.fault("error", count=-1, probability=0.3)
        return [api.send("GET", "/v1/info/balance/").status_code for _ in range(60)]

    first = round_of_calls()
    assert 5 <= first.count(500) <= 35
    assert round_of_calls() == first


def test_an_unknown_fault_is_refused(sim: SimulatorProcess) -> None:
    for wrong in ({"kind": "earthquake"}, {"kind": "error", "count": 0}, {"kind": "error", "probability": 2}):
        with pytest.raises(ValueError, match="400|one of|count"):
            sim.control("POST", "faults", **wrong)
    assert sim.faults() == []
