"""The first page says what needs a person, and to whom."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers.models import Number
from people.models import Customer, User
from sync.models import Connection
from tests import factories
from tests.support.reading import text_of
from tests.support.scenes import read
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db


def titles(client: Client) -> list[tuple[str, str]]:
    """The matters listed: label and subject, in their order."""
    return [(matter.label, matter.subject) for matter in client.get("/").context["matters"]]


def test_without_an_account_it_says_how_to_begin(browser_of_staff: Client) -> None:
    page = browser_of_staff.get("/")
    assert page.status_code == 200
    assert "Connect your Zadarma account" in text_of(page)
    assert f'href="{reverse("account-new")}"' in page.content.decode()
    assert "ZADARMA_API_KEY" in text_of(page)


def test_without_an_account_an_operator_is_told_whom_to_ask(client: Client, operator: User) -> None:
    client.force_login(operator)
    page = client.get("/")
    assert "Ask an owner of this panel to add one." in text_of(page)
    assert reverse("account-new") not in page.content.decode()


def test_before_the_first_reading_it_says_so(browser_of_staff: Client, offline: Connection) -> None:
    assert "Reading your account for the first time" in text_of(browser_of_staff.get("/"))


def test_staff_see_what_waits_for_them_in_order_of_urgency(
    browser_of_staff: Client, connection: Connection, staff: User
) -> None:
    read(connection)
    london = Number.objects.get(number_name="London")
    soon = timezone.now() + timedelta(days=3)
    Number.objects.filter(pk=london.pk).update(autorenew=False, stop_at=soon)
    factories.OrderFactory(connection=connection, state="in_doubt", direction=london.direction, created_by=staff)
    factories.OrderFactory(connection=connection, state="refused", error="Not enough luck", direction=london.direction)
    page = browser_of_staff.get("/")
    words = text_of(page)
    found = titles(browser_of_staff)
    assert ("document rejected", "Anna Kowalska") in found
    assert ("ends soon", "London") in found
    assert ("in doubt", "Order: London") in found
    assert ("not ordered", "Order: London") in found
    assert "Not enough luck" in words and "The copy is too dark: the name cannot be read" in words
    order = [label for label, _ in found]
    assert order.index("in doubt") < order.index("document rejected") < order.index("not ordered")
    for matter in page.context["matters"]:
        assert f'href="{matter.url}"' in page.content.decode()
        assert browser_of_staff.get(matter.url).status_code == 200


def test_a_paused_account_comes_first_and_can_be_switched_on_again(
    browser_of_staff: Client, connection: Connection
) -> None:
    Connection.objects.update(state="paused", paused_because="the API did not accept the key pair")
    assert titles(browser_of_staff)[0][0] == "account paused"
    assert "did not accept the key pair" in text_of(browser_of_staff.get(reverse("run-list")))
    page = browser_of_staff.post(reverse("connection-resume", args=[connection.pk]), follow=True)
    assert "The account is switched on again." in text_of(page)
    connection.refresh_from_db()
    assert (connection.state, connection.paused_because) == ("active", "")
    assert titles(browser_of_staff) == []


def test_a_member_sees_the_customers_own_matters_only(
    client: Client, connection: Connection, member: User, customer: Customer
) -> None:
    read(connection)
    mine = Number.objects.filter(status="checking_upload").first()
    assert mine is not None
    Number.objects.filter(pk=mine.pk).update(customer=customer)
    client.force_login(member)
    page = client.get("/")
    assert [matter.phone for matter in page.context["matters"]] == [mine.number]
    assert page.context["totals"]["all"] == 1
    assert page.context["accounts"] == []
    assert "212.40" not in text_of(page)
    assert reverse("order-new") not in page.content.decode()
    assert reverse("run-list") not in page.content.decode()


def test_a_member_of_a_customer_without_numbers_is_told_what_comes(client: Client, member: User) -> None:
    client.force_login(member)
    assert "Your numbers appear here as soon as they are connected for you." in text_of(client.get("/"))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("draft", ("not sent yet", "Go on with the order")),
        ("approval", ("1 order is under way.", "See the orders")),
        ("placing", ("1 order is under way.", "See the orders")),
    ],
)
def test_before_the_first_number_it_leads_to_the_order_under_way(
    client: Client, manager: User, customer: Customer, state: str, words: tuple[str, str]
) -> None:
    client.force_login(manager)
    told = text_of(client.get("/"))
    assert "Connect the first one" in told and "Drafts" not in told
    factories.OrderFactory(customer=customer, state=state)
    told = text_of(client.get("/"))
    assert [one for one in (*words, "Drafts") if one not in told] == []
    assert "All is well" not in told and "Connect the first one" not in told


def test_an_order_that_failed_or_was_given_up_is_not_under_way(
    client: Client, manager: User, customer: Customer
) -> None:
    factories.OrderFactory(customer=customer, state="cancelled")
    client.force_login(manager)
    assert "Connect the first one" in text_of(client.get("/"))


@pytest.mark.parametrize(
    ("who", "words"), [("staff", "needs you"), ("auditor", "needs attention"), ("member", "needs attention")]
)
def test_who_may_change_nothing_is_not_told_that_it_needs_them(
    client: Client, customer: Customer, request: pytest.FixtureRequest, who: str, words: str
) -> None:
    connection = factories.ConnectionFactory(numbers_as_of=timezone.now())
    factories.NumberFactory(connection=connection, customer=customer, status="checking_upload")
    client.force_login(request.getfixturevalue(who))
    assert f"1 thing {words}" in text_of(client.get("/"))


def test_the_auditors_papers_are_not_their_own(client: Client, auditor: User) -> None:
    client.force_login(auditor)
    assert "Papers of your customers" in text_of(client.get(reverse("group-list")))


def test_the_first_page_needs_no_api(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess
) -> None:
    read(connection)
    simulator.clear_requests()
    assert browser_of_staff.get("/").status_code == 200
    assert simulator.requests() == []


def test_reading_now_is_asked_for_once_and_told(browser_of_staff: Client, offline: Connection) -> None:
    for _ in range(2):
        page = browser_of_staff.post(reverse("sync-now"), {"kind": "numbers"}, follow=True)
        assert "Reading from Zadarma has started." in text_of(page)
    assert [request.kind for request in offline.requests.all()] == ["numbers"]
    Connection.objects.update(state="paused")
    page = browser_of_staff.post(reverse("sync-now"), {}, follow=True)
    assert "The account is paused" in text_of(page)


def test_the_process_says_that_it_lives(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"
