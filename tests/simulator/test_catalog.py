"""Countries, directions and numbers on offer."""

from __future__ import annotations

import pytest

from simulator.catalog import Catalog
from simulator.stock import Stock
from tests.simulator.api import Api
from tests.support.simulator import SimulatorProcess


def test_the_catalogue_is_large_and_varied(api: Api) -> None:
    countries = api.ok("GET", "/v1/direct_numbers/countries/")["info"]
    rows = [
        row
        for country in countries
        for row in api.ok("GET", "/v1/direct_numbers/country/", country=country["countryCodeIso"])["info"]
    ]
    assert len(countries) >= 20
    assert len({row["id"] for row in rows}) == len(rows) >= 120
    for name, least in (("connect_fee", 10), ("monthly_fee", 20), ("connect_time", 8), ("feature", 3)):
        assert len({row[name] for row in rows}) >= least, name
    for name in ("receive_sms", "is_toll"):
        assert {row[name] for row in rows} == {"true", "false"}
    assert all(0 <= int(row["connect_time"]) <= 14 for row in rows)
    assert {country["countryCodeIso"] for country in countries} >= {"DE", "AT", "CH", "GB", "US", "IL", "UA", "JP"}


def test_names_come_in_english_and_german_and_else_in_english(api: Api) -> None:
    def names(language: str) -> tuple[set[str], set[str]]:
        countries = api.ok("GET", "/v1/direct_numbers/countries/", language=language)["info"]
        rows = api.ok("GET", "/v1/direct_numbers/country/", country="DE", language=language)["info"]
        return {row["name"] for row in countries}, {row["name"] for row in rows}

    assert {"Germany", "Austria"} <= names("en")[0] and "Munich" in names("en")[1]
    assert {"Deutschland", "Österreich"} <= names("de")[0] and "München" in names("de")[1]
    assert names("pl") == names("en")


def test_twenty_numbers_are_on_offer_and_a_mask_narrows_them(api: Api) -> None:
    offers = api.available(13755)
    numbers = [offer["number"] for offer in offers]
    assert len(set(numbers)) == len({offer["id"] for offer in offers}) == 20
    assert all(number.startswith("4420") and len(number) == 12 for number in numbers)
    wanted = numbers[7]
    assert wanted in [offer["number"] for offer in api.available(13755, mask=wanted[4:9])]
    assert [offer["number"] for offer in api.available(13755, mask="*" + wanted[-6:])] == [wanted]
    assert [offer["number"] for offer in api.available(13755, mask="4420*" + wanted[-5:])] == [wanted]
    assert api.available(13755, mask="4421") == []
    assert api.available(13755, mask=wanted[-6:-1] + "*") == []
    api.refused("GET", "/v1/direct_numbers/available/13755/", mask="[a")


def test_an_ordered_number_vanishes_and_another_appears(api: Api) -> None:
    before = api.available(13755)
    assert api.order(13755, number_id=before[4]["id"])["number"] == before[4]["number"]
    after = api.available(13755)
    assert [offer for offer in before if offer not in after] == [before[4]]
    assert len(after) == 20
    assert api.refused(
        "POST", "/v1/direct_numbers/order/", direction_id=13755, documents_group_id=0, number_id=before[4]["id"]
    ).startswith("This number is no longer")
    assert len(api.numbers()) == 1


def test_where_no_number_is_listed_the_operator_assigns_one(api: Api) -> None:
    assert api.available(17705) == []
    assert api.order(17705)["number"].startswith("1305")
    made_up = Stock(Catalog(), 1).number_id(Catalog().directions[17705], 3)
    order = {"direction_id": 17705, "documents_group_id": 0, "number_id": made_up}
    api.refused("POST", "/v1/direct_numbers/order/", **order)


def test_moscow_is_known_by_its_word(api: Api) -> None:
    offers = api.available("ru495")
    assert {offer["direction_id"] for offer in offers} == {7495}
    assert api.order("ru495", number_id=offers[0]["id"])["number"] == offers[0]["number"]


def test_no_number_is_offered_twice_in_the_whole_catalogue() -> None:
    catalog = Catalog()
    stock = Stock(catalog, 5)
    numbers = [stock.number(entry, index) for entry in catalog.directions.values() for index in range(300)]
    assert len(set(numbers)) == len(numbers)
    assert all(7 <= len(number) <= 15 for number in numbers)


@pytest.mark.parametrize("path", ["country/?", "available/999999", "available/abc", "country/"])
def test_what_does_not_exist_is_refused(api: Api, path: str) -> None:
    api.refused("GET", f"/v1/direct_numbers/{path.rstrip('?')}", country="XX")


def test_the_seed_decides_everything() -> None:
    def seen(seed: int) -> tuple[object, ...]:
        with SimulatorProcess(seed=seed, numbers=40) as sim:
            api = Api(sim)
            rows = [{k: v for k, v in row.items() if not k.endswith("_date")} for row in api.numbers()]
            return rows, api.available(3760), api.order(17705)["number"], api.create_group()

    first = seen(7)
    assert seen(7) == first
    assert seen(8)[:2] != first[:2]
