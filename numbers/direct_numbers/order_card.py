"""The card that travels along with an order: what is chosen, and what it costs whoever looks at it."""

from typing import Any

from django.utils.translation import gettext as _

from direct_numbers import charged, prices
from direct_numbers.models import Offer, Order
from direct_numbers.showing import connect_time
from people.tenancy import Viewer
from sync.holds import held


def order_card(order: Order, offer: Offer | None, viewer: Viewer) -> dict[str, Any]:
    """What the order card shows: `lines` of label, value (and amount), the total, the balance after.

    Customers see their own prices, or none; staff the purchase price, and what the customer pays beside it.
    """
    lines: list[dict[str, Any]] = []
    if order.customer_id or viewer.is_staff:
        lines.append({"label": _("For"), "value": str(order.customer or _("nobody yet"))})
    if order.country:
        lines.append({"label": _("Country"), "value": order.country.name})
    if order.direction:
        lines.append({"label": _("Direction"), "value": order.direction.name})
    if order.number_chosen:
        phone = order.number.number if order.number else order.wanted_number
        lines.append({"label": _("Number"), "phone": phone, "value": _("the operator chooses")})
    card: dict[str, Any] = {"lines": lines, "total": None, "currency": "", "balance_after": None}
    if order.direction:
        card["connect_time"] = connect_time(order.direction)
        if prices.are_shown(order.customer, viewer):
            _add_costs(card, order, offer or order, viewer)
    return card


def _add_costs(card: dict[str, Any], order: Order, fees: Offer | Order, viewer: Viewer) -> None:
    if fees.monthly_fee is None or fees.connect_fee is None:
        return
    charge = None if order.state == Order.State.DRAFT else charged.of_orders([order], viewer).get(order.pk)
    percent = charged.markup(order.customer, charge)
    theirs = prices.Fees(prices.with_markup(fees.connect_fee, percent), prices.with_markup(fees.monthly_fee, percent))
    bought = prices.Fees(fees.connect_fee, fees.monthly_fee)
    total = charge.amount if charge else theirs.total(order.months)
    card["currency"] = fees.currency
    shown = bought if viewer.is_staff else theirs
    card["lines"] += [
        {"label": _("Connection"), "amount": shown.connect, "currency": fees.currency},
        {"label": _a_month(order.months), "amount": shown.monthly, "currency": fees.currency},
    ]
    if not viewer.is_staff:
        card["total"] = total
        return
    card["total"] = order.total if order.total is not None else bought.total(order.months)
    if percent:
        card["customers_total"] = total
    connection = order.connection
    same = connection.balance_currency == fees.currency
    if same and connection.balance is not None and order.state == Order.State.DRAFT:
        card["balance"] = connection.balance
        card["balance_after"] = connection.balance - held(connection, fees.currency) - card["total"]
        card["balance_at"] = connection.balance_at


def _a_month(months: int) -> str:
    return _("A month, %(months)d times") % {"months": months} if months > 1 else _("A month")
