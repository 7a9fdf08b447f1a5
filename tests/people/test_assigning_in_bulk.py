"""Numbers and papers are given to customers, many at once: all of them, or none."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers import history
from direct_numbers.models import Number, Order
from documents.models import DocumentGroup
from people import personal
from people.customer_field import MANY
from people.models import AuditEntry, Customer, User
from people.phones import international
from sync.models import Change, Connection
from tests import factories
from tests.support.reading import text_of

pytestmark = pytest.mark.django_db
NUMBERS, GROUPS = "numbers-assign", "groups-assign"


@pytest.fixture
def browser(client: Client, operator: User) -> Client:
    """An operator's."""
    client.force_login(operator)
    return client


@pytest.fixture
def crowd(db: None) -> None:
    """So many customers that a select is no help."""
    Customer.objects.bulk_create(Customer(name=f"Somebody {n:03}", reference=f"R-{n:03}") for n in range(MANY + 1))


def rows_of(name: str, count: int = 3, **fields: Any) -> list[Any]:
    """Numbers or groups, of nobody."""
    make = factories.NumberFactory if name == NUMBERS else factories.DocumentGroupFactory
    return list(make.create_batch(count, connection=fields.pop("connection", None) or factories.ConnectionFactory()))


def owners(rows: list[Any]) -> list[Customer | None]:
    """To whom they belong now."""
    return [type(row).objects.get(pk=row.pk).customer for row in rows]


def give(browser: Client, name: str, rows: list[Any], **fields: str) -> Any:
    """Send the form of the page that the list's button leads to."""
    ids = [str(row.pk) for row in rows]
    assert browser.get(reverse(name), {"ids": ids}).status_code == 200
    return browser.post(reverse(name), {"ids": ids, **fields}, follow=True)


@pytest.mark.parametrize("name", [NUMBERS, GROUPS])
def test_many_are_given_at_once(browser: Client, customer: Customer, operator: User, name: str) -> None:
    rows = rows_of(name)
    page = give(browser, name, rows, customer=str(customer.pk))
    assert "3 " in text_of(page) and "now belong to First customer." in text_of(page)
    assert owners(rows) == [customer] * 3
    kind = "number" if name == NUMBERS else "group"
    changes = Change.objects.filter(object_type=kind, field="customer")
    assert {(c.object_id, c.old, c.new) for c in changes} == {(row.pk, "", f"#{customer.pk}") for row in rows}
    entries = AuditEntry.objects.filter(action=f"{kind}.assigned")
    assert {(e.object_id, e.actor_id, e.customer_id) for e in entries} == {
        (row.pk, operator.pk, customer.pk) for row in rows
    }
    assert all(
        e.detail == {**e.detail, "before": {"customer": None}, "after": {"customer": customer.pk}} for e in entries
    )
    give(browser, name, rows, customer=str(customer.pk))
    assert AuditEntry.objects.filter(action=f"{kind}.assigned").count() == 3
    give(browser, name, rows, customer="nobody")
    assert owners(rows) == [None] * 3


@pytest.mark.parametrize("name", [NUMBERS, GROUPS])
def test_who_chooses_nothing_takes_nothing_away(browser: Client, customer: Customer, name: str) -> None:
    rows = rows_of(name)
    type(rows[0]).objects.update(customer=customer)
    assert "Choose a customer first." not in text_of(browser.get(reverse(name), {"ids": [str(rows[0].pk)]}))
    page = give(browser, name, rows, customer="")
    assert page.status_code == 400 and "Choose a customer first." in text_of(page)
    assert owners(rows) == [customer] * 3


def test_one_that_cannot_be_given_holds_all_back(browser: Client, customer: Customer) -> None:
    rows = rows_of(NUMBERS)
    Number.objects.filter(pk=rows[1].pk).update(gone_at=timezone.now())
    page = give(browser, NUMBERS, rows, customer=str(customer.pk))
    assert page.status_code == 409
    assert f"{international(rows[1].number)}: Zadarma no longer lists it." in text_of(page)
    assert "None was given to anybody" in text_of(page)
    assert owners(rows) == [None] * 3 and not AuditEntry.objects.exists()


