"""Routing, caller name and SMS of a number; SIP logins and webhooks; accounts apart from each other."""

from __future__ import annotations

import pytest

from tests.simulator.api import Api
from tests.support.simulator import SimulatorProcess


@pytest.fixture
def number(api: Api) -> str:
    return str(api.order(13755)["number"])


def test_routing_to_a_login_or_a_server(sim: SimulatorProcess, api: Api, number: str) -> None:
    put = ("PUT", "/v1/direct_numbers/set_sip_id/")
    assert api.number(number)["sip"] == ""
    assert api.ok(*put, number="+" + number, type="common", sip_id="480012")["sip_id"] == "480012"
    row = api.number(number)
    assert (row["sip"], row["sip_name"], row["is_on_test"]) == ("480012", "Sales", "false")
    api.ok(*put, number=number, type="common", sip_id="1234567890@myserver.com", test_mode="on")
    row = api.number(number)
    assert (row["sip"], row["sip_name"], row["is_on_test"]) == ("1234567890@myserver.com", None, "true")
    for wrong in ("999999", "", "480111", "not a uri@x", "@server"):
        api.refused(*put, number=number, type="common", sip_id=wrong)
    api.refused(*put, number=number, type="common", sip_id="480011", test_mode="yes")
    assert api.number(number) == row
    assert [entry["sip_id"] for entry in sim.ledger("set_sip_id")] == ["480012", "1234567890@myserver.com"]


def test_the_caller_name(api: Api, number: str) -> None:
    call = ("PUT", "/v1/direct_numbers/set_caller_name/")
    one = {"number": number, "type": "common"}
    assert api.ok(*call, **one, caller_name="A" * 30)["caller_name"] == "A" * 30
    assert api.number(number)["number_name"] == "A" * 30
    for wrong in ("A" * 31, "Müller", "Desk-1", "Два"):
        api.refused(*call, **one, caller_name=wrong)
    api.refused(*call, **one)
    api.ok(*call, **one, caller_name="")
    assert api.number(number)["number_name"] is None


def test_sms_only_where_it_is_supported(api: Api, number: str) -> None:
    call = ("PUT", "/v1/direct_numbers/receive_sms/")
    assert api.number(number)["receive_sms"] == "false"
    assert api.ok(*call, number=number, value="on")["receive_sms"] == "on"
    assert api.number(number)["receive_sms"] == "true"
    silent = api.order(13756)["number"]
    assert api.number(silent)["receive_sms"] is None
    assert "SMS" in api.refused(*call, number=silent, value="on")
    api.refused(*call, number=number, value="true")
    api.refused(*call, number=number, value="on", documents_group_id=55)


def test_the_kind_of_a_number_must_be_right(api: Api, number: str) -> None:
    call = ("GET", "/v1/direct_numbers/number/")
    assert api.ok(*call, number=number, type="common")["info"]["direction_id"] == 13755
    for wrong in ({"type": "order"}, {"type": "x"}, {}):
        api.refused(*call, number=number, **wrong)
    api.refused(*call, number="4999999", type="common")
    api.refused(*call, type="common")


def test_accounts_are_apart(sim: SimulatorProcess, api: Api, number: str) -> None:
    other = Api(sim, "second-key", "second-secret")
    assert (other.numbers(), other.balance()) == ([], 50)
    assert other.ok("GET", "/v1/info/balance/")["currency"] == "USD"
    other.refused("GET", "/v1/direct_numbers/number/", number=number, type="common")
    group = other.create_group()
    api.refused("GET", f"/v1/documents/groups/get/{group}/")
    assert [one["id"] for one in api.ok("GET", "/v1/documents/groups/list/")["groups"]] == [0]
    taken = other.available(13755)[0]
    other.order(13755, number_id=taken["id"])
    assert taken not in api.available(13755)  # what is on offer is the same for all
    sim.top_up(5, key="second-key")
    assert (api.balance(), other.balance()) == (98, 53)
    api.refused("GET", f"/v1/sip/{other.ok('GET', '/v1/sip/')['sips'][0]['id']}/status/")


def test_sip_logins(sim: SimulatorProcess, api: Api) -> None:
    logins = api.ok("GET", "/v1/sip/")["sips"]
    assert [login["id"] for login in logins] == ["480011", "480012", "480013"]
    assert api.ok("GET", "/v1/sip/480012/status/")["is_online"] == "false"
    sim.control("POST", "sip", sip="480012", is_online=True)
    assert api.ok("GET", "/v1/sip/480012/status/")["is_online"] == "true"
    api.refused("GET", "/v1/sip/12345/status/")


def test_webhooks(api: Api) -> None:
    url = "/v1/pbx/webhooks/url/"
    assert api.ok("GET", "/v1/pbx/webhooks/")["url"] == ""
    assert api.ok("POST", url, url="https://example.com/z")["url"] == "https://example.com/z"
    api.refused("POST", url, url="nonsense")
    assert api.ok("POST", "/v1/pbx/webhooks/hooks/", document="true")["hooks"]["document"] == "true"
    api.refused("POST", "/v1/pbx/webhooks/hooks/", sms="yes")
    seen = api.ok("GET", "/v1/pbx/webhooks/")
    assert (seen["url"], seen["hooks"]["document"], seen["hooks"]["sms"]) == ("https://example.com/z", "true", "false")
    assert api.ok("DELETE", url)["url"] == ""
    assert api.ok("GET", "/v1/pbx/webhooks/")["url"] == ""


def test_unknown_paths_and_wrong_verbs(api: Api) -> None:
    api.refused("GET", "/v1/direct_numbers/nothing/", 404)
    api.refused("GET", "/", 404)
    api.refused("POST", "/v1/info/balance/", 405)
    api.refused("GET", "/v1/direct_numbers/order/", 405)
    api.refused("DELETE", "/v1/direct_numbers/", 405)


def test_languages_and_refusals_in_the_account_s_language() -> None:
    with SimulatorProcess(accounts=[("b", "b"), ("c", "c")]) as sim:
        german = Api(sim, "c", "c")
        assert "de" in german.ok("GET", "/v1/info/lists/languages/")["languages"]
        assert german.refused("GET", "/v1/direct_numbers/country/") == "Der Parameter country fehlt"
        german.order(13755)
        assert german.numbers()[0]["country"] == "Vereinigtes Königreich"
