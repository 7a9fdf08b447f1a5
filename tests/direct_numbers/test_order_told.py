"""Each state of an order is told: what happens next, who must act, what was paid; to staff and to customers."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers.models import Number, Order
from people.models import Customer, User
from sync.models import Connection, Operation
from sync.showing import clock
from tests import factories
from tests.support.reading import text_of

pytestmark = pytest.mark.django_db
WAITS = "Nothing is ordered yet, and the number is not reserved: you must approve it first."


def made(connection: Connection, told: str, customer: Customer | None = None, **operation: object) -> Order:
    """An order in the state `told`; its operation has the fields given."""
    direction = factories.DirectionFactory()
    ordering = factories.OperationFactory(connection=connection, kind="order", object_type="order", **operation)
    order: Order = factories.OrderFactory(
        connection=connection,
        state=told,
        customer=customer,
        operation=ordering,
        direction=direction,
        country=direction.country,
    )
    Operation.objects.filter(pk=ordering.pk).update(object_id=order.pk)
    return order


def shown(browser: Client, order: Order) -> str:
    """The words of its page."""
    return text_of(browser.get(reverse("order", args=[order.public_id])))


@pytest.fixture
def browser_of_member(member: User) -> Client:
    """Another browser, of the customer's person."""
    browser = Client()
    browser.force_login(member)
    return browser


def test_in_doubt_says_when_the_panel_looks_next(browser_of_staff: Client, offline: Connection) -> None:
    at = timezone.now() + timedelta(minutes=3)
    words = shown(browser_of_staff, made(offline, "in_doubt", state="unknown", look_at=at))
    assert f"The panel looks again at {clock(at)}." in words
    assert "Settle it" not in words


def test_when_a_person_is_needed_staff_are_led_to_the_receipt_and_customers_told_who_looks(
    browser_of_staff: Client, browser_of_member: Client, offline: Connection, customer: Customer
) -> None:
    order = made(offline, "in_doubt", customer, state="needs_person")
    receipt = reverse("operation", args=[order.operation_id])
    page = browser_of_staff.get(reverse("order", args=[order.public_id]))
    assert "You must decide. Do not order it again before." in text_of(page) and "Settle it" in text_of(page)
    assert f'href="{receipt}"' in page.content.decode()
    theirs = browser_of_member.get(reverse("order", args=[order.public_id]))
    assert "Your provider's staff are looking into it." in text_of(theirs)
    assert receipt not in theirs.content.decode() and "/journal/" not in theirs.content.decode()


def test_waiting_for_approval_is_told_in_its_list_on_its_page_and_at_home(
    browser_of_staff: Client, browser_of_member: Client, offline: Connection, customer: Customer
) -> None:
    order = made(offline, "approval", customer)
    assert WAITS in shown(browser_of_staff, order)
    assert "your provider's staff must approve it first" in shown(browser_of_member, order)
    for browser in (browser_of_staff, browser_of_member):
        assert "Ordered" not in shown(browser, order)
        listed = browser.get(reverse("order-list"), {"state": "approval"})
        assert [row.pk for row in listed.context["page"]] == [order.pk]
        assert "waiting for approval" in text_of(listed)
    assert [matter.label for matter in browser_of_staff.get("/").context["matters"]] == ["waiting for approval"]
    assert browser_of_member.get("/").context["matters"] == []


def test_an_order_behind_one_in_doubt_says_so(browser_of_staff: Client, offline: Connection) -> None:
    waiting = made(offline, "placing", state="planned", waits_for="others")
    told = "Another order in this direction must be settled first."
    assert told in shown(browser_of_staff, waiting)
    assert told in text_of(browser_of_staff.get(reverse("order-list")))
    Operation.objects.filter(pk=waiting.operation_id).update(waits_for="")
    assert told not in shown(browser_of_staff, waiting)


def test_found_not_done_leads_staff_to_the_evidence(
    browser_of_staff: Client, browser_of_member: Client, offline: Connection, customer: Customer, staff: User
) -> None:
    order = made(offline, "refused", customer, state="not_done")
    page = browser_of_staff.get(reverse("order", args=[order.public_id]))
    assert "The account shows that it did not take effect: nothing was ordered, nothing was paid." in text_of(page)
    assert reverse("operation", args=[order.operation_id]) in page.content.decode()
    Operation.objects.update(decided_by=staff)
    assert "It was decided by hand that nothing was ordered." in shown(browser_of_staff, order)
    assert (
        reverse("operation", args=[order.operation_id])
        not in browser_of_member.get(page.request["PATH_INFO"]).content.decode()
    )


def placed(connection: Connection, customer: Customer, after: str) -> Order:
    """An order for EUR 2.00 that was placed; the balance was EUR 100.00 before it."""
    order = made(
        connection,
        "placed",
        customer,
        state="done",
        hold_amount=Decimal(2),
        hold_currency="EUR",
        balance_before=Decimal(100),
        balance_after=Decimal(after),
    )
    number = factories.NumberFactory(connection=connection, customer=customer, direction=order.direction)
    Order.objects.filter(pk=order.pk).update(number=number, total=2, monthly_fee=2, connect_fee=0, currency="EUR")
    order.refresh_from_db()
    return order


