"""Pages of sync runs: what was read when, and "sync now"."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from people import access
from people.permissions import May
from people.rooms import activity_tabs
from sync import queries, requests, showing
from sync.forms import SyncNowForm
from sync.models import SyncRun


@require_safe
@access.needs(May.SEE_ACTIVITY)
def run_list(request: HttpRequest) -> HttpResponse:
    """Sync runs, newest first, with the accounts and their state."""
    viewer = access.viewer(request)
    page = Paginator(queries.runs(viewer), 50).get_page(request.GET.get("page"))
    asked = list(queries.asked(viewer))
    running = any(run.state == SyncRun.State.RUNNING for run in page)
    for run in page:
        run.told = showing.run_status(run)  # type: ignore[attr-defined]
    fragment = request.htmx and "fragment" in request.GET  # type: ignore[attr-defined]
    if fragment:  # links made from this address lead to whole pages
        address = request.GET.copy()
        del address["fragment"]
        request.GET = address  # type: ignore[assignment]
    context = {
        "page": page,
        "viewer": viewer,
        "fragment": fragment,
        "connections": queries.connections(viewer),
        "kinds": SyncRun.Kind.choices,
        "asked": asked,
        "moving": running or bool(asked),
        "tabs": activity_tabs("readings", viewer),
    }
    return render(request, "sync/_runs.html" if fragment else "sync/run_list.html", context)


@require_POST
@access.needs(May.SYNC)
def sync_now(request: HttpRequest) -> HttpResponse:
    """Read now instead of when it is due."""
    form = SyncNowForm(request.POST, connections=queries.connections(access.viewer(request)))
    if not form.is_valid():
        messages.error(request, _("There is no such account."))
        return redirect("run-list")
    chosen = form.cleaned_data["connection"]
    connections = [chosen] if chosen else list(queries.connections(access.viewer(request)))
    usable = [connection for connection in connections if connection.usable]
    for connection in usable:
        requests.sync_now(connection, form.cleaned_data["kind"])
    if usable:
        messages.success(request, _("Reading from Zadarma has started."))
    else:
        messages.error(request, _("The account is paused: check its key pair, then switch it on again."))
    return redirect("run-list")


@require_POST
@access.needs(May.MANAGE_CONNECTIONS)
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a paused account on again."""
    connection = queries.connection(access.viewer(request), pk)
    requests.resume(connection, access.user(request))
    messages.success(request, _("The account is switched on again."))
    return redirect("run-list")
