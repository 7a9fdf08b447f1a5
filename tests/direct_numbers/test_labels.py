"""Labels: whose they are, who sees them, and what becomes of them when a number changes hands."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from direct_numbers import assigning, labelling, queries
from direct_numbers.labelling import Mark
from direct_numbers.models import Label, Labelling, Number
from people import exporting, personal
from people.models import Customer, User
from sync.models import Connection
from tests.factories import NumberFactory
from tests.support.queries import sent_to_the_database
from tests.support.reading import text_of

pytestmark = pytest.mark.django_db


def labels_of(number: Number) -> set[tuple[str, int | None]]:
    """Word and customer of each label on a number."""
    return set(number.labels.values_list("name", "customer"))


def send(client: Client, number: Number, name: str, **more: Any) -> Any:
    """Send the form of the number's page."""
    return client.post(reverse("number-label", args=[number.pk]), {"name": name, **more}, follow=True)


@pytest.fixture
def number(offline: Connection, customer: Customer) -> Number:
    """A number of the first customer."""
    row: Number = NumberFactory(connection=offline, customer=customer)
    return row


@pytest.fixture
def other_number(offline: Connection, other_customer: Customer) -> Number:
    """A number of the second customer."""
    row: Number = NumberFactory(connection=offline, customer=other_customer)
    return row


def test_staff_put_labels_of_both_kinds_on_and_take_them_off(
    browser_of_staff: Client, number: Number, customer: Customer
) -> None:
    assert "The number now has the label “Check”." in text_of(send(browser_of_staff, number, " Check\t"))
    assert "only the staff see it" in text_of(send(browser_of_staff, number, "Check"))
    page = send(browser_of_staff, number, "Hotline", theirs="1")
    assert labels_of(number) == {("Check", None), ("Hotline", customer.pk)}
    assert "Hotline the customer sees it" in text_of(page)
    assert "was taken off" in text_of(send(browser_of_staff, number, "Check", off="1"))
    assert labels_of(number) == {("Hotline", customer.pk)}
    assert not Label.objects.filter(name="Check").exists()  # on no number any more


def test_a_label_is_the_same_in_capitals_or_not(browser_of_staff: Client, number: Number, offline: Connection) -> None:
    send(browser_of_staff, number, "Hotline")
    second = NumberFactory(connection=offline)
    send(browser_of_staff, second, "hotline")
    assert labels_of(number) == labels_of(second) == {("Hotline", None)}


def test_on_a_number_of_nobody_every_label_is_the_staffs(browser_of_staff: Client, offline: Connection) -> None:
    row = NumberFactory(connection=offline)
    send(browser_of_staff, row, "Free", theirs="1")
    assert labels_of(row) == {("Free", None)}


@pytest.mark.parametrize("name", ["", " ", "\x00", "x" * 31])
def test_a_label_must_be_a_word_of_up_to_30_letters(browser_of_staff: Client, number: Number, name: str) -> None:
    assert "Please write a label of up to 30 letters." in text_of(send(browser_of_staff, number, name))
    assert not Label.objects.exists()


def test_a_manager_labels_their_own_numbers_with_their_own_labels_only(
    client: Client, number: Number, other_number: Number, customer: Customer, manager: User, staff: User
) -> None:
    labelling.put(Mark("Secret", False), [number.pk], queries.numbers(staff.viewer()), staff.viewer())
    client.force_login(manager)
    page = send(client, number, "Mine")
    assert labels_of(number) == {("Mine", customer.pk), ("Secret", None)}
    assert "Mine" in text_of(page) and "Secret" not in text_of(page) and "staff see it" not in text_of(page)
    send(client, number, "Secret", off="1")
    assert ("Secret", None) in labels_of(number)
    assert send(client, other_number, "Mine").status_code == 404
    assert labels_of(other_number) == set()


def test_nobody_of_a_customer_puts_the_staffs_labels_on_or_takes_them_off(
    number: Number, manager: User, member: User, staff: User
) -> None:
    visible = queries.numbers(staff.viewer())
    labelling.put(Mark("Secret", False), [number.pk], visible, staff.viewer())
    for who in (manager, member):
        assert labelling.put(Mark("Inside", False), [number.pk], visible, who.viewer()) == 0
        assert labelling.take_off(Mark("Secret", False), [number.pk], visible, who.viewer()) == 0
    assert labelling.put(Mark("Theirs", True), [number.pk], visible, member.viewer()) == 0
    assert labels_of(number) == {("Secret", None)}


def test_a_number_that_changed_hands_since_is_not_labelled(
    number: Number, other_number: Number, customer: Customer, staff: User
) -> None:
    visible, meant = queries.numbers(staff.viewer()), {number.pk: customer.pk, other_number.pk: customer.pk}
    assert labelling.put(Mark("VIP", True), list(meant), visible, staff.viewer(), meant) == 1
    assert labels_of(number) == {("VIP", customer.pk)} and labels_of(other_number) == set()