def test_the_account_holders_papers_hold_all_back(browser: Client, customer: Customer) -> None:
    rows = rows_of(GROUPS)
    DocumentGroup.objects.filter(pk=rows[0].pk).update(remote_id="0")
    page = give(browser, GROUPS, rows, customer=str(customer.pk))
    assert page.status_code == 409
    assert "account holder's own papers" in text_of(page)
    assert owners(rows) == [None] * 3


@pytest.mark.parametrize("name", [NUMBERS, GROUPS])
def test_rows_of_a_hidden_account_are_not_given(browser: Client, customer: Customer, name: str) -> None:
    rows = [*rows_of(name, 1), *rows_of(name, 1, connection=factories.ConnectionFactory(is_hidden=True))]
    page = give(browser, name, rows, customer=str(customer.pk))
    assert page.status_code == 409 and "is not there" in text_of(page)
    assert owners(rows) == [None, None]


@pytest.mark.parametrize("name", [NUMBERS, GROUPS])
def test_nothing_is_given_to_an_erased_customer(browser: Client, customer: Customer, name: str) -> None:
    rows = rows_of(name)
    personal.erase(customer, None)
    page = give(browser, name, rows, customer=str(customer.pk))
    assert page.status_code == 400
    assert owners(rows) == [None] * 3


@pytest.mark.parametrize("name", [NUMBERS, GROUPS])
@pytest.mark.parametrize("who", ["auditor", "manager"])
def test_who_may_not_assign_gives_nothing(
    client: Client, customer: Customer, request: pytest.FixtureRequest, name: str, who: str
) -> None:
    rows = rows_of(name)
    client.force_login(request.getfixturevalue(who))
    ids = [str(row.pk) for row in rows]
    assert client.post(reverse(name), {"ids": ids, "customer": str(customer.pk)}).status_code == 403
    assert "Give to a customer" not in text_of(client.get(reverse(f"{name.split('s-')[0]}-list")))
    assert owners(rows) == [None] * 3


def test_what_was_before_stays_hidden_from_the_new_customer(
    browser: Client, customer: Customer, other_customer: Customer, outsider: User
) -> None:
    (number,) = rows_of(NUMBERS, 1)
    give(browser, NUMBERS, [number], customer=str(customer.pk))
    Change.objects.create(
        connection=number.connection,
        object_type="number",
        object_id=number.pk,
        field="number_name",
        old="",
        new="SecretOfTheFirst",
        seen_at=timezone.now(),
    )
    give(browser, NUMBERS, [number], customer=str(other_customer.pk))
    number.refresh_from_db()
    assert "SecretOfTheFirst" not in str(history.timeline(number, outsider.viewer()))


def test_papers_of_another_customer_are_warned_of(
    browser: Client, customer: Customer, other_customer: Customer, offline: Connection
) -> None:
    group = factories.DocumentGroupFactory(connection=offline, customer=other_customer, remote_id="77")
    number, other = rows_of(NUMBERS, 2, connection=offline)
    Number.objects.filter(pk=number.pk).update(group_remote_id=group.remote_id)
    page = give(browser, NUMBERS, [number, other], customer=str(customer.pk))
    warning = f"These numbers run with another customer's papers: {international(number.number)}."
    assert warning in text_of(page)
    page = browser.post(reverse("number-assign", args=[number.pk]), {"customer": str(other_customer.pk)}, follow=True)
    assert "another customer's papers" not in text_of(page)


