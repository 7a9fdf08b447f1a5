"""Pages of orders: the list, and what becomes of one."""

from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from direct_numbers import approval_showing, charged, finding, orders, paying, prices, queries, showing, waiting_papers
from direct_numbers.approval_forms import ApproveForm, RejectForm
from direct_numbers.models import Order
from direct_numbers.order_card import order_card
from direct_numbers.views.wizard import to_be_decided
from people import access
from people import queries as people_queries
from people.customer_field import one_of
from people.permissions import May
from people.tenancy import Viewer
from sync.models import Operation


@require_safe
@access.needs(May.SEE)
def order_list(request: HttpRequest) -> HttpResponse:
    """Orders, newest first; by state, or by the words of a search, where asked."""
    viewer = access.viewer(request)
    rows = queries.orders(viewer)
    state = request.GET.get("state", "")
    words = request.GET.get("q", "").replace("\0", "").strip()[:60]  # PostgreSQL takes no zero byte
    if words:
        rows = finding.narrow_orders(rows, words, viewer)
    if state in Order.State.values:
        rows = rows.filter(state=state)
    elif not words:
        rows = rows.exclude(state=Order.State.CANCELLED)
    owner = one_of(people_queries.customers(viewer), request.GET.get("customer", "")) if viewer.is_staff else None
    if owner:
        rows = rows.filter(customer=owner)
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    charges = {} if viewer.is_staff else charged.of_orders(page, viewer)
    for order in page:
        order.price = charged.total(order, charges.get(order.pk), viewer)  # type: ignore[attr-defined]
        showing.without_a_strangers_number(order, viewer)
        order.told = showing.order_status(order, viewer)  # type: ignore[attr-defined]
        order.next_url = next_url(order, viewer)  # type: ignore[attr-defined]
    states = [("", _("All")), *Order.State.choices]
    chips = [
        {"label": capfirst(str(label)), "url": f"?state={value}" if value else "?", "current": state == value}
        for value, label in states
    ]
    if owner:
        chips.append({"label": owner.name, "url": "?", "current": True, "remove": True})
    if words:
        chips.append({"label": f"“{words}”", "url": "?", "current": True, "remove": True})
    context = {
        "page": page,
        "state": state or owner or words,
        "chips": chips,
        "is_staff": viewer.is_staff,
        "shows_prices": prices.are_shown(people_queries.current_customer(viewer), viewer),
    }
    return render(request, "numbers/order_list.html", context)


def next_url(order: Order, viewer: Viewer) -> str:
    """Where a click on an order leads: the step to go on with, for those who may order, or its page."""
    if order.state == Order.State.DRAFT and viewer.may(May.ORDER):
        return reverse(f"order-{orders.first_step_missing(order) or 'review'}", args=[order.public_id])
    return reverse("order", args=[order.public_id])


NOT_PLACED = (
    Order.State.APPROVAL,
    Order.State.PLACING,
    Order.State.IN_DOUBT,
    Order.State.REFUSED,
    Order.State.CANCELLED,
)


def story(order: Order, viewer: Viewer) -> list[dict[str, Any]]:
    """What happened and what is to come, in order: `{"state": done|current|todo|problem, "title", "text", "at"}`."""
    number = order.number
    placed = order.state == Order.State.PLACED
    status = showing.order_status(order, viewer)
    steps: list[dict[str, Any]] = []
    if order.state in NOT_PLACED:
        state = "current" if status.kind == "waiting" else "problem"
        steps.append({"state": state, "title": capfirst(status.label), "text": status.text})
    else:
        steps.append({"state": "done", "title": _("Ordered"), "text": "", "at": order.placed_at})
    if order.state in (Order.State.REFUSED, Order.State.CANCELLED) or hasattr(order, "is_passed_on"):
        return steps
    if number and not number.is_active:
        waiting = status.kind == "waiting"
        steps.append({"state": "current" if waiting else "problem", "title": status.label, "text": status.text})
    active = bool(number and number.is_active)
    steps.append(
        {
            "state": "done" if active else "todo",
            "title": _("Active") if active else _("Activation"),
            "text": "" if active or not placed else _("Advertised: %(time)s.") % {"time": _time(order)},
            "at": number.start_at if active and number else None,
        }
    )
    steps.append(_routing_step(order, viewer))
    return steps


def _time(order: Order) -> str:
    return showing.connect_time(order.direction) if order.direction else ""


