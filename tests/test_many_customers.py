"""10,000 customers with 100,000 numbers: a customer's pages take as many queries as with one customer, and no longer.

The lists of staff take as many as with 120 customers, from which on each of their pages is full. How long all of it
takes is told (`pytest -s`), not asserted: it depends on the machine.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers.models import Number
from people.models import Customer, User
from sync.models import Connection
from tests import factories
from tests.support import many, needs
from tests.support.isolation import Rows, direction_of, rows_of
from tests.support.queries import sent_to_the_database

ROOT = Path(__file__).resolve().parents[1]
FEW, CUSTOMERS = 120, 10_000
# A day on which numbers end, whether there are few or many.
AHEAD = timezone.localdate() + timedelta(days=100)
pytestmark = [pytest.mark.full]


def theirs(rows: Rows) -> dict[str, str]:
    """Pages that a customer's manager asks for, by what they are; each looks at nothing but the customer's rows."""
    placed = rows.customer.orders.get(state="placed")
    return {
        "home": reverse("home"),
        "numbers": reverse("number-list"),
        "numbers, searched": f"{reverse('number-list')}?q=4420",
        "renewals": reverse("renewal-calendar"),
        "renewals, list": f"{reverse('renewal-calendar')}?view=list&month={AHEAD:%Y-%m}",
        "search": f"{reverse('search')}?q=4420",
        "search, by words": f"{reverse('search')}?q=city",
        "number": reverse("number", args=[rows.number.pk]),
        "number's changes": reverse("number-changes", args=[rows.number.pk]),
        "number, prolong": reverse("number-prolong", args=[rows.number.pk]),
        "prolonged": reverse("prolong-result", args=[rows.prolong.batch]),
        "orders": reverse("order-list"),
        "order": reverse("order", args=[placed.public_id]),
        "order's progress": reverse("order-progress", args=[placed.public_id]),
        "order, new": reverse("order-new"),
        "order, country": reverse("order-country", args=[rows.order.public_id]),
        "papers": reverse("group-list"),
        "group": reverse("group", args=[rows.group.pk]),
        "group's files": reverse("group-papers", args=[rows.group.pk]),
        "group activates": reverse("group-activates", args=[rows.group.pk]),
        "group, edit": reverse("group-edit", args=[rows.group.pk]),
        "group, upload": reverse("group-upload", args=[rows.group.pk]),
        "papers for": reverse("papers-for"),
        "direction's papers": reverse("direction-papers", args=[rows.direction.remote_id]),
        "requirements changed": reverse("requirements-changed"),
        "members": reverse("member-list"),
    }


def staffs(rows: Rows) -> dict[str, str]:
    """Pages of staff, who see all customers."""
    placed = rows.customer.orders.get(state="placed")
    return {
        "home": reverse("home"),
        "numbers": reverse("number-list"),
        "numbers, searched": f"{reverse('number-list')}?q=30%20000",
        "numbers, by words": f"{reverse('number-list')}?q=customer",
        "numbers, page 50": f"{reverse('number-list')}?page=50",
        "numbers, one customer": f"{reverse('number-list')}?customer={rows.customer.pk}",
        "numbers, unassigned": f"{reverse('number-list')}?customer=none",
        "renewals": f"{reverse('renewal-calendar')}?month={AHEAD:%Y-%m}",
        "renewals, list": f"{reverse('renewal-calendar')}?view=list&month={AHEAD:%Y-%m}",
        "renewals, one day": f"{reverse('renewal-calendar')}?day={AHEAD:%Y-%m-%d}",
        "search": f"{reverse('search')}?q=30%20000",
        "search, by words": f"{reverse('search')}?q=customer",
        "search, nothing": f"{reverse('search')}?q=nowhere",
        "number": reverse("number", args=[rows.number.pk]),
        "orders": reverse("order-list"),
        "order": reverse("order", args=[placed.public_id]),
        "papers": reverse("group-list"),
        "papers, unassigned": f"{reverse('group-list')}?customer=none",
        "group": reverse("group", args=[rows.group.pk]),
        "group, activates": reverse("group-activates", args=[rows.group.pk]),
        "papers for": reverse("papers-for"),
        "direction's papers": reverse("direction-papers", args=[rows.direction.remote_id]),
        "requirements changed": reverse("requirements-changed"),
        "customers": reverse("customer-list"),
        "customers, searched": f"{reverse('customer-list')}?q=00",
        "customer": reverse("customer-edit", args=[rows.customer.pk]),
        "staff": reverse("staff-list"),
        "audit": reverse("audit-list"),
        "audit of a customer": f"{reverse('audit-list')}?customer={rows.customer.pk}",
        "journal": reverse("operation-list"),
        "runs": reverse("run-list"),
        "accounts": reverse("account-list"),
    }


@dataclass(frozen=True)
class Asked:
    """What a page answered, how many queries it took, and how many milliseconds."""

    status: int
    queries: int
    took: float


def ask(client: Client, pages: dict[str, str]) -> dict[str, Asked]:
    """Each page, asked the second time."""
    found = {}
    for name, url in pages.items():
        client.get(url)
        with sent_to_the_database() as sent:
            begun = time.monotonic()
            status = client.get(url).status_code
            took = (time.monotonic() - begun) * 1000
        found[name] = Asked(status, sent.count, took)
    return found


def tell(who: str, before: dict[str, Asked], after: dict[str, Asked]) -> None:
    """Print what each page took."""
    for name, now in after.items():
        once = before[name]
        print(  # noqa: T201
            f"{database.vendor:10} {who:8} {name:22} {now.queries:3} queries (before {once.queries:3})"
            f" {now.took:7.1f} ms (before {once.took:6.1f})"
        )


def counted(asked: dict[str, Asked]) -> dict[str, tuple[int, int]]:
    """Status and queries of each page."""
    return {name: (one.status, one.queries) for name, one in asked.items()}


@pytest.mark.django_db
def test_pages_take_as_many_queries_with_ten_thousand_customers_as_with_one(
    customer: Customer, offline: Connection, staff: User, manager: User, asks_once: None
) -> None:
    rows = rows_of(customer, "first", offline, direction_of(offline), staff)
    more = {"connection": offline, "customer": customer, "direction": rows.direction}
    factories.NumberFactory.create_batch(many.NUMBERS_EACH - 1, **more, group_remote_id=rows.group.remote_id)
    cache.clear()
    clients = {}
    for user in (manager, staff):
        clients[user] = Client()
        clients[user].force_login(user)
    alone = ask(clients[manager], theirs(rows))
    directions = many.directions_of(rows)
    many.add_customers(rows, directions, range(FEW), staff)
    few = ask(clients[staff], staffs(rows))
    begun = time.monotonic()
    many.add_customers(rows, directions, range(FEW, CUSTOMERS), staff)
    print(f"\n{database.vendor:10} written in {time.monotonic() - begun:.0f} s")  # noqa: T201
    assert Number.objects.exclude(customer=None).count() == (CUSTOMERS + 1) * many.NUMBERS_EACH
    among_many = ask(clients[manager], theirs(rows))
    tell("manager", alone, among_many)
    all_of_them = ask(clients[staff], staffs(rows))
    tell("staff", few, all_of_them)
    assert {one.status for asked in (alone, few) for one in asked.values()} == {200}
    assert counted(among_many) == counted(alone)
    assert counted(all_of_them) == counted(few)
    # These were pages about something, and all of it.
    shown = clients[manager].get(reverse("number-list")).context["page"]
    assert {number.customer_id for number in shown} == {customer.pk}
    assert len(shown) == many.NUMBERS_EACH
    paginator = clients[staff].get(reverse("number-list")).context["page"].paginator
    assert paginator.count == Number.objects.count() > CUSTOMERS * many.NUMBERS_EACH


def test_the_same_on_postgresql() -> None:
    if os.environ.get("DATABASE_URL"):
        pytest.skip("this run is on a server already")
    with needs.postgres_database() as url:
        run = "test_pages_take_as_many_queries_with_ten_thousand_customers_as_with_one"
        options = ["-q", "-s", "-p", "no:cacheprovider", "-m", "full", "-k", run]
        command = [sys.executable, "-m", "pytest", *options, __file__]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True, check=False
        )
    print(done.stdout)  # noqa: T201
    assert done.returncode == 0, done.stdout[-3000:]
    assert "1 passed" in done.stdout
