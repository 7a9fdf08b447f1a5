"""The pages of changing many numbers: what they show, whom, what they leave out and why."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers import bulk
from direct_numbers.models import Label, Number
from people.models import Customer, User
from sync.models import Connection, Operation
from tests.factories import NumberFactory, OperationFactory
from tests.support.bulk import NAME, OFF, button, change, look, press
from tests.support.prolonging import ending, fields_of
from tests.support.reading import text_of

pytestmark = pytest.mark.django_db
AUTORENEWAL = "numbers-autorenewal"
CALLER_NAME = "numbers-caller-name"
LABELS = "numbers-labels"
URLS = (AUTORENEWAL, "numbers-route", CALLER_NAME, LABELS)


def rows(connection: Connection, count: int = 3, **given: Any) -> list[Number]:
    """Numbers that can be changed."""
    return [NumberFactory(connection=connection, **given) for _one in range(count)]


# What will happen


def test_off_says_what_happens_and_wants_to_be_confirmed(account: Connection, browser_of_staff: Client) -> None:
    numbers = [ending(account, autorenew=True), ending(account, autorenew=True)]
    page = look(browser_of_staff, AUTORENEWAL, numbers, **OFF)
    text = text_of(page)
    assert text.count("ends on 31 January 2027") == 2 or text.count("ends on Jan. 31, 2027") == 2, text
    assert "parked for 7 days" in text and "Then it is lost." in text
    assert "Switch autorenewal off for 2 numbers" in text and "This costs nothing now." in text
    assert not Operation.objects.exists()  # looking plans nothing
    answer = press(browser_of_staff, AUTORENEWAL, page)
    assert answer.status_code == 400 and not Operation.objects.exists()
    assert "Please confirm that the numbers shall end." in text_of(answer)
    answer = press(browser_of_staff, AUTORENEWAL, answer, sure="on")
    assert answer.status_code == 302
    assert {row.params["on"] for row in Operation.objects.all()} == {False}


def test_on_says_what_it_will_cost(
    account: Connection, browser_of_staff: Client, customer: Customer, manager: User
) -> None:
    Customer.objects.update(markup_percent=50)
    numbers = [ending(account, customer=customer), ending(account, customer=customer)]
    page = look(browser_of_staff, AUTORENEWAL, numbers, value="on")
    assert "at today's fees EUR 4.00 a month together" in text_of(page)
    assert "Switch autorenewal on for 2 numbers" in text_of(page)
    browser_of_staff.force_login(manager)
    assert "EUR 6.00 a month" in text_of(look(browser_of_staff, AUTORENEWAL, numbers, value="on"))
    Customer.objects.update(shows_prices=False)
    text = text_of(look(browser_of_staff, AUTORENEWAL, numbers, value="on"))
    assert "EUR" not in text and "paid further by itself whenever it ends." in text


HINDRANCES = [
    ({"gone_at": timezone.now()}, "Zadarma no longer lists this number."),
    ({"autorenew": False}, "Autorenewal is off already."),
]


@pytest.mark.parametrize(("given", "why"), HINDRANCES)
def test_what_cannot_be_changed_is_left_out_with_the_reason(
    account: Connection, browser_of_staff: Client, given: dict[str, Any], why: str
) -> None:
    good, bad = ending(account, autorenew=True), ending(account, **{"autorenew": True, **given})
    page = look(browser_of_staff, AUTORENEWAL, [good, bad], **OFF)
    assert "1 number is left out" in text_of(page) and why in text_of(page)
    assert button(page)["ids"] == [str(good.pk)]
    alone = look(browser_of_staff, AUTORENEWAL, [bad], **OFF)
    assert "Nothing can be changed here" in text_of(alone) and 'name="batch"' not in alone.content.decode()


def test_a_paused_account_changes_nothing(account: Connection, browser_of_staff: Client) -> None:
    page = look(browser_of_staff, CALLER_NAME, rows(account), **NAME)
    Connection.objects.update(state="paused")
    answer = press(browser_of_staff, CALLER_NAME, page)
    assert answer.status_code == 409 and "The Zadarma account of this number is paused." in text_of(answer)
    assert not Operation.objects.exists()


@pytest.mark.parametrize("name", ["Über", "two words", "x" * 31])
def test_a_caller_name_is_latin_letters_and_digits(account: Connection, browser_of_staff: Client, name: str) -> None:
    page = look(browser_of_staff, CALLER_NAME, rows(account), caller_name=name)
    assert page.status_code == 400 and 'name="batch"' not in page.content.decode()


def test_a_caller_name_is_cleared(account: Connection, browser_of_staff: Client) -> None:
    numbers = [*rows(account, 2, number_name="Old"), *rows(account, 1)]
    page = look(browser_of_staff, CALLER_NAME, numbers, caller_name="")
    assert "Clear the caller name of 2 numbers" in text_of(page) and "It has no name." in text_of(page)
    assert len(change(browser_of_staff, CALLER_NAME, numbers, caller_name="")) == 2


# Which numbers


def test_the_list_leads_there_with_those_ticked(account: Connection, browser_of_staff: Client) -> None:
    numbers = rows(account)
    shown = browser_of_staff.get(reverse("number-list")).content.decode()
    for url in URLS:
        assert f'formaction="{reverse(url)}"' in shown
        page = browser_of_staff.get(reverse(url), {"ids": [row.pk for row in numbers[:2]]})
        assert page.status_code == 200 and "2 numbers" in text_of(page)
        assert [row.pk for row in page.context["numbers"]] == [row.pk for row in numbers[:2]]


def test_all_that_the_filter_finds_are_those_of_the_list_and_no_others(
    account: Connection, browser_of_staff: Client
) -> None:
    london, leeds = rows(account, 52), rows(account, 3, description="Leeds")
    shown = browser_of_staff.get(reverse("number-list"), {"q": "Lon"})
    assert "instead all 52 found" in text_of(shown)
    chosen = {"all": "1", "filter": "q=Lon", "ids": [leeds[0].pk]}
    for url in (*URLS, "numbers-prolong", "numbers-assign"):
        page = browser_of_staff.get(reverse(url), chosen)
        assert {row.pk for row in page.context["numbers"]} == {row.pk for row in london}, url
    assert "instead all" not in text_of(browser_of_staff.get(reverse("number-list"), {"q": "Leeds"}))


def test_more_than_500_are_cut_and_it_is_said(
    account: Connection, browser_of_staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_NUMBERS", 10)
    numbers = rows(account, 12)
    page = browser_of_staff.get(reverse(CALLER_NAME), {"all": "1", "filter": "", "ids": []})
    assert [row.pk for row in page.context["numbers"]] == [row.pk for row in numbers[:10]]
    assert "The filter finds 12 numbers. These are the first 10" in text_of(page)


@pytest.mark.parametrize("ids", [["x"], ["1_0"], ["9" * 19], [str(pk) for pk in range(1, 502)]])
def test_a_selection_that_can_not_be_read_changes_nothing(browser_of_staff: Client, ids: list[str]) -> None:
    for url in URLS:
        answer = browser_of_staff.get(reverse(url), {"ids": ids})
        assert answer.status_code == 400 and "Which numbers?" in text_of(answer)
        assert browser_of_staff.post(reverse(url), {"ids": ids, **NAME, **OFF}).status_code == 400


@pytest.mark.parametrize("fields", [{"seen": ""}, {"batch": "x"}, {"batch": str(uuid.uuid4()), "seen": "0" * 16}])
def test_a_form_that_is_incomplete_or_saw_something_else_plans_nothing(
    account: Connection, browser_of_staff: Client, fields: dict[str, str]
) -> None:
    page = look(browser_of_staff, CALLER_NAME, rows(account), **NAME)
    assert press(browser_of_staff, CALLER_NAME, page, **fields).status_code in (400, 409)
    assert not Operation.objects.exists()


# Whose they are


def test_who_may_only_look_changes_nothing(
    account: Connection, client: Client, customer: Customer, member: User
) -> None:
    numbers = rows(account, customer=customer)
    client.force_login(member)
    for url in URLS:
        assert client.get(reverse(url), {"ids": [numbers[0].pk]}).status_code == 403
        assert client.post(reverse(url), {"ids": [numbers[0].pk]}).status_code == 403
    assert "data-bulk" not in client.get(reverse("number-list")).content.decode()


@pytest.mark.parametrize(
    ("url", "value"),
    [
        (AUTORENEWAL, OFF),
        ("numbers-route", {"routing": "uri", "sip_uri": "a@pbx.example"}),
        (CALLER_NAME, NAME),
        (LABELS, {"do": "on", "name": "Mine"}),
    ],
)
def test_strangers_numbers_are_as_if_they_did_not_exist(
    account: Connection,
    client: Client,
    customer: Customer,
    other_customer: Customer,
    manager: User,
    url: str,
    value: dict[str, str],
) -> None:
    mine, theirs = rows(account, 2, customer=customer), rows(account, 1, customer=other_customer)[0]
    nobodys = NumberFactory(connection=account)
    client.force_login(manager)
    assert look(client, url, [theirs], **value).status_code == 404
    page = look(client, url, [*mine, theirs, nobodys], **value)
    assert "2 numbers of the selection are not there." in text_of(page)
    assert theirs.number not in page.content.decode() and "Second customer" not in page.content.decode()
    fields = button(page)
    assert set(fields["ids"]) == {str(row.pk) for row in mine}
    more = {"sure": "on"} if value == OFF else {}
    for ids in ([*fields["ids"], theirs.pk], [*fields["ids"], 987654321]):
        assert client.post(reverse(url), {**fields, **more, "ids": ids}).status_code == 400
    assert client.post(reverse(url), {**fields, **more, "ids": [theirs.pk]}).status_code == 404
    assert not Operation.objects.exists() and not Label.objects.exists()
    assert press(client, url, page, **more).status_code == 302
    touched = set(Operation.objects.values_list("object_id", flat=True)) | set(
        Number.objects.exclude(labels=None).values_list("pk", flat=True)
    )
    assert touched == {row.pk for row in mine}


def test_all_for_a_manager_are_all_of_their_own(
    account: Connection, client: Client, customer: Customer, other_customer: Customer, manager: User
) -> None:
    mine = rows(account, 2, customer=customer)
    rows(account, 2, customer=other_customer)
    client.force_login(manager)
    for text in ("", f"customer={other_customer.pk}", "customer=none"):
        page = client.get(reverse(CALLER_NAME), {"all": "1", "filter": text})
        assert {row.pk for row in page.context["numbers"]} <= {row.pk for row in mine}


def test_a_result_tells_a_customer_of_their_own_numbers_and_no_words_of_zadarmas(
    account: Connection, client: Client, customer: Customer, other_customer: Customer, manager: User, staff: User
) -> None:
    mine = NumberFactory(connection=account, customer=customer)
    theirs = NumberFactory(connection=account, customer=other_customer)
    batch, only_theirs = uuid.uuid4(), uuid.uuid4()
    given = {"connection": account, "state": "refused", "error": "Secret reason", "sent_at": timezone.now()}
    for row in (mine, theirs):
        params = {"caller_name": "X", "customer": row.customer_id}
        OperationFactory(**given, object_id=row.pk, batch=batch, params=params)
    OperationFactory(**given, object_id=theirs.pk, batch=only_theirs, params={"caller_name": "X"})
    client.force_login(manager)
    page = client.get(reverse("bulk-result", args=[batch]))
    assert [row.number.pk for row in page.context["outcomes"]] == [mine.pk]
    assert "Secret reason" not in page.content.decode()
    assert "refused Zadarma did not take it. Nothing was changed." in text_of(page)
    assert "Try the 1 refused one again" in text_of(page)
    for name in ("bulk-result", "bulk-progress"):
        assert client.get(reverse(name, args=[only_theirs])).status_code == 404
    again = client.get(reverse(CALLER_NAME), {"again": only_theirs})
    assert again.status_code == 400 and not again.context["numbers"]
    client.force_login(staff)
    assert "Zadarma answered: “Secret reason”. Nothing was changed." in text_of(
        client.get(reverse("bulk-result", args=[batch]))
    )


STATES = [
    ({"state": "planned"}, "waits its turn", True),
    ({"state": "planned", "waits_for": "outage"}, "not sent yet", True),
    ({"state": "sent"}, "on its way", True),
    ({"state": "done"}, "changed", False),
    ({"state": "refused", "error": "The number is another's. Nothing was changed."}, "another's. Nothing", False),
    ({"state": "unknown"}, "in doubt Zadarma's answer did not arrive.", True),
    ({"state": "needs_person"}, "needs a person It is not clear", False),
    ({"state": "not_done"}, "not changed Nothing was changed.", False),
    ({"state": "cancelled"}, "not changed Nothing was changed.", False),
]


@pytest.mark.parametrize(("given", "words", "moves"), STATES)
def test_each_outcome_is_told_and_looked_at_while_it_moves(
    account: Connection, browser_of_staff: Client, given: dict[str, Any], words: str, moves: bool
) -> None:
    number, batch = NumberFactory(connection=account), uuid.uuid4()
    OperationFactory(connection=account, object_id=number.pk, batch=batch, params={"caller_name": "X"}, **given)
    page = browser_of_staff.get(reverse("bulk-result", args=[batch]))
    assert words in text_of(page)
    assert ("data-hx-trigger" in page.content.decode().partition('id="batch-progress"')[2].partition(">")[0]) == moves
    url, seen = reverse("bulk-progress", args=[batch]), page.context["seen"]
    assert browser_of_staff.get(url, {"seen": seen}).status_code == 204
    assert words in text_of(browser_of_staff.get(url, {"seen": "other"}))


# Labels


def test_labels_of_many_numbers_are_put_on_and_taken_off(
    account: Connection, browser_of_staff: Client, customer: Customer
) -> None:
    mine, nobodys = rows(account, 2, customer=customer), rows(account, 1)[0]
    numbers = [*mine, nobodys]
    page = look(browser_of_staff, LABELS, numbers, do="on", name="VIP", theirs="on")
    assert "Put the label VIP on 2 numbers" in text_of(page)
    assert "It belongs to nobody, who could see the label." in text_of(page)
    answer = browser_of_staff.get(press(browser_of_staff, LABELS, page).headers["Location"])
    assert "The label VIP is now on 2 numbers more." in text_of(answer)
    assert set(Label.objects.get().numbers.all()) == set(mine)
    press(browser_of_staff, LABELS, page)  # sent twice
    assert Label.objects.get().labellings.count() == 2
    page = look(browser_of_staff, LABELS, numbers, do="on", name="vip", theirs="on")
    assert text_of(page).count("It has this label already.") == 2
    page = look(browser_of_staff, LABELS, numbers, do="off", name="VIP", theirs="on")
    assert "It does not have this label." in text_of(page) and button(page)["ids"] == [str(row.pk) for row in mine]
    press(browser_of_staff, LABELS, page)
    assert not Label.objects.exists()


def test_a_label_meant_for_one_customer_is_not_put_on_anothers_number(
    account: Connection, browser_of_staff: Client, customer: Customer, other_customer: Customer
) -> None:
    numbers = rows(account, 2, customer=customer)
    page = look(browser_of_staff, LABELS, numbers, do="on", name="VIP", theirs="on")
    Number.objects.filter(pk=numbers[0].pk).update(customer=other_customer)
    answer = press(browser_of_staff, LABELS, page)
    assert answer.status_code == 409 and not Label.objects.exists()


def test_paying_further_all_that_is_found_still_wants_its_own_button(
    account: Connection, browser_of_staff: Client
) -> None:
    numbers = [ending(account), ending(account)]
    page = browser_of_staff.get(reverse("numbers-prolong"), {"all": "1", "filter": "", "months": "1"})
    assert set(fields_of(page)["ids"]) == {str(row.pk) for row in numbers}
    assert not Operation.objects.exists()
