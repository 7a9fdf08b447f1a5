"""The same change of many numbers: choosing the value, what will happen, the button, and what became of it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from direct_numbers import batch_showing, bulk, bulk_showing, choosing, queries
from direct_numbers.bulk import Change, Wanted
from direct_numbers.bulk_forms import ConfirmForm, SelectionForm, SureForm, SwitchForm
from direct_numbers.forms import CallerNameForm, RoutingForm
from direct_numbers.models import Number, Order
from direct_numbers.views import batches, selecting
from direct_numbers.views.prolonging import moving, sums
from people import access
from people.permissions import May
from people.tenancy import Viewer
from sync.gateway import NotUsable, explain
from sync.operations import AlreadyOpen
from zadarma import ZadarmaError

PROGRESS = "numbers/_bulk_progress.html"


@dataclass(frozen=True)
class Way:
    """One kind of change on its page: where that is, the fields of its value, and how a form of them is read.

    - `form(data, viewer, numbers)`: the form of the value, and what its fields need besides;
    - `wanted(form)`: the value, once the form is valid;
    - `given(params)`: the fields as they were for operations with these `params`, to try again.
    """

    change: Change
    url: str
    fields: str
    form: Callable[[Any, Viewer, list[Number]], tuple[forms.Form, dict[str, Any]]]
    wanted: Callable[[dict[str, Any]], Wanted]
    given: Callable[[list[Wanted]], dict[str, str]]


def _logins(viewer: Viewer, numbers: list[Number]) -> dict[str, Any]:
    """The SIP logins to choose from: those of one account, for customers' people their own."""
    accounts = {row.connection_id for row in numbers}
    if not numbers or len(accounts) > 1 or (not viewer.is_staff and len({row.customer_id for row in numbers}) > 1):
        return {"logins": [], "logins_problem": _("They belong to one account, and these numbers are in several.")}
    first = numbers[0]
    try:
        logins = choosing.logins_for(viewer, first.customer, first.connection, most_asked=0, deadline=2.5)
    except (ZadarmaError, NotUsable) as error:
        return {"logins": [], "logins_problem": explain(error, to_staff=viewer.is_staff)}
    return {"logins": logins, "logins_problem": ""}


def _routing_form(data: Any, viewer: Viewer, numbers: list[Number]) -> tuple[forms.Form, dict[str, Any]]:
    found = _logins(viewer, numbers)
    return RoutingForm(data, logins=[login.id for login in found["logins"]], may_decide_later=True), found


def _routing_given(params: list[Wanted]) -> dict[str, str]:
    targets = {str(one.get("sip_id", "")) for one in params}
    sip = targets.pop() if len(targets) == 1 else ""
    kind = Order.Routing.SIP_URI if "@" in sip else Order.Routing.SIP_LOGIN if sip else Order.Routing.NONE
    given = {"routing": kind.value, "sip_uri" if "@" in sip else "sip_login": sip}
    return given | ({"test_mode": "on"} if params[0].get("test_mode") else {})


AUTORENEWAL = Way(
    bulk.AUTORENEWAL,
    "numbers-autorenewal",
    "numbers/_bulk_switch.html",
    lambda data, viewer, numbers: (SwitchForm(data), {}),
    lambda cleaned: {"on": cleaned["value"] == "on"},
    lambda params: {"value": "on" if params[0].get("on") else "off"},
)
ROUTE = Way(
    bulk.ROUTE,
    "numbers-route",
    "numbers/_bulk_route.html",
    _routing_form,
    lambda cleaned: {"sip_id": cleaned["sip_id"], "test_mode": cleaned["test_mode"]},
    _routing_given,
)
CALLER_NAME = Way(
    bulk.CALLER_NAME,
    "numbers-caller-name",
    "numbers/_bulk_name.html",
    lambda data, viewer, numbers: (CallerNameForm(data), {}),
    lambda cleaned: {"caller_name": cleaned["caller_name"]},
    lambda params: {"caller_name": str(params[0].get("caller_name", ""))},
)
WAYS = {way.change.kind.name: way for way in (AUTORENEWAL, ROUTE, CALLER_NAME)}


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(May.ROUTE)
def autorenewal(request: HttpRequest) -> HttpResponse:
    """Autorenewal of the numbers selected."""
    return _several(request, AUTORENEWAL)


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(May.ROUTE)
def route(request: HttpRequest) -> HttpResponse:
    """Where calls of the numbers selected go, and their test mode."""
    return _several(request, ROUTE)


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(May.ROUTE)
def caller_name(request: HttpRequest) -> HttpResponse:
    """The caller name of the numbers selected."""
    return _several(request, CALLER_NAME)


