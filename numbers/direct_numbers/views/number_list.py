"""The list of numbers: searched, filtered, as a file; its columns and what a person keeps of it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from direct_numbers import columns, label_showing, list_choices, number_files, prices, queries, showing
from direct_numbers.bulk import MOST_NUMBERS
from direct_numbers.columns import Column
from direct_numbers.list_choices import TooManyViews
from direct_numbers.list_forms import USUAL_SIZE, ColumnsForm, NumberFilter, SaveViewForm
from direct_numbers.models import Number
from direct_numbers.narrowing import narrowed, ordered
from people import access, audit
from people import queries as people_queries
from people.customer_field import filter_choices
from people.permissions import May
from people.tenancy import Viewer
from sync import queries as sync_queries


@dataclass(frozen=True)
class Listing:
    """A list as an address asks for it: all numbers of the viewer, what narrows them, those left, and the columns."""

    mine: QuerySet[Number]
    form: NumberFilter
    rows: QuerySet[Number]
    offered: list[Column]
    shows_prices: bool


def listing_of(viewer: Viewer, data: QueryDict) -> Listing:
    """The list that `viewer` is shown for what an address says."""
    mine = queries.numbers(viewer)
    countries = queries.countries_of(viewer)
    sees_accounts, chosen_account = viewer.may(May.SEE_CONNECTIONS), data.get("connection", "")
    shows_prices = prices.are_shown(people_queries.current_customer(viewer), viewer)
    form = NumberFilter(
        data,
        countries=sorted(((row.iso, row.name) for row in countries), key=lambda pair: showing.sort_key(pair[1])),
        customers=filter_choices(people_queries.customers(viewer), data.get("customer", "")),
        connections=sync_queries.connection_choices(viewer, chosen_account) if sees_accounts else [],
        labels=label_showing.choices(viewer, data.get("label", "")),
        shows_prices=shows_prices,
    )
    rows = ordered(narrowed(mine, form, viewer, timezone.now()), form)
    return Listing(mine, form, rows, columns.offered(viewer, shows_prices=shows_prices), shows_prices)


@require_safe
@access.needs(May.SEE)
def number_list(request: HttpRequest) -> HttpResponse:
    """The numbers, searched and filtered; all of it in the address."""
    viewer, user = access.viewer(request), access.user(request)
    listing = listing_of(access.viewer(request), request.GET)
    form, kept = listing.form, list_choices.kept(user)
    shown = columns.chosen(form.value("columns") or kept.columns, listing.offered)
    size = form.value("size") or kept.size or USUAL_SIZE
    page: Any = Paginator(listing.rows, size).get_page(request.GET.get("page"))
    bulk_actions, labels = _bulk_actions(viewer), label_showing.of_numbers(page, viewer)
    for row in page:
        row.marks = labels.get(row.pk, [])
        row.told = showing.number_status(row, viewer)
        row.login_name = showing.login_name(row, viewer)
        row.price = prices.shown(row.monthly_fee, row.customer, viewer)
    context = {
        "page": page,
        "form": form,
        "filtered": form.narrows,
        "columns": shown,
        "columns_form": ColumnsForm(offered=listing.offered, initial={"column": [c.key for c in shown], "size": size}),
        "as_of": _oldest(page.object_list),
        "is_staff": viewer.is_staff,
        "sees_accounts": viewer.may(May.SEE_CONNECTIONS),
        "may_select": bool(bulk_actions),
        "may_order": viewer.may(May.ORDER),
        "bulk_actions": bulk_actions,
        "all_found": selection_text(page.paginator.count) if page.has_other_pages() else "",
        **_views(listing, list_choices.views(user), viewer),
        "kept": f"?{form.query()}" if form.query() else "",
    }
    return render(request, "numbers/number_list.html", context)


def selection_text(count: int) -> str:
    """What "all" means for what is done with many at once."""
    if count > MOST_NUMBERS:
        return _("instead the first %(most)d of all %(count)d found") % {"most": MOST_NUMBERS, "count": count}
    return _("instead all %(count)d found") % {"count": count}


def _bulk_actions(viewer: Viewer) -> list[dict[str, Any]]:
    actions = [
        (May.PAY, "months", _("Pay further …"), "numbers-prolong"),
        (May.ROUTE, "do", _("Autorenewal …"), "numbers-autorenewal"),
        (May.ROUTE, "do", _("Where calls go …"), "numbers-route"),
        (May.ROUTE, "do", _("Caller name …"), "numbers-caller-name"),
        (May.ROUTE, "do", _("Labels …"), "numbers-labels"),
        (May.ASSIGN, "give", _("Give to a customer …"), "numbers-assign"),
    ]
    return [
        {"name": name, "value": 1, "label": label, "url": reverse(url)}
        for what, name, label, url in actions
        if viewer.may(what)
    ]


def _views(listing: Listing, saved: list[Any], viewer: Viewer) -> dict[str, Any]:
    """All numbers; for staff those that belong to nobody yet; and the person's own views."""
    here, form = reverse("number-list"), listing.form
    now, narrowed_to = form.query(), form.query(sort="", size="", columns="")
    chips: list[dict[str, Any]] = [{"label": _("All"), "url": here, "current": not narrowed_to}]
    if viewer.is_staff:
        count = listing.mine.filter(customer=None).select_related(None).count()
        url, current = f"{here}?customer=none", narrowed_to == "customer=none"
        chips.append({"label": _("Unassigned"), "url": url, "current": current, "count": count})
    for view in saved:
        chips.append({"label": view.name, "url": f"{here}?{view.query}", "current": now == view.query})
    is_new = bool(now) and not any(chip["current"] for chip in chips)
    return {"chips": chips if len(chips) > 1 else [], "saved_views": saved, "may_save": is_new}


