"""Whose pages a person of several customers sees changes when they say so; nothing is done for another by mistake."""

import pytest
from django.test import Client
from django.urls import reverse

from documents.models import DocumentGroup
from people import customers, members
from people.models import Customer, User
from sync.models import Connection
from tests import factories
from tests.support.inviting import invited
from tests.support.reading import form_of, text_of

pytestmark = pytest.mark.django_db
DATA = {
    "salutation": "MR", "first_name": "Ada", "last_name": "Secretname", "email": "ada@first.example",
    "phone": "+49 30 901820", "country": "DE", "city": "Berlin", "street": "Weg", "building_number": "1",
    "zip_code": "10115",
}  # fmt: skip


@pytest.fixture
def tab(manager: User, other_customer: Customer, offline: Connection) -> Client:
    """A browser of somebody who manages both customers, and looks at the first one."""
    manager.memberships.create(customer=other_customer, role="manager")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(manager)
    assert "First customer" in text_of(browser.get("/"))
    return browser


def opened(tab: Client) -> dict[str, str]:
    """The form of new papers, filled in."""
    return {**form_of(tab.get(reverse("group-new")), ""), **DATA}


def test_papers_written_for_one_customer_are_sent_for_it(tab: Client, customer: Customer) -> None:
    answer = tab.post(reverse("group-new"), opened(tab))
    assert answer.status_code == 302, text_of(answer)
    assert DocumentGroup.objects.get().customer == customer


@pytest.mark.parametrize("how", ["taken away", "ended"])
@pytest.mark.parametrize("looks_before", [True, False])
def test_and_not_for_the_other_once_they_are_let_in_no_more(
    tab: Client,
    customer: Customer,
    other_customer: Customer,
    manager: User,
    staff: User,
    how: str,
    *,
    looks_before: bool,
) -> None:
    form = opened(tab)
    if how == "ended":
        customers.end_access(customer, by=staff)
    else:
        members.remove(manager.memberships.get(customer=customer), by=staff)
    if looks_before:
        assert "First customer" not in text_of(tab.get("/"))
    late = tab.post(reverse("group-new"), form)
    assert late.status_code == 403 and not DocumentGroup.objects.exists()
    assert tab.post(reverse("group-new"), form).status_code == 403, "sent again as it is"
    assert tab.post(reverse("group-new"), opened(tab)).status_code == 302
    assert DocumentGroup.objects.get().customer == other_customer


def test_nor_as_they_come_to_another_customer_meanwhile(manager: User, offline: Connection, customer: Customer) -> None:
    tab = Client(enforce_csrf_checks=True)
    tab.force_login(manager)
    form = opened(tab)
    manager.memberships.create(customer=Customer.objects.create(name="A name before"), role="manager")
    assert tab.post(reverse("group-new"), form).status_code == 302
    assert DocumentGroup.objects.get().customer == customer


def test_who_accepts_an_invitation_sees_that_customer_and_older_forms_are_void(
    manager: User, staff: User, offline: Connection, other_customer: Customer
) -> None:
    tab = Client(enforce_csrf_checks=True)
    tab.force_login(manager)
    form = opened(tab)
    page = tab.get(invited(other_customer, staff, manager.email, "manager"), follow=True)
    answer = tab.post(reverse("invitation"), form_of(page, ""), follow=True)
    assert "Welcome" in text_of(answer) and 'class="person-name">Second customer' in answer.content.decode()
    assert tab.post(reverse("group-new"), form).status_code == 403 and not DocumentGroup.objects.exists()


def test_leaving_and_choosing_another_is_always_possible(
    tab: Client, customer: Customer, other_customer: Customer, staff: User
) -> None:
    token = form_of(tab.get("/"), reverse("sign-out"))
    customers.end_access(customer, by=staff)
    assert tab.post(reverse("switch-customer"), {**token, "customer": other_customer.pk}).status_code == 302
    customers.give_access(customer, by=staff)
    token = form_of(tab.get("/"), reverse("sign-out"))
    customers.end_access(other_customer, by=staff)
    assert tab.post(reverse("sign-out"), token).status_code == 302
    assert "_auth_user_id" not in tab.session


def test_a_customers_pages_need_nothing_noted_twice(client: Client, member: User, offline: Connection) -> None:
    factories.NumberFactory(connection=offline, customer=Customer.objects.get())
    client.force_login(member)
    client.get(reverse("number-list"))
    key = client.session.session_key
    data = client.session.load()
    client.get(reverse("number-list"))
    assert (client.session.session_key, client.session.load()) == (key, data)
