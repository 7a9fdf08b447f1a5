"""The operation that orders a number: checked just before, sent once, settled by what the account then shows."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from direct_numbers import order_evidence
from direct_numbers.models import Number, Order
from documents.models import DocumentGroup
from sync.kinds import Conflict, Kind, NotYet, Stop
from sync.models import Operation
from sync.waking import wake
from sync.words import in_language_of, money
from zadarma import Client, Unavailable


def _order(operation: Operation) -> Order:
    return Order.objects.select_related("direction__country", "connection", "group", "customer").get(
        pk=operation.object_id
    )


def _before(api: Client, operation: Operation) -> dict[str, Any]:
    """Look up price, availability and papers again; the numbers that stand in the account are the evidence."""
    order = _order(operation)
    if not _may_go(operation):
        raise NotYet
    with in_language_of(operation.actor):
        _check_price(api, order)
        check_availability(api, order)
        check_papers(api, order)
        # Read before the listing: what others add to the mirror meanwhile is no sign that the listing is cut off.
        mirrored = set(
            Number.objects.filter(connection=order.connection, gone_at=None).values_list("number", flat=True)
        )
        listing = api.numbers()
        if order.wanted_number and any(row.number == order.wanted_number for row in listing.rows):
            raise Stop(_("This number is in the account already."))
        if not _may_go(operation):  # sent while this one looked: what is new in the listing may be that order's
            raise NotYet
        if not order.wanted_number and order_evidence.appeared(operation, listing):
            raise Stop(
                _(
                    "A number that fits this order has appeared in the account since it was asked for: it may be this "
                    "order's. Look at it before you order again. Nothing was paid now."
                )
            )
    # At once after the listing and in ids only: what stands in the account before this order is sent.
    return {
        "numbers": [
            row.number for row in listing.rows if order_evidence.may_be_in(row, operation.params["direction_id"])
        ],
        # What the mirror knows and this listing lacks may be lost; or the listing is cut off.
        "is_complete": not listing.rejected and {row.number for row in listing.rows} >= mirrored,
        "listed": len(listing.rows),
    }


def _may_go(operation: Operation) -> bool:
    """Whether no other order of the direction could be taken for this one.

    While an order without a chosen number is unsettled in a direction, nothing more is sent there; and such a one waits
    for those that chose: the operator may assign the very number that one of them waits for.
    """
    order = _order(operation)
    out = Order.objects.filter(
        connection=order.connection, direction=order.direction, operation__state__in=Operation.OUT
    ).exclude(pk=order.pk)
    if order.wanted_number:
        out = out.filter(wanted_number="")
    return not out.exists()


def _may_go_now(operation: Operation) -> bool:
    """The last question before the claim: also whether no such other order was sent since this one looked.

    The operator may have assigned to it the very number that this one was told to be free.
    """
    return _may_go(operation) and not order_evidence.others_since(operation).exists()


def _check_price(api: Client, order: Order) -> None:
    direction = order.direction
    assert direction is not None and order.total is not None
    offers = api.directions(direction.country.iso, "en", direction.remote_id).rows
    offer = next((row for row in offers if row.id == direction.remote_id), None)
    if offer is None:
        raise Stop(_("This direction can't be ordered any more."))
    total = order.total_of(offer.connect_fee, offer.monthly_fee)
    if offer.currency != order.currency or total > order.total:
        raise Stop(
            _("The price is now %(now)s instead of %(then)s. Please confirm the new price.")
            % {"now": money(total, offer.currency), "then": money(order.total, order.currency)}
        )


def check_availability(api: Client, order: Order) -> None:
    """GET /v1/direct_numbers/available/<ID>/. Raises `Stop` where a number that was chosen is gone."""
    assert order.direction is not None
    if not order.wanted_number_id:
        return
    available = api.available_numbers(order.direction.remote_id)
    if not any(row.id == order.wanted_number_id for row in available):
        raise Stop(_("This number is no longer available. Please choose another one."))


def may_use(order: Order, group: DocumentGroup) -> bool:
    """Whether the papers may be ordered with: they may have been given to another customer meanwhile, or lost."""
    is_theirs = group.customer_id in (None, order.customer_id) and not (group.is_main and order.customer_id)
    is_there = group.remote_id and group.gone_at is None and group.erased_at is None
    is_erased = order.customer is not None and order.customer.erased_at is not None
    return bool(is_theirs and is_there and not is_erased and group.connection_id == order.connection_id)


def check_papers(api: Client, order: Order) -> None:
    """GET /v1/documents/groups/valid/<ID>/. Raises `Stop` where Zadarma would refuse the papers."""
    assert order.direction is not None and order.group is not None
    if not may_use(order, order.group):
        raise Stop(_("These papers can't be used for this order any more."))
    answer = api.document_group_validity(order.group.remote_id, order.direction.remote_id)
    if not (answer.is_information_match and answer.is_address_match):
        raise Stop(_("The document group no longer fits this direction."))


def _send(api: Client, operation: Operation) -> dict[str, Any]:
    params = operation.params
    answer = api.order(
        direction_id=params["direction_id"],
        documents_group_id=params["documents_group_id"],
        number_id=params["number_id"] or None,
        purpose=params["purpose"] or None,
        receive_sms=params["receive_sms"],
        period=params["period"],
        autorenew_period=params["autorenew_period"],
    )
    number = answer.number or params["number"]
    if not number:  # placed, but which number it is only the account can tell
        raise Unavailable("the answer names no number", call="order", accepted=True)
    return {"number": number, "is_reserved": answer.is_reserved, "is_activated": answer.is_activated}


def _apply(operation: Operation) -> None:
    """The order is placed: its number exists here at once, belongs to its customer, and is looked at again."""
    order, now, answer = _order(operation), timezone.now(), operation.answer
    order.state, order.placed_at, order.error = Order.State.PLACED, now, ""
    _close_former_life(operation, answer["number"])
    number, _created = Number.objects.get_or_create(
        connection=order.connection,
        number=answer["number"],
        gone_at=None,
        defaults=_provisional(order, answer),
    )
    if Order.objects.filter(number=number).exclude(pk=order.pk).exists():
        raise Conflict("its number explains another order already")
    if number.customer_id is None and order.customer_id:
        number.customer_id = order.customer_id
    number.confirmed_at = now
    number.save(update_fields=["customer", "confirmed_at"])
    order.number = number
    wake("numbers.refresh_number", number.pk)
    order.save(update_fields=["state", "placed_at", "error", "number", "updated_at"])


def _close_former_life(operation: Operation, number: str) -> None:
    """A row older than the look before the order is of somebody who lost the number, which no listing has told yet.

    Raises `Conflict` where that is not known: the number was found in the account, and the listing before the order
    could not be read in full, so that it may have stood there all the time.
    """
    looked_at = order_evidence.looked_at(operation) or operation.sent_at
    if operation.sent_at is None or looked_at is None:
        return
    former = Number.objects.filter(
        connection=operation.connection, number=number, gone_at=None, first_seen__lt=looked_at
    )
    evidence = operation.evidence
    if evidence.get("looks") and not evidence.get("before", {}).get("is_complete") and former.exists():
        raise Conflict("its number may have been here before it was ordered")
    former.update(gone_at=operation.sent_at)


def _provisional(order: Order, answer: dict[str, Any]) -> dict[str, Any]:
    """What is known of a number between the order's answer and the next listing."""
    if answer["is_activated"]:
        status = Number.Status.ON
    else:
        status = Number.Status.RESERVED_CHECKING if answer["is_reserved"] else Number.Status.CHECKING
    direction = order.direction
    assert direction is not None and order.group is not None
    return {
        "status": status,
        "type": "common" if answer["is_activated"] else "order",
        "direction": direction,
        "direction_remote_id": direction.remote_id,
        "group_remote_id": order.group.remote_id,
        "country_name": direction.country.name_en,
        "description": direction.name_en,
        "monthly_fee": order.monthly_fee,
        "currency": order.currency,
    }


def _ended(operation: Operation) -> None:
    cancelled = operation.state == Operation.State.CANCELLED
    state = Order.State.CANCELLED if cancelled else Order.State.REFUSED
    error = operation.error
    if operation.state == Operation.State.NOT_DONE:
        with in_language_of(operation.actor):
            error = _("The account shows that it did not take effect: nothing was ordered, nothing was paid.")
            if operation.decided_by_id:
                error = _("A person looked into it: nothing was ordered, nothing was paid.")
    Order.objects.filter(pk=operation.object_id).update(state=state, error=error[:300], updated_at=timezone.now())


def _doubted(operation: Operation) -> None:
    Order.objects.filter(pk=operation.object_id).update(state=Order.State.IN_DOUBT, updated_at=timezone.now())


ORDER = Kind(
    "order",
    _send,
    before=_before,
    may_go=_may_go_now,
    apply=_apply,
    ended=_ended,
    doubted=_doubted,
    settle=order_evidence.look,
    paid=True,
)
