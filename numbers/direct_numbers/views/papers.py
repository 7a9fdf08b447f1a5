"""What papers suit: the directions of a group, the groups of a direction, and where more is wanted than before."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from direct_numbers import asking, changed_requirements, papers_showing, prices, queries, showing, suitability
from direct_numbers.lacking import Papers
from direct_numbers.models import Asking, Direction
from direct_numbers.papers_forms import ActivatesFilter, BackForm, ChooseForm
from documents import queries as document_queries
from documents.models import DocumentGroup
from people import access
from people.permissions import May
from people.tenancy import Viewer
from sync.gateway import NotUsable, explain
from zadarma import ZadarmaError

COUNTRIES_A_PAGE, GROUPS_A_PAGE, PAIRS_A_PAGE = 20, 25, 25


@require_safe
@access.needs(May.SEE)
def activates(request: HttpRequest, pk: int) -> HttpResponse:
    """Which directions a group can activate now, and what the others lack."""
    viewer, now = access.viewer(request), timezone.now()
    group = document_queries.group(viewer, pk)
    if not suitability.is_usable(group):
        return render(request, "numbers/papers/activates.html", {"group": group, "usable": False})
    matrix = suitability.matrix(group, now)
    wanted = ActivatesFilter(request.GET).wanted()
    named = [row for row in matrix.rows if wanted["q"].casefold() in _names(row.direction)]
    shown = [row for row in named if not wanted["kind"] or row.verdict.kind == wanted["kind"]]
    countries = papers_showing.by_country(shown, group, viewer)
    page = Paginator(countries, COUNTRIES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "group": group,
        "usable": True,
        "shows_prices": prices.are_shown(group.customer, viewer),
        "counts": papers_showing.count_by_kind(matrix.rows),
        "ready_note": papers_showing.ready_note(matrix.rows),
        "chips": papers_showing.chips(papers_showing.count_by_kind(named), wanted["kind"], _chip_url(wanted["q"])),
        "wanted": wanted,
        "page": page,
        "unfolded": len(page) == 1 or sum(len(one.rows) for one in page) <= papers_showing.MOST_UNFOLDED,
        "changed": _changed_lines(changed_requirements.changed_requirements(viewer, now, group)),
        "may_change": viewer.may(May.EDIT_PAPERS),
        "back": "activates",
        **_asking(group, viewer, matrix.questions),
    }
    return render(request, "numbers/papers/activates.html", context)


def _names(direction: Direction) -> str:
    country = direction.country
    return f"{country.name_en} {country.name_de} {country.iso}".casefold()


def _chip_url(words: str) -> Any:
    def url(kind: str) -> str:
        return "?" + urlencode({name: value for name, value in (("q", words), ("kind", kind)) if value})

    return url


def _changed_lines(pairs: Iterable[changed_requirements.Pair], problem: str = "") -> list[papers_showing.Line]:
    return [
        papers_showing.line(pair.direction, pair.group, pair.verdict, numbers=pair.numbers, problem=problem)
        for pair in pairs
    ]


def _asking(group: DocumentGroup, viewer: Viewer, questions: list[Direction]) -> dict[str, Any]:
    """How far the asking is, and how much there would be to ask."""
    row = Asking.objects.filter(group=group).first()
    left = [one for one in questions if row is None or one.remote_id not in row.refused]
    return {
        "group": group,
        "asking": row,
        "asked": max(0, row.questions - len(left)) if row else 0,
        "questions": len(questions),
        "ask_label": papers_showing.ask_label(len(questions), asking.minutes_for(len(questions))),
        "why": asking.explain(row.problem, to_staff=viewer.is_staff) if row else "",
        "refused": len(row.refused) if row else 0,
        "is_staff": viewer.is_staff,
        "may_change": viewer.may(May.EDIT_PAPERS),
    }


@require_POST
@access.needs(May.EDIT_PAPERS)
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Have Zadarma asked, in the background, for all that is not known of a group."""
    viewer = access.viewer(request)
    group = document_queries.group(viewer, pk)
    try:
        count = asking.start(group)
    except NotUsable as error:
        messages.error(request, explain(error, to_staff=viewer.is_staff))
    else:
        if not count:
            messages.info(request, _("There is nothing to ask: everything is known and up to date."))
    return redirect("group-activates", group.pk)


