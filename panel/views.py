"""The dashboard and the health of the process."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from panel import money, partner, queries, styleguide
from people import access
from people.permissions import May
from sync import queries as sync_queries


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What needs a person, how many numbers there are, and how old all of it is."""
    viewer = access.viewer(request)
    if not viewer.is_staff and not viewer.customer_ids:
        return render(request, "panel/home_nobody.html")
    connections = list(sync_queries.connections(viewer))
    now = timezone.now()
    found = queries.matters(viewer, now)
    waiting = queries.waiting_for_a_person(viewer, now)
    context = {
        "matters": found,
        "waiting_count": waiting,
        "left_out": waiting - len(found),
        "totals": queries.totals(viewer),
        "accounts": queries.last_runs(viewer, now),
        "never_synced": any(c.usable for c in connections) and not any(c.numbers_as_of for c in connections),
        "no_connection": viewer.is_staff and not connections,
        "viewer": viewer,
        "money": money.on_home(viewer, connections, now) if viewer.may(May.SEE_MONEY) else None,
        "unassigned": queries.unassigned(viewer),
        "as_of": None if viewer.is_staff else queries.as_of(viewer),
    }
    return render(request, "panel/home.html", context)


@require_safe
@login_not_required
def logo(request: HttpRequest) -> HttpResponse:
    """The partner's logo, kept by browsers for good: another one has another address."""
    found = partner.logo()
    if found is None:
        raise Http404
    return HttpResponse(
        found.content,
        content_type=found.content_type,
        headers={
            "Cache-Control": "public, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        },
    )


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@access.needs(May.SEE_ACTIVITY)
def styleguide_page(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for those who carry on the work."""
    return render(request, "panel/styleguide.html", styleguide.context())