def _routing_step(order: Order, viewer: Viewer) -> dict[str, Any]:
    operation = order.routing_operation
    if operation is None:
        text = _("Set as soon as the number is active.") if order.routing else _("Not chosen yet.")
        title = _("Calls go to %(target)s") % {"target": order.sip_id} if order.routing else _("Routing")
        return {"state": "todo", "title": title, "text": text}
    title = _("Calls go to %(target)s") % {"target": order.sip_id}
    match operation.state:
        case Operation.State.DONE:
            return {"state": "done", "title": title, "text": "", "at": operation.settled_at}
        case Operation.State.REFUSED | Operation.State.NOT_DONE | Operation.State.NEEDS_PERSON:
            text = showing.operation_note(operation, viewer) or _anew(viewer)
            return {"state": "problem", "title": _("Routing was not set"), "text": text}
    return {"state": "current", "title": _("Routing is being set"), "text": ""}


def _anew(viewer: Viewer) -> str:
    if viewer.may(May.ROUTE):
        return _("You can set it anew on the number's page.")
    return _("Your provider's staff can set it anew.")


def _is_moving(order: Order) -> bool:
    """Whether something will change within seconds, so that the page looks again by itself."""
    if order.state == Order.State.PLACING:
        return True
    if order.state == Order.State.IN_DOUBT:
        return bool(order.operation and order.operation.state != Operation.State.NEEDS_PERSON)
    routing = order.routing_operation
    wanted = bool(order.number and order.number.is_active and order.routing and routing is None)
    return wanted or bool(routing and routing.is_open and routing.state != Operation.State.NEEDS_PERSON)


def _pace(order: Order) -> int:
    """Seconds until the page looks again: soon while it is a matter of seconds, seldom in doubt or in an outage."""
    operations = (order.operation, order.routing_operation)
    waits = any(row.state == Operation.State.UNKNOWN or showing.is_late(row) for row in operations if row)
    return 15 if waits or order.state == Order.State.IN_DOUBT else 2


def _context(request: HttpRequest, order: Order) -> dict[str, Any]:
    viewer = access.viewer(request)
    showing.without_a_strangers_number(order, viewer)
    told, steps = showing.order_status(order, viewer), story(order, viewer)
    moving, pace = _is_moving(order), _pace(order)
    return {
        "order": order,
        "told": told,
        "story": steps,
        "moving": moving,
        "pace": pace,
        "seen": sha256(repr((told, steps, moving, pace)).encode()).hexdigest()[:16],
        "card": order_card(order, None, viewer),
        "paid": paying.told(order, viewer),
        "decision": approval_showing.decision(order, viewer),
        "may_change": viewer.may(May.ORDER) and not approval_showing.is_for_others(order, viewer),
        "is_staff": viewer.is_staff,
    }


@require_safe
@access.needs(May.SEE)
def order_page(request: HttpRequest, public_id: object) -> HttpResponse:
    """One order: what happens next and who must act. A draft leads to the step to go on with."""
    viewer = access.viewer(request)
    order = queries.order(viewer, public_id)
    if order.state == Order.State.DRAFT and viewer.may(May.ORDER):
        return redirect(next_url(order, viewer))
    waits_for = waiting_papers.of_order(viewer, order)
    asked = approval_showing.asked(order, viewer)
    forms: dict[str, Any] = {}
    if asked and asked.may_decide:
        forms = {"approve_form": ApproveForm(auto_id="approve_%s"), "reject_form": RejectForm(auto_id="reject_%s")}
    context = {**_context(request, order), "waits_for": waits_for, "asked": asked, **forms}
    return render(request, "numbers/order.html", context)


@require_safe
@access.needs(May.SEE)
def progress(request: HttpRequest, public_id: object) -> HttpResponse:
    """The part of the order page that looks again by itself; 204 while nothing is new since `seen`."""
    order = queries.order(access.viewer(request), public_id)
    context = _context(request, order)
    if context["seen"] == request.GET.get("seen"):
        return HttpResponse(status=204)
    return render(request, "numbers/_order_progress.html", context)


@require_POST
@access.needs(May.ORDER)
def cancel(request: HttpRequest, public_id: object) -> HttpResponse:
    """Give a draft up, or an order that was not sent yet."""
    order = queries.order(access.viewer(request), public_id)
    if approval_showing.is_for_others(order, access.viewer(request)):
        return to_be_decided(request, order)
    if orders.give_up(order, access.user(request)):
        messages.success(request, _("The order is cancelled. Nothing was ordered."))
        return redirect("order-list")
    messages.error(request, _("It is too late to cancel: the order has been sent."))
    return redirect("order", order.public_id)


@require_POST
@access.needs(May.ORDER)
def reopen(request: HttpRequest, public_id: object) -> HttpResponse:
    """Correct a refused order and try it anew."""
    order = queries.order(access.viewer(request), public_id)
    orders.reopen(order, access.user(request))
    return redirect("order", order.public_id)
