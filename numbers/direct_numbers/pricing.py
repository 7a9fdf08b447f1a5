"""What an order costs: the price looked at again, the total, and what the balance will be."""

from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from direct_numbers import prices
from direct_numbers.models import Offer, Order
from people.permissions import May
from people.tenancy import Viewer
from sync import budget, gateway, holds
from sync.words import money


@dataclass(frozen=True)
class Quote:
    """All costs of an order, in `currency`; balances are None where they are in another currency or unknown."""

    connect_fee: Decimal
    monthly_fee: Decimal
    months: int
    total: Decimal
    currency: str
    balance: Decimal | None
    held: Decimal
    balance_after: Decimal | None

    @property
    def monthly_total(self) -> Decimal:
        """The monthly fees paid in advance."""
        return self.monthly_fee * self.months

    @property
    def shortfall(self) -> Decimal:
        """By how much the balance is too small, as far as it is known."""
        return Decimal(0) if self.balance_after is None else max(Decimal(0), -self.balance_after)

    @property
    def is_covered(self) -> bool:
        """Whether the balance suffices, as far as it is known."""
        return self.balance_after is None or self.balance_after >= 0


def look_again(order: Order) -> bool:
    """Ask Zadarma for the direction's fees and the balance, for a person who is about to order.

    GET /v1/direct_numbers/country/ with the direction, GET /v1/info/balance/. False where it is not offered
    any more. Raises `ZadarmaError`, `NotUsable`.
    """
    assert order.direction is not None
    with gateway.client(order.connection, budget.CLICK) as api:
        gateway.remember_balance(order.connection, api)
        rows = api.directions(order.direction.country.iso, "en", order.direction.remote_id).rows
    row = next((row for row in rows if row.id == order.direction.remote_id), None)
    if row is not None:
        Offer.objects.filter(connection=order.connection, direction=order.direction).update(
            connect_fee=row.connect_fee, monthly_fee=row.monthly_fee, currency=row.currency, as_of=timezone.now()
        )
    return row is not None


def quote(order: Order, offer: Offer) -> Quote:
    """What `order` costs at the fees of `offer`."""
    total = order.total_of(offer.connect_fee, offer.monthly_fee)
    connection = order.connection
    known = connection.balance if connection.balance_currency == offer.currency else None
    held = holds.held(connection, offer.currency)
    return Quote(
        offer.connect_fee,
        offer.monthly_fee,
        order.months,
        total,
        offer.currency,
        known,
        held,
        None if known is None else known - held - total,
    )


def for_viewer(found: Quote, order: Order, viewer: Viewer) -> Quote:
    """The quote at the prices that `viewer` is shown. Whether the balance suffices stays what it is."""
    if viewer.may(May.SEE_MONEY):
        return found
    fees = prices.fees(found.connect_fee, found.monthly_fee, order.customer)
    return replace(found, connect_fee=fees.connect, monthly_fee=fees.monthly, total=fees.total(found.months))


def not_right_now() -> str:
    """Say to a customer that the account can't pay for it, without a word of the account."""
    return _("This can't be ordered right now. Please ask your provider's staff. Your choices are kept.")


def too_dear(error: holds.TooDear) -> str:
    """Say that the balance does not suffice."""
    balance = money(error.balance, error.currency)
    if error.held:
        return _(
            "The balance of %(balance)s does not cover this: %(held)s of it are held for what is under way. Top the "
            "account up, or wait for that."
        ) % {"balance": balance, "held": money(error.held, error.currency)}
    return _("The balance of %(balance)s does not cover this. Top the Zadarma account up first.") % {"balance": balance}
