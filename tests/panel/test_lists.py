"""A list takes the same number of queries whatever its length."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from people import audit
from people.models import Customer
from sync.models import Connection
from tests import factories
from tests.support.queries import sent_to_the_database
from tests.support.reading import text_of

pytestmark = pytest.mark.django_db


def number(connection: Connection) -> Any:
    """A number of a customer of its own, in a direction of its own."""
    return factories.NumberFactory(connection=connection, customer=factories.CustomerFactory())


def order(connection: Connection) -> Any:
    """A placed order with a number."""
    placed = number(connection)
    return factories.OrderFactory(
        connection=connection,
        customer=placed.customer,
        number=placed,
        direction=placed.direction,
        country=placed.direction.country,
        created_by=factories.UserFactory(),
        operation=factories.OperationFactory(connection=connection, kind="order", state="done"),
        state="placed",
    )


def group(connection: Connection) -> Any:
    """A group with two files."""
    made = factories.DocumentGroupFactory(connection=connection, customer=factories.CustomerFactory())
    return [factories.DocumentFactory(group=made), factories.DocumentFactory(group=made)]


def run(connection: Connection) -> Any:
    """A finished run."""
    return factories.SyncRunFactory(connection=connection)


def customer(connection: Connection) -> Customer:
    """A customer with a number and an account."""
    made: Customer = factories.CustomerFactory(default_connection=connection)
    factories.NumberFactory(connection=connection, customer=made)
    return made


def matter(connection: Connection) -> Any:
    """A number, a change of it, an order and a group that need a person."""
    waiting = factories.NumberFactory(connection=connection, status="checking_upload")
    factories.OperationFactory(connection=connection, object_id=waiting.pk, state="needs_person")
    factories.OrderFactory(connection=connection, state="refused", direction=waiting.direction)
    return factories.DocumentGroupFactory(connection=connection, wrong_document_type="passport", wrong_document="dark")


def operation(connection: Connection) -> list[Any]:
    """An operation of each type of object, by a person of its own."""
    made = order(connection)
    groups = factories.DocumentGroupFactory.create_batch(2, connection=connection)
    upload = groups[1].uploads.create(document_type="passport", content_type="text/plain", size=1, sha256="")
    concerns = {
        "set_sip_id": ("number", made.number_id),
        "order": ("order", made.pk),
        "group_update": ("group", groups[0].pk),
        "document_upload": ("upload", upload.pk),
    }
    make = factories.OperationFactory
    return [
        make(connection=connection, kind=kind, object_type=name, object_id=pk, actor=factories.UserFactory())
        for kind, (name, pk) in concerns.items()
    ]


def audited(connection: Connection) -> list[Any]:
    """What people of their own did, about each type of object, for customers of their own."""
    made = order(connection)
    concerns = {"number": made.number_id, "order": made.pk, "customer": made.customer_id, "connection": connection.pk}
    return [
        audit.record(
            "operation.planned",
            factories.UserFactory(),
            about=(name, pk),
            customer=factories.CustomerFactory(),
            before={"customer": made.customer_id},
            after={"kind": "order", "state": "done"},
        )
        for name, pk in concerns.items()
    ]


@pytest.mark.parametrize(
    ("url", "make", "queries"),
    [
        ("/numbers/", number, 20),
        ("/orders/", order, 12),
        ("/documents/", group, 20),
        ("/activity/", run, 14),
        ("/activity/journal/", operation, 18),
        ("/audit/", audited, 18),
        ("/customers/", customer, 13),
        ("/", matter, 37),
    ],
)
def test_one_row_and_three_take_the_same_queries(
    browser_of_staff: Client, offline: Connection, url: str, make: Callable[[Connection], Any], queries: int
) -> None:
    counted = []
    for rows in (1, 2):
        for _ in range(rows):
            make(offline)
        browser_of_staff.get(url)  # whatever is cached is cached
        with sent_to_the_database() as sent:
            page = browser_of_staff.get(url)
        assert page.status_code == 200
        counted.append(sent.count)
    assert counted == [queries, queries]


@pytest.mark.parametrize(
    ("url", "make"), [("/numbers/", number), ("/orders/", order), ("/documents/", group), ("/customers/", customer)]
)
def test_an_empty_list_says_what_to_do_next(
    browser_of_staff: Client, offline: Connection, url: str, make: Callable[[Connection], Any]
) -> None:
    empty = browser_of_staff.get(url)
    make(offline)
    filled = browser_of_staff.get(url)
    assert len(text_of(empty)) > 80
    assert text_of(empty) != text_of(filled)
    assert "empty" in empty.content.decode() and 'class="empty' not in filled.content.decode()


def test_a_page_beyond_the_last_is_the_last(browser_of_staff: Client, offline: Connection) -> None:
    number(offline)
    page = browser_of_staff.get("/numbers/", {"page": "99"})
    assert len(page.context["page"]) == 1
    assert browser_of_staff.get("/numbers/", {"page": "abc"}).status_code == 200
