"""The page of a number, and what can be changed about it."""

from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from direct_numbers import (
    assigning,
    choosing,
    features,
    history,
    label_showing,
    mirror,
    prices,
    queries,
    routing,
    showing,
    waiting_papers,
)
from direct_numbers.forms import AssignForm, AutorenewalForm, CallerNameForm, RoutingForm
from direct_numbers.label_forms import LabelForm
from direct_numbers.models import Number, Order
from direct_numbers.renewal_forms import ChannelsForm, SmsForm
from direct_numbers.views.assigned import warn_of_papers
from people import access
from people import queries as people_queries
from people.permissions import May
from people.tenancy import Viewer
from sync.gateway import NotUsable, explain
from sync.handing_over import NotAssigned
from sync.models import Operation
from sync.operations import AlreadyOpen
from zadarma import Unavailable, ZadarmaError


@require_safe
@access.needs(May.SEE)
def number_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything known of a number."""
    return _number_page(request, queries.number(access.viewer(request), pk))


def _number_page(request: HttpRequest, number: Number, status: int = 200, **forms: Any) -> HttpResponse:
    viewer = access.viewer(request)
    # First what is under way, then the number: what is settled in between shows in one of them.
    under_way = _under_way(number, viewer)
    number = queries.number(viewer, number.pk)
    logins, problem = [], ""
    waits_for = waiting_papers.of_number(viewer, number)
    may_change = viewer.may(May.ROUTE) and number.gone_at is None
    if may_change:
        try:
            logins = choosing.logins_for(viewer, number.customer, number.connection, now=number.sip, deadline=2.5)
        except (ZadarmaError, NotUsable) as error:
            problem = explain(error, to_staff=viewer.is_staff)
    context = {
        "number": number,
        "login_name": showing.login_name(number, viewer),
        "price": prices.shown(number.monthly_fee, number.customer, viewer),
        "customers_price": prices.beside(number.monthly_fee, number.customer, viewer),
        "shows_prices": prices.are_shown(number.customer, viewer),
        "told": showing.number_status(number, viewer, papers_are_checked=bool(waits_for and waits_for.kind == "info")),
        "logins": logins,
        "problem": problem,
        "routing_form": RoutingForm(logins=[], initial=_routing_now(number, logins)),
        "renewal_form": AutorenewalForm(),
        "channels_form": ChannelsForm(initial={"channels": number.channels}),
        "name_form": CallerNameForm(initial={"caller_name": number.number_name}),
        "assign_form": AssignForm(customers=people_queries.customers(viewer), initial={"customer": number.customer_id}),
        "labels": label_showing.of_numbers([number], viewer).get(number.pk, []),
        "label_words": label_showing.words(viewer) if may_change else [],
        "label_form": LabelForm(),
        "timeline": history.timeline(number, viewer),
        "waits_for": waits_for,
        **under_way,
        "may_change": may_change,
        "may_prolong": viewer.may(May.PAY) and number.gone_at is None and not number.waits_for_payment,
        "may_set_channels": viewer.may(May.SET_CHANNELS) and number.gone_at is None,
        "may_assign": viewer.may(May.ASSIGN) and number.gone_at is None,
        "ends_soon": queries.ends_soon(number, timezone.now()),
        "is_staff": viewer.is_staff,
        "order": queries.orders(viewer).filter(number=number).first(),
        **forms,
    }
    return render(request, "numbers/number.html", context, status=status)


def _under_way(number: Number, viewer: Viewer) -> dict[str, Any]:
    """What is on its way to Zadarma: `under_way` names it, `moving` says that it ends in seconds, `late` why not."""
    since = None if viewer.is_staff else queries.assigned_at(number)
    operations = [
        operation
        for operation in queries.operations_of(number)[:20]
        if operation.is_open and (since is None or operation.created_at >= since)
    ]
    return {
        "under_way": [showing.operation_name(operation) for operation in operations],
        "moving": any(o.state in (Operation.State.PLANNED, Operation.State.SENT) for o in operations),
        "late": next((showing.why_late(row, viewer) for row in operations if showing.is_late(row)), ""),
    }


@require_safe
@access.needs(May.SEE)
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What of a number is on its way, asked every few seconds; once it has arrived the page is read anew."""
    viewer = access.viewer(request)
    number = queries.number(viewer, pk)
    state = _under_way(number, viewer)
    if state["moving"]:
        return HttpResponse(status=204)
    return HttpResponse(headers={"HX-Refresh": "true"})


def _routing_now(number: Number, logins: list[choosing.SipLogin]) -> dict[str, Any]:
    is_uri = "@" in number.sip
    return {
        "routing": Order.Routing.SIP_URI if is_uri or not (number.sip or logins) else Order.Routing.SIP_LOGIN,
        "sip_login": "" if is_uri else number.sip,
        "sip_uri": number.sip if is_uri else "",
        "test_mode": bool(number.is_on_test),
    }