@require_safe
@access.needs(May.SEE)
def asked(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the asking is, looked at every few seconds; once it has ended the page is read anew."""
    viewer = access.viewer(request)
    group = document_queries.group(viewer, pk)
    row = Asking.objects.filter(group=group).first()
    if row is None or not row.is_open:
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = _asking(group, viewer, suitability.questions(group, timezone.now()))
    return render(request, "numbers/papers/_asking.html", context)


@require_POST
@access.needs(May.EDIT_PAPERS)
def verify(request: HttpRequest, pk: int, remote_id: str) -> HttpResponse:
    """Ask Zadarma about this group and this direction now."""
    viewer = access.viewer(request)
    group = document_queries.group(viewer, pk)
    direction = queries.direction_or_404(viewer, remote_id)
    if not suitability.is_usable(group):
        raise Http404
    problem = ""
    try:
        if not asking.ask_now([group], direction):
            problem = _("Zadarma would not judge this group for this direction.")
    except (ZadarmaError, NotUsable) as error:
        problem = explain(error, to_staff=viewer.is_staff)
    form = BackForm(request.POST)
    form.is_valid()
    back = form.cleaned_data.get("back") or "activates"
    if request.headers.get("HX-Request"):
        row = _row(back, viewer, group, direction, problem)
        context = {
            "row": row,
            "back": back,
            "may_change": viewer.may(May.EDIT_PAPERS),
            "fresh": True,
            "shows_prices": prices.are_shown(group.customer, viewer),
        }
        return render(request, f"numbers/papers/_{back}_row.html", context)
    if problem:
        messages.error(request, problem)
    else:
        messages.success(request, _("%(name)s: this is what Zadarma says now.") % {"name": direction.name})
    return redirect(_way_back(back, group, direction, form.cleaned_data.get("page")))


def _row(back: str, viewer: Viewer, group: DocumentGroup, direction: Direction, problem: str) -> papers_showing.Line:
    """The row that was asked about, as the page shows it from which it was asked."""
    now = timezone.now()
    if back == "changed":
        pair = changed_requirements.pair(viewer, direction, group, now)
        return _changed_lines([pair], problem)[0]
    (row,) = _lines([group], direction, now)
    offer = queries.offer(group.connection, direction)
    price = papers_showing.price_of(offer, group, viewer)
    return papers_showing.line(direction, group, row.verdict, problem=problem, **price)


def _way_back(back: str, group: DocumentGroup, direction: Direction, page: int | None) -> str:
    if back == "activates":
        return f"{reverse('group-activates', args=[group.pk])}#d-{direction.remote_id}"
    tail = f"?page={page}" if page else ""
    if back == "changed":
        return reverse("requirements-changed") + tail
    return f"{reverse('direction-papers', args=[direction.remote_id])}{tail}#g-{group.pk}"


def _lines(groups: list[DocumentGroup], direction: Direction, now: datetime) -> list[papers_showing.Line]:
    """Groups with what is known of each for one direction, in a fixed number of queries."""
    mates = list(queries.classmates(direction))
    answers = document_queries.answers_among(groups, [mate.remote_id for mate in mates])
    types = document_queries.types_of(groups)
    return [
        papers_showing.line(
            direction,
            group,
            suitability.verdict(direction, mates, answers[group.pk], Papers(group, types[group.pk]), now),
        )
        for group in groups
    ]


@require_safe
@access.needs(May.SEE)
def choose(request: HttpRequest) -> HttpResponse:
    """For which direction? First its country, then itself."""
    viewer = access.viewer(request)
    countries = {row.iso: row for row in queries.countries_offered(viewer)}
    country = countries.get(request.GET.get("country", ""))
    directions = list(queries.directions_offered(viewer, country)) if country else []
    form = ChooseForm(
        request.GET or None,
        countries=_by_name((iso, row.name) for iso, row in countries.items()),
        directions=_by_name((row.remote_id, row.name) for row in directions),
    )
    chosen = form.cleaned_data["direction"] if form.is_bound and form.is_valid() else ""
    if chosen:
        return redirect("direction-papers", chosen)
    return render(request, "numbers/papers/choose.html", {"form": form, "country": country})


def _by_name(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(pairs, key=lambda pair: showing.sort_key(pair[1]))


def _groups_page(viewer: Viewer, direction: Direction, number: Any) -> "Page[DocumentGroup]":
    """The groups of the viewer whose account is offered the direction, those that suit it first."""
    rows = queries.groups_for(viewer, direction)
    return Paginator(rows, GROUPS_A_PAGE).get_page(number)


@require_safe
@access.needs(May.SEE)
def direction(request: HttpRequest, remote_id: str) -> HttpResponse:
    """Which groups suit a direction, and what the others lack for it."""
    viewer, now = access.viewer(request), timezone.now()
    row = queries.direction_or_404(viewer, remote_id)
    page = _groups_page(viewer, row, request.GET.get("page"))
    groups = list(page)
    lines = _lines(groups, row, now)
    lines.sort(key=papers_showing.nearest_first)
    context = {
        "direction": row,
        "requirements": showing.requirements(row),
        "page": page,
        "lines": lines,
        "to_ask": len(asking.without_answer(groups, row, now)) if row.needs_papers else 0,
        "is_staff": viewer.is_staff,
        "may_change": viewer.may(May.EDIT_PAPERS),
        "back": "direction",
    }
    return render(request, "numbers/papers/direction.html", context)


@require_POST
@access.needs(May.EDIT_PAPERS)
def ask_page(request: HttpRequest, remote_id: str) -> HttpResponse:
    """Ask Zadarma now about those groups of a page whose answer is missing or out of date."""
    viewer = access.viewer(request)
    row = queries.direction_or_404(viewer, remote_id)
    form = BackForm(request.POST)
    form.is_valid()
    number = form.cleaned_data.get("page") or 1
    groups = asking.without_answer(list(_groups_page(viewer, row, number)), row, timezone.now())
    try:
        told = asking.ask_now(groups, row)
    except (ZadarmaError, NotUsable) as error:
        messages.error(request, explain(error, to_staff=viewer.is_staff))
    else:
        text = ngettext("Zadarma answered for %(count)d group.", "Zadarma answered for %(count)d groups.", len(told))
        messages.success(request, text % {"count": len(told)})
        if left := len(groups) - len(told):
            more = ngettext("%(count)d is still to be asked.", "%(count)d are still to be asked.", left)
            messages.warning(request, more % {"count": left})
    return redirect(f"{reverse('direction-papers', args=[row.remote_id])}?page={number}")


@require_safe
@access.needs(May.SEE)
def changed(request: HttpRequest) -> HttpResponse:
    """Directions that want something else since the papers behind a number suited them."""
    viewer = access.viewer(request)
    page = Paginator(changed_requirements.keys(viewer), PAIRS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": _changed_lines(changed_requirements.pairs(viewer, list(page), timezone.now())),
        "may_change": viewer.may(May.EDIT_PAPERS),
        "back": "changed",
    }
    return render(request, "numbers/papers/changed.html", context)
