"""A hundred calls a minute and key, or whatever was set."""

from __future__ import annotations

import time

from tests.simulator.api import Api
from tests.support.simulator import SimulatorProcess


def test_headers_count_down_and_past_the_limit_comes_429(sim: SimulatorProcess, api: Api) -> None:
    sim.set_rate(5)
    remaining = []
    for _ in range(5):
        api.ok("GET", "/v1/info/balance/")
        remaining.append(api.last.headers["X-RateLimit-Remaining"])
        assert api.last.headers["X-RateLimit-Limit"] == "5"
    assert remaining == ["4", "3", "2", "1", "0"]
    assert api.refused("GET", "/v1/info/balance/", 429) == "You exceeded the rate limit"
    assert api.last.headers["X-RateLimit-Remaining"] == "0"
    assert 0 < int(api.last.headers["X-RateLimit-Reset"]) - time.time() <= 61


def test_a_call_past_the_limit_takes_no_effect(sim: SimulatorProcess, api: Api) -> None:
    sim.set_rate(1)
    api.order(13755)
    api.refused("POST", "/v1/direct_numbers/order/", 429, direction_id=13755, documents_group_id=0)
    assert len(sim.ledger("order")) == 1


def test_every_key_has_its_own_minute_and_simulated_time_does_not_refill_it(sim: SimulatorProcess, api: Api) -> None:
    sim.set_rate(2)
    api.balance()
    api.balance()
    sim.move_time(days=1)
    api.refused("GET", "/v1/info/balance/", 429)
    assert Api(sim, "second-key", "second-secret").balance() == 50
    assert Api(sim, secret="wrong").send("GET", "/v1/info/balance/").status_code == 401


def test_the_default_is_a_hundred_a_minute() -> None:
    with SimulatorProcess(rate=100) as sim:
        api = Api(sim)
        assert [api.send("GET", "/v1/info/balance/").status_code for _ in range(101)] == [200] * 100 + [429]


def test_answers_of_every_kind_carry_the_headers(api: Api) -> None:
    api.refused("GET", "/v1/nothing/", 404)
    assert "X-RateLimit-Reset" in api.last.headers
    Api(api.sim, secret="wrong").refused("GET", "/v1/info/balance/", 401)
    api.refused("GET", "/v1/direct_numbers/country/")
    assert "X-RateLimit-Limit" in api.last.headers
