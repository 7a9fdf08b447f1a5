"""Pages of numbers: found, narrowed, told, and changed through the journal."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers.models import Number
from people.models import Customer, User
from sync.models import Change, Connection, Operation
from tests.factories import CountryFactory, DirectionFactory, NumberFactory
from tests.support.journal import perform_planned
from tests.support.reading import form_of, text_of
from tests.support.scenes import number_of, read
from tests.support.simulator import SimulatorProcess

LIST = "/numbers/"


@pytest.fixture
def four(offline: Connection, customer: Customer) -> list[Number]:
    """Four numbers that differ in all that can be searched for."""
    germany = DirectionFactory(
        country=CountryFactory(iso="DE", dial_code="49", name_en="Germany", name_de="Deutschland"),
        dial_code="49",
        area_code="89",
        name_en="Munich",
        name_de="München",
    )
    common = {"connection": offline}
    return [
        NumberFactory(number="442030000001", number_name="Hotline", **common),
        NumberFactory(number="442030000002", description="Cardiff", status="parking", **common),
        NumberFactory(number="498930000003", direction=germany, country_name="Germany", description="Munich", **common),
        NumberFactory(number="442030000004", customer=customer, status="checking_upload", **common),
    ]


def found(client: Client, **query: str) -> list[str]:
    """The last digits of the numbers listed, in order."""
    return [row.number[-1] for row in client.get(LIST, query).context["page"]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("", "1243"),
        ("0000001", "1"),
        ("+44 20 3000-0002", "2"),
        ("44*4", "4"),
        ("4420?0000001", "1"),
        ("20?", ""),
        ("hotline", "1"),
        ("cardiff", "2"),
        ("munich", "3"),
        ("München", "3"),
        ("First customer", "4"),
        ("Germany", "3"),
        ("no such thing", ""),
    ],
)
def test_numbers_are_found_by_digits_mask_name_and_city(
    four: list[Number], browser_of_staff: Client, words: str, wanted: str
) -> None:
    assert sorted(found(browser_of_staff, q=words)) == sorted(wanted)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"status": "parking"}, "2"),
        ({"country": "DE"}, "3"),
        ({"customer": "none"}, "123"),
        ({"attention": "on"}, "24"),
        ({"status": "nonsense"}, "1234"),
        ({"status": "on", "country": "GB"}, "1"),
        ({"q": "44", "status": "parking"}, "2"),
    ],
)
def test_the_list_is_narrowed_by_filters(
    four: list[Number], browser_of_staff: Client, query: dict[str, str], wanted: str
) -> None:
    assert sorted(found(browser_of_staff, **query)) == sorted(wanted)


@pytest.mark.django_db
def test_the_list_is_narrowed_to_a_customer(four: list[Number], browser_of_staff: Client, customer: Customer) -> None:
    assert found(browser_of_staff, customer=str(customer.pk)) == ["4"]


@pytest.mark.django_db
def test_numbers_that_end_soon_need_attention(four: list[Number], browser_of_staff: Client) -> None:
    soon = timezone.now() + timedelta(days=3)
    Number.objects.filter(pk=four[0].pk).update(autorenew=False, stop_at=soon)
    assert sorted(found(browser_of_staff, attention="on")) == ["1", "2", "4"]


@pytest.mark.django_db
def test_a_search_without_a_hit_says_what_to_do(four: list[Number], browser_of_staff: Client) -> None:
    page = browser_of_staff.get(LIST, {"q": "no such thing"})
    assert page.status_code == 200
    assert LIST in page.content.decode()
    assert "442030000001" not in page.content.decode()


@pytest.mark.django_db
def test_a_number_gone_is_not_listed_and_keeps_its_page(four: list[Number], browser_of_staff: Client) -> None:
    Number.objects.filter(pk=four[0].pk).update(gone_at=timezone.now())
    assert "1" not in found(browser_of_staff)
    page = browser_of_staff.get(reverse("number", args=[four[0].pk]))
    assert "Zadarma no longer lists this number. Its history is kept here." in text_of(page)
    for change in ("route", "caller-name", "autorenewal", "assign"):
        assert browser_of_staff.post(reverse(f"number-{change}", args=[four[0].pk])).status_code == 404


@pytest.mark.django_db
def test_the_page_of_a_number_tells_all_that_is_known(connection: Connection, browser_of_staff: Client) -> None:
    read(connection)
    number = number_of(connection)
    page = text_of(browser_of_staff.get(reverse("number", args=[number.pk])))
    for wanted in ("London", "United Kingdom", "active", "480012", "EUR 2.00", "Reception", "Sales", "Support"):
        assert wanted in page


@pytest.mark.django_db
def test_the_page_is_readable_while_the_api_is_down(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, asks_once: None
) -> None:
    number = number_of(connection)
    simulator.fault("reset_before", count=-1)
    page = browser_of_staff.get(reverse("number", args=[number.pk]))
    assert page.status_code == 200
    assert "Zadarma can't be reached right now." in text_of(page) and "London" in text_of(page)


@pytest.mark.django_db
def test_refreshing_asks_the_number_and_its_autorenewal_and_nothing_else(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    number = number_of(connection)
    simulator.set_status(number.number, "parking")
    simulator.clear_requests()
    answer = browser_of_staff.post(reverse("number-refresh", args=[number.pk]))
    assert [entry["path"] for entry in simulator.requests()] == [
        "/v1/direct_numbers/number/",
        "/v1/direct_numbers/autoprolongation/",
    ]
    page = text_of(browser_of_staff.get(answer.url))
    assert "This is what Zadarma says now." in page
    assert "Zadarma keeps it for 7 days, then it is lost" in page
    assert Change.objects.filter(object_id=number.pk, field="status", new="parking").exists()


@pytest.mark.django_db
def test_refreshing_in_an_outage_says_so_and_keeps_what_is_known(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, asks_once: None
) -> None:
    number = number_of(connection)
    simulator.fault("error", count=-1)
    page = browser_of_staff.post(reverse("number-refresh", args=[number.pk]), follow=True)
    assert "Zadarma can't be reached right now." in text_of(page)
    number.refresh_from_db()
    assert (number.status, number.refreshed_at) == ("on", None)


@pytest.mark.django_db
def test_refreshing_a_number_that_is_no_more_shows_the_apis_words(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    number = number_of(connection)
    simulator.remove_number(number.number)
    page = browser_of_staff.post(reverse("number-refresh", args=[number.pk]), follow=True)
    assert "Zadarma answered: Check phone's number" in text_of(page)
    number.refresh_from_db()
    assert number.gone_at is None  # only a complete listing may say so


CHANGES = [
    ("route", {"routing": "sip", "sip_login": "480013"}, "sip", "480013", "Routing"),
    ("route", {"routing": "uri", "sip_uri": "sip:1@Pbx.Example.com"}, "sip", "1@pbx.example.com", "Routing"),
    ("caller-name", {"caller_name": "Support1"}, "number_name", "Support1", "Caller name"),
    ("caller-name", {"caller_name": ""}, "number_name", "", "Caller name"),
    ("autorenewal", {"value": "off", "confirmed": "1"}, "autorenew", False, "Autorenewal"),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("view", "given", "field", "value", "name"), CHANGES)
def test_a_change_goes_through_the_journal_and_arrives(
    connection: Connection,
    browser_of_staff: Client,
    staff: User,
    view: str,
    given: dict[str, str],
    field: str,
    value: object,
    name: str,
) -> None:
    number = number_of(connection)
    url = reverse(f"number-{view}", args=[number.pk])
    page = browser_of_staff.post(url, given, follow=True)
    assert "The change is on its way to Zadarma." in text_of(page)
    assert f"On its way to Zadarma: {name}" in text_of(page)
    assert browser_of_staff.get(reverse("number-changes", args=[number.pk])).status_code == 204
    number.refresh_from_db()
    assert getattr(number, field) != value
    again = browser_of_staff.post(url, given, follow=True)
    assert "The change before is still on its way to Zadarma." in text_of(again)
    perform_planned()
    number.refresh_from_db()
    assert getattr(number, field) == value
    operation = Operation.objects.get()
    assert (operation.state, operation.actor) == ("done", staff)
    assert "HX-Refresh" in browser_of_staff.get(reverse("number-changes", args=[number.pk])).headers
    read(connection, "numbers")
    number.refresh_from_db()
    assert getattr(number, field) == value


@pytest.mark.django_db(transaction=True)
def test_a_refused_change_is_told_in_the_apis_words(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    number = number_of(connection)
    simulator.remove_number(number.number)
    browser_of_staff.post(reverse("number-caller-name", args=[number.pk]), {"caller_name": "Support1"})
    perform_planned()
    page = text_of(browser_of_staff.get(reverse("number", args=[number.pk])))
    assert "Caller name" in page and "refused" in page and "Check phone's number" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("view", "given", "told"),
    [
        ("caller-name", {"caller_name": "No spaces"}, "Only Latin letters and digits, without spaces"),
        ("caller-name", {"caller_name": "Größe"}, "Only Latin letters and digits, without spaces"),
        ("caller-name", {"caller_name": "A" * 31}, "at most 30 characters"),
        ("route", {"routing": "uri", "sip_uri": "nobody"}, "This is not a SIP URI."),
        ("route", {"routing": "sip", "sip_login": "999999"}, "Please choose one of the account's SIP logins."),
        ("route", {"routing": ""}, "Please choose where calls shall go."),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_not_sent(
    connection: Connection, browser_of_staff: Client, view: str, given: dict[str, str], told: str
) -> None:
    number = number_of(connection)
    page = browser_of_staff.post(reverse(f"number-{view}", args=[number.pk]), given)
    assert page.status_code == 400
    assert told in text_of(page)
    assert not Operation.objects.exists()


@pytest.mark.django_db
def test_a_number_is_given_to_a_customer_and_taken_back(
    connection: Connection, browser_of_staff: Client, customer: Customer
) -> None:
    number = number_of(connection)
    url = reverse("number-assign", args=[number.pk])
    fields = form_of(browser_of_staff.get(reverse("number", args=[number.pk])), url)
    page = browser_of_staff.post(url, {**fields, "customer": str(customer.pk)}, follow=True)
    assert "The number now belongs to First customer." in text_of(page)
    number.refresh_from_db()
    assert number.customer == customer
    change = Change.objects.get(object_id=number.pk, field="customer")
    assert (change.old, change.new) == ("", f"#{customer.pk}")
    browser_of_staff.post(url, {"customer": ""})
    number.refresh_from_db()
    assert number.customer is None
