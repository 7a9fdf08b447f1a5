"""What people do besides: each leaves one row where something changed, and none where nothing did."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from people import audit_words
from people.audit_models import AuditEntry
from people.models import Customer, User
from sync.models import Connection
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(client: Client, manager: User) -> Client:
    """A manager's browser; signing in is not looked at."""
    client.force_login(manager)
    return client


def noted(action: str) -> list[tuple[int | None, str, int | None, int | None, dict[str, Any]]]:
    """The rows of an action: who, about what, of which customer, and what changed."""
    assert action in audit_words.ACTIONS
    rows = AuditEntry.objects.filter(action=action).order_by("pk")
    told = [(row, {name: one for name, one in row.detail.items() if name != "from"}) for row in rows]
    return [(row.actor_id, row.object_type, row.object_id, row.customer_id, detail) for row, detail in told]


def test_an_order_opened_again(mine: Client, manager: User, customer: Customer, offline: Connection) -> None:
    order = factories.OrderFactory(connection=offline, customer=customer, state="refused")
    for _twice in range(2):
        mine.post(reverse("order-reopen", args=[order.public_id]))
    assert noted("order.reopened") == [(manager.pk, "order", order.pk, customer.pk, {})]


def test_own_name_and_language(mine: Client, manager: User) -> None:
    me = manager.pk
    mine.post(reverse("account"), {"name": "Ada Secretname", "language": "de"})
    mine.post(reverse("account"), {"name": "Ada Secretname", "language": "de"})
    both = {"after": {"name": "changed", "language": "changed"}}
    assert noted("account.changed") == [(me, "user", me, None, both)]
    mine.post(reverse("account"), {"name": "", "language": "de"})
    assert noted("account.changed")[1][-1] == {"after": {"name": "changed"}}
    assert "Secretname" not in json.dumps([row.detail for row in AuditEntry.objects.all()])


def test_the_language_by_the_switch(mine: Client, manager: User) -> None:
    for language in ("de", "de", "xx"):
        mine.post(reverse("set_language"), {"language": language})
    assert noted("account.changed") == [(manager.pk, "user", manager.pk, None, {"after": {"language": "changed"}})]
    manager.refresh_from_db()
    assert manager.language == "de"
    Client().post(reverse("set_language"), {"language": "en"})  # nobody's
    assert len(noted("account.changed")) == 1


def test_another_of_ones_customers(
    mine: Client, manager: User, customer: Customer, other_customer: Customer, offline: Connection
) -> None:
    manager.memberships.create(customer=other_customer, role="viewer")
    mine.get("/")
    for wanted in (customer, other_customer, other_customer):
        mine.post(reverse("switch-customer"), {"customer": wanted.pk})
    detail = {"before": {"customer": customer.pk}, "after": {"customer": other_customer.pk}}
    about = ("customer", other_customer.pk, other_customer.pk)
    assert noted("session.customer_switched") == [(manager.pk, *about, detail)]


def test_an_import_of_accounts(browser_of_staff: Client, staff: User) -> None:
    file = SimpleUploadedFile("accounts.csv", b"One,key-one,secret-one\nTwo,key-two,secret-two\n", "text/csv")
    browser_of_staff.post(reverse("account-import"), {"file": file})
    assert noted("connection.imported") == [(staff.pk, "", None, None, {"after": {"rows": 2}})]
    assert "secret-one" not in json.dumps([row.detail for row in AuditEntry.objects.all()])


def test_they_are_told_in_words(mine: Client, staff: User, manager: User) -> None:
    mine.post(reverse("account"), {"name": "Ada", "language": "de"})
    theirs = Client()  # another browser, in English
    theirs.force_login(staff)
    page = theirs.get(reverse("audit-list"), {"what": "account.changed"}).content.decode()
    assert "own name or language changed" in page and "language" in page
