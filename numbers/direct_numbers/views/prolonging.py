"""Paying numbers further: what it costs, the button that spends the money, and what became of it."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from direct_numbers import batch_showing, charged, limits, prices, queries, renewal_costs, renewal_showing, renewals
from direct_numbers.models import Number
from direct_numbers.pricing import too_dear
from direct_numbers.renewal_forms import ConfirmForm, RenewalForm, sums_text
from direct_numbers.renewal_showing import Outcome, Priced
from direct_numbers.renewals import Renewal
from direct_numbers.views import batches, selecting
from people import access
from people.permissions import May
from people.tenancy import Viewer
from sync.gateway import NotUsable, explain
from sync.holds import TooDear
from sync.operations import AlreadyOpen
from sync.words import money
from zadarma import ZadarmaError

QUICK_MONTHS = (1, 3, 6, 12)
PROGRESS = "numbers/_prolong_progress.html"


@dataclass(frozen=True)
class Problem:
    """Why nothing was planned, to be shown above the page."""

    text: str
    title: str = ""


def _nothing_paid(text: str) -> Problem:
    return Problem(text, _("Nothing was paid"))


@require_safe
@access.needs(May.PAY)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Pay one number further."""
    number = queries.number(access.viewer(request), pk)
    chosen = request.GET.copy()
    chosen.setlist("ids", [str(number.pk)])
    return _page(request, chosen)


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(May.PAY)
def several(request: HttpRequest) -> HttpResponse:
    """Pay the numbers selected further. Only the button that names the sum spends money."""
    if request.method != "POST":
        return _page(request, selecting.expanded(access.viewer(request), request.GET))
    if "look" in request.POST:
        return _look_again(request)
    return _confirm(request)


def _page(
    request: HttpRequest, chosen: QueryDict, problem: Problem | None = None, status: int | None = None
) -> HttpResponse:
    """What it costs. GET reads the mirror only; the journal looks everything up again before it pays."""
    viewer = access.viewer(request)
    if "months" not in chosen:
        chosen = chosen.copy()
        chosen["months"] = str(QUICK_MONTHS[0])
    form = RenewalForm(chosen)
    is_valid = form.is_valid()
    ids = form.cleaned_data.get("ids", [])
    numbers = list(queries.numbers_among(viewer, ids))
    if ids and not numbers:
        raise Http404
    rows = renewals.quote(numbers, form.cleaned_data["months"]) if is_valid else []
    context = {
        "form": form,
        "ids": ids,
        "numbers": numbers,
        "only": numbers[0] if len(ids) == len(numbers) == 1 else None,
        "missing": len(ids) - len(numbers),
        "problem": problem,
        "chips": _chips(request, ids, form.cleaned_data.get("months")) if ids else [],
        "as_of": _oldest(numbers),
        "is_staff": viewer.is_staff,
        "shows_prices": all(prices.are_shown(number.customer, viewer) for number in numbers),
        **(_costs(rows, viewer) if rows else {}),
    }
    if status is None:
        status = 200 if is_valid or request.htmx else 400  # type: ignore[attr-defined] # htmx shows no error's page
    return render(request, "numbers/prolong.html", context, status=status)


def _costs(rows: list[Renewal], viewer: Viewer) -> dict[str, Any]:
    """What it costs, at the reader's own prices; balances are compared with what the partner pays."""
    payable = [row for row in rows if not row.problem]
    shown = [renewal_showing.priced(row, viewer) for row in payable]
    accounts = renewal_costs.by_account(payable)
    return {
        "payable": shown,
        "hindered": [renewal_showing.hindered(row, viewer) for row in rows if row.problem],
        "accounts": accounts,
        "short": [account for account in accounts if not account.is_covered],
        "totals": sorted(renewals.totals(shown).items()),
        "customers": _of_customers(shown),
        "several_accounts": len({row.number.connection_id for row in rows}) > 1,
        "button": _button(shown, viewer) if payable else "",
        "confirmed": sums_text(renewals.to_confirm(payable, viewer)),
        "seen": renewals.ends(payable),
        "batch": uuid.uuid4(),
    }


