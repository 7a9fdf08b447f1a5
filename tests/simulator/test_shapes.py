"""Answers against the vendor's description and against what was recorded from production."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.routes import TABLE
from tests.simulator.api import Api
from tests.simulator.scenario import every_method, shape_of
from tests.simulator.vendor import sample

NUMBER = "GET /v1/direct_numbers/number"
NUMBERS = "GET /v1/direct_numbers"
COUNTRY = "GET /v1/direct_numbers/country"
CHANNELS = "/v1/direct_numbers/incoming_channels"
WRONGS = "GET /v1/direct_numbers/checking-wrongs"

#: What the description cannot say, in whichever shape: its lists of values are too short, or it says nothing.
BEYOND_THE_DESCRIPTION = {
    f"{NUMBER}: info.status: enum",  # reserved_*, which its own list of numbers knows
    "GET /v1/documents/files: documents.*.type: enum",  # certificate, which its own upload takes
    f"GET {CHANNELS}: : has direction_id",  # the answer is undocumented beyond status
    f"GET {CHANNELS}: : has channels",
    f"GET {CHANNELS}: : has max_channels",
    f"GET {CHANNELS}: : has channel_fee",
    f"PUT {CHANNELS}: : has number",
    f"PUT {CHANNELS}: : has channels",
    f"PUT {CHANNELS}: : has total_paid",
}

#: How production differs from the description.
DEVIATIONS = {
    f"{COUNTRY}: info.*.id: type",  # ids as numbers
    f"{COUNTRY}: info.*.restrictions: type",  # nothing wanted: an empty map is []
    f"{COUNTRY}: info.*.restrictions.upload: type",  # a map from document type to text
    "GET /v1/sip: sips.*.id: pattern",  # six digits
    "GET /v1/sip/{sip}/status: sip: pattern",
    f"{NUMBERS}: info.*: has direction_id",
    f"{NUMBERS}: info.*: has group_id",
    f"{NUMBERS}: info.*: has autorenew_period",
    f"{NUMBERS}: info.*: has receive_sms",
    f"{NUMBER}: info: has direction_id",
    f"{NUMBER}: info: has group_id",
    f"{NUMBER}: info: has autorenew_period",
    f"{NUMBER}: info.channels: type",  # a number rather than text
    f"{WRONGS}: info.wrong_document: type",  # an empty map is []
    f"{WRONGS}: info.wrong_address: type",
    "GET /v1/pbx/webhooks: hooks: has document",
    "POST /v1/pbx/webhooks/hooks: hooks: has document",
}


def test_in_the_descriptions_shape_every_answer_is_valid(demo: Api) -> None:
    demo.sim.set_shape("description")
    seen = every_method(demo)
    assert set().union(*(answer.deviations() for answer in seen)) == BEYOND_THE_DESCRIPTION


def test_in_productions_shape_exactly_the_named_deviations_occur(demo: Api) -> None:
    seen = every_method(demo)
    found = set().union(*(answer.deviations() for answer in seen))
    assert found - BEYOND_THE_DESCRIPTION == DEVIATIONS
    assert found >= BEYOND_THE_DESCRIPTION


def test_the_scenario_calls_every_method_once_at_least(demo: Api) -> None:
    def plain(path: str) -> str:
        return "/".join("<>" if step.startswith("{") else step for step in path.split("/"))

    called = {(answer.method, plain(answer.path)) for answer in every_method(demo)}
    assert called == {(method, path) for method, path, _ in TABLE}
    assert len(called) == 31


def _matches(ours: Any, recorded: Any) -> bool:
    """Same keys; where production was seen with null, a text will do, and the other way round."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        return ours.keys() == recorded.keys() and all(_matches(ours[name], recorded[name]) for name in recorded)
    if isinstance(recorded, list) and isinstance(ours, list):
        return all(any(_matches(one, other) for other in recorded) for one in ours)
    return ours == recorded or {ours, recorded} <= {"text", "NoneType"}