@require_POST
@access.needs(May.SEE)
def refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask Zadarma for this number now."""
    viewer = access.viewer(request)
    number = queries.number(viewer, pk)
    try:
        if not viewer.is_staff:
            _keep_within_share(viewer)
        mirror.refresh_number(number)
    except (ZadarmaError, NotUsable) as error:
        messages.error(request, explain(error, to_staff=viewer.is_staff))
    else:
        messages.success(request, _("This is what Zadarma says now."))
    return redirect("number", number.pk)


def _keep_within_share(viewer: Viewer) -> None:
    """One look in 15 seconds for each customer's person: all share the account's calls. Raises `Unavailable`."""
    if not cache.add(f"refreshed-by:{viewer.user_id}", True, 15):
        raise Unavailable("a customer asks too often", may_have_reached=False, rate_limited=True)


def _planned(request: HttpRequest, number: Number, plan: Any, *args: Any) -> HttpResponse:
    """Plan a change and say so; a change of that kind already under way is not doubled."""
    try:
        plan(number, *args, access.user(request))
    except AlreadyOpen:
        messages.warning(request, _("The change before is still on its way to Zadarma. Please wait a moment."))
    else:
        messages.success(request, _("The change is on its way to Zadarma."))
    return redirect("number", number.pk)


def _changeable(request: HttpRequest, pk: int) -> Number:
    """A number that still exists, or 404."""
    number = queries.number(access.viewer(request), pk)
    if number.gone_at is not None:
        raise Http404
    return number


@require_POST
@access.needs(May.ROUTE)
def route(request: HttpRequest, pk: int) -> HttpResponse:
    """Where calls go."""
    viewer, number = access.viewer(request), _changeable(request, pk)
    logins: list[choosing.SipLogin] = []
    if request.POST.get("routing") == Order.Routing.SIP_LOGIN:
        try:
            logins = choosing.logins_for(viewer, number.customer, number.connection, now=number.sip, most_asked=0)
        except (ZadarmaError, NotUsable) as error:
            messages.error(request, explain(error, to_staff=viewer.is_staff))
            return redirect("number", number.pk)
    form = RoutingForm(request.POST, logins=[login.id for login in logins])
    if not form.is_valid():
        return _number_page(request, number, 400, routing_form=form)
    return _planned(request, number, routing.route, form.cleaned_data["sip_id"], form.cleaned_data["test_mode"])


@require_POST
@access.needs(May.ROUTE)
def caller_name(request: HttpRequest, pk: int) -> HttpResponse:
    """The name shown with calls."""
    number = _changeable(request, pk)
    form = CallerNameForm(request.POST)
    if not form.is_valid():
        return _number_page(request, number, 400, name_form=form)
    return _planned(request, number, routing.set_caller_name, form.cleaned_data["caller_name"])


@require_POST
@access.needs(May.ROUTE)
def autorenewal(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether the number renews itself."""
    number = _changeable(request, pk)
    form = AutorenewalForm(request.POST)
    if not form.is_valid():
        is_unconfirmed = "value" not in form.errors
        why = _("please confirm that the number shall end.") if is_unconfirmed else _("please choose on or off.")
        messages.error(request, _("Nothing was changed: %(why)s") % {"why": why})
        return _number_page(request, number, 400)
    return _planned(request, number, routing.set_autorenewal, form.cleaned_data["value"] == "on")


@require_POST
@access.needs(May.ROUTE)
def receive_sms(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether the number takes SMS. Where Zadarma tells nothing of it, it can't."""
    number = _changeable(request, pk)
    form = SmsForm(request.POST)
    if not form.is_valid() or number.receive_sms is None:
        is_able = number.receive_sms is not None
        why = _("please choose on or off.") if is_able else _("this number can't receive SMS.")
        messages.error(request, _("Nothing was changed: %(why)s") % {"why": why})
        return _number_page(request, number, 400)
    return _planned(request, number, features.set_receive_sms, form.cleaned_data["value"] == "on")


@require_POST
@access.needs(May.SET_CHANNELS)
def channels(request: HttpRequest, pk: int) -> HttpResponse:
    """How many calls at once. It may cost money, so it must be confirmed."""
    number = _changeable(request, pk)
    form = ChannelsForm(request.POST)
    if number.channels is None:  # its page has no form to hang the reason on
        messages.error(request, _("Nothing was changed: Zadarma does not tell how many calls this number takes."))
        return _number_page(request, number, 400)
    if form.is_valid() and form.cleaned_data["channels"] == number.channels:
        form.add_error("channels", _("It takes as many calls at once already."))
    if not form.is_valid():
        return _number_page(request, number, 400, channels_form=form)
    return _planned(request, number, features.set_channels, form.cleaned_data["channels"])


@require_POST
@access.needs(May.ASSIGN)
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """To which customer the number belongs."""
    number = _changeable(request, pk)
    form = AssignForm(request.POST, customers=people_queries.customers(access.viewer(request)))
    if not form.is_valid():
        return _number_page(request, number, 400, assign_form=form)
    owner = form.cleaned_data["customer"]
    try:
        assigning.assign_all([number.pk], queries.numbers(access.viewer(request)), owner, by=access.user(request))
    except NotAssigned as hindered:
        messages.error(request, str(hindered))
        return redirect("number", number.pk)
    warn_of_papers(request, [number], owner)
    messages.success(
        request,
        _("The number now belongs to %(name)s.") % {"name": owner} if owner else _("The number belongs to nobody."),
    )
    return redirect("number", number.pk)
