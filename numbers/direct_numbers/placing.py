"""The operation that orders a number: checked just before, sent once, settled by what the account then shows."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from direct_numbers.models import Number, Order
from direct_numbers.pricing import amount
from people.models import User
from sync import operations
from sync.kinds import Kind, NotYet, Stop, Verdict
from sync.models import Operation
from sync.waking import wake
from zadarma import Client, Unavailable
from zadarma import types as api_types


def _order(operation: Operation) -> Order:
    return Order.objects.select_related("direction__country", "connection", "group").get(pk=operation.object_id)


def _in_language_of(user: User | None) -> override:
    return override((user.language if user else "") or "en")


def _before(api: Client, operation: Operation) -> None:
    """Look up price, availability, papers and balance again; keep the numbers of the direction as evidence."""
    order = _order(operation)
    _wait_for_doubtful_neighbours(order)
    with _in_language_of(operation.actor):
        _check_price(api, order)
        _check_availability(api, order)
        _check_papers(api, order)
        _check_balance(api, order)
    listing = api.numbers()
    # At once after the listing and in ids only: what stands in the account before this order is sent.
    operation.evidence = {
        "numbers_before": [row.number for row in listing.rows if _may_be_in(row, operation.params["direction_id"])],
        "before_is_complete": not listing.rejected,
    }
    if order.wanted_number and any(row.number == order.wanted_number for row in listing.rows):
        raise Stop(_("This number is in the account already."))


def _may_be_in(row: api_types.Number, direction_id: str) -> bool:
    """Whether a number is of the direction, or the listing does not say of which it is."""
    return row.direction_id in (None, "", direction_id)


def _wait_for_doubtful_neighbours(order: Order) -> None:
    """While an order without a chosen number is unsettled in a direction, nothing more is sent there.

    Raises `NotYet`.
    """
    out = Order.objects.filter(
        connection=order.connection,
        direction=order.direction,
        wanted_number="",
        operation__state__in=Operation.OUT,
    )
    if out.exclude(pk=order.pk).exists():
        raise NotYet


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
            _("The price is now %(now)s %(currency)s instead of %(then)s. Please confirm the new price.")
            % {"now": amount(total), "currency": offer.currency, "then": f"{amount(order.total)} {order.currency}"}
        )


def _check_availability(api: Client, order: Order) -> None:
    assert order.direction is not None
    if not order.wanted_number_id:
        return
    available = api.available_numbers(order.direction.remote_id)
    if not any(row.id == order.wanted_number_id for row in available):
        raise Stop(_("This number is no longer available. Please choose another one."))


def _check_papers(api: Client, order: Order) -> None:
    assert order.direction is not None and order.group is not None
    answer = api.document_group_validity(order.group.remote_id, order.direction.remote_id)
    if not (answer.is_information_match and answer.is_address_match):
        raise Stop(_("The document group no longer fits this direction."))


def _check_balance(api: Client, order: Order) -> None:
    assert order.total is not None
    balance = api.balance()
    if balance.currency == order.currency and balance.amount < order.total:
        raise Stop(
            _("The balance is %(balance)s %(currency)s; this order costs %(total)s.")
            % {"balance": amount(balance.amount), "currency": balance.currency, "total": amount(order.total)}
        )


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
        raise Unavailable("the answer names no number", call="order")
    return {"number": number, "is_reserved": answer.is_reserved, "is_activated": answer.is_activated}


def _apply(operation: Operation) -> None:
    """The order is placed: its number exists here at once, belongs to its customer, and is looked at again."""
    order, now, answer = _order(operation), timezone.now(), operation.answer
    order.state, order.placed_at, order.error = Order.State.PLACED, now, ""
    if answer["number"]:
        _close_former_life(operation, answer["number"])
        number, _created = Number.objects.get_or_create(
            connection=order.connection,
            number=answer["number"],
            gone_at=None,
            defaults=_provisional(order, answer),
        )
        if number.customer_id is None and order.customer_id:
            number.customer_id = order.customer_id
        number.confirmed_at = now
        number.save(update_fields=["customer", "confirmed_at"])
        order.number = number
        wake("numbers.refresh_number", number.pk)
    order.save(update_fields=["state", "placed_at", "error", "number", "updated_at"])


def _close_former_life(operation: Operation, number: str) -> None:
    """A row older than the order is of somebody who lost the number, which no listing has told yet."""
    former = Number.objects.filter(connection=operation.connection, number=number, gone_at=None)
    if operation.sent_at:
        former.filter(first_seen__lt=operation.sent_at).update(gone_at=operation.sent_at)


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
        with _in_language_of(operation.actor):
            error = _("The account shows no such number: nothing was ordered, nothing was paid.")
    Order.objects.filter(pk=operation.object_id).update(state=state, error=error[:300], updated_at=timezone.now())


def _doubted(operation: Operation) -> None:
    Order.objects.filter(pk=operation.object_id).update(state=Order.State.IN_DOUBT, updated_at=timezone.now())


def _settle(api: Client, operation: Operation) -> tuple[Verdict, dict[str, Any]]:
    """Decide from the account's numbers. A chosen number decides itself; without one, a single new one that nothing
    else explains does. Absence counts only after two complete listings, the second long after the last moment at
    which the order can have been sent.
    """
    now = timezone.now()
    listing = api.numbers()
    wanted = operation.params["number"]
    direction_id = operation.params["direction_id"]
    before = set(operation.evidence.get("numbers_before", []))
    if wanted:
        fits = [row for row in listing.rows if row.number == wanted]
        is_certain = True
    else:
        known = before | _explained(operation)
        fits = [row for row in listing.rows if _may_be_in(row, direction_id) and row.number not in known]
        is_certain = bool(operation.evidence.get("before_is_complete", True)) and all(r.direction_id for r in fits)
    operation.evidence = {
        **operation.evidence,
        "looked_at": now.isoformat(),
        "fits": [row.number for row in fits],
    }
    if len(fits) == 1 and is_certain:
        return Verdict.DONE, _answer_from(fits[0])
    if fits or listing.rejected or not operations.may_be_judged_absent(operation, now):
        return Verdict.UNDECIDED, {}
    absent = operation.evidence.get("absent_since")
    operation.evidence["absent_since"] = absent or now.isoformat()
    return (Verdict.NOT_DONE if absent else Verdict.UNDECIDED), {}


def _explained(operation: Operation) -> set[str]:
    """Numbers that another order of this account got and still has, or is about to get because it chose them."""
    others = Order.objects.filter(connection=operation.connection).exclude(pk=operation.object_id)
    got = others.filter(number__isnull=False, number__gone_at=None).values_list("number__number", flat=True)
    chosen = others.exclude(wanted_number="").filter(state__in=[Order.State.PLACING, Order.State.IN_DOUBT])
    return {*got, *chosen.values_list("wanted_number", flat=True)}


def _answer_from(row: api_types.Number) -> dict[str, Any]:
    return {
        "number": row.number,
        "is_reserved": row.status.startswith("reserved_"),
        "is_activated": row.status == Number.Status.ON,
    }


ORDER = Kind(
    "order",
    _send,
    before=_before,
    apply=_apply,
    ended=_ended,
    doubted=_doubted,
    settle=_settle,
    paid=True,
)
