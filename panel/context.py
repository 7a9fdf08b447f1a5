"""What `base.html` needs on every page."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from direct_numbers import prices
from notices import queries as notices
from panel import queries
from people import mfa_required
from people import queries as people_queries
from people.models import User
from people.permissions import May
from people.tenancy import Viewer
from sync import queries as sync_queries


def frame(request: HttpRequest) -> dict[str, Any]:
    """The frame around a page: rooms with badges, language, person. Lazy: a page without a frame asks nothing."""
    return {"frame": SimpleLazyObject(lambda: _frame(request))}


def _frame(request: HttpRequest) -> dict[str, Any]:
    viewer: Viewer = getattr(request, "viewer", Viewer())
    language = translation.get_language() or "en"
    user = getattr(request, "user", None)  # missing where a request was refused early
    if mfa_required.lacks(user):
        viewer = Viewer(user_id=viewer.user_id)  # no room opens before that, and nothing is told of what is in them
    mine = list(people_queries.own_customers(user)) if isinstance(user, User) and not viewer.is_staff else []
    told = sync_queries.in_frame(viewer, timezone.now()) if viewer.is_staff else None
    current = next((row for row in mine if row.pk in viewer.customer_ids), None)
    return {
        "customer": current.name if current else "",
        "customers": [(row.pk, row.name, row is current) for row in mine],
        "shows_prices": prices.are_shown(current, viewer),
        "rooms": _rooms(request.path, viewer),
        "demo": bool(told and told.is_demo),
        "languages": [
            (code, translation.get_language_info(code)["name_local"], code == language) for code in ("en", "de")
        ],
        "calls": told.calls if told and viewer.may(May.SEE_MONEY) else None,
        "person": str(request.user) if viewer.user_id else "",
        "notices": notices.count_open(viewer),
        "search_url": reverse("search") if viewer.may(May.SEE) else "",
        "start_order_url": reverse("order-new") if viewer.may(May.ORDER) else "",
    }


# Rooms with pages whose address begins in another way.
_ALSO = {"numbers": ("/renewals/",), "papers": ("/papers/",), "activity": ("/audit/",)}
_ICONS = {"members": "customers", "staff": "shield"}


def _rooms(path: str, viewer: Viewer) -> list[dict[str, Any]]:
    if viewer.user_id is None:
        return []
    if not viewer.is_staff and not viewer.customer_ids:
        return [{"key": "home", "label": _("Home"), "url": "/", "icon": "home", "badge": 0, "current": path == "/"}]
    count = queries.badges(viewer, timezone.now())
    rooms = [
        ("home", _("Home"), reverse("home"), sum(count.values())),
        ("numbers", _("Numbers"), reverse("number-list"), count["numbers"]),
        ("orders", _("Orders"), reverse("order-list"), count["orders"]),
        ("papers", _("Papers"), reverse("group-list"), count["papers"]),
    ]
    if not viewer.may(May.SEE):
        del rooms[1:]
    if viewer.is_staff:
        rooms.append(("customers", _("Customers"), reverse("customer-list"), 0))
        if viewer.may(May.SEE_STAFF):
            rooms.append(("staff", _("Staff"), reverse("staff-list"), 0))
        rooms.append(("activity", _("Activity"), reverse("run-list"), count["activity"]))
    elif viewer.may(May.SEE_MEMBERS):
        rooms.append(("members", _("Members"), reverse("member-list"), 0))
    return [
        {
            "key": key,
            "label": label,
            "url": url,
            "icon": _ICONS.get(key, key),
            "badge": badge,
            "current": path == url if key == "home" else path.startswith((url, *_ALSO.get(key, ()))),
        }
        for key, label, url, badge in rooms
    ]
