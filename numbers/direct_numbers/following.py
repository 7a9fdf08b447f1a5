"""What happens to orders after a listing: placed ones find their number, active ones get the routing wanted."""

from django.db import transaction
from django.db.models import F

from direct_numbers import mirror, routing
from direct_numbers.models import Number, Order
from sync.models import SyncRun
from sync.operations import AlreadyOpen
from sync.runs import Progress
from zadarma import Client


def sync_and_follow(run: SyncRun, api: Client, progress: Progress | None = None) -> None:
    """Mirror an account's numbers, then follow up its orders."""
    mirror.sync_numbers(run, api, progress)
    follow_orders(run.connection_id)


def follow_orders(connection_id: int) -> int:
    """Route the active numbers of placed orders that want it. Returns how many routings were planned.

    Planned by the schedule in the name of who ordered; compare-and-set on the order keeps it to once.
    """
    wanting = Order.objects.filter(
        connection_id=connection_id,
        state=Order.State.PLACED,
        routing_operation=None,
        number__status=Number.Status.ON,
        number__gone_at=None,
    ).exclude(routing=Order.Routing.NONE)
    planned = 0
    for order in wanting.select_related("number__connection", "created_by"):
        planned += route_order(order)
    return planned


def route_order(order: Order) -> bool:
    """Plan the routing that `order` wants, where its number is active. False when there is nothing to do."""
    number = order.number
    if number is None or not number.is_active or not order.routing or order.routing_operation_id:
        return False
    if number.customer_id != order.customer_id:  # given to somebody else meanwhile: their calls are not the order's
        return False
    try:
        with transaction.atomic():
            operation = routing.route(number, order.sip_id, order.test_mode, order.created_by)
            rows = Order.objects.filter(pk=order.pk, routing_operation=None)
            if not rows.update(routing_operation=operation, updated_at=F("updated_at")):
                raise AlreadyOpen("order")
    except AlreadyOpen:
        return False
    return True
