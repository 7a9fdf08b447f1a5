"""A customer's manager orders alone: in the account that serves the customer, with papers and logins of their own."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override

from direct_numbers import refusals
from direct_numbers.choosing import SipLogin
from direct_numbers.models import Order
from direct_numbers.refusals import reason_for_customers
from documents.models import DocumentGroup
from people.models import Customer, User
from sync.models import Connection, Operation
from tests import factories
from tests.direct_numbers.conftest import Wizard
from tests.support.reading import form_of, text_of
from tests.support.scenes import read

pytestmark = pytest.mark.django_db
START = "/orders/new/"


@pytest.fixture
def browser(client: Client, manager: User) -> Client:
    """The manager's."""
    client.force_login(manager)
    return client


def test_a_manager_goes_all_the_way(
    connection: Connection, browser: Client, manager: User, customer: Customer, other_customer: Customer
) -> None:
    read(connection, "catalog", "documents")
    group = connection.document_groups.exclude(remote_id="0").first()
    foreign = connection.document_groups.exclude(remote_id="0").exclude(pk=group.pk).first()
    DocumentGroup.objects.filter(pk=group.pk).update(customer=customer)
    DocumentGroup.objects.filter(pk=foreign.pk).update(customer=other_customer)
    wizard = Wizard(browser, connection, manager)
    begun = browser.post(START)
    assert begun.headers["Location"] == wizard.url("country")
    assert (wizard.order.customer, wizard.order.connection) == (customer, connection)
    offer = connection.offers.select_related("direction__country").filter(direction__uploads_en=[]).first()
    wizard.send("country", country=offer.direction.country.iso)
    wizard.send("direction", direction=offer.direction.remote_id)
    wizard.send("number", number="any")
    page = wizard.open("documents")
    assert [row["group"].pk for row in page.context["groups"]] == [group.pk]
    assert wizard.send("documents", group=str(foreign.pk)).status_code == 200 and wizard.order.group is None
    wizard.send("documents", group=str(group.pk))
    review = wizard.open("review")
    assert "balance" not in text_of(review).lower() and connection.name not in review.content.decode()
    assert wizard.send("review").headers["Location"] == wizard.url("routing")
    assert wizard.order.state == "placing"


def test_which_account_serves_a_customer(browser: Client, customer: Customer, offline: Connection) -> None:
    own = factories.ConnectionFactory(name="Its own account")
    Customer.objects.filter(pk=customer.pk).update(default_connection=own)
    page = browser.get(START)
    assert "account" not in text_of(page).lower()
    browser.post(START, {"customer": "", "connection": offline.pk})  # what they send chooses nothing
    assert Order.objects.latest("pk").connection == own
    Connection.objects.filter(pk=own.pk).update(state="paused")
    browser.post(START)
    assert Order.objects.latest("pk").connection == offline
    Connection.objects.update(state="paused")
    refused = browser.post(START)
    assert refused.status_code == 409 and "Numbers can't be ordered right now" in text_of(refused)
    assert "ZADARMA" not in refused.content.decode() and "account" not in text_of(refused).lower()
    assert Order.objects.count() == 2


def test_new_papers_are_the_customers_own(
    browser: Client, customer: Customer, other_customer: Customer, offline: Connection
) -> None:
    page = browser.get(reverse("group-new"))
    assert page.context["owner_form"] is None and "Zadarma account" not in text_of(page)
    fields = {
        "first_name": "Ada", "last_name": "Example", "salutation": "MS", "country": "DE", "city": "Berlin",
        "zip_code": "10115", "street": "Invalidenstr.", "building_number": "1", "phone": "493012345678",
        "email": "ada@example.com", "customer": other_customer.pk,
    }  # fmt: skip
    answer = browser.post(reverse("group-new"), fields)
    group = DocumentGroup.objects.latest("pk") if DocumentGroup.objects.exists() else None
    assert group is not None, text_of(answer)
    assert (group.customer, group.connection) == (customer, offline)
    Connection.objects.update(state="paused")
    told = text_of(browser.post(reverse("group-new"), fields))
    assert "Papers can't be entered right now." in told and DocumentGroup.objects.count() == 1


# SIP logins


