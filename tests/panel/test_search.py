"""One box finds numbers, customers, papers and orders: what matches, and only what the person may see."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from direct_numbers import finding
from direct_numbers.models import Number, Order
from documents import names
from people.models import Customer, User
from sync.models import Connection
from tests import factories
from tests.support.queries import sent_to_the_database
from tests.support.reading import text_of

SEARCH = "/search/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(offline: Connection, customer: Customer, other_customer: Customer) -> dict[str, Any]:
    """Something of each kind, of two customers."""
    Customer.objects.filter(pk=customer.pk).update(name="Hartmann Ltd", reference="R-2024")
    Customer.objects.filter(pk=other_customer.pk).update(name="Zobel AG")
    berlin = factories.DirectionFactory(name_en="Berlin", name_de="Berlin")
    at = {"connection": offline, "direction": berlin}
    mine = factories.NumberFactory(**at, customer=customer, number="442037691880", number_name="Hotline")
    theirs = factories.NumberFactory(**at, customer=other_customer, number="442037691881", number_name="Hotline")
    found = {
        "mine": mine,
        "theirs": theirs,
        "order": factories.OrderFactory(**at, customer=customer, wanted_number="442037690000"),
        "their order": factories.OrderFactory(**at, customer=other_customer, wanted_number="442037690001"),
        "group": factories.DocumentGroupFactory(
            connection=offline, customer=customer, fields={"first_name": "Xaver", "last_name": "Hotlinger"}
        ),
        "their group": factories.DocumentGroupFactory(
            connection=offline, customer=other_customer, fields={"first_name": "Xaver", "last_name": "Ohm"}
        ),
    }
    names.index([found["group"], found["their group"]])
    return found


def hits(client: Client, words: str, *, posted: bool = False) -> dict[str, list[str]]:
    """What is found, by kind: where each hit leads."""
    page = client.post(SEARCH, {"q": words}, follow=True) if posted else client.get(SEARCH, {"q": words})
    assert page.status_code == 200
    return {kind.key: [hit.url for hit in kind.hits] for kind in page.context["found"]}


def url_of(row: Any) -> str:
    """The page of a row."""
    if isinstance(row, Order):
        return reverse("order", args=[row.public_id])
    return reverse({Number: "number", Customer: "customer-edit"}.get(type(row), "group"), args=[row.pk])


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("+44 20 3769 1880", {"numbers": ["mine"]}),
        ("0044 20 3769 1880", {"numbers": ["mine"]}),
        ("020 3769 1880", {"numbers": ["mine"]}),
        ("*1880", {"numbers": ["mine"]}),
        ("37690000", {"orders": ["order"]}),
        ("4420376900?0", {"orders": ["order"]}),
        ("no such thing", {}),
        ("99999", {}),
    ],
)
def test_digits_and_masks_find_numbers_and_orders(
    browser_of_staff: Client, rows: dict[str, Any], words: str, wanted: dict[str, list[str]]
) -> None:
    expected = {kind: [url_of(rows[name]) for name in which] for kind, which in wanted.items()}
    assert hits(browser_of_staff, words) == hits(browser_of_staff, words, posted=True) == expected


def test_words_find_every_kind(browser_of_staff: Client, rows: dict[str, Any], customer: Customer) -> None:
    found = hits(browser_of_staff, "hartmann", posted=True)
    assert found == {
        "numbers": [url_of(rows["mine"])],
        "customers": [url_of(customer)],
        "orders": [url_of(rows["order"])],
    }
    assert hits(browser_of_staff, "r-2024")["customers"] == [url_of(customer)]
    assert hits(browser_of_staff, "hotl", posted=True) == {
        "numbers": [url_of(rows["mine"]), url_of(rows["theirs"])],
        "papers": [url_of(rows["group"])],
    }
    assert hits(browser_of_staff, str(rows["order"].public_id)) == {"orders": [url_of(rows["order"])]}


def test_the_number_that_is_exactly_meant_goes_first(browser_of_staff: Client, offline: Connection) -> None:
    exact = factories.NumberFactory(connection=offline, number="5551234567")
    for n in range(12):
        factories.NumberFactory(connection=offline, number=f"1{n:02}5551234567")
    page = browser_of_staff.get(SEARCH, {"q": "+555 123 4567"})
    (kind,) = page.context["found"]
    assert kind.hits[0].url == url_of(exact)
    assert (len(kind.hits), kind.count, kind.all_url) == (8, 13, "/numbers/?q=5551234567")
    assert len(browser_of_staff.get(kind.all_url).context["page"]) == 13


def test_all_of_a_kind_are_found_in_its_list(browser_of_staff: Client, offline: Connection) -> None:
    group = {"connection": offline, "fields": {"first_name": "Many", "last_name": "Papers"}}
    names.index(factories.DocumentGroupFactory.create_batch(9, **group))
    factories.OrderFactory.create_batch(9, connection=offline, wanted_number="4477")
    factories.OrderFactory(connection=offline, wanted_number="4477", state="cancelled")
    for n in range(9):
        factories.CustomerFactory(name=f"Many {n}")
    page = browser_of_staff.post(SEARCH, {"q": "many"})
    kinds = {kind.key: kind for kind in page.context["found"]}
    assert [(kind.count, len(kind.hits)) for kind in kinds.values()] == [(9, 8), (9, 8)]
    assert len(browser_of_staff.get(kinds["customers"].all_url).context["page"]) == 9
    assert len(browser_of_staff.post(kinds["papers"].all_url, kinds["papers"].posts).context["page"]) == 9
    (orders,) = browser_of_staff.get(SEARCH, {"q": "4477"}).context["found"]
    assert orders.count == 10
    listed = browser_of_staff.get(orders.all_url)
    assert len(listed.context["page"]) == 10 and "“4477”" in text_of(listed)


def test_more_than_a_hundred_are_not_counted(browser_of_staff: Client, offline: Connection) -> None:
    Number.objects.bulk_create(Number(connection=offline, number=f"77{n:05}", status="on") for n in range(120))
    page = browser_of_staff.get(SEARCH, {"q": "77"})
    assert page.context["found"][0].counted == "100+"
    assert "Show all 100+ : Numbers" in text_of(page)
    assert len(page.context["found"][0].hits) == 8


# Names stand in no address -------------------------------------------------------------------------------------------


def test_words_are_posted_and_digits_get_an_address(browser_of_staff: Client, rows: dict[str, Any]) -> None:
    page = browser_of_staff.get("/")
    assert re.search(r'<form method="post" class="topbar-search"[^>]* action="/search/"', page.content.decode())
    posted = browser_of_staff.post(SEARCH, {"q": "+44 20*"})
    assert (posted.status_code, posted.headers["Location"]) == (302, "/search/?q=%2B44+20%2A")
    words = browser_of_staff.post(SEARCH, {"q": "Xaver"})
    assert words.status_code == 200
    links = re.findall(r'(?:href|action)="([^"]*)"', words.content.decode())
    assert not [link for link in links if "aver" in link]


def test_an_address_looks_through_no_papers_but_offers_to(browser_of_staff: Client, rows: dict[str, Any]) -> None:
    page = browser_of_staff.get(SEARCH, {"q": "Xaver"})
    assert page.context["found"] == [] and "Look through the papers, too" in text_of(page)
    assert "Hotlinger" not in page.content.decode()
    assert "Look through the papers" not in text_of(browser_of_staff.get(SEARCH, {"q": "4420"}))


@pytest.mark.parametrize("words", ["", "   ", "x" * 61, "a\0b"])
def test_what_is_no_search_says_what_to_type(browser_of_staff: Client, words: str) -> None:
    assert "What are you looking for?" in text_of(browser_of_staff.get(SEARCH, {"q": words}))
    assert browser_of_staff.post(SEARCH, {"q": words}).headers["Location"] == SEARCH


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        *((sign, set()) for sign in ("%", "_", "'", "()", "\\", "<b>", "é", "****9")),
        ("*", {"numbers", "orders"}),
        ("44203769????", {"numbers", "orders"}),
        ("0", {"numbers", "orders", "customers"}),
        ("00", {"orders"}),
    ],
)
def test_odd_signs_are_looked_for_as_they_are(
    browser_of_staff: Client, rows: dict[str, Any], words: str, wanted: set[str]
) -> None:
    assert set(hits(browser_of_staff, words)) == set(hits(browser_of_staff, words, posted=True)) == wanted


# Whose ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["4420", "hotline", "xaver", "berlin", "zobel", "hartmann", "3769", "*", "customer"])
def test_a_customer_finds_nothing_of_another(client: Client, rows: dict[str, Any], outsider: User, words: str) -> None:
    client.force_login(outsider)
    theirs = {url_of(rows[name]) for name in ("theirs", "their order", "their group")}
    for posted in (False, True):
        found = hits(client, words, posted=posted)
        assert "customers" not in found
        assert {url for urls in found.values() for url in urls} <= theirs
        page = client.post(SEARCH, {"q": words}, follow=True)
        assert not [kind.key for kind in page.context["found"] if kind.count != len(kind.hits)]  # nor how many
        text = page.content.decode()
        assert "Hartmann" not in text.replace(words, "") and "Hotlinger" not in text and "1880" not in text


def test_an_order_is_not_found_by_a_number_that_was_passed_on(
    client: Client, rows: dict[str, Any], outsider: User, staff: User
) -> None:
    passed_on = factories.OrderFactory(
        connection=rows["mine"].connection, customer=rows["theirs"].customer, number=rows["mine"],
        wanted_number=rows["mine"].number, state="placed", direction=rows["mine"].direction,
    )  # fmt: skip
    client.force_login(outsider)
    assert hits(client, rows["mine"].number) == hits(client, f"*{rows['mine'].number}") == {}
    assert url_of(passed_on) in hits(client, "berlin")["orders"]
    listed = client.get("/orders/", {"q": rows["mine"].number})
    assert list(listed.context["page"]) == []
    client.force_login(staff)
    assert hits(client, rows["mine"].number)["orders"] == [url_of(passed_on)]


def test_nothing_is_found_in_a_hidden_account_or_of_what_is_gone(
    browser_of_staff: Client, rows: dict[str, Any]
) -> None:
    Number.objects.filter(pk=rows["mine"].pk).update(gone_at=rows["mine"].first_seen)
    assert hits(browser_of_staff, "hotline", posted=True) == {"numbers": [url_of(rows["theirs"])]}
    Connection.objects.update(is_hidden=True)
    assert hits(browser_of_staff, "hotl", posted=True) == hits(browser_of_staff, "442037690000") == {}


# How long it takes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "posted", "queries"), [("4420", False, 16), ("berlin", True, 17)])
def test_a_search_takes_the_same_queries_whatever_it_finds(
    browser_of_staff: Client, rows: dict[str, Any], words: str, posted: bool, queries: int
) -> None:
    counted = []
    for more in (1, 20):
        at = {"connection": rows["mine"].connection, "direction": rows["mine"].direction}
        for n in range(more):
            owner = factories.CustomerFactory(name=f"Berlin {n}", reference="4420")
            factories.NumberFactory(**at, customer=owner, number=f"44209{more:02}{n:05}")
            factories.OrderFactory(**at, customer=owner, wanted_number=f"44209{more:02}{n:05}")
            group = {"connection": at["connection"], "customer": owner, "fields": {"last_name": "Berlin"}}
            names.index([factories.DocumentGroupFactory(**group)])
        ask = browser_of_staff.post if posted else browser_of_staff.get
        ask(SEARCH, {"q": words})
        with sent_to_the_database() as sent:
            assert ask(SEARCH, {"q": words}).status_code == 200
        counted.append(sent.count)
        assert not any("COUNT(" in text and f"%{words}" in text for text in sent.statements)
    assert counted == [queries, queries]


def test_zeros_that_are_dialled_before_a_number_are_left_out() -> None:
    assert finding.digits_of("0044 20 3769") == "44203769"
    assert finding.digits_of("(020) 3769-1880") == "2037691880"
    assert finding.digits_of("007") == "007"
    assert finding.digits_of("+44 20*") == "4420*"
    assert finding.digits_of("Berlin 10") == ""
