"""The wizard: one view a step. A step shows, or takes one choice and leads on."""

import time
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from direct_numbers import (
    approval_showing,
    choosing,
    following,
    limits,
    orders,
    prices,
    queries,
    showing,
    suitability,
)
from direct_numbers.forms import RoutingForm
from direct_numbers.lacking import is_rejected_for
from direct_numbers.models import Direction, Order
from direct_numbers.views.wizard import draft_step, page, step_url, to_be_decided, told
from direct_numbers.wizard_forms import (
    OPERATOR_CHOOSES,
    CountryForm,
    DirectionFilter,
    DirectionForm,
    GroupForm,
    MaskForm,
    NumberForm,
)
from documents import groups as document_groups
from documents import names as document_names
from documents import queries as document_queries
from documents import validity
from documents.forms import GroupDataForm
from documents.showing import group_status
from documents.wanted import wanted_for
from people import access
from people.permissions import May
from sync.gateway import NotUsable
from zadarma import ZadarmaError
from zadarma.types import AvailableNumber

MOST_NUMBERS = 60
# So many groups are offered at once, the others are found by name; and for so many seconds Zadarma is asked about them.
MOST_GROUPS = 25
ASK_SECONDS = 5.0


@draft_step("country")
def country(request: HttpRequest, order: Order) -> HttpResponse:
    """In which country?"""
    countries = limits.allowed_countries(queries.countries(order.connection), order.customer)
    form = CountryForm(request.POST or None, countries=countries)
    if request.method == "POST" and form.is_valid():
        orders.choose_country(order, form.cleaned_data["country"])
        return redirect(step_url("direction", order))
    words = request.GET.get("q", "").strip()[:60].lower()
    rows = [row for row in countries if not words or _is_meant(row, words)]
    rows.sort(key=lambda row: showing.sort_key(row.name))
    return page(request, order, "country", form=form, countries=rows, q=words)


def _is_meant(row: Any, words: str) -> bool:
    wanted = words.lstrip("+").removeprefix("00")
    return words in f"{row.name_en} {row.name_de}".lower() or words == row.iso.lower() or row.dial_code == wanted


@draft_step("direction")
def direction(request: HttpRequest, order: Order) -> HttpResponse:
    """Which city or kind of number?"""
    assert order.country is not None
    offers = queries.offers(order.connection, order.country)
    directions = Direction.objects.filter(pk__in=offers.values("direction"))
    form = DirectionForm(request.POST or None, directions=directions)
    if request.method == "POST" and form.is_valid():
        orders.choose_direction(order, form.cleaned_data["direction"])
        return redirect(step_url("number", order))
    narrow = DirectionFilter(request.GET)
    narrow.is_valid()
    wanted = narrow.cleaned_data
    rows = [offer for offer in offers if _fits(offer.direction, wanted)]
    rows.sort(key=lambda offer: showing.sort_key(offer.direction.name))
    viewer = access.viewer(request)
    for row in rows:
        row.price = prices.shown(row.monthly_fee, order.customer, viewer)  # type: ignore[attr-defined]
        row.connect_price = prices.shown(row.connect_fee, order.customer, viewer)  # type: ignore[attr-defined]
        row.connect_time = showing.connect_time(row.direction)  # type: ignore[attr-defined]
        row.requirements = showing.requirements(row.direction)  # type: ignore[attr-defined]
    narrowed = any(wanted.values())
    shows = prices.are_shown(order.customer, viewer)
    return page(
        request, order, "direction", form=form, filter=narrow, offers=rows, narrowed=narrowed, shows_prices=shows
    )


def _fits(direction: Direction, wanted: dict[str, Any]) -> bool:
    words = (wanted.get("q") or "").lower()
    return (
        (not words or words in f"{direction.name_en} {direction.name_de} {direction.area_code}".lower())
        and (not wanted.get("sms") or direction.receive_sms is True)
        and (not wanted.get("toll_free") or direction.is_toll_free)
        and (not wanted.get("no_papers") or not direction.needs_papers)
        and (not wanted.get("at_once") or direction.connect_days == 0)
    )


@draft_step("number")
def number(request: HttpRequest, order: Order) -> HttpResponse:
    """Which number? The list is asked of Zadarma now."""
    assert order.direction is not None
    mask_form = MaskForm(request.GET if "mask" in request.GET else {"mask": ""})
    mask = mask_form.cleaned_data["mask"] if mask_form.is_valid() else ""
    rows: list[AvailableNumber] = []
    problem = ""
    form = NumberForm(request.POST or None)
    chosen = form.cleaned_data["number"] if request.method == "POST" and form.is_valid() else ""
    if chosen == OPERATOR_CHOOSES:
        orders.choose_number(order, "", "")
        return redirect(step_url("documents", order))
    try:
        rows = choosing.available_numbers(order.connection, order.direction, "" if chosen else mask)
    except (ZadarmaError, NotUsable) as error:
        problem = told(request, error)
    if chosen and not problem:
        found = next((row for row in rows if row.id == chosen), None)
        if found:
            orders.choose_number(order, found.id, found.number)
            return redirect(step_url("documents", order))
        form.add_error("number", _("Somebody else has just taken this number. Please choose another one."))
    return page(
        request,
        order,
        "number",
        form=form,
        mask_form=mask_form,
        numbers=rows[:MOST_NUMBERS],
        more=max(0, len(rows) - MOST_NUMBERS),
        problem=problem,
        any_value=OPERATOR_CHOOSES,
    )