def _of_customers(rows: list[Priced]) -> str:
    """For staff: what the customers pay for all of it together, where any of them has a markup; else ""."""
    if all(row.customers is None for row in rows):
        return ""
    theirs: dict[str, Any] = {}
    for row in rows:
        price = row.cost if row.customers is None else row.customers
        theirs[row.currency] = theirs.get(row.currency, 0) + price
    return sums(theirs)


def _button(rows: list[Priced], viewer: Viewer) -> str:
    """What the button does: "Pay 3 numbers for 6 months: EUR 54.00", without the sum for those shown no prices."""
    months, count = rows[0].months, len(rows)
    if not all(prices.are_shown(row.number.customer, viewer) for row in rows):
        return _("Pay %(numbers)s for %(months)s") % {
            "numbers": ngettext("%(count)d number", "%(count)d numbers", count) % {"count": count},
            "months": months_text(months),
        }
    return _("Pay %(numbers)s for %(months)s: %(sum)s") % {
        "numbers": ngettext("%(count)d number", "%(count)d numbers", count) % {"count": count},
        "months": months_text(months),
        "sum": sums(renewals.totals(rows)),
    }


def months_text(months: int) -> str:
    """ "1 month", "6 months"."""
    return ngettext("%(count)d month", "%(count)d months", months) % {"count": months}


def sums(amounts: dict[str, Any]) -> str:
    """Sums of several currencies beside each other, never added."""
    return " + ".join(money(amount, currency) for currency, amount in sorted(amounts.items()))


def _chips(request: HttpRequest, ids: list[int], chosen: int | None) -> list[dict[str, Any]]:
    here = request.path if request.method == "GET" else reverse("numbers-prolong")
    selected = [] if here != reverse("numbers-prolong") else [("ids", pk) for pk in ids]
    return [
        {
            "label": months_text(months),
            "url": f"{here}?{urlencode([*selected, ('months', months)])}",
            "current": months == chosen,
        }
        for months in QUICK_MONTHS
    ]


def _oldest(numbers: Iterable[Number]) -> Any:
    """As of when the fees and dates are true: as old as the oldest."""
    known = [number.as_of for number in numbers]
    return min(moment for moment in known if moment) if known and all(known) else None


def _confirm(request: HttpRequest) -> HttpResponse:
    """Plan exactly what was shown, once; whatever differs is shown again and plans nothing."""
    viewer = access.viewer(request)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        return _page(request, request.POST, _nothing_paid(form.problem), 400)
    given = form.cleaned_data
    numbers = list(queries.numbers_among(viewer, given["ids"]))
    if numbers and len(numbers) != len(given["ids"]):
        text = _("Some of the numbers selected are not there. Please look at the others again.")
        return _page(request, request.POST, _nothing_paid(text), 400)
    if not numbers:
        raise Http404
    try:
        renewals.prolong(
            numbers,
            given["months"],
            confirmed=given["confirmed"],
            seen=given["seen"],
            batch=given["batch"],
            actor=access.user(request),
        )
    except (
        renewals.CostsChanged,
        renewals.DatesChanged,
        renewals.NotRenewable,
        renewals.OtherForm,
        limits.NotAllowed,
        AlreadyOpen,
        TooDear,
    ) as error:
        return _page(request, request.POST, _nothing_paid(_why(error, numbers, viewer)), 409)
    return redirect("prolong-result", given["batch"])


