"""Deciding about an order that waits: another person of the staff approves it, or rejects it with a word."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from direct_numbers import limits, orders, placing, pricing
from direct_numbers.models import Order
from people import audit
from people.models import User
from people.permissions import May
from sync import budget, gateway
from sync.kinds import Stop
from sync.words import money

LONGEST_WORD = 300


class NotTheirs(Exception):
    """This person may not decide: their role does not allow it, or it is their own order (four eyes)."""


class Hindered(Exception):
    """It can't be approved as it stands. Its text, in the language of who asks, says why and what to do."""


class PriceRose(Hindered):
    """Zadarma asks more than was confirmed, or in another currency."""

    def __init__(self, then: Decimal | None, then_in: str, now: Decimal, now_in: str) -> None:
        self.then, self.now = money(then, then_in), money(now, now_in)
        text = _(
            "The price is now %(now)s instead of %(then)s, so the order can't be approved. Reject it with a word: it "
            "can then be ordered anew at the new price."
        )
        super().__init__(text % {"now": self.now, "then": self.then})


def is_own(order: Order, actor_id: int | None) -> bool:
    """Whether this person made the draft or sent it: nobody approves their own."""
    return actor_id is None or actor_id in (order.submitted_by_id, order.created_by_id)


def look(order: Order) -> None:
    """Look price, availability and papers up at Zadarma now, outside any transaction.

    Raises `Hindered` with the reason, `ZadarmaError`, `gateway.NotUsable`.
    """
    if not pricing.look_again(order):
        raise Hindered(_("This direction can't be ordered any more."))
    try:
        with gateway.client(order.connection, budget.CLICK) as api:
            placing.check_availability(api, order)
            placing.check_papers(api, order)
    except Stop as reason:
        raise Hindered(str(reason)) from None
    check_price(order)


def check_price(order: Order) -> None:
    """Raise `PriceRose` where the price last looked up is higher than what was confirmed, `Hindered` without one."""
    offer = orders.offer_for(order)
    if offer is None:
        raise Hindered(_("This direction can't be ordered any more."))
    now = order.total_of(offer.connect_fee, offer.monthly_fee)
    if order.total is None or offer.currency != order.currency or now > order.total:
        raise PriceRose(order.total, order.currency, now, offer.currency)


def approve(order_pk: int, actor: User, word: str = "") -> bool:
    """Approve an order that waits, and hand it to the journal, once. False where it waits no more.

    Raises `NotTheirs`, `Hindered`, `limits.NotAllowed`, from looking `ZadarmaError` and `gateway.NotUsable`, and from
    the journal `AlreadyOpen` and `TooDear`; then it goes on waiting.
    """
    seen = _order(order_pk)
    if seen.state != Order.State.APPROVAL:
        return False
    _check_decides(actor)
    if is_own(seen, actor.pk):
        raise NotTheirs
    look(seen)
    with transaction.atomic():
        customer = limits.locked([seen.customer_id]).get(seen.customer_id or 0)
        # The very one that was looked at: rejected, corrected and sent anew meanwhile it is another.
        waits = Order.objects.filter(
            pk=order_pk, state=Order.State.APPROVAL, submitted_at=seen.submitted_at, customer=seen.customer_id
        )
        now = timezone.now()
        decision = {"decided_by": actor, "decided_at": now, "is_approved": True, "word": word[:LONGEST_WORD]}
        if not waits.update(state=Order.State.PLACING, updated_at=now, **decision):
            return False
        order = _order(order_pk)
        _check_decides(actor)  # they may have been demoted while Zadarma was asked
        if is_own(order, actor.pk):
            raise NotTheirs
        check_price(order)
        if order.group is None or not placing.may_use(order, order.group):
            raise Hindered(_("These papers can't be used for this order any more."))
        limits.check_access(customer)
        limits.check_country(customer, order.country)
        charge = order.charges.filter(operation=None, waived_at=None).order_by("pk").last()
        if customer is not None:
            if charge is None:
                raise Hindered(_("What the customer pays for it is not known. Reject it, so that it is ordered anew."))
            limits.check(customer, charge.amount, charge.currency, now, without=order)
        operation = orders.hand_over(order, order.submitted_by)
        if charge is not None:
            charge.operation, charge.at = operation, now  # paid this month, it counts to this month
            charge.save(update_fields=["operation", "at"])
        told = {"total": str(order.total), "currency": order.currency, "operation": operation.pk}
        audit.record("order.approved", actor, about=("order", order.pk), customer=order.customer_id, after=told)
    return True


def reject(order_pk: int, actor: User, word: str) -> bool:
    """Reject an order that waits, with a word to the customer. False where it waits no more. Raises `NotTheirs`."""
    _check_decides(actor)
    with transaction.atomic():
        now = timezone.now()
        decision = {"decided_by": actor, "decided_at": now, "is_approved": False, "word": word[:LONGEST_WORD]}
        waits = Order.objects.filter(pk=order_pk, state=Order.State.APPROVAL)
        if not waits.update(state=Order.State.REFUSED, error="", updated_at=now, **decision):
            return False
        orders.waive([order_pk])
        order = Order.objects.only("customer").get(pk=order_pk)
        audit.record("order.rejected", actor, about=("order", order_pk), customer=order.customer_id)
    return True


def _check_decides(actor: User) -> None:
    """Raise `NotTheirs` where the person's role, as it stands now, does not allow deciding."""
    if not User.objects.get(pk=actor.pk).viewer().may(May.APPROVE):
        raise NotTheirs


def _order(pk: int) -> Order:
    rows = Order.objects.select_related(
        "connection", "direction__country", "country", "group", "customer", "operation", "submitted_by"
    )
    return rows.get(pk=pk)
