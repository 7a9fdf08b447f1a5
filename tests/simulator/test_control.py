"""Control calls that no other test file needs, and the account for demonstrations."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from simulator import methods_orders
from simulator.calls import Call
from simulator.simulation import Options, Simulation
from simulator.state import STATUSES
from tests.simulator.api import Api
from tests.support.simulator import SimulatorProcess


def in_threads(count: int, work: Callable[[], None]) -> None:
    """Do the same so many times at once."""
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_numbers_come_and_go_outside_the_panel(sim: SimulatorProcess, api: Api) -> None:
    outside = sim.order_outside(13755)
    assert api.balance() == 98
    assert [(entry["kind"], entry["origin"]) for entry in sim.ledger()] == [("order", "outside")]
    with pytest.raises(ValueError, match="purpose|for"):
        sim.order_outside(17706)
    sim.remove_number(outside)
    assert api.numbers() == []
    assert sim.add_numbers(direction_id=13755, number=outside) == [outside]  # it returns
    assert [row["number"] for row in api.numbers()] == [outside]
    gone = api.available(13755)[0]
    sim.remove_number(gone["number"])
    assert gone not in api.available(13755)
    assert len(api.available(13755)) == 20
    with pytest.raises(ValueError, match="number"):
        sim.remove_number("1234567")


def test_every_status_can_be_set(sim: SimulatorProcess, api: Api) -> None:
    number = sim.add_numbers(direction_id=13755)[0]
    for status in STATUSES:
        sim.set_status(number, status)
        row = api.number(number)
        assert row["status"] == status
        assert row["type"] == ("common" if status in ("on", "parking") else "order")
    with pytest.raises(ValueError, match="status"):
        sim.set_status(number, "asleep")


def test_top_ups_and_charged_calls(sim: SimulatorProcess, api: Api) -> None:
    assert sim.top_up("0.1664") == 100.1664
    assert sim.top_up(-1.5) == 98.6664
    assert api.ok("GET", "/v1/info/balance/")["balance"] == 98.6664
    assert [(entry["kind"], entry["amount"]) for entry in sim.ledger()] == [("top_up", 0.1664), ("charge", 1.5)]


def test_wrong_control_calls_are_refused(sim: SimulatorProcess) -> None:
    for method, path, payload in (
        ("POST", "nothing", {}),
        ("POST", "balance", {}),
        ("POST", "balance", {"amount": "NaN"}),
        ("POST", "balance", {"amount": 1, "key": "nobody"}),
        ("POST", "shape", {"shape": "round"}),
        ("POST", "rate", {"calls_a_minute": 0}),
        ("POST", "price", {"direction_id": 1}),
        ("POST", "price", {"direction_id": 13755, "monthly_fee": -1}),
        ("POST", "requirements", {"direction_id": 1, "profile": "none"}),
        ("POST", "requirements", {"direction_id": 13755, "profile": "everything"}),
        ("POST", "timezone", {"timezone": "Berlin"}),
        ("POST", "time", {"days": 1e300}),
        ("POST", "time", {"to": "2030-01-01"}),
        ("POST", "faults", {"kind": "error", "path": "("}),
        ("POST", "numbers/add", {"count": 0}),
        ("POST", "numbers/add", {"stop_in": -1}),
        ("POST", "numbers/add", {"autorenew": "off"}),
    ):
        with pytest.raises(ValueError, match="error"):
            sim.control(method, path, **payload)
    assert sim.ledger() == []


def test_the_requests_can_be_filtered_and_forgotten(sim: SimulatorProcess, api: Api) -> None:
    api.balance()
    api.order(13755)
    assert [entry["method"] for entry in sim.requests()] == ["GET", "POST"]
    assert [entry["path"] for entry in sim.requests(method="POST")] == ["/v1/direct_numbers/order/"]
    assert sim.requests("order")[0]["params"]["direction_id"] == "13755"
    assert sim.request_totals() == {"POST /v1/direct_numbers/order/": 1}
    sim.clear_requests()
    assert (sim.requests(), sim.request_totals()) == ([], {})


def test_numbers_are_added_shortly_before_their_period_ends(sim: SimulatorProcess, api: Api) -> None:
    renewed, parked = (
        sim.add_numbers(direction_id=13755, status="on", autorenew=on, stop_in=60)[0] for on in (True, False)
    )
    assert [api.number(number)["autorenew"] for number in (renewed, parked)] == ["true", "false"]
    sim.move_time(seconds=30)
    assert [api.number(number)["status"] for number in (renewed, parked)] == ["on", "on"]
    sim.move_time(seconds=31)
    assert [api.number(number)["status"] for number in (renewed, parked)] == ["on", "parking"]
    assert [(entry["number"], entry["months"]) for entry in sim.ledger("autorenew")] == [(renewed, 1)]


def test_a_number_near_its_end_renews_itself_when_told(sim: SimulatorProcess, api: Api) -> None:
    near, off = (
        sim.add_numbers(direction_id=13755, status="on", autorenew=on, stop_in=3600)[0] for on in (True, False)
    )
    stop, balance = api.number(near)["stop_date"], api.balance()
    sim.renew(near)
    assert api.number(near)["stop_date"] > stop
    (entry,) = sim.ledger("autorenew")
    assert (entry["number"], entry["months"], entry["balance_after"]) == (near, 1, balance - entry["amount"])
    for number, why in ((near, "within a day"), (off, "renew itself")):
        with pytest.raises(ValueError, match=why):
            sim.renew(number)


def restrictions(api: Api, direction_id: int, country: str = "GB") -> Any:
    """What a direction asks for, as the catalogue says."""
    rows = api.ok("GET", "/v1/direct_numbers/country/", country=country)["info"]
    return next(row for row in rows if row["id"] == direction_id).get("restrictions", [])


def test_a_direction_begins_to_ask_for_papers(sim: SimulatorProcess, api: Api) -> None:
    group = api.create_group()
    ask = ("GET", f"/v1/documents/groups/valid/{group}/")
    assert (restrictions(api, 13756), api.ok(*ask, direction_id=13756)["is_documents_uploaded"]) == ([], "true")
    sim.set_requirements(13756, "local")
    assert list(restrictions(api, 13756)["upload"]) == ["passport", "receipt"]
    answer = api.ok(*ask, direction_id=13756)
    assert (answer["is_documents_uploaded"], answer["is_address_match"]) == ("false", "false")
    assert restrictions(api, 13757) == []  # the others stay
    sim.reset()
    assert restrictions(api, 13756) == []


def test_reset_brings_the_start_back(sim: SimulatorProcess, api: Api) -> None:
    before = api.available(13755)
    api.order(13755)
    api.create_group()
    sim.set_price(13755, monthly_fee=9)
    sim.move_time(days=5)
    sim.fault("error", count=-1)
    sim.set_shape("description")
    sim.reset()
    assert (api.numbers(), api.balance(), api.available(13755), sim.ledger()) == ([], 100, before, [])
    assert api.create_group() == 1001
    assert sim.control("GET", "time")["offset_seconds"] == 0


def test_parallel_orders_never_share_a_number_or_lose_money(sim: SimulatorProcess) -> None:
    def order() -> None:
        api = Api(sim)
        for _ in range(5):
            api.order(13755)

    in_threads(8, order)
    api = Api(sim)
    assert len({row["number"] for row in api.numbers()}) == 40
    assert api.balance() == 20
    assert [entry["balance_after"] for entry in sim.ledger("order")] == [98 - 2 * place for place in range(40)]


def test_one_call_takes_effect_after_the_other(tmp_path: Path) -> None:
    """Within one process, with threads that change places as often as they can."""
    simulation = Simulation(Options({"k": "s"}, state=tmp_path / "state.json"))
    account = simulation.world.accounts["k"]
    account.balance = Decimal(1000)

    def order() -> None:
        for _ in range(50):
            call = Call(simulation.world, account, {"direction_id": "13755", "documents_group_id": "0"})
            simulation.call(methods_orders.order, call)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        in_threads(8, order)
    finally:
        sys.setswitchinterval(interval)
    simulation.stop()
    assert len(account.numbers) == len(simulation.world.ledger) == 400
    assert [entry["n"] for entry in simulation.world.ledger] == list(range(1, 401))
    assert account.balance == 200


def test_a_chosen_number_goes_to_one_of_many(sim: SimulatorProcess, api: Api) -> None:
    chosen = api.available(13755)[0]["id"]
    statuses: list[int] = []

    def order() -> None:
        fields = {"direction_id": 13755, "documents_group_id": 0, "number_id": chosen}
        statuses.append(Api(sim).send("POST", "/v1/direct_numbers/order/", **fields).status_code)

    in_threads(6, order)
    assert sorted(statuses) == [200, 400, 400, 400, 400, 400]


def test_the_demonstration_shows_everything(demo: Api) -> None:
    rows = demo.numbers()
    assert len(rows) == 24
    assert {row["status"] for row in rows} == set(STATUSES)
    assert {row["receive_sms"] for row in rows} == {None, "true", "false"}
    assert {row["autorenew"] for row in rows} == {row["is_on_test"] for row in rows} == {"true", "false"}
    assert {row["type"] for row in rows} == {"common", "order"}
    assert {row["autorenew_period"] for row in rows} == {"month", "year"}
    assert {bool(row["number_name"]) for row in rows} == {True, False}
    today = demo.ok("GET", "/v1/info/timezone/")["datetime"]
    assert any(row["status"] == "on" and row["stop_date"] > today for row in rows)
    assert all(row["stop_date"] > today for row in rows if row["status"] == "on")
    assert demo.balance() == 212.4
    groups = demo.ok("GET", "/v1/documents/groups/list/")["groups"]
    assert [group["id"] for group in groups] == [0, 1001, 1002, 1003]
    assert [group["salutation"] for group in groups] == ["MS", "MR", "COMPANY", "MS"]
    for group_id, direction_id, expected in ((1001, 3760, "true"), (1002, 4106, "false"), (1003, 5401, "false")):
        answer = demo.ok("GET", f"/v1/documents/groups/valid/{group_id}/", direction_id=direction_id)
        assert answer["is_documents_verified"] == expected
    wrong = demo.ok("GET", "/v1/direct_numbers/checking-wrongs/", group_id=1003)["info"]["wrong_document"]
    assert wrong["document_type"] == "passport"
    assert [login["lines"] for login in demo.ok("GET", "/v1/sip/")["sips"]] == [3, 5, 3]


def test_the_demonstration_lives_on(demo: Api) -> None:
    """A day later one that was being checked is active, and a verdict moves the one that waits for it."""
    statuses = {row["direction_id"]: row["status"] for row in demo.numbers()}
    assert (statuses[4104], statuses[4106]) == ("checking", "checking")
    demo.sim.move_time(days=1, minutes=1)
    statuses = {row["direction_id"]: row["status"] for row in demo.numbers()}
    assert (statuses[4104], statuses[4106]) == ("on", "checking")
    demo.sim.verify(1002, "certificate")
    demo.sim.verify(1002, "contract")
    demo.sim.move_time(days=10, minutes=1)
    assert {row["direction_id"]: row["status"] for row in demo.numbers()}[4106] == "on"


def test_a_big_account_is_mostly_active() -> None:
    with SimulatorProcess(numbers=5000) as sim:
        rows = Api(sim).numbers()
        assert len({row["number"] for row in rows}) == 5000
        assert sum(row["status"] == "on" for row in rows) > 3500
        assert len({row["direction_id"] for row in rows}) >= 120