@pytest.mark.parametrize(
    ("name", "path", "params"),
    [
        ("v1_balance.json", "/v1/info/balance/", {}),
        ("v1_direct_numbers_countries.json", "/v1/direct_numbers/countries/", {}),
        ("v1_direct_numbers_country_IL.json", "/v1/direct_numbers/country/", {"country": "IL"}),
        ("v1_pbx_webhooks_url.json", "/v1/pbx/webhooks/", {}),
        ("v1_sip_list.json", "/v1/sip/", {}),
        ("v1_sip_status_nnnn.json", "/v1/sip/480011/status/", {}),
    ],
)
def test_answers_have_the_shape_of_the_recorded_ones(demo: Api, name: str, path: str, params: dict[str, str]) -> None:
    recorded = sample(name)
    assert _matches(shape_of(demo.ok("GET", path, **params)), shape_of(recorded)), name


def test_numbers_have_the_shape_of_the_recorded_ones(demo: Api) -> None:
    rows = [row for row in demo.numbers() if "minutes" not in row]
    assert _matches(shape_of(rows), shape_of(sample("v1_direct_numbers.json")))
    one = demo.ok("GET", "/v1/direct_numbers/number/", number=rows[0]["number"], type="common")
    assert _matches(shape_of(one), shape_of(sample("v1_direct_numbers_number.json")))


def test_israel_is_as_recorded(api: Api) -> None:
    """The figures of the one country that was recorded, its texts aside."""
    ours = {row["id"]: row for row in api.ok("GET", "/v1/direct_numbers/country/", country="IL")["info"]}
    for row in sample("v1_direct_numbers_country_IL.json")["info"]:
        for name in row.keys() - {"restrictions"}:
            assert ours[row["id"]][name] == row[name], (row["id"], name)
        assert ours[row["id"]]["restrictions"]["upload"].keys() == row["restrictions"]["upload"].keys()


def test_restrictions_come_in_all_their_forms(api: Api) -> None:
    def restrictions(country: str, direction_id: int) -> Any:
        rows = api.ok("GET", "/v1/direct_numbers/country/", country=country, direction_id=direction_id)["info"]
        return rows[0].get("restrictions", "missing")

    assert restrictions("GB", 13755) == []
    assert restrictions("GB", 13756) == "missing"
    assert restrictions("GB", 13762)["upload"] == []
    assert "specify" not in restrictions("PL", 5402)
    assert list(restrictions("DE", 3760)["upload"]) == ["passport", "receipt"]
    api.sim.set_shape("description")
    assert restrictions("GB", 13756) == {"upload": [], "specify": []}
    assert [isinstance(text, str) for text in restrictions("DE", 3760)["upload"]] == [True, True]


def test_type_is_required_in_production_and_unknown_to_the_description(demo: Api) -> None:
    number = demo.numbers()[0]["number"]
    for method, path, more in (
        ("GET", "number", {}),
        ("GET", "autoprolongation", {}),
        ("PUT", "autoprolongation", {"value": "on"}),
        ("PUT", "set_caller_name", {"caller_name": "A"}),
        ("PUT", "set_sip_id", {"sip_id": "480011"}),
    ):
        call = (method, f"/v1/direct_numbers/{path}/")
        demo.sim.set_shape("production")
        assert "type" in demo.refused(*call, number=number, **more)
        demo.refused(*call, number=number, type="order", **more)
        demo.ok(*call, number=number, type="common", **more)
        demo.sim.set_shape("description")
        demo.send(*call, number=number, **{**more, "sip_id": "80011"} if "sip_id" in more else more)
        assert demo.last.status_code == 200


def test_sip_logins_have_six_digits_or_five(demo: Api) -> None:
    row = demo.numbers()[0]
    assert row["sip"] == "480011"
    demo.sim.set_shape("description")
    assert demo.numbers()[0]["sip"] == "80011"
    assert demo.ok("GET", "/v1/sip/80011/status/")["is_online"] == "true"
