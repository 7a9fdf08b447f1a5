"""Rooms whose pages are in several apps: named here by their addresses."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from people.permissions import May
from people.tenancy import Viewer


def activity_tabs(current: str, viewer: Viewer) -> list[dict[str, Any]]:
    """The pages of the room "Activity" that `viewer` may open."""
    pages = [
        ("readings", _("Readings"), "run-list", May.SEE_ACTIVITY),
        ("journal", _("Journal"), "operation-list", May.SEE_ACTIVITY),
        ("accounts", _("Accounts"), "account-list", May.SEE_CONNECTIONS),
        ("audit", _("Who did what"), "audit-list", May.SEE_AUDIT),
    ]
    return [
        {"label": label, "url": reverse(name), "current": key == current}
        for key, label, name, needed in pages
        if viewer.may(needed)
    ]
