"""10,000 customers with 100,000 numbers: a customer's pages take as many queries as with one customer, and no longer.

How long they take is told (`pytest -s`), not asserted: it depends on the machine.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers.models import Number, Order
from documents.models import Document, DocumentGroup
from people import data_keys
from people.models import Customer, Membership, User
from sync.models import Connection
from tests import factories
from tests.support import needs
from tests.support.isolation import Rows, address, direction_of, rows_of
from tests.support.isolation_table import TABLE
from tests.support.queries import sent_to_the_database

ROOT = Path(__file__).resolve().parents[1]
CUSTOMERS, NUMBERS_EACH, ORDERS_EACH = 10_000, 10, 2
# A page of these is asked by a customer; each looks at nothing but its own rows.
THEIRS = (
    *("home", "number-list", "number", "number-changes", "prolong-result", "order-list", "order", "order-progress"),
    *("group-list", "group", "group-papers", "group-activates", "direction-papers", "requirements-changed"),
    *("order-country", "group-edit", "group-upload", "number-prolong", "member-list"),
)
# Lists of staff, who see all of it.
STAFFS = ("home", "number-list", "order-list", "group-list", "customer-list", "number", "order-progress", "group")
pytestmark = [pytest.mark.full]


def in_chunks(make: Iterable[Number | Order | DocumentGroup | Document], model: type) -> None:
    """Write rows, a few thousand at once."""
    chunk = []
    for row in make:
        chunk.append(row)
        if len(chunk) == 5000:
            model.objects.bulk_create(chunk)  # type: ignore[attr-defined]
            chunk = []
    model.objects.bulk_create(chunk)  # type: ignore[attr-defined]


def fill(connection: Connection, rows: Rows) -> None:
    """Everybody else."""
    now = timezone.now()
    Customer.objects.bulk_create([Customer(name=f"Customer {n:05}") for n in range(CUSTOMERS)], batch_size=5000)
    pks = list(Customer.objects.exclude(pk=rows.customer.pk).order_by("pk").values_list("pk", flat=True))
    users = User.objects.bulk_create([User(email=f"p{n}@many.example", password="!") for n in range(CUSTOMERS)])
    people = zip(users, pks, strict=True)
    Membership.objects.bulk_create([Membership(user=user, customer_id=pk, role="manager") for user, pk in people])
    keys = data_keys.make(CUSTOMERS)
    sealed = factories.DocumentGroupFactory.build(connection=connection).fields
    in_chunks(
        (
            DocumentGroup(
                connection=connection, customer_id=pk, remote_id=str(10**6 + n), data_key_id=keys[n], fields=sealed
            )
            for n, pk in enumerate(pks)
        ),
        DocumentGroup,
    )
    groups = list(DocumentGroup.objects.filter(customer__in=pks[:1]).values_list("pk", flat=True))
    in_chunks((Document(group_id=groups[0], document_type="passport", name="a.jpg") for _ in range(10)), Document)
    in_chunks(
        (
            Number(
                connection=connection,
                customer_id=pk,
                number=f"4930{n:05}{k:02}",
                status="on",
                direction=rows.direction,
                group_remote_id=str(10**6 + n),
                monthly_fee=2,
                currency="EUR",
                autorenew=True,
                start_at=now,
            )
            for n, pk in enumerate(pks)
            for k in range(NUMBERS_EACH)
        ),
        Number,
    )
    in_chunks(
        (
            Order(
                connection=connection,
                customer_id=pk,
                direction=rows.direction,
                country=rows.direction.country,
                state=state,
                wanted_number=f"4940{n:05}",
            )
            for n, pk in enumerate(pks)
            for state in ("placed", "draft")[:ORDERS_EACH]
        ),
        Order,
    )
    with database.cursor() as cursor:
        cursor.execute("ANALYZE")


def measured(client: Client, names: Iterable[str], rows: Rows) -> dict[str, tuple[int, int, float]]:
    """Status, queries and milliseconds of each page, the second time it is asked."""
    found = {}
    for name in names:
        url = address(name, TABLE[name].about, rows)
        client.get(url)
        with sent_to_the_database() as sent:
            begun = time.monotonic()
            status = client.get(url).status_code
            took = (time.monotonic() - begun) * 1000
        found[name] = (status, sent.count, took)
    return found


@pytest.mark.django_db
def test_pages_take_as_many_queries_with_ten_thousand_customers_as_with_one(
    customer: Customer, offline: Connection, staff: User, manager: User, asks_once: None
) -> None:
    rows = rows_of(customer, "first", offline, direction_of(offline), staff)
    cache.clear()
    people = {"manager": (manager, THEIRS), "owner": (staff, STAFFS)}
    clients = {}
    for who, (user, _names) in people.items():
        clients[who] = Client()
        clients[who].force_login(user)
    before = {who: measured(clients[who], names, rows) for who, (_user, names) in people.items()}
    fill(offline, rows)
    assert Number.objects.count() > CUSTOMERS * NUMBERS_EACH
    after = {who: measured(clients[who], names, rows) for who, (_user, names) in people.items()}
    for who, (_user, names) in people.items():
        for name in names:
            print(f"{database.vendor:10} {who:8} {name:22} {after[who][name]} before: {before[who][name]}")  # noqa: T201
    assert {name: told[:2] for name, told in after["manager"].items()} == {
        name: told[:2] for name, told in before["manager"].items()
    }
    # Seen, and not led to sign-in; a draft leads to its next step.
    assert {name for name, told in after["manager"].items() if told[0] != 200} == {"order"}
    # A page of staff's lists is full now; what it takes does not grow with the rest.
    assert all(told[0] == 200 and told[1] <= before["owner"][name][1] + 4 for name, told in after["owner"].items())
    assert len(clients["manager"].get(reverse("number-list")).context["page"]) == 1


def test_the_same_on_postgresql() -> None:
    if os.environ.get("DATABASE_URL"):
        pytest.skip("this run is on a server already")
    with needs.postgres_database() as url:
        run = "test_pages_take_as_many_queries_with_ten_thousand_customers_as_with_one"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-s",
            "-p",
            "no:cacheprovider",
            "-m",
            "full",
            __file__,
            "-k",
            run,
        ]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True, check=False
        )
    print(done.stdout)  # noqa: T201
    assert done.returncode == 0, done.stdout[-3000:]
    assert "1 passed" in done.stdout
