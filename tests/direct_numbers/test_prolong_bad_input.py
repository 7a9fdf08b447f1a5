"""What a person, or somebody who means ill, may send to the pages of paying further: told clearly, nothing planned."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from direct_numbers.models import Number
from direct_numbers.renewal_forms import MOST_NUMBERS
from panel.templatetags.panel import international
from sync.models import Connection, Operation
from tests.factories import ConnectionFactory
from tests.support.prolonging import URL, ending, fields_of, nothing_happened, open_page
from tests.support.reading import text_of

pytestmark = pytest.mark.django_db


BAD_MONTHS = ["0", "37", "-1", "1.5", "1.0", "text", "²", "٣", "1_0", "1e1", "", " ", "9" * 5000, "0x3", "1\x00"]


@pytest.mark.parametrize("months", BAD_MONTHS)
def test_wrong_months_are_told_and_plan_nothing(account: Connection, browser_of_staff: Client, months: str) -> None:
    number = ending(account)
    fields = fields_of(open_page(browser_of_staff, [number]))
    for answer in (
        browser_of_staff.get(reverse("number-prolong", args=[number.pk]), {"months": months}),
        browser_of_staff.get(URL, {"ids": number.pk, "months": months}),
        browser_of_staff.post(URL, {**fields, "months": months}),
    ):
        assert answer.status_code == 400
        assert "Please choose a whole number of months from 1 to 36." in text_of(answer)
        assert 'name="batch"' not in answer.content.decode()
    assert nothing_happened()


def test_htmx_is_shown_wrong_months_too(account: Connection, browser_of_staff: Client) -> None:
    number = ending(account)
    given = {"ids": number.pk, "months": "37"}
    assert browser_of_staff.get(URL, given, headers={"HX-Request": "true"}).status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        {"batch": ""},
        {"batch": "not-a-uuid"},
        {"confirmed": ""},
        {"confirmed": "2.00"},
        {"confirmed": "EUR=2,00"},
        {"confirmed": "EUR=-2"},
        {"confirmed": "EUR=NaN"},
        {"confirmed": "EUR=1e3"},
        {"confirmed": "EUR=2.0000,"},
        {"confirmed": "EUR=2.0000,EUR=2.0000"},
        {"confirmed": "EUR=²"},
        {"seen": ""},
        {"seen": "x" * 16},
        {"seen": "\x00" * 16},
    ],
)
def test_a_damaged_form_plans_nothing(account: Connection, browser_of_staff: Client, given: dict[str, str]) -> None:
    number = ending(account)
    fields = fields_of(open_page(browser_of_staff, [number])) | given
    answer = browser_of_staff.post(URL, fields)
    assert answer.status_code == 400
    assert "Nothing was paid The form is incomplete. Please look at it again." in text_of(answer)
    assert nothing_happened()
    del fields[next(iter(given))]
    assert browser_of_staff.post(URL, fields).status_code == 400
    assert nothing_happened()


@pytest.mark.parametrize("ids", [["x"], ["-1"], ["1.5"], ["²"], ["9" * 40], [""], ["1_0"]])
def test_ids_that_are_none_are_told(account: Connection, browser_of_staff: Client, ids: list[str]) -> None:
    fields = fields_of(open_page(browser_of_staff, [ending(account)]))
    for answer in (
        browser_of_staff.get(URL, {"ids": ids, "months": "1"}),
        browser_of_staff.post(URL, {**fields, "ids": ids}),
    ):
        assert answer.status_code == 400
        assert "The selection can't be read." in text_of(answer)
    assert nothing_happened()


def test_without_a_selection_the_page_says_how_to_make_one(account: Connection, browser_of_staff: Client) -> None:
    fields = fields_of(open_page(browser_of_staff, [ending(account)]))
    for answer in (browser_of_staff.get(URL), browser_of_staff.post(URL, {**fields, "ids": []})):
        assert answer.status_code == 400
        assert "No number is selected." in text_of(answer)
        assert "Select numbers in the list, then press “Pay further …” below it." in text_of(answer)


def test_numbers_that_nobody_has_are_not_found(account: Connection, browser_of_staff: Client) -> None:
    number = ending(account)
    fields = fields_of(open_page(browser_of_staff, [number]))
    assert browser_of_staff.get(URL, {"ids": "987654", "months": "1"}).status_code == 404
    assert browser_of_staff.get(reverse("number-prolong", args=[987654])).status_code == 404
    assert browser_of_staff.post(URL, {**fields, "ids": ["987654"]}).status_code == 404
    page = browser_of_staff.get(URL, {"ids": [number.pk, "987654"], "months": "1"})
    assert "1 number of the selection is not there." in text_of(page)
    assert fields_of(page)["ids"] == [str(number.pk)]
    answer = browser_of_staff.post(URL, {**fields, "ids": [number.pk, "987654"]})
    assert answer.status_code == 400
    assert "Nothing was paid Some of the numbers selected are not there." in text_of(answer)
    assert nothing_happened()


def test_numbers_of_a_hidden_account_are_not_found(account: Connection, browser_of_staff: Client) -> None:
    number, hidden = ending(account), ending(ConnectionFactory(is_hidden=True))
    fields = fields_of(open_page(browser_of_staff, [number]))
    assert open_page(browser_of_staff, [hidden]).status_code == 404
    assert browser_of_staff.get(reverse("number-prolong", args=[hidden.pk])).status_code == 404
    answer = browser_of_staff.post(URL, {**fields, "ids": [number.pk, hidden.pk]})
    assert answer.status_code == 400 and hidden.number not in answer.content.decode()
    assert nothing_happened()


def test_a_number_more_than_was_shown_is_not_paid(account: Connection, browser_of_staff: Client) -> None:
    shown, slipped_in = ending(account), ending(account, monthly_fee=0)
    fields = fields_of(open_page(browser_of_staff, [shown]))
    answer = browser_of_staff.post(URL, {**fields, "ids": [shown.pk, slipped_in.pk]})
    assert answer.status_code == 409
    assert nothing_happened()


def test_more_than_two_hundred_are_too_many(account: Connection, browser_of_staff: Client) -> None:
    ids = [str(pk) for pk in range(1, MOST_NUMBERS + 2)]
    answer = browser_of_staff.get(URL, {"ids": ids, "months": "1"})
    assert answer.status_code == 400
    assert "At most 200 numbers are paid at once. Please select fewer." in text_of(answer)


@pytest.mark.parametrize("confirmed", ["EUR=1.0000", "EUR=4.0000", "USD=2.0000", "EUR=2.0000,USD=1.0000"])
def test_other_sums_than_it_costs_are_shown_again_with_both_figures(
    account: Connection, browser_of_staff: Client, confirmed: str
) -> None:
    number = ending(account)
    fields = fields_of(open_page(browser_of_staff, [number]))
    answer = browser_of_staff.post(URL, {**fields, "confirmed": confirmed})
    assert answer.status_code == 409
    then = confirmed.replace("=", " ").replace("0000", "00").replace(",", " + ")
    assert f"It now costs EUR 2.00 instead of {then}. Please confirm the new sum." in text_of(answer)
    assert nothing_happened()
    again = fields_of(answer)
    assert again["confirmed"] == "EUR=2.0000" and again["batch"] != fields["batch"]
    assert browser_of_staff.post(URL, again).status_code == 302


def test_a_fee_that_has_risen_since_the_page_was_shown_is_asked_again(
    account: Connection, browser_of_staff: Client
) -> None:
    number = ending(account)
    fields = fields_of(open_page(browser_of_staff, [number], 3))
    Number.objects.filter(pk=number.pk).update(monthly_fee="2.5")
    answer = browser_of_staff.post(URL, fields)
    assert answer.status_code == 409
    assert "It now costs EUR 7.50 instead of EUR 6.00." in text_of(answer)
    assert nothing_happened()


def test_an_outage_while_the_balance_is_looked_at_is_told(
    account: Connection, browser_of_staff: Client, asks_once: None
) -> None:
    fields = fields_of(open_page(browser_of_staff, [ending(account)]))
    page = browser_of_staff.post(URL, {**fields, "look": "1"})
    assert page.status_code == 200
    assert "Zadarma can't be reached right now." in text_of(page)
    assert nothing_happened()


def test_a_form_whose_name_was_used_for_other_numbers_plans_nothing_and_says_so(
    account: Connection, browser_of_staff: Client
) -> None:
    one, other = ending(account), ending(account)
    fields = fields_of(open_page(browser_of_staff, [one]))
    assert browser_of_staff.post(URL, fields).status_code == 302
    for given in ({"ids": other.pk}, {"months": 3}):
        answer = browser_of_staff.post(URL, {**fields, **given})
        assert answer.status_code == 409
        assert "This form was sent before, for something else." in text_of(answer)
    assert Operation.objects.count() == 1
    assert browser_of_staff.post(URL, fields).status_code == 302  # itself again leads to its result


def test_wrong_months_do_not_hide_which_numbers_were_selected(account: Connection, browser_of_staff: Client) -> None:
    number = ending(account)
    (selected,) = re.findall(
        r'<ul class="section".*?</ul>', open_page(browser_of_staff, [number], "37").content.decode(), re.S
    )
    assert international(number.number) in selected.replace("\xa0", " ")
