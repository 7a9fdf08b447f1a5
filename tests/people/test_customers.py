"""Staff keep the list of customers."""

import pytest
from django.test import Client
from django.urls import reverse

from people.models import Customer
from sync.models import Connection
from tests.factories import ConnectionFactory, NumberFactory
from tests.support.reading import form_of, text_of

pytestmark = pytest.mark.django_db


def test_a_customer_is_added_and_changed(browser_of_staff: Client, offline: Connection) -> None:
    url = reverse("customer-new")
    fields = form_of(browser_of_staff.get(url), "")
    page = browser_of_staff.post(url, {**fields, "name": "Alpenblick", "reference": "K-7"}, follow=True)
    assert "Alpenblick is saved." in text_of(page)
    customer = Customer.objects.get()
    assert (customer.name, customer.reference, customer.default_connection) == ("Alpenblick", "K-7", None)
    edit = reverse("customer-edit", args=[customer.pk])
    fields = form_of(browser_of_staff.get(edit), "")
    assert fields["name"] == "Alpenblick"
    browser_of_staff.post(edit, {**fields, "default_connection": str(offline.pk)})
    customer.refresh_from_db()
    assert (customer.reference, customer.default_connection) == ("K-7", offline)


def test_a_hidden_account_is_no_choice(browser_of_staff: Client) -> None:
    hidden = ConnectionFactory(is_hidden=True)
    page = browser_of_staff.post(reverse("customer-new"), {"name": "A", "default_connection": str(hidden.pk)})
    assert page.status_code == 200
    assert not Customer.objects.exists()


def test_the_list_counts_numbers_that_are_there(browser_of_staff: Client, customer: Customer) -> None:
    NumberFactory(customer=customer)
    NumberFactory(customer=customer, connection=ConnectionFactory(is_hidden=True))
    (row,) = browser_of_staff.get(reverse("customer-list")).context["page"]
    assert row.number_count == 1


def test_customers_are_found_by_name_and_reference(browser_of_staff: Client) -> None:
    for name, reference in (("Alpenblick", "K-7"), ("Hafenbäckerei", "K-8")):
        Customer.objects.create(name=name, reference=reference)
    for words, wanted in (("alpen", ["Alpenblick"]), ("k-8", ["Hafenbäckerei"]), ("nobody", [])):
        page = browser_of_staff.get(reverse("customer-list"), {"q": words})
        assert [row.name for row in page.context["page"]] == wanted
