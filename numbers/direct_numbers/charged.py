"""What customers are shown to have paid: what they were charged then, where that was noted, else their price today."""

from collections.abc import Iterable
from decimal import Decimal

from direct_numbers import prices
from direct_numbers.models import Charge, Order
from people.models import Customer
from people.tenancy import Viewer, scope
from sync.models import Operation


def of_orders(orders: Iterable[Order], viewer: Viewer) -> dict[int, Charge]:
    """The newest charge of each order, by its primary key, waived ones too: they tell the markup of their time.

    What somebody else was charged, before the order changed hands, is not the viewer's.
    """
    rows = scope(Charge.objects.filter(order__in=[row.pk for row in orders]), viewer).order_by("pk")
    return {row.order_id: row for row in rows if row.order_id}


def of_operations(operations: Iterable[Operation], viewer: Viewer) -> dict[int, Charge]:
    """The charge of each operation, by the operation's primary key; what somebody else was charged is left out."""
    rows = scope(Charge.objects.filter(operation__in=[row.pk for row in operations]), viewer)
    return {row.operation_id: row for row in rows if row.operation_id}


def markup(customer: Customer | None, charge: Charge | None) -> Decimal:
    """The percentage of the time of `charge`, else that of today."""
    if charge is not None:
        return charge.markup_percent
    return customer.markup_percent if customer else Decimal(0)


def total(order: Order, charge: Charge | None, viewer: Viewer) -> Decimal | None:
    """What an order costs, as `viewer` is shown it: None where nothing was confirmed yet, or they are shown none."""
    if order.total is None or not prices.are_shown(order.customer, viewer):
        return None
    if viewer.is_staff or order.connect_fee is None or order.monthly_fee is None:
        return prices.shown(order.total, order.customer, viewer)
    if charge is not None:
        return charge.amount
    return prices.fees(order.connect_fee, order.monthly_fee, order.customer).total(order.months)


def of_operation(operation: Operation, charge: Charge | None, customer: Customer | None) -> Decimal | None:
    """What a customer pays for a paid operation, each month rounded by itself; None where no amount is known."""
    if charge is not None:
        return charge.amount
    amount = operation.hold_amount if operation.hold_amount is not None else operation.paid_amount
    months = int(operation.params.get("months") or 1)
    return None if amount is None else prices.for_customer(amount / months, customer) * months
