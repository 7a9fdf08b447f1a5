"""What needs a person: counted for the frame, listed for the dashboard."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from direct_numbers import queries as numbers
from direct_numbers import showing
from direct_numbers.models import Number, Order
from documents import queries as documents
from documents import showing as document_showing
from people.tenancy import Viewer
from sync import queries as sync_queries
from sync.models import Connection, SyncRun

MOST = 8


@dataclass(frozen=True)
class Matter:
    """Something a person should look at. `urgency`: 0 first."""

    urgency: int
    kind: str
    title: str
    text: str
    url: str
    action: str
    phone: str = ""


def badges(viewer: Viewer, now: datetime) -> dict[str, int]:
    """How many numbers, orders and document groups need a person."""
    if viewer.user_id is None:
        return {}
    return {
        "numbers": numbers.needing_attention(numbers.numbers(viewer).select_related(None), now).count(),
        "orders": numbers.orders_needing_attention(viewer).select_related(None).count(),
        "papers": documents.needing_attention(viewer).select_related(None).count(),
    }


def matters(viewer: Viewer, now: datetime) -> list[Matter]:
    """What needs a person, most urgent first, each with the page that mends it."""
    found = [*_accounts(viewer), *_orders(viewer), *_groups(viewer), *_numbers(viewer, now)]
    return sorted(found, key=lambda matter: matter.urgency)


def _accounts(viewer: Viewer) -> list[Matter]:
    paused = sync_queries.connections(viewer).filter(state=Connection.State.PAUSED)
    return [
        Matter(
            0,
            "needs",
            _("The account %(name)s is paused") % {"name": connection.name},
            _("Zadarma did not accept its key pair. Nothing is read or changed until it is switched on again."),
            reverse("run-list"),
            _("Look at it"),
        )
        for connection in paused
    ]


def _orders(viewer: Viewer) -> list[Matter]:
    found = []
    for order in numbers.orders_needing_attention(viewer)[:MOST]:
        told = showing.order_status(order)
        urgency = 1 if order.state == Order.State.IN_DOUBT else 3
        title = _("Order %(status)s: %(place)s") % {
            "status": told.label,
            "place": order.direction.name if order.direction else "–",
        }
        url = reverse("order", args=[order.public_id])
        found.append(Matter(urgency, told.kind, title, told.text, url, _("See the order"), order.wanted_number))
    return found


def _groups(viewer: Viewer) -> list[Matter]:
    found = []
    for group in documents.needing_attention(viewer)[:MOST]:
        told = document_showing.group_status(group, group.file_count, group.verified_count)  # type: ignore[attr-defined]
        title = f"{group.title}: {told.label}"
        found.append(Matter(2, told.kind, title, told.text, reverse("group", args=[group.pk]), _("Open the papers")))
    return found


def _numbers(viewer: Viewer, now: datetime) -> list[Matter]:
    found = []
    rows = numbers.needing_attention(numbers.numbers(viewer), now).order_by("stop_at", "pk")
    for number in rows[:MOST]:
        told = showing.number_status(number)
        urgency, title, text = 2, told.label, told.text
        if number.status == Number.Status.ON and number.stop_at:
            urgency = 1 if number.stop_at < now + timedelta(days=7) else 4
            title = _("ends soon")
            text = _("Autorenewal is off. After its end the number is parked for 7 days, then lost.")
        url = reverse("number", args=[number.pk])
        kind = "needs" if urgency < 4 else "waiting"
        found.append(Matter(urgency, kind, title, text, url, _("Open the number"), number.number))
    return found


def totals(viewer: Viewer) -> dict[str, int]:
    """Tiles of the dashboard."""
    mine = numbers.numbers(viewer).select_related(None).order_by()
    return {
        "active": mine.filter(status=Number.Status.ON).count(),
        "waiting": mine.filter(Q(status__startswith="checking") | Q(status__startswith="reserved_")).count(),
        "parked": mine.filter(status=Number.Status.PARKING).count(),
        "drafts": numbers.orders(viewer).filter(state=Order.State.DRAFT).count(),
    }


def last_runs(viewer: Viewer) -> list[tuple[Connection, list[SyncRun]]]:
    """For staff: each account with the last run of each kind (a few accounts: the dashboard shows five)."""
    shown = []
    for connection in sync_queries.connections(viewer)[:5]:
        runs = [connection.runs.filter(kind=kind).first() for kind in SyncRun.Kind.values]
        shown.append((connection, [run for run in runs if run]))
    return shown
