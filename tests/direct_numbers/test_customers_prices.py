"""What customers see of money: their own price, or none, on every page; never the purchase price, nor a balance."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from direct_numbers.models import Charge, Order
from direct_numbers.personal import _export
from people.models import Customer, User
from sync.models import Change, Connection, Operation
from tests import factories
from tests.support.reading import form_of, text_of

# Purchase amounts: fees (now and before), totals of 1 and 3 months, 2 months paid further, all of it together; balance.
BOUGHT = ("7.31", "6.47", "4.13", "11.44", "21.93", "26.06", "14.62", "9.83", "987.65", "976.21", "961.59")
# The same with 37.5 percent on top, each fee rounded by itself; and what was charged at another time.
SOLD = ("10.05", "8.90", "5.68", "15.73", "30.15", "35.83", "20.10", "13.73")
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("asks_once")]


@pytest.fixture
def rows(offline: Connection, customer: Customer, manager: User) -> dict[str, Any]:
    """One of everything that costs something, of a customer with a markup of 37.5 percent."""
    Customer.objects.filter(pk=customer.pk).update(markup_percent=Decimal("37.5"))
    Connection.objects.filter(pk=offline.pk).update(
        balance=Decimal("987.65"), balance_currency="EUR", balance_at=timezone.now(), numbers_as_of=timezone.now()
    )
    offline.refresh_from_db()
    direction = factories.DirectionFactory(uploads_en=[{"type": "passport", "text": "Passport"}], requirement="a")
    fees = {"connect_fee": Decimal("4.13"), "monthly_fee": Decimal("7.31"), "currency": "EUR"}
    factories.OfferFactory(connection=offline, direction=direction, **fees)
    group = factories.DocumentGroupFactory(connection=offline, customer=customer)
    at = {"connection": offline, "customer": customer, "direction": direction}
    stop = {"stop_at": timezone.now() + timezone.timedelta(days=9), "stop_text": "2026-12-07 10:00:00"}
    number = factories.NumberFactory(
        **at, monthly_fee=fees["monthly_fee"], number="442011111111", group_remote_id=group.remote_id, **stop
    )
    Change.objects.create(
        connection=offline,
        object_type="number",
        object_id=number.pk,
        field="monthly_fee",
        old="6.4700",
        new="7.3100",
        seen_at=timezone.now(),
    )
    mine = {**at, "created_by": manager, "country": direction.country, "group": group, "number_chosen": True}
    draft = factories.OrderFactory(**mine, wanted_number="442022222222", wanted_number_id="9")
    total = {**fees, "total": Decimal("11.44")}
    done = {"connection": offline, "kind": "order", "object_type": "order", "state": "done", "hold_currency": "EUR"}
    placed = factories.OrderFactory(
        **mine,
        **total,
        state="placed",
        number=number,
        operation=factories.OperationFactory(
            **done, hold_amount=Decimal("11.44"), balance_before=Decimal("987.65"), balance_after=Decimal("976.21")
        ),
    )
    charged = factories.OrderFactory(**mine, **total, state="placed", operation=factories.OperationFactory(**done))
    Charge.objects.create(
        customer=customer,
        order=charged,
        operation=charged.operation,
        amount=Decimal("13.73"),
        currency="EUR",
        markup_percent=20,
        at=timezone.now(),
    )
    refused = factories.OrderFactory(
        **mine, **total, state="refused", error="The balance is EUR 987.65; this costs EUR 11.44."
    )
    prolong = factories.OperationFactory(
        connection=offline,
        kind="prolong",
        object_id=number.pk,
        batch=uuid4(),
        params={"months": 2, "number": number.number, "customer": customer.pk, "stop": ""},
        answer={"stop": "2027-02-01 00:00:00", "stop_at": "2027-02-01T00:00:00+00:00", "amount": "9.83"},
        state="done",
        hold_amount=Decimal("14.62"),
        hold_currency="EUR",
        paid_amount=Decimal("9.83"),
        paid_currency="EUR",
        balance_before=Decimal("976.21"),
        balance_after=Decimal("961.59"),
    )
    found = {"number": number, "group": group, "direction": direction, "prolong": prolong, "customer": customer}
    return found | {"order": draft, "orders": [draft, placed, charged, refused], "connection": offline}


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        yield from _patterns(entry) if isinstance(entry, URLResolver) else [entry]


def addresses(rows: dict[str, Any]) -> list[str]:
    """Every address of the panel, with these rows where it wants one."""
    found = []
    for pattern in _patterns(get_resolver()):
        name, wants = str(pattern.name), pattern.pattern.converters
        kind = next((key for key in ("number", "group", "customer", "connection") if name.startswith(key)), "number")
        given = {"pk": rows[kind].pk, "batch": rows["prolong"].batch, "remote_id": rows["direction"].remote_id}
        for order in rows["orders"] if "public_id" in wants else [rows["order"]]:
            values = given | {"public_id": order.public_id}
            try:
                found.append(reverse(name, kwargs={key: values.get(key, 1) for key in wants}))
            except NoReverseMatch:  # of sign-in, with keys of its own
                continue
    ids = f"?ids={rows['number'].pk}&months="
    prolong = reverse("numbers-prolong")
    review = reverse("order-review", args=[rows["order"].public_id])
    return [
        *dict.fromkeys(found),
        f"{prolong}{ids}1",
        f"{prolong}{ids}2",
        f"{prolong}{ids}3",
        f"{review}?period=3month",
    ]


def everything_told(browser: Client, rows: dict[str, Any]) -> dict[str, str]:
    """All that a person is answered: every address looked at, and what costs money sent; the pages by address."""
    told: dict[str, str] = {}
    prolong, review = reverse("numbers-prolong"), reverse("order-review", args=[rows["order"].public_id])

    def keep(name: str, answer: Any) -> None:
        shown = answer.getvalue().decode(errors="replace")
        told[name] = shown + repr(sorted(answer.headers.items()))

    for language in ("de", "en"):
        browser.cookies["django_language"] = language
        for url in addresses(rows):
            keep(f"{language} {url}", browser.get(url))
        costs = browser.get(prolong, {"ids": rows["number"].pk, "months": 2})
        fields = form_of(costs, prolong)
        Connection.objects.update(balance=Decimal("0.01"))
        keep(f"{language} a prolongation that is too dear", browser.post(prolong, fields))
        keep(f"{language} costs that are too dear", browser.get(prolong, {"ids": rows["number"].pk, "months": 2}))
        keep(f"{language} other costs", browser.post(prolong, {**fields, "confirmed": "EUR=1.0000"}))
        page = browser.get(review)
        keep(f"{language} review that is too dear", page)
        ordered = {**form_of(page, review), "period": "month", "autorenew_period": "month"}
        keep(f"{language} an order that is too dear", browser.post(review, ordered))
        keep(f"{language} another total", browser.post(review, {**ordered, "confirmed": "1"}))
        keep(f"{language} a total looked at", browser.post(review, {**ordered, "update": "1", "period": "3month"}))
        Connection.objects.update(balance=Decimal("987.65"))
    return told


def amounts_in(told: dict[str, str], amounts: tuple[str, ...]) -> list[tuple[str, str]]:
    """Which of `amounts` stand where, in English and in German, also with the four places of the database."""
    return [
        (page, amount)
        for page, text in told.items()
        for amount in amounts
        if amount in text or amount.replace(".", ",") in text
    ]


def test_a_manager_with_a_markup_never_sees_the_purchase_price(
    client: Client, rows: dict[str, Any], manager: User
) -> None:
    client.force_login(manager)
    told = everything_told(client, rows)
    assert amounts_in(told, BOUGHT) == []
    assert {amount for _page, amount in amounts_in(told, SOLD)} == set(SOLD)


def test_nor_does_who_only_looks(client: Client, rows: dict[str, Any], member: User) -> None:
    client.force_login(member)
    told = {url: client.get(url).getvalue().decode(errors="replace") for url in addresses(rows)}
    assert amounts_in(told, BOUGHT) == []
    assert {amount for _page, amount in amounts_in(told, SOLD)} == {"10.05", "8.90", "5.68", "15.73", "13.73", "20.10"}


def test_where_prices_are_hidden_no_amount_is_told(client: Client, rows: dict[str, Any], manager: User) -> None:
    Customer.objects.update(shows_prices=False)
    client.force_login(manager)
    told = everything_told(client, rows)
    assert amounts_in(told, BOUGHT + SOLD) == []
    assert [page for page, text in told.items() if 'class="money"' in text] == []


def test_staff_see_the_purchase_price_and_the_customers_beside_it(
    client: Client, rows: dict[str, Any], staff: User
) -> None:
    client.force_login(staff)
    page = text_of(client.get(reverse("number", args=[rows["number"].pk])))
    assert "EUR 7.31" in page and "The customer pays: EUR 10.05" in page
    review = text_of(client.get(reverse("order-review", args=[rows["order"].public_id])))
    assert "EUR 11.44" in review and "The customer pays: EUR 15.73" in review
    costs = text_of(client.get(reverse("numbers-prolong"), {"ids": rows["number"].pk, "months": 2}))
    assert "EUR 14.62" in costs and "The customer pays: EUR 20.10" in costs
    Customer.objects.update(markup_percent=0)
    assert "The customer pays" not in text_of(client.get(reverse("number", args=[rows["number"].pk])))


def test_a_receipt_shows_what_was_charged_then(client: Client, rows: dict[str, Any], manager: User) -> None:
    client.force_login(manager)
    charged = rows["orders"][2]
    page = text_of(client.get(reverse("order", args=[charged.public_id])))
    assert "Confirmed EUR 13.73" in page and "Total EUR 13.73" in page  # at 20 percent, not at today's 37.5
    Charge.objects.create(
        customer=rows["customer"],
        operation=rows["prolong"],
        amount=Decimal("17.54"),
        currency="EUR",
        markup_percent=20,
        at=timezone.now(),
    )
    paid = text_of(client.get(reverse("prolong-result", args=[rows["prolong"].batch])))
    assert paid.count("EUR 17.54") == 2 and "20.10" not in paid


def test_what_another_customer_was_charged_is_not_told(
    client: Client, rows: dict[str, Any], manager: User, other_customer: Customer
) -> None:
    client.force_login(manager)
    Charge.objects.update(customer=other_customer)
    page = text_of(client.get(reverse("order", args=[rows["orders"][2].public_id])))
    assert "Confirmed EUR 15.73" in page and "13.73" not in page  # their own price, of today
    listed = text_of(client.get(reverse("order-list")))
    assert "15.73" in listed and "13.73" not in listed
    Charge.objects.create(
        customer=other_customer,
        operation=rows["prolong"],
        amount=Decimal("17.54"),
        currency="EUR",
        markup_percent=20,
        at=timezone.now(),
    )
    assert "17.54" not in text_of(client.get(reverse("prolong-result", args=[rows["prolong"].batch])))


@pytest.mark.parametrize("shows", [True, False])
def test_a_customer_pays_what_they_confirmed_and_the_partner_the_purchase_price(
    client: Client, rows: dict[str, Any], manager: User, shows: bool
) -> None:
    Customer.objects.update(shows_prices=shows)
    client.force_login(manager)
    prolong = reverse("numbers-prolong")
    fields = form_of(client.get(prolong, {"ids": rows["number"].pk, "months": 3}), prolong)
    Customer.objects.update(markup_percent=50)  # dearer since they looked
    assert client.post(prolong, fields).status_code == 409
    Customer.objects.update(markup_percent=Decimal("37.5"))
    assert client.post(prolong, fields).status_code == 302
    planned = Operation.objects.get(kind="prolong", state="planned")
    assert planned.hold_amount == Decimal("21.93")

    review = reverse("order-review", args=[rows["order"].public_id])
    ordered = form_of(client.get(review), review) | {"period": "month", "autorenew_period": "month"}
    Customer.objects.update(markup_percent=50)
    assert client.post(review, ordered).status_code == 409
    Customer.objects.update(markup_percent=Decimal("37.5"))
    assert client.post(review, {**ordered, "confirmed": "11.4400"}).status_code == 409  # not what they were shown
    assert client.post(review, ordered).status_code == 302
    assert Order.objects.get(pk=rows["order"].pk).total == Decimal("11.44")


def test_an_export_holds_the_customers_own_price(rows: dict[str, Any]) -> None:
    customer = Customer.objects.get(pk=rows["customer"].pk)
    told = {"export": repr(_export(customer)[0])}
    assert amounts_in(told, BOUGHT) == []
    assert {amount for _page, amount in amounts_in(told, SOLD)} == {"10.05", "15.73", "13.73", "20.10"}
    customer.shows_prices = False
    Customer.objects.update(shows_prices=False)
    assert amounts_in({"export": repr(_export(customer)[0])}, BOUGHT + SOLD) == []
