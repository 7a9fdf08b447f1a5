"""What the steps of the wizard share: their addresses, their page, and what each asks of its draft."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from direct_numbers import limits, orders, queries, showing
from direct_numbers.models import Order
from direct_numbers.order_card import order_card
from people import access
from people.permissions import May
from sync.gateway import NotUsable, explain
from zadarma import ZadarmaError

StepView = Callable[..., HttpResponse]


def step_url(step: str, order: Order) -> str:
    """The address of a step of an order."""
    return reverse(f"order-{step}", args=[order.public_id])


def page(request: HttpRequest, order: Order, step: str, **context: Any) -> HttpResponse:
    """The page of a step, with the bar of steps and the card that travels along."""
    urls = {name: step_url(name, order) for name in orders.STEPS}
    context |= {
        "order": order,
        "step": step,
        "steps": showing.steps(order, step.partition("_")[0], urls),
        "card": order_card(order, orders.offer_for(order), access.viewer(request)),
    }
    return render(request, f"numbers/wizard/{step}.html", context)


def draft_step(name: str) -> Callable[[StepView], StepView]:
    """A step of a draft: loads the order, leads to the first step that is missing, or to the order once placed."""

    def decorate(view: StepView) -> StepView:
        @wraps(view)
        @require_http_methods(["GET", "POST"])
        @access.needs(May.ORDER)
        def step(request: HttpRequest, public_id: object) -> HttpResponse:
            order = queries.order(access.viewer(request), public_id)
            if order.state != Order.State.DRAFT:
                return redirect("order", order.public_id)
            missing = orders.first_step_missing(order)
            if missing and orders.STEPS.index(missing) < orders.STEPS.index(name):
                return redirect(step_url(missing, order))
            if name not in ("country", "review") and not limits.allows_country(order.customer, order.country):
                refused = limits.CountryNotAllowed()  # the customer's countries were narrowed since it was chosen
                to_staff = access.viewer(request).is_staff
                messages.error(request, limits.explain(refused, with_sums=False, to_staff=to_staff))
                return redirect(step_url("country", order))
            try:
                return view(request, order)
            except orders.NotADraft:
                return redirect("order", order.public_id)

        return step

    return decorate


def to_be_decided(request: HttpRequest, order: Order) -> HttpResponse:
    """Back to the order, which staff decide about instead of changing it."""
    messages.error(request, _("This order waits: approve or reject it. It is changed or given up by who sent it."))
    return redirect("order", order.public_id)


def told(request: HttpRequest, error: ZadarmaError | NotUsable) -> str:
    return explain(error, to_staff=access.viewer(request).is_staff)
