"""Ordering, prolonging and channels: what is charged, what is refused, what becomes of the number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.simulator.api import Api
from tests.support.simulator import SimulatorProcess

ORDER = ("POST", "/v1/direct_numbers/order/")
PROLONG = ("POST", "/v1/direct_numbers/prolong/")


def test_an_order_that_needs_nothing_is_active_and_charged_at_once(sim: SimulatorProcess, api: Api) -> None:
    answer = api.order(13755, receive_sms=1)
    assert (answer["is_reserved"], answer["is_activated"]) == ("false", "true")
    row = api.number(answer["number"])
    assert (row["status"], row["type"], row["receive_sms"], row["autorenew"]) == ("on", "common", "true", "true")
    assert (row["direction_id"], row["group_id"], row["autorenew_period"]) == (13755, 0, "month")
    assert api.balance() == 98
    (entry,) = sim.ledger()
    assert (entry["kind"], entry["number"], entry["amount"], entry["balance_after"]) == ("order", row["number"], 2, 98)
    assert (entry["origin"], entry["key"], entry["currency"]) == ("api", "test-key", "EUR")
    assert entry["purpose"] == ""
    assert [seen["n"] for seen in sim.requests("order")] == [entry["request"]]


@pytest.mark.parametrize(
    ("direction_id", "more", "cost"),
    [
        (4201, {}, 8),  # connection fee 4, month 4
        (4201, {"period": "3month"}, 16),
        (17704, {"period": "3month"}, 7.5),
        (13757, {"autorenew_period": "year"}, 1.6),  # a fifth less by the year
    ],
)
def test_connection_fee_and_months_are_charged(api: Api, direction_id: int, more: Any, cost: float) -> None:
    api.order(direction_id, **more)
    assert api.balance() == pytest.approx(100 - cost)


def test_what_does_not_fit_is_refused_and_costs_nothing(sim: SimulatorProcess, api: Api) -> None:
    austrian = api.create_group(country="AT")
    before = sim.ledger()
    for direction_id, group, more in (
        (999, 0, {}),
        ("", 0, {}),
        (13755, 77, {}),
        (13755, "x", {}),
        (13756, 0, {"receive_sms": 1}),
        (13755, 0, {"receive_sms": 2}),
        (13755, 0, {"period": "year"}),
        (13755, 0, {"autorenew_period": "week"}),
        (13755, 0, {"number_id": "1712p0D1643D0t42r198658"}),
        (17706, 0, {}),  # wants a purpose
        (17706, 0, {"purpose": "  "}),
        (4102, 0, {}),  # wants an Austrian address
        (3760, austrian, {}),
        (3753, 0, {}),  # wants a company
    ):
        api.refused(*ORDER, direction_id=direction_id, documents_group_id=group, **more)
    api.refused(*ORDER, direction_id=13755)
    api.refused(*ORDER, documents_group_id=0)
    assert (api.numbers(), api.balance(), sim.ledger()) == ([], 100, before)
    assert api.order(17706, purpose="Support line")["is_activated"] == "true"
    assert sim.ledger("order")[-1]["purpose"] == "Support line"


def test_documents_decide_whether_an_order_waits(sim: SimulatorProcess, api: Api) -> None:
    group = api.create_group()
    number = api.order(3759, group)["number"]
    assert api.number(number)["status"] == "checking_upload"
    assert api.number(number)["type"] == "order"
    api.upload(group)
    assert api.number(number)["status"] == "checking"
    sim.reject(group, "passport", "Too dark")
    assert api.number(number)["status"] == "checking_upload"
    api.upload(group)
    sim.verify(group, "passport")
    assert (api.number(number)["status"], api.number(number)["type"]) == ("on", "common")
    assert [entry["kind"] for entry in sim.ledger()].count("connected") == 1
    assert api.balance() == 97.5  # nothing but the order was charged


def test_a_verified_order_gets_active_after_the_direction_s_days(sim: SimulatorProcess, api: Api) -> None:
    number = api.order(4203 - 1)["number"]  # no waiting there
    assert api.number(number)["status"] == "on"
    waiting = api.order(3763)["number"]  # one day
    assert api.number(waiting)["status"] == "checking"
    sim.move_time(hours=23)
    assert api.number(waiting)["status"] == "checking"
    sim.move_time(hours=1, seconds=1)
    assert api.number(waiting)["status"] == "on"
    assert [entry["origin"] for entry in sim.ledger("connected")] == ["time"]


def test_without_money_a_number_is_reserved_and_a_top_up_pays_it(sim: SimulatorProcess, api: Api) -> None:
    sim.top_up(-99)
    answer = api.order(13755)
    assert (answer["is_reserved"], answer["is_activated"]) == ("true", "false")
    waiting = api.order(3759, api.create_group())["number"]
    statuses = {row["number"]: row["status"] for row in api.numbers()}
    assert statuses == {answer["number"]: "reserved_on", waiting: "reserved_checking_upload"}
    assert api.balance() == 1
    assert "reserved" in api.refused(*PROLONG, number=answer["number"], months=1)
    sim.move_time(days=3)
    sim.top_up(2)  # enough for one of them
    statuses = {row["number"]: row["status"] for row in api.numbers()}
    assert statuses == {answer["number"]: "on", waiting: "reserved_checking_upload"}
    assert api.balance() == 1
    paid = sim.ledger("reserve_paid")
    assert [(entry["number"], entry["amount"]) for entry in paid] == [(answer["number"], 2)]
    assert api.number(answer["number"])["start_date"][:10] == api.ok("GET", "/v1/info/timezone/")["datetime"][:10]
    sim.top_up(10)
    assert api.number(waiting)["status"] == "checking_upload"


def test_prolonging_moves_the_stop_date_by_calendar_months(sim: SimulatorProcess, api: Api) -> None:
    year = datetime.now(UTC).year + 1
    while year % 4 == 0:  # a February of 28 days
        year += 1
    sim.move_time(to=f"{year}-01-30T21:30:00+00:00")
    number = api.order(13755)["number"]
    row = api.number(number)
    assert row["start_date"].startswith(f"{year}-01-30 23:30:0")  # UTC+2
    assert row["stop_date"].startswith(f"{year}-02-28 23:")
    answer = api.ok(*PROLONG, number=number, months=12)
    assert answer["stop_date"][:10] == f"{year + 1}-02-28"
    assert answer["stop_date"][11:] == row["stop_date"][11:]
    assert answer["total_paid"] == {"amount": 24, "currency": "EUR"}
    assert api.number(number)["stop_date"] == answer["stop_date"]
    assert api.balance() == 74
    assert sim.ledger("prolong")[0]["amount"] == 24


@pytest.mark.parametrize(
    ("start", "months", "stop"),
    [("01-31", 1, "02-28"), ("03-31", 1, "04-30"), ("03-31", 2, "05-30"), ("11-30", 3, "02-28")],
)
def test_month_ends(sim: SimulatorProcess, api: Api, start: str, months: int, stop: str) -> None:
    year = datetime.now(UTC).year + 1
    while year % 4 in (0, 3):
        year += 1
    sim.move_time(to=f"{year}-{start}T10:00:00+00:00")
    number = api.order(13755)["number"]
    if months > 1:
        api.ok(*PROLONG, number=number, months=months - 1)
    assert api.number(number)["stop_date"][5:10] == stop


@pytest.mark.parametrize("months", ["0", "37", "-1", "1.5", "two", "", None])
def test_months_outside_1_to_36_are_refused(sim: SimulatorProcess, api: Api, months: str | None) -> None:
    number = api.order(13755)["number"]
    api.refused(*PROLONG, number=number, **({"months": months} if months is not None else {}))
    assert sim.ledger("prolong") == []
    assert api.ok(*PROLONG, number=number, months=36)["total_paid"]["amount"] == 72


def test_prolonging_needs_money_and_a_number_of_one_s_own(sim: SimulatorProcess, api: Api) -> None:
    other = Api(sim, "second-key", "second-secret")
    number = other.order(13755)["number"]
    assert api.refused(*PROLONG, number=number, months=1) == "Check phone's number"
    assert "balance" in other.refused(*PROLONG, number=number, months=36)
    assert (other.balance(), api.balance()) == (48, 100)


def test_channels_are_charged_one_by_one(sim: SimulatorProcess, api: Api) -> None:
    number = api.order(13755)["number"]
    path = "/v1/direct_numbers/incoming_channels/"
    assert api.ok("GET", path, number=number)["channels"] == 2
    assert api.ok("PUT", path, number=number, channels=5)["total_paid"]["amount"] == 6
    assert api.number(number)["channels"] == 5
    assert api.balance() == 92
    for channels in ("4", "0", "31", "x"):
        api.refused("PUT", path, number=number, channels=channels)
    sim.top_up(-91)
    api.refused("PUT", path, number=number, channels=8)
    assert api.number(number)["channels"] == 5


def test_a_price_change_counts_from_now_on(sim: SimulatorProcess, api: Api) -> None:
    number = api.order(13755)["number"]
    sim.set_price(13755, connect_fee=1.5, monthly_fee="3.10")
    row = api.ok("GET", "/v1/direct_numbers/country/", country="GB", direction_id=13755)["info"][0]
    assert (row["connect_fee"], row["monthly_fee"]) == (1.5, 3.1)
    assert api.number(number)["monthly_fee"] == 3.1
    api.order(13755)
    assert api.balance() == pytest.approx(98 - 4.6)


def test_the_period_ends_a_second_before_it_began(api: Api) -> None:
    row = api.number(api.order(13755, period="3month")["number"])
    start, stop = (datetime.fromisoformat(row[name]) for name in ("start_date", "stop_date"))
    months = (stop.year - start.year) * 12 + stop.month - start.month
    assert months == 3 or stop + timedelta(seconds=1) > start + timedelta(days=87)
    assert (stop + timedelta(seconds=1)).time() == start.time()
