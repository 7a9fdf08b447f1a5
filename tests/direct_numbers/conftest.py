"""What tests of the wizard share."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers.models import Order
from people.models import User
from sync.models import Connection
from tests.support.reading import form_of
from tests.support.scenes import read


class Wizard:
    """A person in the wizard: opens steps and sends their forms as the pages hold them."""

    def __init__(self, client: Client, connection: Connection, user: User) -> None:
        self.client, self.connection, self.user = client, connection, user

    @property
    def order(self) -> Order:
        """The newest order."""
        return Order.objects.select_related("operation", "number", "direction").latest("pk")

    def url(self, step: str) -> str:
        """The address of a step."""
        return reverse("order" if step == "order" else f"order-{step}", args=[self.order.public_id])

    def start(self, **given: Any) -> HttpResponse:
        """Begin an order."""
        return self.client.post(reverse("order-new"), {"customer": "", **given})

    def open(self, step: str, **query: str) -> HttpResponse:
        """Look at a step."""
        return self.client.get(self.url(step), query)

    def send(self, step: str, **given: Any) -> HttpResponse:
        """Send a step's form as the page holds it, with `given` chosen."""
        fields = form_of(self.open(step), self.url(step))
        fields.pop("csrfmiddlewaretoken", None)
        return self.client.post(self.url(step), {**fields, **given})

    def go(self, country: str, direction: int, *, number: str = "", group: str = "0") -> None:
        """Fill everything up to the review. `number` "any" lets the operator choose; else the first one listed."""
        self.start()
        self.send("country", country=country)
        self.send("direction", direction=str(direction))
        listed = self.open("number").context["numbers"]
        self.send("number", number=number or listed[0].id)
        self.send("documents", group=str(self.group(group)))

    def group(self, remote_id: str) -> int:
        """The id of a document group's row."""
        found: int = self.connection.document_groups.get(remote_id=remote_id).pk
        return found


@pytest.fixture
def wizard(connection: Connection, browser_of_staff: Client, staff: User) -> Wizard:
    """A member of staff before an account that was read."""
    read(connection, "catalog", "documents")
    return Wizard(browser_of_staff, connection, staff)


@pytest.fixture
def account(offline: Connection) -> Connection:
    """An account with EUR 50.00, read a minute ago."""
    now = timezone.now() - timedelta(minutes=1)
    fields = {"balance": Decimal(50), "balance_currency": "EUR", "balance_at": now, "numbers_as_of": now}
    Connection.objects.filter(pk=offline.pk).update(**fields)
    offline.refresh_from_db()
    return offline
