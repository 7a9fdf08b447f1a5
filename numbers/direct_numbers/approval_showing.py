"""What pages tell of an order's approval: who asked and when, what it costs then and now, what was decided."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from direct_numbers import approving, limits, orders
from direct_numbers.limits import Month
from direct_numbers.models import Offer, Order
from people.permissions import May
from people.tenancy import Viewer
from sync.words import money


@dataclass(frozen=True)
class Asked:
    """An order that waits, for staff: `now` is the price as last looked up, `own` what the customer pays."""

    by: str
    at: datetime | None
    then: Decimal | None
    offer: Offer | None
    now: Decimal | None
    own: Decimal | None
    month: Month | None
    may_decide: bool
    is_own: bool

    @property
    def rose(self) -> bool:
        """Whether it costs more now than was confirmed, so that it can't be approved."""
        return self.now is None or self.then is None or self.now > self.then

    @property
    def price_now(self) -> str:
        """What approving spends, for its button."""
        return money(self.now, self.offer.currency if self.offer else "")


def asked(order: Order, viewer: Viewer) -> Asked | None:
    """What staff are told of an order that waits; None for others, and where it does not wait."""
    if order.state != Order.State.APPROVAL or not viewer.is_staff:
        return None
    offer = orders.offer_for(order)
    same = offer is not None and offer.currency == order.currency
    charge = order.charges.filter(operation=None, waived_at=None).order_by("pk").last()
    own = approving.is_own(order, viewer.user_id)
    return Asked(
        by=str(order.submitted_by or ""),
        at=order.submitted_at,
        then=order.total,
        offer=offer,
        now=order.total_of(offer.connect_fee, offer.monthly_fee) if offer and same else None,
        own=charge.amount if charge else None,
        month=limits.month(order.customer, order.currency, timezone.now()),
        may_decide=viewer.may(May.APPROVE) and not own,
        is_own=own,
    )


def is_for_others(order: Order, viewer: Viewer) -> bool:
    """Whether staff look at a waiting order that somebody else sent: they decide about it, and change nothing of it."""
    return order.state == Order.State.APPROVAL and viewer.is_staff and order.submitted_by_id != viewer.user_id


@dataclass(frozen=True)
class Decision:
    """What was decided about an order. Customers are not told who of the staff it was."""

    is_approved: bool
    by: str
    at: datetime | None
    word: str


def decision(order: Order, viewer: Viewer) -> Decision | None:
    """What was decided, or None where nothing was."""
    if order.is_approved is None:
        return None
    by = str(order.decided_by or "") if viewer.is_staff else _("your provider")
    return Decision(order.is_approved, by, order.decided_at, order.word)