def test_what_was_paid_stands_on_the_page_and_customers_see_no_balance(
    browser_of_staff: Client, browser_of_member: Client, offline: Connection, customer: Customer
) -> None:
    order = placed(offline, customer, "98")
    words = shown(browser_of_staff, order)
    assert "What was paid Confirmed, at most EUR 2.00" in words and "The balance fell by EUR 2.00" in words
    assert "more than" not in words
    theirs = shown(browser_of_member, order)
    assert "What was paid Confirmed EUR 2.00" in theirs
    assert "balance" not in theirs.lower() and "100.00" not in theirs and "98.00" not in theirs


def test_a_difference_is_a_warning(
    browser_of_staff: Client, browser_of_member: Client, offline: Connection, customer: Customer
) -> None:
    order = placed(offline, customer, "95")
    told = "The balance fell by EUR 5.00, more than the EUR 2.00 that was confirmed."
    assert told in shown(browser_of_staff, order) and told not in shown(browser_of_member, order)
    order.number.monthly_fee = 3  # type: ignore[union-attr]
    order.number.save()  # type: ignore[union-attr]
    words = shown(browser_of_staff, order)
    assert "Zadarma lists EUR 3.00 a month for this number" in words and "EUR 2.00 was confirmed" in words
    assert "Zadarma lists" not in shown(browser_of_member, order)  # the purchase price is the partner's own


def test_a_reserved_number_is_not_called_paid(
    browser_of_staff: Client, offline: Connection, customer: Customer
) -> None:
    order = placed(offline, customer, "100")
    order.number.status = "reserved_checking"  # type: ignore[union-attr]
    order.number.save()  # type: ignore[union-attr]
    assert "Paid so far nothing: the number is reserved until the balance suffices" in shown(browser_of_staff, order)


def test_what_staff_must_settle_stands_at_home_once_each(
    browser_of_staff: Client, browser_of_member: Client, offline: Connection, customer: Customer
) -> None:
    offline.numbers_as_of = timezone.now()
    offline.save()
    order = made(offline, "in_doubt", customer, state="needs_person")
    made(offline, "in_doubt", customer, state="unknown")  # the panel looks by itself
    number = factories.NumberFactory(connection=offline, customer=customer)
    stuck = factories.OperationFactory(connection=offline, kind="prolong", object_id=number.pk, state="needs_person")
    page = browser_of_staff.get("/")
    found = {matter.url: matter.action for matter in page.context["matters"]}
    assert found == {
        reverse("operation", args=[order.operation_id]): "Settle it",
        reverse("operation", args=[stuck.pk]): "Settle it",
    }
    badges = {room["key"]: room["badge"] for room in page.context["frame"]["rooms"]}
    assert (badges["home"], badges["orders"], badges["activity"]) == (2, 1, 1)
    theirs = browser_of_member.get("/")
    assert [matter.url for matter in theirs.context["matters"]] == [reverse("order", args=[order.public_id])]


TOLD: list[tuple[str, str, str]] = [
    ("on", "choose where calls go", "your provider's staff choose where to"),
    ("parking", "unless it is paid further before", "tell your provider if you want to keep it"),
    ("checking", "Nothing to do", "You need not do anything"),
    ("checking_upload", "Upload them here, in the papers it uses.", "send them to your provider's staff"),
    ("reserved_on", "Top it up and the number is connected", "Your provider's staff must complete the payment"),
    (
        "reserved_checking",
        "Once paid, Zadarma checks and connects it",
        "Your provider's staff must complete the payment",
    ),
    ("reserved_checking_upload", "and documents are needed as well", "please send them those"),
]


@pytest.mark.parametrize(("status", "to_staff", "to_customers"), TOLD, ids=[status for status, *_told in TOLD])
def test_what_a_placed_orders_number_waits_for_and_who_must_act(
    browser_of_staff: Client,
    browser_of_member: Client,
    offline: Connection,
    customer: Customer,
    status: str,
    to_staff: str,
    to_customers: str,
) -> None:
    order = placed(offline, customer, "98")
    assert order.number is not None
    Number.objects.filter(pk=order.number.pk).update(status=status, sip="")
    page = reverse("number", args=[order.number.pk])
    if status != "on":  # an order's page says of an active number that it is, and no more
        assert to_staff in shown(browser_of_staff, order)
        assert to_customers in shown(browser_of_member, order)
        assert "balance" not in shown(browser_of_member, order).lower()
    assert to_staff in text_of(browser_of_staff.get(page))
    theirs = text_of(browser_of_member.get(page))
    assert to_customers in theirs
    assert "balance" not in theirs.lower() and "Zadarma account" not in theirs


def test_why_a_routing_was_refused_is_told_to_staff_only(
    browser_of_staff: Client, browser_of_member: Client, offline: Connection, customer: Customer
) -> None:
    order = placed(offline, customer, "98")
    refused = factories.OperationFactory(
        connection=offline,
        kind="set_sip_id",
        state="refused",
        sent_at=timezone.now(),
        error="Not enough money: balance 0.37 EUR",
    )
    Order.objects.filter(pk=order.pk).update(routing="uri", sip_id="a@b.example", routing_operation=refused)
    assert "balance 0.37 EUR" in shown(browser_of_staff, order)
    theirs = shown(browser_of_member, order)
    assert "Routing was not set" in theirs and "0.37" not in theirs