@pytest.fixture
def logins(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account has three logins."""
    rows = [SipLogin(f"48001{n}", f"Login of {name}", 3, True) for n, name in enumerate(("Ada", "Bob", "Cy"), 1)]
    monkeypatch.setattr("direct_numbers.choosing.sip_logins", lambda *args, **kwargs: rows)


@pytest.fixture
def number(offline: Connection, customer: Customer) -> Any:
    """A number that goes to a login of somebody else."""
    customer.sip_logins = ["480011"]
    customer.save()
    return factories.NumberFactory(connection=offline, customer=customer, sip="480012", sip_name="Login of Bob")


def test_customers_choose_among_their_own_logins(browser: Client, number: Any, logins: None) -> None:
    page = browser.get(reverse("number", args=[number.pk]))
    assert "Login of Ada" in text_of(page)
    # a token may hold any few letters
    assert [one for one in ("of Bob", "of Cy", "480013") if one in page.content.decode()] == []
    assert "set by your provider" in text_of(page)
    assert "of Bob" not in browser.get(reverse("number-list")).content.decode()
    route = reverse("number-route", args=[number.pk])
    foreign = browser.post(route, {"routing": "sip", "sip_login": "480013"})
    assert foreign.status_code == 400 and not Operation.objects.exists()
    assert browser.post(route, {"routing": "sip", "sip_login": "480011"}).status_code == 302
    assert Operation.objects.get().params["sip_id"] == "480011"


def test_an_orders_calls_go_to_their_own_logins(browser: Client, number: Any, logins: None, customer: Customer) -> None:
    order = factories.OrderFactory(
        connection=number.connection,
        customer=customer,
        direction=number.direction,
        country=number.direction.country,
        group=factories.DocumentGroupFactory(connection=number.connection, customer=customer),
        state="placing",
    )
    routing = reverse("order-routing", args=[order.public_id])
    page = browser.get(routing)
    assert [login.id for login in page.context["logins"]] == ["480011"] and "of Bob" not in page.content.decode()
    for foreign in ("480012", "480013"):
        assert (
            browser.post(routing, {**form_of(page, routing), "routing": "sip", "sip_login": foreign}).status_code == 200
        )
    order.refresh_from_db()
    assert order.sip_id == ""
    browser.post(routing, {"routing": "sip", "sip_login": "480011"})
    order.refresh_from_db()
    assert order.sip_id == "480011"


def test_staff_choose_among_all_logins(client: Client, staff: User, number: Any, logins: None) -> None:
    client.force_login(staff)
    page = client.get(reverse("number", args=[number.pk]))
    assert [login.id for login in page.context["logins"]] == ["480011", "480012", "480013"]


def test_who_has_no_login_is_shown_none_and_nothing_is_asked(
    browser: Client, number: Any, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*args: object, **kwargs: object) -> None:
        raise AssertionError("asked")

    monkeypatch.setattr("direct_numbers.choosing.sip_logins", never)
    Customer.objects.update(sip_logins=[])
    page = browser.get(reverse("number", args=[number.pk]))
    assert [login.id for login in page.context["logins"]] == ["480012"]


# Why an order was refused


def test_customers_are_told_reasons_of_their_choices_alone(
    browser: Client, client: Client, customer: Customer, offline: Connection
) -> None:
    order = factories.OrderFactory(
        connection=offline, customer=customer, state="refused", direction=factories.DirectionFactory()
    )
    order.country = order.direction.country
    order.error = "Diese Nummer ist nicht mehr verfügbar."
    for error, told in (
        (refusals.ABOUT_CHOICES[1], "This number is no longer available. Please choose another one."),
        ("The balance is EUR 9.99; this costs EUR 11.44. Nothing was paid.", "Your provider's staff know why"),
        ("There is not enough money on the balance", "Your provider's staff know why"),
    ):
        order.error = error
        order.save()
        page = browser.get(reverse("order", args=[order.public_id]))
        assert told in text_of(page) and "9.99" not in text_of(page) and "money" not in text_of(page)
        assert "Correct it and order again" in text_of(page)


def test_reasons_are_told_in_the_readers_language_whoever_ordered() -> None:
    for sentence in refusals.ABOUT_CHOICES:
        with override("de"):
            order = Order(error=gettext(sentence))
        assert order.error != sentence  # it is translated
        with override("en"):
            assert reason_for_customers(order) == sentence
