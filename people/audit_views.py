"""Pages of the audit: the list, and the same as a file."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from people import access, audit, audit_files, audit_queries, audit_showing, subjects
from people.audit_forms import AuditFilter
from people.permissions import May
from people.rooms import activity_tabs
from people.tenancy import Viewer

PAGE_SIZE = 50


@require_safe
@access.needs(May.SEE_AUDIT)
def audit_list(request: HttpRequest) -> HttpResponse:
    """Who did what, newest first; filters in the address."""
    viewer = access.viewer(request)
    form = _filter(request, viewer)
    wanted = form.wanted()
    rows = audit_queries.entries(viewer, wanted)
    page = audit_queries.page(viewer, rows, PAGE_SIZE, before=form.value("before"), after=form.value("after"))
    context = {
        "rows": audit_showing.told(page.rows),
        "newer_url": _with(request, after=page.newer) if page.newer else "",
        "older_url": _with(request, before=page.older) if page.older else "",
        "newest_url": _with(request),
        "form": form,
        "wanted": wanted,
        "chips": _chips(request, wanted),
        "kept": [(name, request.GET[name]) for name in ("customer", "about") if name in wanted],
        "csv_url": f"{reverse('audit-csv')}{_with(request)}",
        "tabs": activity_tabs("audit", viewer),
    }
    return render(request, "people/audit_list.html", context)


@require_POST
@access.needs(May.SEE_AUDIT)
def audit_csv(request: HttpRequest) -> HttpResponseBase:
    """The same rows as a file, sent while it is made; that it was taken is noted."""
    viewer = access.viewer(request)
    wanted = _filter(request, viewer).wanted()
    rows = audit_queries.entries(viewer, wanted)
    audit.record("audit.exported", access.user(request), after={name: _plain(one) for name, one in wanted.items()})
    name = f"audit-{timezone.localtime():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    lines: Iterator[str] = audit_files.lines(rows, get_language() or "en")
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _filter(request: HttpRequest, viewer: Viewer) -> AuditFilter:
    people = audit_queries.people_to_choose(viewer, AuditFilter.person_in(request.GET))
    return AuditFilter(request.GET, people=people)


def _plain(value: Any) -> Any:
    return ":".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _with(request: HttpRequest, *without: str, **places: int) -> str:
    """This address with other places in the list, and without some of what narrows it."""
    address = request.GET.copy()
    for name in (*without, *AuditFilter.PLACES):
        address.pop(name, None)
    for name, value in places.items():
        address[name] = str(value)
    return f"?{address.urlencode()}"


def _chips(request: HttpRequest, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """What narrows the list without a field of its own, each with a cross that takes it away."""
    objects = {"customer": ("customer", wanted.get("customer")), "about": wanted.get("about")}
    asked = {name: one for name, one in objects.items() if one and one[1]}
    named = subjects.named(asked.values())
    return [{"label": _label(named[one]), "url": _with(request, name), "remove": True} for name, one in asked.items()]


def _label(subject: subjects.Subject) -> str:
    return subject.text or (f"+{subject.phone}" if subject.phone else _("One object"))