@draft_step("documents")
def documents(request: HttpRequest, order: Order) -> HttpResponse:
    """With which papers? Each group with Zadarma's four answers for this direction."""
    assert order.direction is not None
    mine = document_queries.orderable(access.viewer(request), order.connection, order.customer_id)
    words = request.POST.get("name", "").strip()[:120] if "find" in request.POST else ""
    form = GroupForm(None if "find" in request.POST else request.POST or None, groups=mine.exclude(remote_id=""))
    if request.method == "POST" and form.is_valid():
        orders.choose_group(order, form.cleaned_data["group"])
        return redirect(step_url("review", order))
    found = document_names.found(mine, words) if words else mine
    groups = list(found[: MOST_GROUPS + 1])
    is_more, groups = len(groups) > MOST_GROUPS, groups[:MOST_GROUPS]
    if order.group_id and not words and order.group_id not in {group.pk for group in groups}:
        groups = [*mine.filter(pk=order.group_id), *groups]
    problem, answers = "", {}
    try:
        answers = validity.check(
            groups,
            order.direction.remote_id,
            requirement=order.direction.requirement,
            again="again" in request.GET,
            until=time.monotonic() + ASK_SECONDS,
        )
    except (ZadarmaError, NotUsable) as error:
        problem, answers = told(request, error), suitability.not_overtaken(groups, order.direction)
    is_staff = access.viewer(request).is_staff
    rows: list[dict[str, Any]] = [
        {
            "group": group,
            "told": group_status(group, group.file_count, group.verified_count, to_staff=is_staff),  # type: ignore[attr-defined]
            "validity": (answer := answers.get(group.pk)),
            "verdict": showing.verdict(answer, is_rejected=is_rejected_for(answer, order.direction, group)),
            "checklist": showing.lacking(answer, is_rejected=is_rejected_for(answer, order.direction, group)),
        }
        for group in groups
    ]
    given = document_queries.types_given(groups)
    for row in rows:
        row["upload_url"] = _upload_url(order, row, given.get(row["group"].pk, set()))
    rows.sort(key=lambda row: showing.SUITS[row["verdict"].kind] if row["verdict"] else 1)
    return page(
        request,
        order,
        "documents",
        form=form,
        groups=rows,
        problem=problem,
        requirements=showing.requirements(order.direction),
        waiting=any(not group.remote_id and not group.error for group in groups),
        can_search=is_more or bool(words),
        found_for=words,
        is_more=is_more,
    )


def _upload_url(order: Order, row: dict[str, Any], given: set[str]) -> str:
    """Where the documents that the direction wants and a group lacks are uploaded; from there it leads back here."""
    assert order.direction is not None
    answer, group = row["validity"], row["group"]
    is_rejected = is_rejected_for(answer, order.direction, group)
    types = [upload.get("type", "") for upload in order.direction.uploads]
    if not group.remote_id or not types or answer is None or answer.is_documents_uploaded and not is_rejected:
        return ""
    first = group.wrong_document_type if is_rejected else next((name for name in types if name not in given), types[0])
    query = urlencode({"type": first, "next": f"{step_url('documents', order)}?again=1"})
    return f"{reverse('group-upload', args=[group.pk])}?{query}"


@draft_step("documents")
def new_group(request: HttpRequest, order: Order) -> HttpResponse:
    """Make a document group here, without leaving the order."""
    assert order.direction is not None and order.country is not None
    direction, iso = order.direction, order.country.iso
    wanted = wanted_for(direction.name, direction.specify, direction.specify_en)
    if "look" in request.POST:  # another country or salutation: drawn anew, nothing is written
        form = GroupDataForm.looking(request.POST, wanted=wanted)
    else:
        initial = {"country": iso, **({"salutation": "COMPANY"} if wanted.of("company") else {})}
        form = GroupDataForm(request.POST or None, initial=initial, wanted=wanted)
    if form.is_valid():
        document_groups.create_group(
            order.connection, order.customer, form.fields_for_api(), access.user(request), direction.remote_id
        )
        messages.success(request, _("The document group is being created at Zadarma."))
        return redirect(step_url("documents", order))
    return page(request, order, "documents_new", form=form, requirements=showing.requirements(direction))


@require_http_methods(["GET", "POST"])
@access.needs(May.ORDER)
def routing(request: HttpRequest, public_id: object) -> HttpResponse:
    """Where shall calls go? Applied once the number is active."""
    order = queries.order(access.viewer(request), public_id)
    if order.state == Order.State.DRAFT:
        return redirect(step_url(orders.first_step_missing(order) or "review", order))
    if approval_showing.is_for_others(order, access.viewer(request)):
        return to_be_decided(request, order)
    if showing.is_passed_on(order, access.viewer(request)):
        return redirect("order", order.public_id)
    logins, problem = [], ""
    try:
        logins = choosing.logins_for(access.viewer(request), order.customer, order.connection)
    except (ZadarmaError, NotUsable) as error:
        problem = told(request, error)
    initial = {
        "routing": order.routing or (Order.Routing.SIP_LOGIN if logins else Order.Routing.SIP_URI),
        "sip_login": order.sip_id if order.routing == Order.Routing.SIP_LOGIN else "",
        "sip_uri": order.sip_id if order.routing == Order.Routing.SIP_URI else "",
        "test_mode": order.test_mode,
    }
    ids = [login.id for login in logins]
    form = RoutingForm(request.POST or None, logins=ids, may_decide_later=True, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if orders.want_routing(order, given["routing"], given["sip_id"], given["test_mode"]):
            order.refresh_from_db()
            following.route_order(order)
        return redirect("order", order.public_id)
    return page(request, order, "routing", form=form, logins=logins, problem=problem)
