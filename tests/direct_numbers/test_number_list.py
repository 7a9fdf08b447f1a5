"""The list of numbers: what narrows it, what it shows, what a person keeps of it, and the same as a file."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers import columns, list_choices
from direct_numbers.models import ListChoice, Number, SavedView
from direct_numbers.models.list_choice import MOST_VIEWS
from people.models import AuditEntry, Customer, User
from people.permissions import May
from sync.models import Connection
from tests import factories
from tests.support.queries import sent_to_the_database
from tests.support.reading import text_of

pytestmark = pytest.mark.django_db
LIST, CSV, COLUMNS, SAVE = "number-list", "number-csv", "number-columns", "number-view-save"


@pytest.fixture
def browser(client: Client, operator: User) -> Client:
    """An operator's."""
    client.force_login(operator)
    return client


def found(browser: Client, **wanted: str) -> list[Number]:
    """The numbers that the list shows."""
    return list(browser.get(reverse(LIST), wanted).context["page"])


def table(answer: Any) -> list[dict[str, str]]:
    """The rows of a file by their headings."""
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize(
    ("wanted", "matches", "differs"),
    [
        ({"autorenewal": "yes"}, {"autorenew": True}, {"autorenew": False}),
        ({"autorenewal": "no"}, {"autorenew": False}, {"autorenew": None}),
        ({"sms": "yes"}, {"receive_sms": True}, {"receive_sms": None}),
        ({"sms": "no"}, {"receive_sms": False}, {"receive_sms": True}),
        ({"test": "yes"}, {"is_on_test": True}, {"is_on_test": False}),
        ({"status": "parking"}, {"status": "parking"}, {"status": "on"}),
        ({"q": "+44 20 11*"}, {"number": "442011000"}, {"number": "442022110"}),
        ({"q": "11 000"}, {"number": "442011000"}, {"number": "442022110"}),
        ({"attention": "on"}, {"status": "parking"}, {"status": "on", "autorenew": True}),
    ],
)
def test_a_filter_lets_through_what_it_says(
    browser: Client, wanted: dict[str, str], matches: dict[str, Any], differs: dict[str, Any]
) -> None:
    right = factories.NumberFactory(**matches)
    factories.NumberFactory(**differs)
    assert found(browser, **wanted) == [right]


def test_ends_within_days_from_now(browser: Client) -> None:
    now = timezone.now()
    soon, later, past = (factories.NumberFactory(stop_at=now + timedelta(days=days)) for days in (6, 8, -1))
    assert found(browser, ends="7") == [soon]
    assert found(browser, ends="14", sort="stop_at") == [soon, later]
    assert past not in found(browser, ends="90")


def test_numbers_of_one_account(browser: Client) -> None:
    first, _second = factories.NumberFactory(), factories.NumberFactory()
    assert found(browser, connection=str(first.connection_id)) == [first]
    assert len(found(browser, connection="nonsense")) == 2


@pytest.mark.parametrize("order", ["stop_at", "-stop_at"])
def test_what_has_no_end_stands_last(browser: Client, order: str) -> None:
    without = factories.NumberFactory(stop_at=None, number="1")
    factories.NumberFactory(stop_at=timezone.now(), number="2")
    assert found(browser, sort=order)[-1] == without


def test_wrong_values_narrow_nothing(browser: Client) -> None:
    factories.NumberFactory()
    wrong = {"status": "x", "ends": "31", "size": "9999", "columns": "'; drop", "sort": "api_key", "sms": "perhaps"}
    page = browser.get(reverse(LIST), {**wrong, "page": "-1"})
    assert page.status_code == 200
    assert len(page.context["page"]) == 1
    assert page.context["kept"] == ""


def test_the_address_says_columns_and_size(browser: Client, staff: User) -> None:
    connection = factories.ConnectionFactory()
    factories.NumberFactory.create_batch(26, connection=connection)
    moved = browser.post(f"{reverse(COLUMNS)}?status=on", {"column": ["sms", "place"], "size": "25"})
    assert dict(parse_qsl(moved.url.partition("?")[2])) == {"status": "on", "columns": "place.sms", "size": "25"}
    page = browser.get(moved.url)
    assert [one.key for one in page.context["columns"]] == ["place", "sms"]
    assert len(page.context["page"]) == 25
    again = browser.get(reverse(LIST))  # kept for the next time
    assert [one.key for one in again.context["columns"]] == ["place", "sms"]
    assert len(again.context["page"]) == 25
    browser.force_login(staff)  # who is sent the address sees the same, and keeps their own
    assert [one.key for one in browser.get(moved.url).context["columns"]] == ["place", "sms"]
    assert len(browser.get(reverse(LIST)).context["columns"]) == len([one for one in columns.ALL if one.is_usual])


def test_no_column_is_the_usual_ones(browser: Client, operator: User) -> None:
    browser.post(reverse(COLUMNS), {"column": [], "size": "50"})
    kept = ListChoice.objects.get(user=operator).columns
    assert kept == columns.as_text(one for one in columns.ALL if one.is_usual)
    assert browser.post(reverse(COLUMNS), {"column": ["secret"], "size": "50"}).status_code == 404


def test_a_customer_is_offered_and_shown_only_their_columns(
    client: Client, manager: User, customer: Customer, connection: Connection
) -> None:
    factories.NumberFactory(customer=customer, connection=connection)
    client.force_login(manager)
    page = client.get(reverse(LIST), {"columns": "customer.connection.place.fee"})
    assert [one.key for one in page.context["columns"]] == ["place", "fee"]
    assert connection.name not in page.content.decode()
    assert client.post(reverse(COLUMNS), {"column": ["connection"]}).status_code == 404
    Customer.objects.update(shows_prices=False)
    assert [one.key for one in client.get(reverse(LIST), {"columns": "place.fee"}).context["columns"]] == ["place"]