def _several(request: HttpRequest, way: Way) -> HttpResponse:
    """Only the button that says what it does changes anything."""
    if request.method == "POST" and "batch" in request.POST:
        return _confirm(request, way)
    return _page(request, way)


def _tried_again(request: HttpRequest, way: Way) -> QueryDict | None:
    """The form as it was sent before, with those numbers that were refused."""
    text = request.GET.get("again", "")
    try:
        batch = uuid.UUID(text)
    except ValueError:
        return None
    rows = [
        row for row in selecting.refused(access.viewer(request), batch) if row.operation.kind == way.change.kind.name
    ]
    if not rows:
        return None
    data = QueryDict(mutable=True)
    data.setlist("ids", [str(row.number.pk) for row in rows])
    data.update({**way.given([row.operation.params for row in rows]), "again": str(batch)})
    return data


def _page(
    request: HttpRequest, way: Way, problem: str = "", sure: SureForm | None = None, status: int | None = None
) -> HttpResponse:
    """The value to be chosen, and once it is, what will happen. Plans nothing."""
    viewer = access.viewer(request)
    again = None if request.method == "POST" else _tried_again(request, way)
    data = request.POST if request.method == "POST" else again or selecting.expanded(viewer, request.GET)
    is_asked = request.method == "POST" or again is not None
    ids, numbers, context = selection(viewer, data)
    form, more = way.form(data if is_asked else None, viewer, numbers)
    words = bulk_showing.WORDS[way.change.kind.name]
    context |= {
        **more,
        "form": form,
        "is_asked": is_asked,
        "problem": problem,
        "this_page": words.name(),
        "heading": heading(words.name(), len(numbers)),
        "here": reverse(way.url),
        "fields": way.fields,
        "found": selecting.how_many(viewer, request.GET) if request.method != "POST" else 0,
        "again": data.get("again", ""),
    }
    is_right = bool(ids) and not (is_asked and not form.is_valid())
    if is_asked and numbers and form.is_valid():
        context |= _preview(viewer, way, numbers, way.wanted(form.cleaned_data), sure)
        context["given"] = [(name, form.data.get(name, "")) for name in form.fields if form.data.get(name)]
    return render(request, "numbers/bulk.html", context, status=status or (200 if is_right else 400))


def selection(viewer: Viewer, data: QueryDict) -> tuple[list[int], list[Number], dict[str, Any]]:
    """The numbers selected, as far as `viewer` may see them; 404 where those are none of them."""
    form = SelectionForm(data)
    form.is_valid()
    ids: list[int] = form.cleaned_data.get("ids", [])
    numbers = list(queries.numbers_among(viewer, ids))
    if ids and not numbers:
        raise Http404
    known = [number.as_of for number in numbers]
    context = {
        "ids": [number.pk for number in numbers],
        "numbers": numbers,
        "missing": len(ids) - len(numbers),
        "selection_error": form.errors.get("ids", [""])[0] if "ids" in data else "",
        "most": bulk.MOST_NUMBERS,
        "as_of": min(moment for moment in known if moment) if known and all(known) else None,
        "is_staff": viewer.is_staff,
    }
    return ids, numbers, context


def heading(name: str, count: int) -> str:
    """ "Autorenewal of 12 numbers"; without any only the name."""
    if not count:
        return name
    text = ngettext("%(name)s of %(count)d number", "%(name)s of %(count)d numbers", count)
    return text % {"name": name, "count": count}