def test_who_may_only_look_sees_their_labels_and_sets_none(
    client: Client, number: Number, customer: Customer, member: User, staff: User
) -> None:
    for mark in (Mark("Hotline", True), Mark("Secret", False)):
        labelling.put(mark, [number.pk], queries.numbers(staff.viewer()), staff.viewer())
    client.force_login(member)
    for url in (reverse("number", args=[number.pk]), reverse("number-list")):
        text = client.get(url).content.decode()
        assert "Hotline" in text and "Secret" not in text and "Put the label on" not in text
    assert send(client, number, "New").status_code == 403
    assert not Label.objects.filter(name="New").exists()


def test_the_list_is_filtered_by_a_label_that_one_may_see(
    client: Client, browser_of_staff: Client, number: Number, other_number: Number, offline: Connection, manager: User
) -> None:
    third = NumberFactory(connection=offline, customer=number.customer)
    for row, mark in ((number, Mark("VIP", True)), (other_number, Mark("VIP", True)), (third, Mark("VIP", False))):
        send(browser_of_staff, row, mark.name, **({"theirs": "1"} if mark.theirs else {}))
    send(browser_of_staff, third, "Inside")

    def found(browser: Client, word: str) -> set[int]:
        page = browser.get(reverse("number-list"), {"label": word})
        return {row.pk for row in page.context["page"]}

    assert found(browser_of_staff, "VIP") == {number.pk, other_number.pk, third.pk}
    assert found(browser_of_staff, "Inside") == {third.pk}
    assert found(browser_of_staff, "of none") == set()
    client.force_login(manager)
    assert found(client, "VIP") == {number.pk}
    assert found(client, "Inside") == set()
    assert found(client, "\x00") == {number.pk, third.pk}  # nothing that a label can be called: left aside
    assert "Inside" not in client.get(reverse("number-list")).content.decode()


def test_a_number_that_changes_hands_leaves_its_customers_labels_behind(
    number: Number, other_customer: Customer, customer: Customer, staff: User, offline: Connection
) -> None:
    second = NumberFactory(connection=offline, customer=customer)
    viewer, visible = staff.viewer(), queries.numbers(staff.viewer())
    for mark in (Mark("Hotline", True), Mark("Check", False)):
        labelling.put(mark, [number.pk, second.pk], visible, viewer)
    assigning.assign_all([number.pk], visible, customer, by=staff)  # theirs already
    assert labels_of(number) == {("Hotline", customer.pk), ("Check", None)}
    assigning.assign_all([number.pk], visible, other_customer, by=staff)
    assert labels_of(number) == {("Check", None)}
    assert labels_of(second) == {("Hotline", customer.pk), ("Check", None)}
    assigning.assign(second, None, by=staff)
    assert labels_of(second) == {("Check", None)}
    assert not Label.objects.filter(customer=customer).exists()


def test_labels_are_exported_and_erased_with_their_customer(
    number: Number, other_number: Number, customer: Customer, staff: User
) -> None:
    viewer, visible = staff.viewer(), queries.numbers(staff.viewer())
    labelling.put(Mark("Hotline", True), [number.pk, other_number.pk], visible, viewer)
    labelling.put(Mark("Check", False), [number.pk], visible, viewer)
    told = json.loads(exporting.export(customer).data)
    assert [row["labels"] for row in told["numbers"]] == [["Hotline"]]
    assert personal.erase(customer, staff)["labels"] == 1
    assert set(Label.objects.values_list("name", "customer")) == {
        ("Hotline", other_number.customer_id),
        ("Check", None),
    }


def test_there_are_only_so_many_different_labels(
    browser_of_staff: Client, number: Number, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labelling, "MOST_LABELS", 2)
    for name in ("One", "Two", "Three", "one"):
        page = send(browser_of_staff, number, name)
        assert ("There are 2 different labels already." in text_of(page)) == (name == "Three")
    assert labels_of(number) == {("One", None), ("Two", None)}


def test_a_number_that_is_gone_is_not_labelled(browser_of_staff: Client, number: Number) -> None:
    send(browser_of_staff, number, "Hotline")
    Number.objects.update(gone_at="2026-01-01T00:00:00Z")
    assert send(browser_of_staff, number, "More").status_code == 404
    assert "Hotline" not in browser_of_staff.get(reverse("number-list")).content.decode()


def test_labels_cost_the_list_one_query_however_many_there_are(
    browser_of_staff: Client, number: Number, offline: Connection, staff: User
) -> None:
    def asked() -> int:
        browser_of_staff.get(reverse("number-list"))
        with sent_to_the_database() as sent:
            browser_of_staff.get(reverse("number-list"))
        return sum("numbers_labelling" in text for text in sent.statements)

    send(browser_of_staff, number, "One")
    few = asked()
    more = [NumberFactory(connection=offline) for _one in range(5)]
    for name in ("Two", "Three"):
        labelling.put(Mark(name, False), [row.pk for row in more], queries.numbers(staff.viewer()), staff.viewer())
    assert few == asked() == 2  # those of the rows, and those to filter by
    assert Labelling.objects.count() == 11
