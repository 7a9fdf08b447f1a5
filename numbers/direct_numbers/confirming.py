"""What a form carries of the sum that a person confirms: the sum as they were shown it, or a keyed digest of it.

Staff confirm what is paid to Zadarma. People of a customer confirm their own price; where they are shown none, a
digest that only the panel can make stands for it, so that no purchase price leaves the panel.
"""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.crypto import salted_hmac

from direct_numbers import prices
from direct_numbers.models import Offer, Order
from people.models import Customer
from people.permissions import May
from people.tenancy import Viewer

SALT = "direct_numbers.confirming"
Sums = dict[str, Decimal]


def _digest(*parts: object) -> str:
    return salted_hmac(SALT, "|".join(map(str, parts)), algorithm="sha256").hexdigest()


def _plain(amount: Decimal) -> str:
    return f"{amount:.4f}"


def own_total(order: Order, connect: Decimal, monthly: Decimal, customer: Customer | None) -> Decimal:
    """What `order` costs its customer at the purchase prices `connect` and `monthly`, with its markup."""
    return prices.fees(connect, monthly, customer).total(order.months)


def for_order(order: Order, offer: Offer, customer: Customer | None, viewer: Viewer) -> Decimal | str:
    """What `viewer` confirms of `order` (with its period chosen): the sum they are shown, or the digest."""
    purchase = order.total_of(offer.connect_fee, offer.monthly_fee)
    if viewer.may(May.SEE_MONEY):
        return purchase
    own = own_total(order, offer.connect_fee, offer.monthly_fee, customer)
    if prices.are_shown(customer, viewer):
        return own
    return _digest("order", order.pk, order.period, offer.currency, _plain(own), _plain(purchase))


def for_sums(
    purchase: Sums, own: Sums, customers: Iterable[Customer | None], numbers: Iterable[int], viewer: Viewer
) -> Sums | str:
    """The same of paying `numbers` (primary keys) further, by currency: `purchase` prices, `own` those of customers."""
    if viewer.may(May.SEE_MONEY):
        return purchase
    if all(prices.are_shown(customer, viewer) for customer in customers):
        return own
    sums = [f"{currency}={_plain(amount)}" for currency, amount in sorted(own.items())]
    bought = [f"{currency}={_plain(amount)}" for currency, amount in sorted(purchase.items())]
    return _digest("prolong", *sorted(numbers), *sums, *bought)
