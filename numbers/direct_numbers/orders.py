"""An order from its draft to the moment it is handed to the journal. One function a step of the wizard."""

from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from direct_numbers import confirming, limits, placing
from direct_numbers.models import Charge, Country, Direction, Offer, Order
from documents.models import DocumentGroup
from people import audit
from people.models import Customer, User
from people.permissions import May
from sync import connections, holds, operations
from sync.models import Connection, Operation

NOT_HANDED_OVER = (Order.State.DRAFT, Order.State.APPROVAL, Order.State.REFUSED)
STEPS = ("country", "direction", "number", "documents", "review", "routing")

# What is written when an order is confirmed
CONFIRMED = (
    "state", "purpose", "receive_sms", "period", "autorenew_period", "connect_fee", "monthly_fee", "total", "currency",
    "error", "submitted_by", "submitted_at", "decided_by", "decided_at", "is_approved", "word", "updated_at",
)  # fmt: skip


class NotADraft(Exception):
    """The order was placed (or given up) meanwhile: its choices can't be changed any more."""


class Changed(Exception):
    """What the person confirmed is no longer what is asked: the total differs (or the digest that stands for it)."""

    def __init__(self, then: Decimal | str | None, now: Decimal | str) -> None:
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
    """Another country makes the choices after it void. Raises `limits.CountryNotAllowed`."""
    limits.check_country(order.customer, country)
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
    confirmed: Decimal | str,
    actor: User,
) -> bool:
    """Hand the order to the journal, or let it wait for approval, once. False when it was (a reload, a double click).

    `confirmed` is what the person was shown on the button (`direct_numbers.confirming`). Raises `Incomplete`,
    `Changed`, `OtherChoices`, `limits.NotAllowed`, and from the journal `AlreadyOpen` (this number is being ordered
    already) and `TooDear`.
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
    with transaction.atomic():
        customer = limits.locked([order.customer_id]).get(order.customer_id or 0)
        viewer = User.objects.get(pk=actor.pk).viewer()  # under the lock that taking people away waits for
        if not viewer.may(May.ORDER, order.customer_id):
            raise limits.AccessEnded
        if not Order.objects.filter(pk=order.pk, state=Order.State.DRAFT).update(state=Order.State.PLACING):
            return False
        row = Order.objects.select_related("connection", "direction", "country", "group").get(pk=order.pk)
        if chosen(row) != chosen(order) or row.customer_id != order.customer_id:
            raise OtherChoices
        row.purpose, row.receive_sms = purpose, receive_sms
        row.period, row.autorenew_period = period, autorenew_period
        wanted = confirming.for_order(row, offer, customer, viewer)
        if confirmed != wanted:
            raise Changed(confirmed, wanted)
        if not viewer.is_staff:
            limits.check_access(customer)
        limits.check_country(customer, row.country)
        row.connect_fee, row.monthly_fee, row.currency = offer.connect_fee, offer.monthly_fee, offer.currency
        row.total, row.error = row.total_of(offer.connect_fee, offer.monthly_fee), ""
        row.submitted_by, row.submitted_at = actor, timezone.now()
        row.decided_by, row.decided_at, row.is_approved, row.word = None, None, None, ""
        charge = _charge(row, customer)
        limits.check(customer, charge.amount, charge.currency, charge.at)
        if limits.needs_approval(customer, charge.amount, charge.currency):
            row.state = Order.State.APPROVAL
            row.save(update_fields=CONFIRMED)
            told = {"total": str(row.total), "currency": row.currency}
            audit.record("order.submitted", actor, about=("order", row.pk), customer=row.customer_id, after=told)
        else:
            row.state = Order.State.PLACING
            row.save(update_fields=CONFIRMED)
            charge.operation = hand_over(row, actor)
        if customer is not None:
            charge.save()
    order.refresh_from_db()
    return True


def _charge(order: Order, customer: Customer | None) -> Charge:
    """What the order costs its customer, not written yet."""
    assert order.connect_fee is not None and order.monthly_fee is not None and order.submitted_at is not None
    return Charge(
        customer=customer,
        order=order,
        amount=confirming.own_total(order, order.connect_fee, order.monthly_fee, customer),
        currency=order.currency,
        markup_percent=customer.markup_percent if customer else Decimal(0),
        at=order.submitted_at,
    )


def hand_over(order: Order, actor: User | None) -> Operation:
    """Plan the order as its row says, for at most the price that stands there, in the caller's transaction.

    The caller has made it PLACING by compare-and-set. Raises `AlreadyOpen` and `TooDear`.
    """
    assert order.direction is not None and order.group is not None and order.total is not None
    operation = operations.plan(
        placing.ORDER.name,
        order.connection,
        ("order", order.pk),
        {
            "direction_id": order.direction.remote_id,
            "documents_group_id": order.group.remote_id,
            "number_id": order.wanted_number_id,
            "number": order.wanted_number,
            "purpose": order.purpose,
            "receive_sms": order.receive_sms if order.direction.receive_sms else None,
            "period": order.period,
            "autorenew_period": order.autorenew_period,
        },
        actor,
        cost=holds.Cost(order.total, order.currency),
        exclusive_key=f"number:{order.wanted_number}" if order.wanted_number else f"order:{order.pk}",
        serial_key="" if order.wanted_number else f"order-any:{order.direction.remote_id}",
        previous=order.operation,
        customer_id=order.customer_id,
    )
    Order.objects.filter(pk=order.pk).update(operation=operation, error="", updated_at=timezone.now())
    return operation


def waive(order_pks: Iterable[int]) -> None:
    """What was to be charged for orders that waited and are not placed counts no more. In the caller's transaction."""
    Charge.objects.filter(order__in=list(order_pks), operation=None, waived_at=None).update(waived_at=timezone.now())


def want_routing(order: Order, routing: str, sip_id: str, test_mode: bool) -> bool:
    """Note where calls shall go; it is applied once the number is active. False when it has been applied already."""
    rows = Order.objects.filter(pk=order.pk, routing_operation=None).exclude(state=Order.State.CANCELLED)
    now = timezone.now()
    wish = {"routing": routing, "sip_id": sip_id, "test_mode": test_mode, "routing_wanted_at": now}
    return bool(rows.update(**wish, updated_at=now))


def reopen(order: Order, actor: User | None = None) -> bool:
    """Make a refused order a draft again, so that it can be corrected and tried anew."""
    rows = Order.objects.filter(pk=order.pk, state=Order.State.REFUSED)
    undecided: dict[str, object] = {"is_approved": None, "decided_by": None, "decided_at": None, "word": ""}
    with transaction.atomic():
        if not rows.update(state=Order.State.DRAFT, error="", updated_at=timezone.now(), **undecided):
            return False
        audit.record("order.reopened", actor, about=("order", order.pk), customer=order.customer_id)
    return True


def give_up(order: Order, actor: User | None = None) -> bool:
    """Cancel a draft, or an order that waits or was not sent yet. False when it is too late.

    Whatever `order` says: it may have been sent or approved since it was read, then its operation is cancelled.
    """
    rows, ended = Order.objects.filter(pk=order.pk), {"state": Order.State.CANCELLED, "updated_at": timezone.now()}
    with transaction.atomic():
        waited = rows.filter(state=Order.State.APPROVAL).update(**ended)
        if waited or rows.filter(state__in=NOT_HANDED_OVER).update(**ended):
            waive([order.pk])
            if waited:
                audit.record("order.withdrawn", actor, about=("order", order.pk), customer=order.customer_id)
            return True
    now = rows.select_related("operation").get()
    return bool(now.state == Order.State.PLACING and now.operation and operations.cancel(now.operation, actor))
