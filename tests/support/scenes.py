"""Scenes that many tests begin with: an account that was read, a draft, an order on its way."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from celery import current_app
from django.utils import timezone

from direct_numbers import catalog, choosing, following, orders
from direct_numbers.models import Direction, Number, Order
from documents import mirror as documents
from documents.models import DocumentGroup
from people import audit_sealing
from people.models import Customer, User
from sync import runs
from sync.models import Connection, Operation, SyncRun

WORK = {
    "catalog": catalog.sync_catalog,
    "documents": partial(documents.sync_documents, everything=True),
    "numbers": following.sync_and_follow,
}


def read(connection: Connection, *kinds: str) -> list[SyncRun]:
    """Read `kinds` (all, where none is named) of the account, as the tasks do."""
    done = []
    for kind in kinds or WORK:
        connection.refresh_from_db()
        run = runs.perform(connection, kind, WORK[kind])
        assert run is not None
        done.append(run)
    connection.refresh_from_db()
    return done


def draft(
    connection: Connection,
    actor: User,
    direction_id: int | str = 13755,
    *,
    group: str = "0",
    chosen: int | None = 0,
    customer: Customer | None = None,
) -> Order:
    """A draft complete up to its review. `chosen` is the place of the number in the list; None: the operator's."""
    if not Direction.objects.exists():
        read(connection, "catalog", "documents")
    order = orders.start(connection, customer, actor)
    direction = Direction.objects.select_related("country").get(remote_id=str(direction_id))
    orders.choose_country(order, direction.country)
    orders.choose_direction(order, direction)
    if chosen is None:
        orders.choose_number(order, "", "")
    else:
        number = choosing.available_numbers(connection, direction)[chosen]
        orders.choose_number(order, number.id, number.number)
    orders.choose_group(order, DocumentGroup.objects.get(connection=connection, remote_id=group))
    return order


def place(order: Order, actor: User, **given: Any) -> Operation:
    """Hand a complete draft to the journal at the price the mirror knows. Returns the planned operation."""
    offer = orders.offer_for(order)
    assert offer is not None
    order.period = given.get("period", "month")
    total: Decimal = order.total_of(offer.connect_fee, offer.monthly_fee)
    choices = {"purpose": "", "receive_sms": False, "period": "month", "autorenew_period": "month"} | given
    orders.place(order, confirmed=total, actor=actor, **choices)
    order.refresh_from_db()
    assert order.operation is not None
    return order.operation


def number_of(connection: Connection, caller_name: str = "London") -> Number:
    """A number of the demo account by the caller name it has there, mirrored first where it was not."""
    if not Number.objects.filter(connection=connection).exists():
        read(connection, "numbers")
    return Number.objects.select_related("connection").get(connection=connection, number_name=caller_name)


def forget_waiting(operation: Operation) -> Operation:
    """Let a postponed operation be performed at once."""
    Operation.objects.filter(pk=operation.pk).update(not_before=None)
    operation.refresh_from_db()
    return operation


def long_ago(operation: Operation, minutes: int = 60) -> None:
    """Move the moment at which an operation was sent into the past."""
    then = timezone.now() - timedelta(minutes=minutes)
    Operation.objects.filter(pk=operation.pk).update(sent_at=then)


def woken() -> list[tuple[str, list[Any]]]:
    """The tasks woken since the last call: name and ids, taken from the test broker's queue; the audit's sealer not."""
    found = []
    with current_app.connection_for_read() as broker:
        queue = broker.SimpleQueue(current_app.conf.task_default_queue)
        while True:
            try:
                message = queue.get(block=False)
            except queue.Empty:
                return found
            message.ack()
            if message.headers["task"] != audit_sealing.SEAL:
                found.append((message.headers["task"], list(message.payload[0])))
