"""Deciding about an order that waits for approval."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from direct_numbers import approving, limits, pricing, queries
from direct_numbers.approval_forms import ApproveForm, RejectForm
from direct_numbers.models import Order
from people import access
from people.permissions import May
from sync.gateway import NotUsable, explain
from sync.holds import TooDear
from sync.operations import AlreadyOpen
from zadarma import ZadarmaError


def _gone(request: HttpRequest, order: Order) -> HttpResponse:
    messages.error(request, _("This order does not wait for approval any more. What became of it stands here."))
    return redirect("order", order.public_id)


@require_POST
@access.needs(May.APPROVE)
def check(request: HttpRequest, public_id: object) -> HttpResponse:
    """Look price, number and papers of an order that waits up again, and tell what was found."""
    order = queries.order(access.viewer(request), public_id)
    if order.state != Order.State.APPROVAL:
        return _gone(request, order)
    try:
        approving.look(order)
    except approving.Hindered as reason:
        messages.error(request, str(reason))
    except (ZadarmaError, NotUsable) as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, _("Price, number and papers are as they were confirmed."))
    return redirect("order", order.public_id)


@require_POST
@access.needs(May.APPROVE)
def approve(request: HttpRequest, public_id: object) -> HttpResponse:
    """Approve it: it is ordered at once."""
    order = queries.order(access.viewer(request), public_id)
    form = ApproveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The word to the customer is too long: at most 300 characters."))
        return redirect("order", order.public_id)
    try:
        if not approving.approve(order.pk, access.user(request), form.cleaned_data["word"]):
            return _gone(request, order)
    except approving.NotTheirs:
        raise PermissionDenied from None
    except limits.NotAllowed as refused:
        problem = limits.explain(refused, with_sums=access.viewer(request).may(May.SEE_MONEY), to_staff=True)
    except approving.Hindered as reason:
        problem = str(reason)
    except AlreadyOpen:
        problem = _("This number is being ordered already, by another order.")
    except TooDear as error:
        problem = pricing.too_dear(error)
    except (ZadarmaError, NotUsable) as error:
        problem = explain(error)
    else:
        messages.success(request, _("The order is approved and on its way to Zadarma."))
        return redirect("order", order.public_id)
    messages.error(request, problem)
    return redirect("order", order.public_id)


@require_POST
@access.needs(May.APPROVE)
def reject(request: HttpRequest, public_id: object) -> HttpResponse:
    """Reject it with a word to the customer."""
    order = queries.order(access.viewer(request), public_id)
    form = RejectForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["word"][0]))
        return redirect("order", order.public_id)
    try:
        if not approving.reject(order.pk, access.user(request), form.cleaned_data["word"]):
            return _gone(request, order)
    except approving.NotTheirs:
        raise PermissionDenied from None
    messages.success(request, _("The order is rejected. The customer reads your word."))
    return redirect("order", order.public_id)
