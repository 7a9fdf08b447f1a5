"""A label of many numbers, put on or taken off."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from direct_numbers import bulk, label_showing, labelling, queries
from direct_numbers.bulk import Candidate
from direct_numbers.bulk_forms import LabelsForm
from direct_numbers.bulk_showing import Row
from direct_numbers.labelling import Mark
from direct_numbers.models import Number
from direct_numbers.views import selecting
from direct_numbers.views.bulk import heading, selection
from direct_numbers.views.labels import too_many
from people import access
from people.permissions import May
from people.tenancy import Viewer


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(May.ROUTE)
def several(request: HttpRequest) -> HttpResponse:
    """Put a label on the numbers selected, or take it off. It is done at once: Zadarma knows nothing of labels."""
    if request.method == "POST" and "seen" in request.POST:
        return _confirm(request)
    return _page(request)


def _page(request: HttpRequest, problem: str = "", status: int | None = None) -> HttpResponse:
    viewer = access.viewer(request)
    is_asked = request.method == "POST"
    data = request.POST if is_asked else selecting.expanded(viewer, request.GET)
    ids, numbers, context = selection(viewer, data)
    form = LabelsForm(data if is_asked else None, is_staff=viewer.is_staff)
    context |= {
        "form": form,
        "is_asked": is_asked,
        "problem": problem,
        "this_page": _("Labels"),
        "heading": heading(_("Labels"), len(numbers)),
        "here": reverse("numbers-labels"),
        "fields": "numbers/_bulk_labels.html",
        "label_words": label_showing.words(viewer),
        "found": 0 if is_asked else selecting.how_many(viewer, request.GET),
    }
    is_right = bool(ids) and (not is_asked or form.is_valid())
    if is_asked and numbers and is_right:
        context |= _preview(viewer, form, numbers)
    return render(request, "numbers/bulk.html", context, status=status or (200 if is_right else 400))


def _preview(viewer: Viewer, form: LabelsForm, numbers: list[Number]) -> dict[str, Any]:
    mark, is_on = form.mark(is_staff=viewer.is_staff), form.cleaned_data["do"] == "on"
    labels = label_showing.of_numbers(numbers, viewer)
    candidates = [_candidate(row, mark, labels.get(row.pk, []), viewer, is_on=is_on) for row in numbers]
    chosen = [one.number for one in candidates if not one.problem]
    return {
        "rows": [_row(row, labels.get(row.pk, []), mark, is_on=is_on) for row in chosen],
        "hindered": [one for one in candidates if one.problem],
        "button": _button(len(chosen), mark, is_on=is_on),
        "seen": bulk.hands(chosen),
        "given": [(name, form.data.get(name, "")) for name in form.fields if form.data.get(name)],
    }


def _row(number: Number, marks: list[Mark], mark: Mark, *, is_on: bool) -> Row:
    others = [one for one in marks if (one.name.lower(), one.theirs) != (mark.name.lower(), mark.theirs)]
    return Row(number, _listed(marks), _listed([*others, mark] if is_on else others))


def _listed(marks: list[Mark]) -> str:
    return ", ".join(mark.name for mark in marks) or "–"


def _candidate(number: Number, mark: Mark, marks: list[Mark], viewer: Viewer, *, is_on: bool) -> Candidate:
    has_it = any((one.name.lower(), one.theirs) == (mark.name.lower(), mark.theirs) for one in marks)
    if number.gone_at is not None:
        return Candidate(number, _("Zadarma no longer lists this number."))
    if is_on and mark.theirs and number.customer_id is None:
        return Candidate(number, _("It belongs to nobody, who could see the label."))
    if has_it is is_on:
        return Candidate(number, _("It has this label already.") if is_on else _("It does not have this label."))
    if not labelling.may_put(mark, number, viewer):
        return Candidate(number, _("Your role does not allow this here."))
    return Candidate(number)


def _button(count: int, mark: Mark, *, is_on: bool) -> str:
    if is_on:
        text = ngettext(
            "Put the label %(label)s on %(count)d number", "Put the label %(label)s on %(count)d numbers", count
        )
    else:
        text = ngettext(
            "Take the label %(label)s off %(count)d number", "Take the label %(label)s off %(count)d numbers", count
        )
    return text % {"label": mark.name, "count": count}


def _confirm(request: HttpRequest) -> HttpResponse:
    """Label exactly those that were shown. Sent twice it changes nothing more."""
    viewer = access.viewer(request)
    form = LabelsForm(request.POST, is_staff=viewer.is_staff)
    ids, numbers, _context = selection(viewer, request.POST)
    if not ids or not form.is_valid():
        return _page(request)
    if not numbers:
        raise Http404
    if len(numbers) != len(ids):
        text = _("Some of the numbers selected are not there. Please look at the others again.")
        return _page(request, text, 400)
    if request.POST["seen"] != bulk.hands(numbers):
        text = _("Some of the numbers have changed hands since you looked. Please look at them again.")
        return _page(request, text, 409)
    mark, visible = form.mark(is_staff=viewer.is_staff), queries.numbers(viewer)
    if form.cleaned_data["do"] == "off":
        count = labelling.take_off(mark, ids, visible, viewer)
        text = ngettext(
            "The label %(label)s was taken off %(count)d number.",
            "The label %(label)s was taken off %(count)d numbers.",
            count,
        )
    else:
        try:
            count = labelling.put(mark, ids, visible, viewer, {row.pk: row.customer_id for row in numbers})
        except labelling.TooMany:
            return _page(request, too_many(), 409)
        text = ngettext(
            "The label %(label)s is now on %(count)d number more.",
            "The label %(label)s is now on %(count)d numbers more.",
            count,
        )
    if count:
        messages.success(request, text % {"label": mark.name, "count": count})
    else:
        messages.info(request, _("Nothing was to change: it was so already."))
    return redirect("number-list")
