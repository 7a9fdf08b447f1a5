"""How long the money of every account lasts, and what if some numbers were paid further now."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from direct_numbers import cash_flow_queries, runways
from direct_numbers.renewal_forms import MOST_NUMBERS, WhatIfForm
from direct_numbers.runways import WhatIf
from direct_numbers.views.prolonging import months_text
from panel import money
from people import access
from people.permissions import May
from sync import queries as sync_queries

PAGE_SIZE, DRAWN = 25, 3
QUICK_MONTHS = (1, 3, 6, 12)


@require_safe
@access.needs(May.SEE_MONEY)
def money_page(request: HttpRequest) -> HttpResponse:
    """All accounts, the shortest runway first; the chosen one drawn, else the most urgent."""
    viewer, now = access.viewer(request), timezone.now()
    form = WhatIfForm(request.GET)
    is_valid = form.is_valid()
    months, ids = form.months_chosen, form.cleaned_data.get("ids") or []
    what_if = WhatIf(months, ids or None) if is_valid and months else None
    found = runways.runways(viewer, sync_queries.connections(viewer), now, what_if)
    page = Paginator(found.accounts, PAGE_SIZE).get_page(request.GET.get("page"))
    chosen = form.cleaned_data.get("account")
    drawn = [one for one in found.accounts if one.connection.pk == chosen] or list(page)[:DRAWN]
    runways.name_the_first(viewer, {one.connection.pk: one for one in (*page, *drawn)}.values())
    shown = [money.tell(one) for one in drawn]
    for one in shown:
        one.chart = money.chart(one.runway)
    ending = list(cash_flow_queries.ending_soon(viewer, now).values_list("pk", flat=True)[: MOST_NUMBERS + 1])
    payable = ids or ending[:MOST_NUMBERS]
    context = {
        "form": form,
        "ids": ids,
        "problem": "" if is_valid else next(iter(form.errors.values()))[0],
        "rows": [money.tell(one) for one in page],
        "page": page,
        "shown": shown,
        "currencies": money.by_currency(found.accounts),
        "plan": money.what_if(found),
        "chips": _chips(request.GET, months),
        "ending_count": len(ending),
        "pay_url": f"{reverse('numbers-prolong')}?{urlencode([*(('ids', pk) for pk in payable), ('months', months)])}"
        if months and payable
        else "",
        "most": MOST_NUMBERS if not ids and len(ending) > MOST_NUMBERS else 0,
        "viewer": viewer,
    }
    return render(request, "panel/money.html", context, status=200 if is_valid else 400)


def _chips(asked: QueryDict, chosen: int | None) -> list[dict[str, Any]]:
    """Without a "what if", or with so many months."""
    kept = [(name, value) for name in ("ids", "account") for value in asked.getlist(name)]
    here = reverse("money")
    plain = urlencode([pair for pair in kept if pair[0] == "account"])
    chips = [{"label": _("As it is"), "url": f"{here}?{plain}", "current": not chosen}]
    for months in QUICK_MONTHS:
        url = f"{here}?{urlencode([*kept, ('months', months)])}"
        chips.append({"label": months_text(months), "url": url, "current": months == chosen})
    return chips
