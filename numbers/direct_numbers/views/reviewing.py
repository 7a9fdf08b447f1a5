"""The review: what an order costs, and the button that spends the money or asks for approval."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from direct_numbers import confirming, limits, orders, placing, prices, pricing, showing, suitability
from direct_numbers.lacking import is_rejected_for
from direct_numbers.models import Offer, Order
from direct_numbers.views.wizard import draft_step, page, step_url, told
from direct_numbers.wizard_forms import ReviewForm
from people import access
from people.tenancy import Viewer
from sync.gateway import NotUsable
from sync.holds import TooDear
from sync.operations import AlreadyOpen
from sync.showing import Told
from zadarma import ZadarmaError


@draft_step("review")
def review(request: HttpRequest, order: Order) -> HttpResponse:
    """What it costs, and the button that spends the money."""
    assert order.group is not None
    if not placing.may_use(order, order.group):  # given to somebody else since it was chosen: not even named here
        messages.warning(request, _("These papers can't be used for this order any more."))
        return redirect(step_url("documents", order))
    # "Update total" (without JavaScript) posts: a GET would put the token into the address. Nothing is written.
    only_looks = "update" in request.POST
    if request.method == "POST" and not only_looks:
        return _place(request, order)
    problem = ""
    try:
        pricing.look_again(order)
    except (ZadarmaError, NotUsable) as error:
        problem = told(request, error)
    given = request.POST if only_looks else (request.GET if "period" in request.GET else None)
    return _review_page(request, order, given, problem)


def _review_page(request: HttpRequest, order: Order, given: Any, problem: str = "", status: int = 200) -> HttpResponse:
    form = ReviewForm(
        initial={
            "period": (given or {}).get("period") or order.period,
            "autorenew_period": (given or {}).get("autorenew_period") or order.autorenew_period,
            "receive_sms": bool(given.get("receive_sms")) if given else order.receive_sms,
            "purpose": (given or {}).get("purpose", order.purpose),
        }
    )
    if form.initial["period"] in Order.Period.values:
        order.period = form.initial["period"]
    offer, viewer = orders.offer_for(order), access.viewer(request)
    response = page(
        request,
        order,
        "review",
        confirmed=confirming.for_order(order, offer, order.customer, viewer) if offer else "",
        approval=_approval(order, offer, viewer) if offer else "",
        form=form,
        offer=offer,
        problem=problem,
        quote=pricing.for_viewer(pricing.quote(order, offer), order, viewer) if offer else None,
        shows_prices=prices.are_shown(order.customer, viewer),
        chosen=orders.chosen(order),
        specified=showing.requirements(order.direction, files=False) if order.direction else [],
        show_balance=viewer.is_staff,
        verdict=_verdict(order),
        papers=_papers(order, viewer),
    )
    response.status_code = status
    return response


def _papers(order: Order, viewer: Viewer) -> str:
    """What the papers are called. Customers are told the names of their own: others are for staff to choose."""
    assert order.group is not None
    if viewer.is_staff or order.group.customer_id in viewer.customer_ids:
        return order.group.title
    return _("papers that your provider has chosen")


def _approval(order: Order, offer: Offer, viewer: Viewer) -> str:
    """Why the order will wait for approval, in a sentence; "" where it will not."""
    own = confirming.own_total(order, offer.connect_fee, offer.monthly_fee, order.customer)
    if not limits.needs_approval(order.customer, own, offer.currency):
        return ""
    if viewer.is_staff:
        return _("By the settings of this customer another person of the staff must approve this order first.")
    return _("Your provider must approve this order first. You are told here what they decide.")


def _verdict(order: Order) -> Told | None:
    """What Zadarma answered of the chosen group for this direction, where that still holds."""
    if order.group is None or order.direction is None:
        return None
    answer = suitability.not_overtaken([order.group], order.direction).get(order.group.pk)
    return showing.verdict(answer, is_rejected=is_rejected_for(answer, order.direction, order.group))


def _place(request: HttpRequest, order: Order) -> HttpResponse:
    form = ReviewForm(request.POST)
    if not form.is_valid() or form.cleaned_data["confirmed"] is None:
        return _review_page(request, order, request.POST, _("Please look at the choices again."), 400)
    given = form.cleaned_data
    try:
        if given.pop("chosen") != orders.chosen(order):
            raise orders.OtherChoices
        orders.place(order, actor=access.user(request), **given)
    except orders.Incomplete as missing:
        return redirect(step_url(missing.step, order))
    except orders.Changed:
        return _review_page(request, order, request.POST, _("The total has changed. Please confirm the new one."), 409)
    except orders.OtherChoices:
        order.refresh_from_db()
        return _review_page(request, order, request.POST, _("Please look at the choices again."), 409)
    except limits.NotAllowed as refused:
        viewer = access.viewer(request)
        with_sums = prices.are_shown(order.customer, viewer)
        problem = limits.explain(refused, with_sums=with_sums, to_staff=viewer.is_staff)
        return _review_page(request, order, request.POST, problem, 409)
    except AlreadyOpen:
        problem = _("This number is being ordered already. Please choose another one.")
        return _review_page(request, order, request.POST, problem, 409)
    except TooDear as error:
        problem = pricing.too_dear(error) if access.viewer(request).is_staff else pricing.not_right_now()
        return _review_page(request, order, request.POST, problem, 409)
    return redirect(step_url("routing", order))