def test_unassigned_ones_are_counted_and_listed(browser: Client, customer: Customer, offline: Connection) -> None:
    mine, free = rows_of(NUMBERS, 2, connection=offline)
    Number.objects.filter(pk=mine.pk).update(customer=customer)
    paper, main = rows_of(GROUPS, 2, connection=offline)
    DocumentGroup.objects.filter(pk=main.pk).update(remote_id="0")
    assert [row.pk for row in browser.get(reverse("number-list"), {"customer": "none"}).context["page"]] == [free.pk]
    assert [row.pk for row in browser.get(reverse("group-list"), {"customer": "none"}).context["page"]] == [paper.pk]
    assert "Unassigned 1" in text_of(browser.get(reverse("number-list")))
    assert browser.get(reverse("home")).context["unassigned"] == {"numbers": 1, "papers": 1}
    assert "Some belong to no customer yet" in text_of(browser.get(reverse("home")))


def test_customers_are_told_nothing_of_the_unassigned(client: Client, manager: User, offline: Connection) -> None:
    rows_of(NUMBERS, 2, connection=offline)
    client.force_login(manager)
    for name in ("home", "number-list", "group-list"):
        assert "Unassigned" not in text_of(client.get(reverse(name)))


# Many customers -------------------------------------------------------------------------------------------------------


def test_among_many_a_name_finds_those_to_choose_from(browser: Client, crowd: None) -> None:
    rows = rows_of(NUMBERS)
    page = give(browser, NUMBERS, rows, customer="", customer_words="somebody 01")
    assert page.status_code == 400
    assert "Choose one of those found" in text_of(page)
    assert "Somebody 010" in text_of(page) and "Somebody 020" not in text_of(page)
    assert owners(rows) == [None] * 3
    chosen = Customer.objects.get(name="Somebody 013")
    give(browser, NUMBERS, rows, customer=str(chosen.pk), customer_words="somebody 01")
    assert owners(rows) == [chosen] * 3


def test_the_very_name_or_reference_is_enough_and_search_alone_gives_nothing(browser: Client, crowd: None) -> None:
    rows = rows_of(NUMBERS)
    page = give(browser, NUMBERS, rows, customer="", customer_words="r-007", customer_look="1")
    assert page.status_code == 400 and owners(rows) == [None] * 3
    give(browser, NUMBERS, rows, customer="", customer_words="r-007")
    assert owners(rows) == [Customer.objects.get(reference="R-007")] * 3


def test_words_that_find_nobody_give_to_nobody(browser: Client, crowd: None, customer: Customer) -> None:
    rows = rows_of(NUMBERS)
    Number.objects.update(customer=customer)
    page = give(browser, NUMBERS, rows, customer="", customer_words="nobody of this name")
    assert "No customer matches." in text_of(page)
    assert owners(rows) == [customer] * 3


def test_no_page_names_all_of_many_customers(
    browser: Client, crowd: None, customer: Customer, offline: Connection
) -> None:
    number = factories.NumberFactory(connection=offline, customer=customer)
    group = factories.DocumentGroupFactory(connection=offline, customer=customer)
    pages = [
        browser.get(reverse("number-list")),
        browser.get(reverse("number", args=[number.pk])),
        browser.get(reverse("group", args=[group.pk])),
        browser.get(reverse("group-new")),
        browser.post(reverse("order-new")),
        browser.get(reverse(NUMBERS), {"ids": [str(number.pk)]}),
    ]
    for page in pages:
        assert page.status_code == 200
        assert page.content.decode().count("Somebody") == 0
    assert f'<option value="{customer.pk}" selected>First customer</option>' in pages[1].content.decode()
    listed = browser.get(reverse("number-list"), {"customer": str(customer.pk)})
    assert [row.pk for row in listed.context["page"]] == [number.pk]


def test_an_order_begins_for_one_of_many(browser: Client, crowd: None, offline: Connection) -> None:
    page = browser.post(reverse("order-new"), {"customer": "", "customer_words": "somebody 0"})
    assert "Many match" in text_of(page)
    browser.post(reverse("order-new"), {"customer": "", "customer_words": "Somebody 033"})
    assert Order.objects.get().customer == Customer.objects.get(name="Somebody 033")
