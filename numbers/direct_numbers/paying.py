"""What an order cost: as it was confirmed, as it was paid, and a warning where these differ."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from direct_numbers import charged
from direct_numbers.models import Number, Order
from people.tenancy import Viewer
from sync import receipts
from sync.models import Operation
from sync.showing import exact
from sync.telling import Line
from sync.words import money


@dataclass(frozen=True)
class Paid:
    """The sums around an order that was placed, and what does not fit together."""

    lines: list[Line]
    warnings: list[str]


def told(order: Order, viewer: Viewer) -> Paid | None:
    """What was paid for a placed order; None before, and where there is nothing to tell.

    Customers are told their own price, or none, and never balances: they are the partner's own.
    """
    if order.state != Order.State.PLACED or order.total is None:
        return None
    charge = charged.of_orders([order], viewer).get(order.pk)
    lines, warnings = [], []
    if (total := charged.total(order, charge, viewer)) is not None:
        lines.append(Line(_("Confirmed"), amount=total, currency=order.currency))
    operation = order.operation
    if viewer.is_staff and operation and operation.state == Operation.State.DONE:
        found = receipts.money_of(operation)
        if found:
            lines, warnings = found.lines, list(found.warnings)
    if viewer.is_staff and charge is not None and charge.amount != order.total:
        lines.append(Line(_("Charged to the customer"), amount=charge.amount, currency=charge.currency))
    if order.number:
        if viewer.is_staff:  # what Zadarma lists is the purchase price
            warnings += _dearer(order, order.number)
        if order.number.waits_for_payment and viewer.is_staff:
            lines.append(Line(_("Paid so far"), _("nothing: the number is reserved until the balance suffices")))
        elif order.number.waits_for_payment:
            lines.append(Line(_("Paid so far"), _("nothing yet")))
    return Paid(lines, warnings) if lines else None


def _dearer(order: Order, number: Number) -> list[str]:
    """Where Zadarma now lists another monthly fee than was confirmed."""
    fee = number.monthly_fee
    if fee is None or order.monthly_fee is None or not number.currency:
        return []
    if (fee, number.currency) == (order.monthly_fee, order.currency):
        return []
    return [
        _("Zadarma lists %(now)s a month for this number (as of %(time)s); %(then)s was confirmed.")
        % {
            "now": money(fee, number.currency),
            "time": exact(number.as_of),
            "then": money(order.monthly_fee, order.currency),
        }
    ]
