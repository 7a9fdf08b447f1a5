"""What passing time does to numbers."""

from __future__ import annotations

from datetime import datetime

from tests.simulator.api import Api
from tests.support.simulator import SimulatorProcess


def test_a_number_renews_by_itself_month_by_month(sim: SimulatorProcess, api: Api) -> None:
    number = api.order(13755)["number"]
    before = datetime.fromisoformat(api.number(number)["stop_date"])
    sim.move_time(days=100)
    renewals = sim.ledger("autorenew")
    assert [(entry["amount"], entry["origin"]) for entry in renewals] == [(2, "time")] * len(renewals)
    after = datetime.fromisoformat(api.number(number)["stop_date"])
    moved = (after.year - before.year) * 12 + after.month - before.month
    assert moved == len(renewals) >= 3
    assert api.balance() == 98 - 2 * len(renewals)
    moments = [entry["at"] for entry in renewals]
    assert moments == sorted(set(moments))


def test_a_number_of_the_year_renews_by_the_year(sim: SimulatorProcess, api: Api) -> None:
    number = api.order(13755, autorenew_period="year")["number"]
    assert api.number(number)["monthly_fee"] == 1.6
    sim.move_time(days=32)
    assert [entry["amount"] for entry in sim.ledger("autorenew")] == [19.2]
    sim.move_time(days=300)
    assert len(sim.ledger("autorenew")) == 1


def test_without_money_or_autorenewal_it_parks_for_seven_days_and_is_gone(sim: SimulatorProcess, api: Api) -> None:
    manual = api.order(13755)["number"]
    one = {"number": manual, "type": "common"}
    api.ok("PUT", "/v1/direct_numbers/autoprolongation/", **one, value="off")
    assert api.ok("GET", "/v1/direct_numbers/autoprolongation/", **one)["autoprolongation"] == "off"
    poor = api.order(13756)["number"]
    sim.top_up(-95)
    sim.move_time(days=32)
    assert {row["number"]: row["status"] for row in api.numbers()} == {manual: "parking", poor: "parking"}
    assert (sim.ledger("autorenew"), api.balance()) == ([], 1)
    sim.top_up(10)
    api.ok("POST", "/v1/direct_numbers/prolong/", number=poor, months=2)  # brings it back
    assert api.number(poor)["status"] == "on"
    sim.move_time(days=8)
    assert [row["number"] for row in api.numbers()] == [poor]
    assert [entry["number"] for entry in sim.ledger("lost")] == [manual]
    assert api.refused("GET", "/v1/direct_numbers/number/", **one) == "Check phone's number"


def test_a_parked_number_is_kept_for_seven_days_exactly(sim: SimulatorProcess, api: Api) -> None:
    number = api.order(13755)["number"]
    sim.set_status(number, "parking")
    sim.move_time(days=6, hours=23, minutes=59)
    assert api.number(number)["status"] == "parking"
    sim.move_time(minutes=1, seconds=1)
    assert api.numbers() == []


def test_a_turn_of_the_clock_settles_every_account(sim: SimulatorProcess) -> None:
    other = Api(sim, "second-key", "second-secret")
    other.order(13755)
    sim.move_time(days=40)
    assert [entry["key"] for entry in sim.ledger("autorenew")] == ["second-key"]


def test_dates_are_in_the_account_s_zone(sim: SimulatorProcess, api: Api) -> None:
    other = Api(sim, "second-key", "second-secret")
    here, there = (each.ok("GET", "/v1/info/timezone/") for each in (api, other))
    assert (here["timezone"], there["timezone"]) == ("UTC+2", "UTC-5")
    hours = datetime.fromisoformat(here["datetime"]) - datetime.fromisoformat(there["datetime"])
    assert 6.9 < hours.total_seconds() / 3600 < 7.1
    start = api.number(api.order(13755)["number"])["start_date"]
    assert abs((datetime.fromisoformat(start) - datetime.fromisoformat(here["datetime"])).total_seconds()) < 60
    sim.control("POST", "timezone", timezone="UTC+3")
    moved = datetime.fromisoformat(api.numbers()[0]["start_date"]) - datetime.fromisoformat(start)
    assert moved.total_seconds() == 3600


def test_the_clock_only_goes_forward(sim: SimulatorProcess) -> None:
    for wrong in ({"days": -1}, {"to": "2020-01-01T00:00:00+00:00"}, {"weeks": 1}, {}):
        try:
            sim.move_time(**wrong)
        except ValueError:
            continue
        raise AssertionError(f"moved by {wrong}")
