"""What is known of the addresses of each country, and what the form makes of it."""

import pytest

from documents.addresses import rules_of
from tests.documents.test_forms import form


@pytest.mark.parametrize(
    ("country", "typed", "wanted"),
    [
        ("DE", "26133", "26133"),
        ("DE", "2613", ""),
        ("DE", "ABCDE", ""),
        ("GB", "ec1y 8sy", "EC1Y 8SY"),
        ("GB", "EC1Y   8SY", "EC1Y 8SY"),
        ("GB", "GIR 0AA and more", ""),
        ("NL", "1234ab", "1234AB"),
        ("CA", "h3z 2y7", "H3Z 2Y7"),
        ("US", "95014-1234", "95014-1234"),
        ("US", "9501", ""),
        ("PL", "00-950", "00-950"),
        ("PL", "00950", ""),
        ("IE", "a65 f4e2", "A65 F4E2"),
        ("LT", "LT-04340", "LT-04340"),
        ("LT", "04340", "04340"),
        ("DK", "2300", "2300"),
        ("JP", "154-0023", "154-0023"),
        ("HK", "000", "000"),
        ("QQ", "what ever", "what ever"),
    ],
)
def test_postal_codes_are_taken_as_the_country_writes_them(country: str, typed: str, wanted: str) -> None:
    assert rules_of(country).postal_code(typed) == wanted


@pytest.mark.parametrize(
    ("country", "label", "required", "named"),
    [
        ("US", "State", True, "California"),
        ("CA", "Province", True, "Québec"),
        ("IE", "County", False, "Co. Cork"),
        ("JP", "Prefecture", True, "Hokkaido"),
        ("AE", "Emirate", True, "Dubai"),
        ("ES", "Province", True, "Álava"),
        ("DE", "Region", False, ""),
        ("QQ", "Region", False, ""),
        ("", "Region", False, ""),
        ("../de", "Region", False, ""),
    ],
)
def test_regions_are_asked_for_where_the_country_has_them(country: str, label: str, required: bool, named: str) -> None:
    rules = rules_of(country)
    assert (str(rules.region_label), rules.region_required) == (label, required)
    assert (named in rules.regions) if named else rules.regions == ()


def test_a_region_in_foreign_letters_is_offered_in_latin_ones_only() -> None:
    assert "Hokkaido" in rules_of("JP").regions and "北海道" not in rules_of("JP").regions
    assert {"British Columbia", "Colombie-Britannique"} <= set(rules_of("CA").regions)


def test_the_mistake_names_the_country_and_an_example() -> None:
    wrong = form(country="DE", zip_code="1011")
    assert wrong.errors["zip_code"] == ["A postal code in Germany looks like 26133."]
    british = form(country="GB", zip_code="n1 9gu")
    assert british.is_valid() and british.fields_for_api()["zip_code"] == "N1 9GU"


def test_a_region_is_required_where_the_country_writes_it() -> None:
    american = form(country="US", zip_code="95014")
    assert list(american.errors) == ["region"]
    assert american.fields["region"].label == "State"
    assert "California" in american.regions
    assert form(country="US", zip_code="95014", region="California").is_valid()
    assert form(country="DE").is_valid()


@pytest.mark.parametrize("city", ["Dún Laoghaire", "Nowhere the library knows"])
def test_a_city_or_region_that_the_library_lists_otherwise_is_taken(city: str) -> None:
    assert form(country="IE", zip_code="A65 F4E2", city=city, region="Leinster").is_valid()
    assert form(country="CN", zip_code="100000", city=city, region="Peking").is_valid()


def test_where_there_are_no_postal_codes_the_form_says_who_asks_for_one() -> None:
    assert "Zadarma asks for one" in form(country="HK", zip_code="0", region="Kowloon").fields["zip_code"].help_text
    assert "zip_code" in form(country="HK", zip_code="", region="Kowloon").errors


@pytest.mark.parametrize(
    ("field", "given", "is_taken"),
    [
        ("municipality_code", "0101", True),
        ("municipality_code", "101", True),
        ("municipality_code", "Kbh", False),
        ("street_code", "0044", True),
        ("street_code", "44", True),
        ("street_code", "00444", False),
        ("street_code", "٤٤", False),
    ],
)
def test_danish_codes_are_digits(field: str, given: str, is_taken: bool) -> None:
    assert (field not in form(country="DK", **{field: given}).errors) is is_taken