def _oldest(rows: Any) -> Any:
    """As of when the whole list is true: as old as its oldest account."""
    known = [row.connection.numbers_as_of for row in rows]
    return min(known) if known and all(known) else None


@require_POST
@access.needs(May.SEE)
def number_csv(request: HttpRequest) -> HttpResponseBase:
    """The numbers that the address names as a file, sent while it is made; that it was taken is noted."""
    viewer = access.viewer(request)
    listing = listing_of(access.viewer(request), request.GET)
    filters = {name: str(listing.form.value(name)) for name in NumberFilter.NARROWS if listing.form.value(name)}
    if "q" in filters:  # words may be a name
        filters["q"] = "given"
    audit.record("numbers.exported", access.user(request), customer=_only(viewer), after=filters)
    name = f"numbers-{timezone.localtime():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    lines = number_files.lines(listing.rows, viewer, get_language() or "en", shows_prices=listing.shows_prices)
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _only(viewer: Viewer) -> int | None:
    return next(iter(viewer.customer_ids), None) if not viewer.is_staff else None


@require_POST
@access.needs(May.SEE)
def choose_columns(request: HttpRequest) -> HttpResponse:
    """Keep which columns the list has; the address says it too, so that it can be sent."""
    listing = listing_of(access.viewer(request), request.GET)
    form = ColumnsForm(request.POST, offered=listing.offered)
    if not form.is_valid():
        raise Http404
    text = columns.as_text(columns.chosen(columns.BETWEEN.join(form.cleaned_data["column"]), listing.offered))
    size = form.cleaned_data["size"] or 0
    list_choices.keep(access.user(request), text, size)
    return redirect(f"{reverse('number-list')}?{listing.form.query(columns=text, size=size)}")


@require_POST
@access.needs(May.SEE)
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep what the address narrows the list to under a name."""
    query, form = listing_of(access.viewer(request), request.GET).form.query(), SaveViewForm(request.POST)
    if form.is_valid() and query:
        try:
            list_choices.save_view(access.user(request), form.cleaned_data["name"], query)
            messages.success(request, _("Kept as “%(name)s”.") % {"name": form.cleaned_data["name"]})
        except TooManyViews:
            messages.error(request, list_choices.too_many())
    else:
        messages.error(request, _("Nothing was kept: please give it a name, and set a filter first."))
    return redirect(f"{reverse('number-list')}?{query}")


@require_POST
@access.needs(May.SEE)
def remove_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a view."""
    name = list_choices.remove_view(access.user(request), pk)
    if not name:
        raise Http404
    messages.success(request, _("“%(name)s” is no longer kept. The numbers are as they were.") % {"name": name})
    return redirect("number-list")