def test_every_column_needs_something_that_the_table_knows() -> None:
    assert {one.key for one in columns.ALL if one.needs is not May.SEE} == {"customer", "connection"}
    assert {one.key for one in columns.ALL if one.is_price} == {"fee"}


# Views ---------------------------------------------------------------------------------------------------------------
def test_a_view_is_kept_shown_and_forgotten(browser: Client, operator: User) -> None:
    factories.NumberFactory(status="parking")
    page = browser.post(f"{reverse(SAVE)}?status=parking&page=3&nonsense=1", {"name": "Parked ones"}, follow=True)
    view = SavedView.objects.get(user=operator)
    assert view.query == "status=parking"
    assert {"label": "Parked ones", "url": "/numbers/?status=parking", "current": True} in page.context["chips"]
    assert "Kept as “Parked ones”" in text_of(page)
    page = browser.post(reverse("number-view-remove", args=[view.pk]), follow=True)
    assert "“Parked ones” is no longer kept" in text_of(page)
    assert not SavedView.objects.exists()


def test_one_name_is_one_view(browser: Client) -> None:
    browser.post(f"{reverse(SAVE)}?status=on", {"name": "Mine"})
    browser.post(f"{reverse(SAVE)}?status=parking", {"name": "Mine"})
    assert SavedView.objects.get().query == "status=parking"


@pytest.mark.parametrize(("query", "name"), [("", "All"), ("status=on", ""), ("status=on", "x" * 41)])
def test_nothing_is_kept_without_filter_or_name(browser: Client, query: str, name: str) -> None:
    page = browser.post(f"{reverse(SAVE)}?{query}", {"name": name}, follow=True)
    assert "Nothing was kept" in text_of(page)
    assert not SavedView.objects.exists()


def test_views_have_an_end(browser: Client, operator: User) -> None:
    for count in range(MOST_VIEWS):
        list_choices.save_view(operator, f"View {count}", "status=on")
    page = browser.post(f"{reverse(SAVE)}?status=on", {"name": "One more"}, follow=True)
    assert f"You keep {MOST_VIEWS} views already" in text_of(page)
    browser.post(f"{reverse(SAVE)}?status=parking", {"name": "View 1"})  # an old one may still change
    assert SavedView.objects.get(name="View 1").query == "status=parking"


def test_views_are_ones_own(browser: Client, operator: User, staff: User) -> None:
    theirs = list_choices.save_view(staff, "Theirs", "status=on")
    assert "Theirs" not in browser.get(reverse(LIST)).content.decode()
    assert browser.post(reverse("number-view-remove", args=[theirs.pk])).status_code == 404
    assert SavedView.objects.filter(pk=theirs.pk).exists()


# The file ------------------------------------------------------------------------------------------------------------
def test_the_file_holds_what_is_filtered(browser: Client, operator: User, customer: Customer) -> None:
    stop = timezone.now() + timedelta(days=9)
    fields = {"customer": customer, "monthly_fee": Decimal("3.5"), "currency": "EUR", "stop_at": stop}
    shown = factories.NumberFactory(**fields, autorenew=False, number_name="=Desk")
    factories.NumberFactory(status="parking")
    answer = browser.post(f"{reverse(CSV)}?status=on&customer={customer.pk}")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="numbers-')
    (row,) = table(answer)
    assert (row["Number"], row["Customer"], row["Autorenewal"]) == (shown.number, customer.name, "off")
    assert (Decimal(row["A month"]), row["Currency"], row["Caller name"]) == (Decimal("3.5"), "EUR", "'=Desk")
    assert row["Paid until"] == timezone.localtime(stop).strftime("%Y-%m-%d %H:%M")
    noted = AuditEntry.objects.get(action="numbers.exported")
    assert noted.actor_id == operator.pk
    assert noted.detail["after"] == {"status": "on", "customer": str(customer.pk)}


def test_words_searched_for_are_not_noted(browser: Client) -> None:
    list(browser.post(f"{reverse(CSV)}?q=Secretson").streaming_content)  # type: ignore[attr-defined]
    assert "Secretson" not in str(AuditEntry.objects.get(action="numbers.exported").detail)


def test_a_customers_file_holds_their_own_at_their_prices(
    client: Client, manager: User, customer: Customer, other_customer: Customer
) -> None:
    Customer.objects.filter(pk=customer.pk).update(markup_percent=50)
    mine = factories.NumberFactory(customer=customer, monthly_fee=Decimal(2), currency="EUR")
    factories.NumberFactory(customer=other_customer)
    client.force_login(manager)
    (row,) = table(client.post(reverse(CSV)))
    assert (row["Number"], row["A month"]) == (mine.number, "3.00")
    assert not {"Customer", "Zadarma account"} & set(row)
    Customer.objects.filter(pk=customer.pk).update(shows_prices=False)
    (row,) = table(client.post(reverse(CSV)))
    assert not {"A month", "Currency"} & set(row)


def test_the_file_is_in_the_readers_language(browser: Client, operator: User) -> None:
    User.objects.filter(pk=operator.pk).update(language="de")
    factories.NumberFactory(autorenew=True)
    answer = browser.post(reverse(CSV), HTTP_ACCEPT_LANGUAGE="de")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "Nummer" in text.splitlines()[0]


def test_a_file_of_any_length_takes_the_same_queries(browser: Client) -> None:
    counted = []
    for _count in range(2):
        factories.NumberFactory.create_batch(5, customer=factories.CustomerFactory())
        with sent_to_the_database() as sent:
            table(browser.post(reverse(CSV)))
        counted.append(sent.count)
    assert counted[0] == counted[1]
