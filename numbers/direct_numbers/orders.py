"""An order from its draft to the moment it is handed to the journal. One function a step of the wizard."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from direct_numbers import placing
from direct_numbers.models import Country, Direction, Offer, Order
from documents.models import DocumentGroup
from people.models import Customer, User
from sync import connections, holds, operations
from sync.models import Connection

STEPS = ("country", "direction", "number", "documents", "review", "routing")


class NotADraft(Exception):
    """The order was placed (or given up) meanwhile: its choices can't be changed any more."""


class Changed(Exception):
    """What the person confirmed is no longer what is asked: the total differs."""

    def __init__(self, then: Decimal | None, now: Decimal) -> None:
        super().__init__("the total changed")
        self.then, self.now = then, now


class OtherChoices(Exception):
    """Country, number or papers were changed in another tab: what was confirmed is not what stands in the draft."""


class Incomplete(Exception):
    """A step before this one is not done; `step` names it."""

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


def start(connection: Connection, customer: Customer | None, created_by: User) -> Order:
    """Make a draft."""
    return Order.objects.create(connection=connection, customer=customer, created_by=created_by)


class NoAccount(Exception):
    """No Zadarma account can be ordered from at the moment."""


def start_own(customer: Customer, created_by: User) -> Order:
    """Make a draft of one of the customer's own people, in the account that serves it. Raises `NoAccount`."""
    connection = connections.for_customer(customer)
    if connection is None:
        raise NoAccount
    return start(connection, customer, created_by)


def first_step_missing(order: Order) -> str | None:
    """The first step before review that is not done, or None."""
    done = {
        "country": order.country_id is not None,
        "direction": order.direction_id is not None,
        "number": order.number_chosen,
        "documents": order.group_id is not None,
    }
    return next((step for step, is_done in done.items() if not is_done), None)


def _save(order: Order, **fields: object) -> None:
    """Write choices, only while it is a draft (compare-and-set). Raises `NotADraft`."""
    rows = Order.objects.filter(pk=order.pk, state=Order.State.DRAFT)
    if not rows.update(**fields, updated_at=timezone.now()):
        raise NotADraft
    for name, value in fields.items():
        setattr(order, name, value)


NO_NUMBER = {"number_chosen": False, "wanted_number_id": "", "wanted_number": ""}
NO_PRICE = {"connect_fee": None, "monthly_fee": None, "total": None, "currency": ""}


def choose_country(order: Order, country: Country) -> None:
    """Another country makes the choices after it void."""
    if order.country_id != country.pk:
        _save(order, country=country, direction=None, group=None, receive_sms=False, **NO_NUMBER, **NO_PRICE)


def choose_direction(order: Order, direction: Direction) -> None:
    """Another direction makes the choices after it void; the group stays, since its fitness is asked again."""
    if order.direction_id != direction.pk:
        _save(order, direction=direction, receive_sms=False, **NO_NUMBER, **NO_PRICE)


def choose_number(order: Order, number_id: str, number: str) -> None:
    """`number_id` is the API's; both empty lets the operator choose."""
    _save(order, number_chosen=True, wanted_number_id=number_id, wanted_number=number)


def choose_group(order: Order, group: DocumentGroup) -> None:
    """The papers to order with."""
    _save(order, group=group)


def chosen(order: Order) -> str:
    """What the choices are, short enough for a form: a review of other choices must not order these."""
    offer = offer_for(order)
    currency = offer.currency if offer else ""
    return f"{order.direction_id}.{order.wanted_number_id or 'any'}.{order.group_id}.{currency}"


def offer_for(order: Order) -> Offer | None:
    """What the chosen direction costs in this account, as the mirror knows it."""
    return Offer.objects.filter(connection=order.connection, direction=order.direction, gone_at=None).first()


def place(
    order: Order,
    *,
    purpose: str,
    receive_sms: bool,
    period: str,
    autorenew_period: str,
    confirmed: Decimal,
    actor: User,
) -> bool:
    """Hand the order to the journal, once. False when it had been placed already (a reload, a double click).

    `confirmed` is the total that the person saw on the button. Raises `Incomplete`, `Changed`, `OtherChoices`, and from
    the journal `AlreadyOpen` (this number is being ordered already) and `TooDear`.
    """
    if order.state != Order.State.DRAFT:
        return False
    if missing := first_step_missing(order):
        raise Incomplete(missing)
    assert order.direction is not None and order.group is not None
    if not placing.may_use(order, order.group):
        raise Incomplete("documents")
    offer = offer_for(order)
    if offer is None:
        raise Incomplete("direction")
    order.period = period
    total = order.total_of(offer.connect_fee, offer.monthly_fee)
    if total != confirmed:
        raise Changed(confirmed, total)
    with transaction.atomic():
        if not Order.objects.filter(pk=order.pk, state=Order.State.DRAFT).update(state=Order.State.PLACING):
            return False
        if chosen(Order.objects.get(pk=order.pk)) != chosen(order):
            raise OtherChoices
        previous = order.operation
        operation = operations.plan(
            placing.ORDER.name,
            order.connection,
            ("order", order.pk),
            {
                "direction_id": order.direction.remote_id,
                "documents_group_id": order.group.remote_id,
                "number_id": order.wanted_number_id,
                "number": order.wanted_number,
                "purpose": purpose,
                "receive_sms": receive_sms if order.direction.receive_sms else None,
                "period": period,
                "autorenew_period": autorenew_period,
            },
            actor,
            cost=holds.Cost(total, offer.currency),
            exclusive_key=f"number:{order.wanted_number}" if order.wanted_number else f"order:{order.pk}",
            serial_key="" if order.wanted_number else f"order-any:{order.direction.remote_id}",
            previous=previous,
        )
        Order.objects.filter(pk=order.pk).update(
            operation=operation,
            purpose=purpose,
            receive_sms=receive_sms,
            period=period,
            autorenew_period=autorenew_period,
            connect_fee=offer.connect_fee,
            monthly_fee=offer.monthly_fee,
            total=total,
            currency=offer.currency,
            error="",
            updated_at=timezone.now(),
        )
    order.refresh_from_db()
    return True


def want_routing(order: Order, routing: str, sip_id: str, test_mode: bool) -> bool:
    """Note where calls shall go; it is applied once the number is active. False when it has been applied already."""
    rows = Order.objects.filter(pk=order.pk, routing_operation=None).exclude(state=Order.State.CANCELLED)
    now = timezone.now()
    wish = {"routing": routing, "sip_id": sip_id, "test_mode": test_mode, "routing_wanted_at": now}
    return bool(rows.update(**wish, updated_at=now))


def reopen(order: Order) -> bool:
    """Make a refused order a draft again, so that it can be corrected and tried anew."""
    rows = Order.objects.filter(pk=order.pk, state=Order.State.REFUSED)
    return bool(rows.update(state=Order.State.DRAFT, error="", updated_at=timezone.now()))


def give_up(order: Order) -> bool:
    """Cancel a draft, or an order that was not sent yet. False when it is too late."""
    if order.state == Order.State.PLACING and order.operation:
        return operations.cancel(order.operation)
    rows = Order.objects.filter(pk=order.pk, state__in=[Order.State.DRAFT, Order.State.REFUSED])
    return bool(rows.update(state=Order.State.CANCELLED, updated_at=timezone.now()))
