"""The form of a group's data takes what people write and says what is wrong with it."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from documents.forms import GroupDataForm, countries_by_name
from tests.documents.test_groups import PERSON

CODES = {"AT": "1010", "DE": "10115", "DK": "2300", "GB": "N1 9GU"}


def form(**more: str) -> GroupDataForm:
    """The form, filled in, with `more` instead."""
    code = {"zip_code": CODES[more["country"]]} if more.get("country") in CODES else {}
    return GroupDataForm({**PERSON, **code, **more})


def test_a_person_is_taken_and_the_address_put_together() -> None:
    filled = form(date_of_birth="1980-02-29")
    assert filled.is_valid(), filled.errors
    given = filled.fields_for_api()
    assert (given["date_of_birth"], given["address"]) == ("1980-02-29", "Invalidenstr. 7b, 10115")
    assert "middle_name" not in given


@pytest.mark.parametrize(
    ("phone", "country", "wanted"),
    [
        ("+49 30 1234567", "AT", "49301234567"),
        ("030 1234567", "DE", "49301234567"),
        ("0049 (30) 123-4567", "DE", "49301234567"),
        ("+39 06 1234 5678", "DE", "390612345678"),
        ("020 7946 0958", "GB", "442079460958"),
    ],
)
def test_phones_are_taken_as_people_write_them(phone: str, country: str, wanted: str) -> None:
    filled = form(phone=phone, country=country)
    assert filled.is_valid(), filled.errors
    assert filled.cleaned_data["phone"] == wanted


@pytest.mark.parametrize("phone", ["1", "call me", "+49", "+999 123456789", "+49 30 12345678901234567890"])
def test_what_is_no_phone_is_told(phone: str) -> None:
    assert form(phone=phone).errors["phone"] == ["This is not a phone number. It looks like +49 30 1234567."]


@pytest.mark.parametrize("field", ["date_of_birth", "issuing_date"])
def test_dates_lie_in_the_past(field: str) -> None:
    today = timezone.localdate()
    assert form(**{field: (today + timedelta(days=1)).isoformat()}).errors[field] == ["This date lies in the future."]
    assert form(**{field: today.isoformat()}).is_valid()
    assert field in form(**{field: "31.02.1980"}).errors


def test_a_company_needs_its_name() -> None:
    assert form(salutation="COMPANY").errors["organization"] == ["Please name the company."]
    assert form(salutation="COMPANY", organization="Alpenblick GmbH").is_valid()


@pytest.mark.parametrize(
    "field", ["first_name", "last_name", "email", "phone", "country", "city", "zip_code", "street"]
)
def test_what_zadarma_needs_is_required(field: str) -> None:
    assert field in form(**{field: ""}).errors


def test_only_denmark_is_asked_for_its_codes() -> None:
    assert "municipality_code" not in form().fields
    danish = form(country="DK", municipality_code="0101", street_code="0044", phone="+45 32 12 34 56")
    assert danish.is_valid(), danish.errors
    assert (danish.fields_for_api()["municipality_code"], danish.fields_for_api()["street_code"]) == ("0101", "0044")
    assert "street_code" in GroupDataForm(country="DK").fields
    assert "street_code" not in GroupDataForm(country="DE").fields


def test_every_field_stands_in_one_section() -> None:
    shown = [
        bound.name
        for section in form(country="DK").sections()
        for item in section["fields"]
        for bound in [item["field"]]
    ]
    assert sorted(shown) == sorted(form(country="DK").fields)


def test_dates_are_those_of_living_people() -> None:
    assert form(date_of_birth="1899-12-31").errors["date_of_birth"] == ["This date lies before 1900."]
    assert form(date_of_birth="1900-01-01").is_valid()
    early = form(date_of_birth="1980-02-29", issuing_date="1980-02-28")
    assert early.errors["issuing_date"] == ["This date lies before the date of birth."]
    assert form(date_of_birth="1980-02-29", issuing_date="1980-02-29").is_valid()


def test_a_companys_fields_stand_at_the_top_and_a_filled_one_stays_open() -> None:
    def keys(filled: GroupDataForm) -> list[tuple[str, bool]]:
        return [(one["key"], one["folded"]) for one in filled.sections()][:2]

    assert keys(form(salutation="COMPANY")) == [("kind", False), ("company", False)]
    assert keys(form(organization="Alpenblick GmbH")) == [("kind", False), ("company", False)]
    assert keys(form()) == [("kind", False), ("person", False)]


def test_browsers_learn_nothing_of_other_people() -> None:
    assert {field.widget.attrs["autocomplete"] for field in form(country="DK").fields.values()} == {"off"}


def test_countries_are_sorted_as_the_readers_language_does() -> None:
    with translation.override("de"):
        names = [name for _code, name in countries_by_name()]
    assert names.index("Oman") < names.index("Österreich") < names.index("Osttimor")
    assert names.index("Afghanistan") < names.index("Ägypten") < names.index("Albanien")
