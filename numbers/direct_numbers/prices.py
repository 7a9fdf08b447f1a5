"""What a customer pays: the partner's purchase price with the customer's markup, or nothing is said at all.

Everything that shows a price to a person asks here. Staff see purchase prices, and a customer's beside them.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from people.models import Customer
from people.permissions import May
from people.tenancy import Viewer

CENT = Decimal("0.01")


def with_markup(amount: Decimal, percent: Decimal) -> Decimal:
    """`amount` with `percent` on top, rounded to cents (half up) where there is any; as it is where there is none."""
    if not percent:
        return amount
    return (amount * (100 + percent) / 100).quantize(CENT, ROUND_HALF_UP)


def for_customer(amount: Decimal, customer: Customer | None) -> Decimal:
    """The customer's own price of something bought for `amount`; nobody's is the purchase price."""
    return with_markup(amount, customer.markup_percent) if customer else amount


@dataclass(frozen=True)
class Fees:
    """What a number costs: connecting it once, and each month."""

    connect: Decimal
    monthly: Decimal

    def total(self, months: int) -> Decimal:
        """What is to be paid today, with so many months in advance."""
        return self.connect + self.monthly * months


def fees(connect: Decimal, monthly: Decimal, customer: Customer | None) -> Fees:
    """The customer's own fees, each rounded by itself: what is shown adds up."""
    return Fees(for_customer(connect, customer), for_customer(monthly, customer))


def shown(amount: Decimal | None, customer: Customer | None, viewer: Viewer) -> Decimal | None:
    """What `viewer` is shown of a purchase price concerning `customer`: None where they are shown none."""
    if amount is None or viewer.may(May.SEE_MONEY):
        return amount
    if customer is None or not customer.shows_prices:
        return None
    return for_customer(amount, customer)


def beside(amount: Decimal | None, customer: Customer | None, viewer: Viewer) -> Decimal | None:
    """What staff are shown beside a purchase price: the customer's own, where it has a markup."""
    if amount is None or customer is None or not customer.markup_percent or not viewer.may(May.SEE_MONEY):
        return None
    return for_customer(amount, customer)


def are_shown(customer: Customer | None, viewer: Viewer) -> bool:
    """Whether `viewer` is shown prices concerning `customer`."""
    return viewer.may(May.SEE_MONEY) or bool(customer and customer.shows_prices)
