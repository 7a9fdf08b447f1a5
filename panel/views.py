"""The dashboard and the health of the process."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from panel import queries, styleguide
from people import access
from people.permissions import May
from sync import queries as sync_queries


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What needs a person, how many numbers there are, and how old all of it is."""
    viewer = access.viewer(request)
    if not viewer.is_staff and not viewer.roles:
        return render(request, "people/waiting.html")
    connections = list(sync_queries.connections(viewer))
    now = timezone.now()
    found = queries.matters(viewer, now)
    waiting = queries.waiting_for_a_person(viewer, now)
    context = {
        "matters": found,
        "waiting_count": waiting,
        "left_out": waiting - len(found),
        "totals": queries.totals(viewer),
        "accounts": queries.last_runs(viewer),
        "never_synced": any(c.usable for c in connections) and not any(c.numbers_as_of for c in connections),
        "no_connection": viewer.is_staff and not connections,
        "viewer": viewer,
        "as_of": None if viewer.is_staff else queries.as_of(viewer),
    }
    return render(request, "panel/home.html", context)


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
