"""What the staff set of a customer, on its page."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from people import countries
from people.models import AuditEntry, Customer, User
from tests import factories
from tests.support.reading import form_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client: Client, operator: User) -> Client:
    """An operator's."""
    client.force_login(operator)
    return client


def save(browser: Client, customer: Customer, **fields: Any) -> Any:
    """Change fields of a customer's form."""
    url = reverse("customer-edit", args=[customer.pk])
    kept = {name: value for name, value in form_of(browser.get(url), "").items() if value is not None}
    page = browser.post(url, kept | fields, follow=True)
    customer.refresh_from_db()
    return page


def test_everything_is_set_and_the_audit_says_what_changed(browser: Client, customer: Customer) -> None:
    page = save(
        browser,
        customer,
        **{
            "name": "Renamed",
            "markup_percent": "12.5",
            "approval": "above",
            "approval_above": "50",
            "approval_currency": "eur",
            "allowed_countries": ["DE", "GB"],
            "sip_logins": "00001, 00002\n00001;pbx-3",
            "spending_limits-0-currency": "eur",
            "spending_limits-0-amount": "200",
        },
    )
    assert "Renamed is saved." in text_of(page)
    assert (customer.markup_percent, customer.approval_above) == (Decimal("12.5"), Decimal(50))
    assert (customer.approval, customer.approval_currency) == ("above", "EUR")
    assert (customer.allowed_countries, customer.sip_logins) == (["DE", "GB"], ["00001", "00002", "pbx-3"])
    assert list(customer.spending_limits.values_list("currency", "amount")) == [("EUR", Decimal(200))]
    entry = AuditEntry.objects.get(action="customer.changed")
    assert entry.detail["after"]["limits"] == {"EUR": "200.00"} and entry.detail["before"]["limits"] == {}
    assert entry.detail["after"]["name"] == "changed" and "Renamed" not in str(entry.detail)
    assert entry.detail["after"]["markup_percent"] == "12.50"
    assert "reference" not in entry.detail["after"]


def test_a_limit_is_taken_away_and_each_currency_has_one(browser: Client, customer: Customer) -> None:
    customer.spending_limits.create(currency="EUR", amount=10)
    page = save(browser, customer, **{"spending_limits-1-currency": "EUR", "spending_limits-1-amount": "20"})
    assert "Each currency has one limit only." in text_of(page)
    assert customer.spending_limits.get().amount == 10
    save(browser, customer, **{"spending_limits-0-DELETE": "on"})
    assert not customer.spending_limits.exists()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"approval": "above"}, "From which amount on?"),
        ({"approval": "above", "approval_above": "5"}, "In which currency?"),
        ({"approval_currency": "E1"}, "three letters"),
        ({"markup_percent": "-1"}, "greater than or equal to 0"),
        ({"sip_logins": "00001, <script>"}, "is not a SIP login"),
        ({"allowed_countries": ["XX"]}, "is not one of the available choices"),
        ({"spending_limits-0-currency": "EURO", "spending_limits-0-amount": "1"}, "at most 3 characters"),
        ({"spending_limits-0-currency": "EUR", "spending_limits-0-amount": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_saved(
    browser: Client, customer: Customer, fields: dict[str, Any], told: str
) -> None:
    page = save(browser, customer, **fields)
    assert told in text_of(page)
    assert not AuditEntry.objects.exists() and not customer.spending_limits.exists()
    assert (customer.approval, customer.sip_logins) == ("never", [])


def test_who_orders_without_limit_is_warned_of(browser: Client, customer: Customer) -> None:
    url = reverse("customer-edit", args=[customer.pk])
    warning = "Its managers can order without limit"
    assert warning in text_of(browser.get(url))
    Customer.objects.update(approval="always")
    assert warning not in text_of(browser.get(url))
    Customer.objects.update(approval="never")
    customer.spending_limits.create(currency="EUR", amount=10)
    assert warning not in text_of(browser.get(url))


def test_a_new_customer_leads_to_its_page_and_the_first_person(browser: Client) -> None:
    fields = form_of(browser.get(reverse("customer-new")), "")
    page = browser.post(reverse("customer-new"), {**fields, "name": "New one"}, follow=True)
    made = Customer.objects.get(name="New one")
    assert page.redirect_chain[-1][0] == f"{reverse('customer-edit', args=[made.pk])}#people"
    assert "Invite the first person" in text_of(page)
    assert AuditEntry.objects.get(action="customer.added").customer_id == made.pk


def test_an_auditor_reads_and_changes_nothing(client: Client, auditor: User, customer: Customer) -> None:
    Customer.objects.update(markup_percent=7, sip_logins=["00042"])
    client.force_login(auditor)
    url = reverse("customer-edit", args=[customer.pk])
    page = client.get(url)
    assert "00042" in text_of(page) and "7.00 %" in text_of(page)
    shown = page.content.decode()
    for name in ("customer-end-access", "customer-invite", "customer-export", "customer-erase"):
        assert reverse(name, args=[customer.pk]) not in shown
    assert client.post(url, {"name": "Changed"}).status_code == 403
    assert client.get(reverse("customer-new")).status_code == 403
    assert "Add a customer" not in text_of(client.get(reverse("customer-list")))


def test_links_lead_to_what_the_customer_has(browser: Client, customer: Customer, other_customer: Customer) -> None:
    for owner in (customer, other_customer):
        number = factories.NumberFactory(customer=owner)
        factories.OrderFactory(customer=owner, connection=number.connection)
        factories.DocumentGroupFactory(customer=owner, connection=number.connection)
    assert browser.get(reverse("customer-edit", args=[customer.pk])).context["counts"] == {
        "numbers": 1,
        "orders": 1,
        "papers": 1,
    }
    for name in ("number-list", "order-list", "group-list"):
        rows = browser.get(reverse(name), {"customer": str(customer.pk)}).context["page"]
        assert [row.customer for row in rows] == [customer]


def test_countries_are_those_of_the_catalogue_and_kept_ones(customer: Customer) -> None:
    assert len(countries.choices([])) > 200
    factories.DirectionFactory()
    isos = [iso for iso, _name in countries.choices(["ZW"])]
    assert isos[-1] == "ZW" and len(isos) == 2
