"""What happens to orders after a listing: placed ones find their number, active ones get the routing wanted."""

from django.db import transaction
from django.db.models import F

from direct_numbers import choosing, mirror, routing
from direct_numbers.models import Number, Order
from sync.models import Operation, SyncRun
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
    for order in wanting.select_related("number__connection", "number__customer", "created_by"):
        planned += route_order(order)
    return planned


def route_order(order: Order) -> bool:
    """Plan the routing that `order` wants, where its number is active. False when there is nothing to do."""
    number = order.number
    if number is None or not number.is_active or not order.routing or order.routing_operation_id:
        return False
    if number.customer_id != order.customer_id:  # given to somebody else meanwhile: their calls are not the order's
        return False
    # The wish as it was read: whoever changes it meanwhile is heard the next time.
    same_wish = Order.objects.filter(
        pk=order.pk, routing_operation=None, routing=order.routing, sip_id=order.sip_id, test_mode=order.test_mode
    )
    if order.routing == Order.Routing.SIP_LOGIN and choosing.is_anothers_login(order.sip_id, number.customer):
        same_wish.update(routing=Order.Routing.NONE, sip_id="", updated_at=F("updated_at"))  # to be chosen anew
        return False
    if newer := _routed_since(order, number):
        told = {"sip_id": newer.params.get("sip_id", ""), "test_mode": newer.params.get("test_mode", False)}
        same_wish.update(routing_operation=newer, **told, updated_at=F("updated_at"))
        return False
    try:
        with transaction.atomic():
            operation = routing.route(number, order.sip_id, order.test_mode, order.created_by, replaces=False)
            if not same_wish.update(routing_operation=operation, updated_at=F("updated_at")):
                raise AlreadyOpen("order")
    except AlreadyOpen:
        return False
    return True


def _routed_since(order: Order, number: Number) -> Operation | None:
    """What somebody has set on the number's page since the order's routing was wished for: it holds instead."""
    since = order.routing_wanted_at or order.placed_at or order.created_at
    rows = Operation.objects.filter(
        kind=routing.SET_SIP.name, object_type="number", object_id=number.pk, created_at__gt=since
    )
    return rows.filter(state__in=[*Operation.OPEN, Operation.State.DONE], routed_order=None).first()
