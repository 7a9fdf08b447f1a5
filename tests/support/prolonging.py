"""A person who pays numbers further: opens the page, sends its form as the page holds it, looks at the result."""

import re
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from direct_numbers.models import Number
from sync.models import Connection, Operation
from tests.factories import NumberFactory
from tests.support.scenes import read
from tests.support.simulator import SimulatorProcess

URL = "/numbers/prolong/"
API = "/v1/direct_numbers/prolong/"
DAY = 86400


def numbers_with(
    connection: Connection, simulator: SimulatorProcess, count: int = 1, *, days: float = 20, **given: Any
) -> list[Number]:
    """Give the account numbers in London (EUR 2.00 a month) that end in `days` without autorenewal, and read them."""
    more = {"direction_id": 13755, "status": "on", "autorenew": False, "stop_in": days * DAY} | given
    digits = simulator.add_numbers(count, key=connection.api_key, **more)
    read(connection, "numbers")
    rows = Number.objects.select_related("connection").filter(connection=connection, number__in=digits)
    return sorted(rows, key=lambda row: digits.index(row.number))


def open_page(client: Client, numbers: list[Number], months: int | str = 1) -> HttpResponse:
    """The page of several numbers."""
    return client.get(URL, {"ids": [number.pk for number in numbers], "months": months})


def fields_of(page: HttpResponse) -> dict[str, Any]:
    """What the button that spends money would send."""
    found = re.search(r'<form method="post" action="/numbers/prolong/".*?</form>', page.content.decode(), re.DOTALL)
    assert found, "no form that pays"
    fields: dict[str, Any] = {"ids": []}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', found.group()):
        if name == "ids":
            fields["ids"].append(value)
        elif name != "csrfmiddlewaretoken":
            fields[name] = value
    return fields


def confirm(client: Client, numbers: list[Number], months: int = 1, **other: Any) -> HttpResponse:
    """Open the page and press its button, with `other` fields instead of the page's."""
    return client.post(URL, {**fields_of(open_page(client, numbers, months)), **other})


def plan(client: Client, numbers: list[Number], months: int = 1) -> list[Operation]:
    """Press the button: what was planned by it."""
    answer = confirm(client, numbers, months)
    assert answer.status_code == 302, answer.content.decode()
    batch = answer.url.rstrip("/").rpartition("/")[2]
    return list(Operation.objects.filter(batch=batch).select_related("connection", "actor").order_by("pk"))


def result_of(client: Client, operation: Operation) -> HttpResponse:
    """The page that says what became of it."""
    return client.get(reverse("prolong-result", args=[operation.batch]))


def paid(simulator: SimulatorProcess) -> list[tuple[str, int, Decimal]]:
    """What the stand-in took for prolongations: number, months, amount."""
    entries = simulator.ledger("prolong")
    return [(entry["number"], entry["months"], Decimal(str(entry["amount"]))) for entry in entries]


def balance_of(simulator: SimulatorProcess, key: str = "demo-key") -> Decimal:
    """What an account holds at the stand-in."""
    return next(Decimal(str(row["balance"])) for row in simulator.state()["accounts"] if row["key"] == key)


def set_balance(connection: Connection, simulator: SimulatorProcess, amount: str, *, told: bool = True) -> None:
    """Bring an account's balance to `amount`; `told` lets the panel know."""
    simulator.top_up(str(Decimal(amount) - balance_of(simulator, connection.api_key)), key=connection.api_key)
    if told:
        read(connection, "numbers")


def ending(connection: Connection, **given: Any) -> Number:
    """A number for EUR 2.00 a month that ends on 31 January 2027 on the account's clock."""
    dates = {"stop_at": "2027-01-31T21:59:59+00:00", "stop_text": "2027-01-31 23:59:59", "autorenew": False}
    row: Number = NumberFactory(connection=connection, **(dates | given))
    row.refresh_from_db()
    return row


def nothing_happened() -> bool:
    """Nothing was planned."""
    return not Operation.objects.exists()