def _preview(viewer: Viewer, way: Way, numbers: list[Number], wanted: Wanted, sure: SureForm | None) -> dict[str, Any]:
    """What will happen to each number, what it costs, and the button that does it."""
    words = bulk_showing.WORDS[way.change.kind.name]
    candidates = bulk.candidates(numbers, way.change, wanted)
    rows = bulk_showing.rows(candidates, words, wanted)
    is_end, is_begin = wanted.get("on") is False, wanted.get("on") is True
    return {
        "rows": rows,
        "hindered": [one for one in candidates if one.problem],
        "button": words.button(len(rows), wanted),
        "is_danger": is_end,
        "sure": (sure or SureForm()) if is_end and rows else None,
        "monthly": sums(bulk_showing.monthly((row.number for row in rows), viewer)) if is_begin else "",
        "is_begin": is_begin,
        "seen": bulk.hands(row.number for row in rows),
        "batch": uuid.uuid4(),
    }


def _confirm(request: HttpRequest, way: Way) -> HttpResponse:
    """Plan exactly what was shown, once; whatever differs is shown again and plans nothing."""
    viewer = access.viewer(request)
    confirm = ConfirmForm(request.POST)
    if not confirm.is_valid():
        return _page(request, way, confirm.problem, status=400)
    given = confirm.cleaned_data
    numbers = list(queries.numbers_among(viewer, given["ids"]))
    if not numbers:
        raise Http404
    if len(numbers) != len(given["ids"]):
        text = _("Some of the numbers selected are not there. Please look at the others again.")
        return _page(request, way, text, status=400)
    form, _more = way.form(request.POST, viewer, numbers)
    if not form.is_valid():
        return _page(request, way)
    wanted = way.wanted(form.cleaned_data)
    sure = SureForm(request.POST)
    if wanted.get("on") is False and not sure.is_valid():
        return _page(request, way, sure=sure, status=400)
    try:
        bulk.plan(
            given["ids"],
            way.change,
            wanted,
            seen=given["seen"],
            batch=given["batch"],
            actor=access.user(request),
            again=given["again"],
        )
    except (bulk.NotChangeable, bulk.HandsChanged, bulk.OtherForm, AlreadyOpen) as error:
        return _page(request, way, _why(error), status=409)
    return redirect("bulk-result", given["batch"])


def _why(error: Exception) -> str:
    match error:
        case bulk.HandsChanged():
            return _("Some of the numbers have changed hands since you looked. Please look at them again.")
        case bulk.OtherForm():
            return _("This form was sent before, for something else. Please look at it and send it again.")
    return _("Not all of the numbers can be changed any more. Please look at the others again.")


# What became of it


@require_safe
@access.needs(May.SEE)
def result(request: HttpRequest, batch: uuid.UUID) -> HttpResponse:
    """What became of each number of one form."""
    return render(request, "numbers/bulk_result.html", _result(request, batch))


@require_safe
@access.needs(May.SEE)
def progress(request: HttpRequest, batch: uuid.UUID) -> HttpResponse:
    """The part of the result that looks again by itself; 204 while nothing is new since `seen`."""
    return batches.progress(request, PROGRESS, _result(request, batch))


def _result(request: HttpRequest, batch: uuid.UUID) -> dict[str, Any]:
    viewer = access.viewer(request)
    outcomes = batch_showing.of_batch(viewer, batch)
    if not outcomes:
        raise Http404
    kind = outcomes[0].operation.kind
    words, way = bulk_showing.WORDS[kind], WAYS[kind]
    params = [row.operation.params for row in outcomes]
    several = len({one.get("sip_id") for one in params}) > 1
    total = batch_showing.Counts(**batch_showing.counted(row.operation for row in outcomes))
    count = sum(row.may_be_tried_again for row in outcomes)
    may_again = count and viewer.may(May.ROUTE)
    again = ngettext("Try the %(count)d refused one again", "Try the %(count)d refused ones again", count)
    return {
        "progress_template": PROGRESS,
        "this_page": words.name(),
        "heading": heading(bulk_showing.told(words, params[0], several_targets=several), total.count),
        "progress_url": reverse("bulk-progress", args=[batch]),
        "result_url": reverse("bulk-result", args=[batch]),
        "later_view": "bulk-result",
        "outcomes": outcomes,
        "summary": total,
        "again_url": f"{reverse(way.url)}?again={batch}" if may_again else "",
        "again_label": again % {"count": count},
        **moving(total, [(row.told, row.later) for row in outcomes]),
        "is_staff": viewer.is_staff,
    }
