"""Several people decide or order at the same moment. Threads need a server: see `tests.sync.test_races`."""

from decimal import Decimal

import pytest
from django.db import connection as database
from django.utils import timezone

from direct_numbers import approving, limits, orders
from direct_numbers.models import Order
from people.models import Customer, SpendingLimit, User
from sync.models import Connection, Operation
from tests.direct_numbers.test_approval import send, theirs
from tests.sync.test_races import together

pytestmark = pytest.mark.django_db(transaction=True)


if database.vendor == "postgresql":

    @pytest.fixture
    def waiting(connection: Connection, customer: Customer, manager: User) -> Order:
        """An order that waits."""
        Customer.objects.filter(pk=customer.pk).update(approval="always")
        customer.refresh_from_db()
        order = theirs(connection, customer, manager)
        assert send(order, manager)
        return Order.objects.get(pk=order.pk)

    def test_several_approvers_make_one_operation(waiting: Order, operator: User, staff: User) -> None:
        came: list[bool] = []
        jobs = [lambda who=who: came.append(approving.approve(waiting.pk, who)) for who in (operator, staff) * 2]
        assert together(*jobs) == []
        assert sorted(came) == [False, False, False, True]
        assert Operation.objects.count() == 1

    @pytest.mark.parametrize("other", ["reject", "cancel"])
    def test_approved_or_not_but_not_both(waiting: Order, operator: User, staff: User, other: str) -> None:
        came: dict[str, bool] = {}

        def against() -> None:
            if other == "reject":
                came["other"] = approving.reject(waiting.pk, staff, "No.")
            else:
                came["other"] = orders.give_up(waiting)

        def approve() -> None:
            came["approve"] = approving.approve(waiting.pk, operator)

        assert together(approve, against) == []
        assert any(came.values()) and not (other == "reject" and all(came.values()))
        assert Operation.objects.count() == came["approve"]
        assert limits.counting().exists() is not came["other"]
        assert not (came["other"] and Operation.objects.exclude(state="cancelled").exists())

    def test_of_orders_at_once_the_limit_lets_one_pass(
        connection: Connection, customer: Customer, manager: User
    ) -> None:
        drafts = [theirs(connection, customer, manager, chosen=place) for place in range(4)]
        offer = orders.offer_for(drafts[0])
        assert offer is not None
        total = drafts[0].total_of(offer.connect_fee, offer.monthly_fee)
        SpendingLimit.objects.create(customer=customer, currency=offer.currency, amount=total + Decimal("0.01"))
        errors = together(*[lambda order=order: send(order, manager) for order in drafts])
        assert [type(error) for error in errors] == [limits.OverLimit] * 3
        assert Operation.objects.count() == 1
        assert limits.spent(customer, offer.currency, timezone.now()) == total
