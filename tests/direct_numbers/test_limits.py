"""What a customer's rules allow: countries, a month's sum, and when an order waits."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers import limits, orders, renewals
from direct_numbers.models import Charge, Number, Order
from people.models import Customer, SpendingLimit, User
from sync.models import Connection, Operation
from tests import factories
from tests.direct_numbers.test_approval import send, theirs
from tests.support.scenes import number_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("approval", "above", "currency", "waits"),
    [
        ("never", None, "", False),
        ("always", None, "", True),
        ("above", Decimal(5), "EUR", False),
        ("above", Decimal("4.99"), "EUR", True),
        ("above", Decimal(50), "USD", True),
        ("above", None, "EUR", True),
    ],
)
def test_when_an_order_waits(approval: str, above: Decimal | None, currency: str, waits: bool) -> None:
    customer = Customer(approval=approval, approval_above=above, approval_currency=currency)
    assert limits.needs_approval(customer, Decimal(5), "EUR") is waits
    assert not limits.needs_approval(None, Decimal(5), "EUR")


def test_a_month_is_that_of_the_panel(settings: object) -> None:
    begins, ends = limits.month_of(datetime(2026, 12, 15, 12, tzinfo=UTC))
    local = [timezone.localtime(moment) for moment in (begins, ends)]
    assert [(row.year, row.month, row.day, row.hour) for row in local] == [(2026, 12, 1, 0), (2027, 1, 1, 0)]


def test_what_counts(customer: Customer, offline: Connection) -> None:
    now = timezone.now()
    begins, _ends = limits.month_of(now)
    for state, waived, at in [
        ("done", None, now),
        ("needs_person", None, now),
        ("refused", None, now),
        ("not_done", None, now),
        ("cancelled", None, now),
        ("done", now, now),
        ("done", None, begins - timedelta(seconds=1)),
    ]:
        operation = factories.OperationFactory(connection=offline, state=state)
        Charge.objects.create(
            customer=customer, operation=operation, amount=1, currency="EUR", markup_percent=0, at=at, waived_at=waived
        )
    waiting = factories.OrderFactory(customer=customer, connection=offline, state="approval")
    Charge.objects.create(customer=customer, order=waiting, amount=1, currency="EUR", markup_percent=0, at=now)
    assert limits.spent(customer, "EUR", now) == 3
    assert limits.spent(customer, "USD", now) == 0
    assert limits.spent(customer, "EUR", now, without=waiting) == 2


@pytest.mark.parametrize("who", ["manager", "staff"])
def test_the_limit_holds_for_whoever_orders(
    connection: Connection, customer: Customer, manager: User, staff: User, who: str
) -> None:
    actor = {"manager": manager, "staff": staff}[who]
    order = theirs(connection, customer, actor)
    SpendingLimit.objects.create(customer=customer, currency="EUR", amount=Decimal("0.5"))
    with pytest.raises(limits.OverLimit):
        send(order, actor)
    assert Order.objects.get(pk=order.pk).state == "draft"
    assert not Charge.objects.exists() and not Operation.objects.exists()


def test_a_limit_leaves_nothing_for_other_currencies(customer: Customer) -> None:
    SpendingLimit.objects.create(customer=customer, currency="EUR", amount=100)
    with pytest.raises(limits.OverLimit) as over:
        limits.check(customer, Decimal(1), "USD", timezone.now())
    assert over.value.limit is None
    limits.check(customer, Decimal(100), "EUR", timezone.now())
    told = limits.explain(limits.OverLimit(Decimal(3), Decimal(2), Decimal(4), "EUR"), with_sums=False, to_staff=False)
    assert not any(figure.isdigit() for figure in told)


def test_countries_narrowed_since_are_refused(
    connection: Connection, customer: Customer, manager: User, client: Client
) -> None:
    order = theirs(connection, customer, manager)
    Customer.objects.filter(pk=customer.pk).update(allowed_countries=["ZZ"])
    with pytest.raises(limits.CountryNotAllowed):
        send(order, manager)
    fresh = Order.objects.get(pk=order.pk)
    assert fresh.country is not None and fresh.state == "draft"
    with pytest.raises(limits.CountryNotAllowed):
        orders.choose_country(fresh, fresh.country)
    client.force_login(manager)
    page = client.get(reverse("order-country", args=[order.public_id]))
    assert list(page.context["countries"]) == []
    assert client.get(reverse("order-number", args=[order.public_id])).status_code == 302


def prolong(number: Number, actor: User) -> list[Operation]:
    """Pay the number a month further, as `actor` confirms it."""
    rows = renewals.quote([number], 1)
    confirmed = renewals.to_confirm(rows, actor.viewer())
    return renewals.prolong([number], 1, confirmed=confirmed, batch=uuid.uuid4(), actor=actor)


def test_paying_further_is_charged_with_markup_and_limited_for_managers_only(
    connection: Connection, customer: Customer, manager: User, staff: User
) -> None:
    Customer.objects.filter(pk=customer.pk).update(markup_percent=100)
    number = number_of(connection)
    Number.objects.filter(pk=number.pk).update(customer=customer)
    number.refresh_from_db()
    limit = SpendingLimit.objects.create(customer=customer, currency=number.currency, amount=number.monthly_fee)
    with pytest.raises(limits.OverLimit):
        prolong(number, manager)
    limit.delete()
    Customer.objects.filter(pk=customer.pk).update(approval="always")
    with pytest.raises(limits.NeedsApproval):
        prolong(Number.objects.get(pk=number.pk), manager)
    assert not Charge.objects.exists()
    (operation,) = prolong(Number.objects.get(pk=number.pk), staff)
    charge = Charge.objects.get()
    assert charge.operation == operation and charge.amount == 2 * operation.hold_amount


@pytest.mark.parametrize("taken_to", ["nobody", "other", "viewer"])
def test_a_number_taken_away_at_this_moment_is_not_paid_by_who_had_it(
    connection: Connection, customer: Customer, other_customer: Customer, manager: User, taken_to: str
) -> None:
    number = number_of(connection)
    Number.objects.filter(pk=number.pk).update(customer=customer)
    Customer.objects.filter(pk=customer.pk).update(approval="always")  # nor past the rules that were theirs
    number.refresh_from_db()
    if taken_to == "viewer":
        Customer.objects.filter(pk=customer.pk).update(approval="never")
        manager.memberships.update(role="viewer")
    else:
        new = other_customer if taken_to == "other" else None
        Number.objects.filter(pk=number.pk).update(customer=new)
    with pytest.raises(renewals.NotRenewable):
        prolong(number, manager)
    assert not Operation.objects.exists() and not Charge.objects.exists()