def _why(error: Exception, numbers: list[Number], viewer: Viewer) -> str:
    """Why the form was not taken, in a sentence; sums only to those who are shown prices."""
    match error:
        case limits.NotAllowed():
            with_sums = all(prices.are_shown(number.customer, viewer) for number in numbers)
            return limits.explain(error, with_sums=with_sums, to_staff=viewer.is_staff)
        case renewals.CostsChanged(now=dict(now), then=dict(then)):
            return _("It now costs %(now)s instead of %(then)s. Please confirm the new sum.") % {
                "now": sums(now),
                "then": sums(then),
            }
        case renewals.CostsChanged():
            return _("The total has changed. Please confirm the new one.")
        case renewals.DatesChanged():
            return _(
                "An end date has changed since you looked: somebody has paid already, or a number has renewed itself. "
                "Please look at the new dates."
            )
        case renewals.OtherForm():
            return _("This form was sent before, for something else. Please look at the sums and send it again.")
        case TooDear() if viewer.is_staff:
            return too_dear(error)
        case TooDear():
            return _("This can't be paid right now. Please ask your provider's staff.")
    return _("Not all of the numbers can be paid further any more. Please look at the others again.")


def _look_again(request: HttpRequest) -> HttpResponse:
    """Ask for the balances of the accounts concerned now, for somebody who has just topped one up."""
    viewer = access.viewer(request)
    form = RenewalForm(request.POST)
    form.is_valid()
    numbers = queries.numbers_among(viewer, form.cleaned_data.get("ids", []))
    problem = None
    try:
        renewal_costs.look_at_balances({number.connection_id: number.connection for number in numbers}.values())
    except (ZadarmaError, NotUsable) as error:
        problem = Problem(explain(error, to_staff=viewer.is_staff))
    return _page(request, request.POST, problem)


# What became of it


@require_safe
@access.needs(May.SEE)
def result(request: HttpRequest, batch: uuid.UUID) -> HttpResponse:
    """What became of each number of one form."""
    return render(request, "numbers/prolong_result.html", _result(request, batch))


@require_safe
@access.needs(May.SEE)
def progress(request: HttpRequest, batch: uuid.UUID) -> HttpResponse:
    """The part of the result that looks again by itself; 204 while nothing is new since `seen`."""
    return batches.progress(request, PROGRESS, _result(request, batch))


def _result(request: HttpRequest, batch: uuid.UUID) -> dict[str, Any]:
    viewer = access.viewer(request)
    operations, numbers = batch_showing.seen_by(viewer, renewals.of_batch(batch))
    later = queries.later_attempts(operations)
    charges = {} if viewer.is_staff else charged.of_operations(operations, viewer)
    outcomes = [
        renewal_showing.outcome(
            operation, numbers[operation.object_id], viewer, later.get(operation.pk), charges.get(operation.pk)
        )
        for operation in operations
    ]
    if not outcomes:
        raise Http404
    total = renewal_showing.summary(outcomes)
    months = int(outcomes[0].operation.params["months"])
    accounts = {row.number.connection_id: row.number.connection for row in outcomes}.values()
    return {
        "progress_template": PROGRESS,
        "this_page": _("Pay further"),
        "progress_url": reverse("prolong-progress", args=[batch]),
        "result_url": reverse("prolong-result", args=[batch]),
        "later_view": "prolong-result",
        "outcomes": outcomes,
        "summary": total,
        "paid": sums(total.paid),
        "untold_most": sums(total.untold_most),
        "months": months,
        "again_url": _again_url(outcomes, months) if viewer.may(May.PAY) else "",
        "accounts": accounts if viewer.is_staff else [],
        "shows_prices": all(prices.are_shown(row.number.customer, viewer) for row in outcomes),
        **moving(total, [(row.told, row.warning, row.later) for row in outcomes]),
        "is_staff": viewer.is_staff,
    }


def moving(total: batch_showing.Counts, told: object) -> dict[str, Any]:
    """Whether a result looks again by itself, how often, and what of it was seen already."""
    seen = sha256(repr(told).encode()).hexdigest()[:16]
    return {"moving": total.moving, "pace": 15 if total.waiting else 2, "seen": seen}


def _again_url(outcomes: list[Outcome], months: int) -> str:
    """Where those not paid can be tried again; "" where there are none."""
    ids = [("ids", row.number.pk) for row in outcomes if row.may_be_tried_again and row.number.gone_at is None]
    return f"{reverse('numbers-prolong')}?{urlencode([*ids, ('months', months)])}" if ids else ""
