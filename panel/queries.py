"""What needs a person: counted for the frame, listed for the dashboard."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from direct_numbers import changed_requirements, showing
from direct_numbers import queries as numbers
from direct_numbers.models import Number, Order
from documents import queries as documents
from documents import showing as document_showing
from documents import uses
from people.permissions import May
from people.tenancy import Viewer
from sync import budget, telling
from sync import queries as sync_queries
from sync.accounts import BY_HAND
from sync.budget import Calls
from sync.models import Connection, Operation, SyncRun
from sync.showing import operation_status

MOST = 8
# Orders that are begun and not ended: a number may still come of them.
UNDER_WAY = (Order.State.DRAFT, Order.State.APPROVAL, Order.State.PLACING, Order.State.IN_DOUBT)


@dataclass(frozen=True)
class Matter:
    """Something a person should look at. `urgency`: 0 first. About a phone number, or what `subject` names.

    `ends_at`: until when there is time.
    """

    urgency: int
    kind: str
    label: str
    text: str
    url: str
    action: str
    subject: str = ""
    phone: str = ""
    ends_at: datetime | None = None


def badges(viewer: Viewer, now: datetime) -> dict[str, int]:
    """How many numbers, orders, document groups and (for staff) accounts need a person."""
    if viewer.user_id is None:
        return {}
    return {
        "numbers": numbers.needing_attention(numbers.numbers(viewer).select_related(None), now).count(),
        "orders": numbers.orders_needing_attention(viewer).select_related(None).count(),
        "papers": documents.needing_attention(viewer).select_related(None).count() + _are_changed(viewer),
        "activity": _paused(viewer).count() + _stuck(viewer).select_related(None).count(),
    }


def matters(viewer: Viewer, now: datetime) -> list[Matter]:
    """What needs a person, most urgent first, each with the page that mends it."""
    found = [*_accounts(viewer), *_orders(viewer), *_operations(viewer), *_groups(viewer), *_requirements(viewer)]
    found += _numbers(viewer, now)
    return sorted(found, key=lambda matter: matter.urgency)


def waiting_for_a_person(viewer: Viewer, now: datetime) -> int:
    """How many matters there are in all; `matters` names at most eight of a kind."""
    return sum(badges(viewer, now).values())


def _paused(viewer: Viewer) -> QuerySet[Connection]:
    return sync_queries.connections(viewer).filter(state=Connection.State.PAUSED)


def _stuck(viewer: Viewer) -> QuerySet[Operation]:
    """Operations that staff must settle. Those of orders are told by the orders themselves."""
    return sync_queries.needing_a_person(viewer).exclude(object_type="order")


def _accounts(viewer: Viewer) -> list[Matter]:
    return [_account(viewer, connection) for connection in _paused(viewer)]


def _account(viewer: Viewer, connection: Connection) -> Matter:
    by_hand = connection.paused_because == BY_HAND
    text, url, action = _("Zadarma did not accept its key pair. Nothing is read or changed there."), "", ""
    if by_hand:
        text = _("It was paused by hand. Nothing is read or changed there until it is switched on again.")
    if not viewer.may(May.MANAGE_CONNECTIONS):
        text = f"{text} {_('Ask an owner of this panel to put it right.')}"
        url, action = reverse("account-list"), _("Look at it")
    elif by_hand:
        url, action = reverse("account-list"), _("Look at it")
    else:
        url, action = reverse("account-pair", args=[connection.pk]), _("Change the key pair")
    return Matter(0, "needs", _("account paused"), text, url, action, connection.name)


def _orders(viewer: Viewer) -> list[Matter]:
    found = []
    for order in numbers.orders_needing_attention(viewer)[:MOST]:
        told = showing.order_status(order, viewer)
        urgency = 1 if order.state == Order.State.IN_DOUBT else 3
        place = _("Order: %(place)s") % {"place": order.direction.name if order.direction else "–"}
        url, action = reverse("order", args=[order.public_id]), _("See the order")
        if viewer.is_staff and order.state == Order.State.IN_DOUBT and order.operation_id:
            url, action = reverse("operation", args=[order.operation_id]), _("Settle it")
        label, phone = told.label, order.wanted_number
        found.append(Matter(urgency, told.kind, label, told.text, url, action, place, phone))
    return found


def _operations(viewer: Viewer) -> list[Matter]:
    """What staff must settle beside orders: payments, settings, papers."""
    rows = list(_stuck(viewer)[:MOST])
    subjects, found = telling.subjects_of(rows), []
    for operation in rows:
        told, subject = operation_status(operation), subjects[operation.pk]
        name = telling.name_of(operation)
        place = name if subject.phone else f"{name}: {subject.text or '–'}"
        url = reverse("operation", args=[operation.pk])
        found.append(Matter(1, told.kind, told.label, told.text, url, _("Settle it"), place, subject.phone))
    return found


def _groups(viewer: Viewer) -> list[Matter]:
    found = []
    groups = list(documents.needing_attention(viewer)[:MOST])
    waiting = uses.waiting(viewer, groups)
    for group in groups:
        told = document_showing.group_status(
            group,
            group.file_count,  # type: ignore[attr-defined]
            group.verified_count,  # type: ignore[attr-defined]
            to_staff=viewer.is_staff,
            is_replaced=group.is_replaced,  # type: ignore[attr-defined]
        )
        url, action = reverse("group", args=[group.pk]), _("Open the papers")
        is_rejected = (group.wrong_document_type or group.wrong_document) and not group.is_replaced  # type: ignore[attr-defined]
        if viewer.may(May.EDIT_PAPERS) and group.wrong_document_type and is_rejected and group.remote_id:
            url = f"{reverse('group-upload', args=[group.pk])}?type={group.wrong_document_type}"
            action = _("Replace it")
        elif viewer.may(May.EDIT_PAPERS) and group.wrong_address and not is_rejected and not group.is_readonly:
            url, action = f"{reverse('group-edit', args=[group.pk])}#id_street", _("Correct the address")
        text = " · ".join(part for part in (told.text, _waiting_for(waiting.get(group.pk, 0))) if part)
        found.append(Matter(2, told.kind, told.label, text, url, action, group.title))
    return found


def _are_changed(viewer: Viewer) -> bool:
    """Whether of any direction and papers something else is wanted than before: one matter for all of them."""
    return viewer.may(May.EDIT_PAPERS) and changed_requirements.are_any(viewer)


def _requirements(viewer: Viewer) -> list[Matter]:
    count = changed_requirements.count(viewer) if _are_changed(viewer) else 0
    if not count:
        return []
    text = ngettext(
        "In %(count)d direction other papers are wanted than when your numbers were connected.",
        "In %(count)d directions other papers are wanted than when your numbers were connected.",
        count,
    ) % {"count": count}
    url = reverse("requirements-changed")
    return [Matter(4, "waiting", _("requirements changed"), text, url, _("See which"), _("Papers"))]


def _waiting_for(count: int) -> str:
    if not count:
        return ""
    return ngettext("%(count)d number or order waits for it.", "%(count)d numbers or orders wait for it.", count) % {
        "count": count
    }


def _numbers(viewer: Viewer, now: datetime) -> list[Matter]:
    found = []
    rows = numbers.needing_attention(numbers.numbers(viewer), now).order_by("stop_at", "pk")
    for number in rows[:MOST]:
        told = showing.number_status(number, viewer)
        urgency, label, text, ends_at = 2, told.label, told.text, None
        if number.status == Number.Status.ON and number.stop_at:
            urgency = 1 if number.stop_at < now + timedelta(days=7) else 4
            label, ends_at = _("ends soon"), number.stop_at
            text = _("Autorenewal is off. After its end the number is parked for 7 days, then lost.")
        url = reverse("number", args=[number.pk])
        kind = "needs" if urgency < 4 else "waiting"
        place = number.direction.name if number.direction else number.description
        found.append(Matter(urgency, kind, label, text, url, _("Open the number"), place, number.number, ends_at))
    return found


def totals(viewer: Viewer) -> dict[str, int]:
    """Tiles of the dashboard, each counting what the list behind it shows. What needs a person is not "waiting"."""
    mine = numbers.numbers(viewer).select_related(None).order_by()
    open_orders = numbers.orders(viewer).select_related(None).order_by().filter(state__in=UNDER_WAY)
    return {
        "all": mine.count(),
        "active": mine.filter(status=Number.Status.ON).count(),
        "waiting": mine.filter(status=Number.Status.CHECKING).count(),
        "parked": mine.filter(status=Number.Status.PARKING).count(),
        **open_orders.aggregate(
            drafts=Count("pk", filter=Q(state=Order.State.DRAFT)),
            under_way=Count("pk"),
        ),
    }


def unassigned(viewer: Viewer) -> dict[str, int]:
    """For who may give them to customers: how many numbers and document groups belong to nobody yet."""
    if not viewer.may(May.ASSIGN):
        return {}
    found = {
        "numbers": numbers.numbers(viewer).select_related(None).order_by().filter(customer=None).count(),
        "papers": documents.count_unassigned(viewer),
    }
    return found if any(found.values()) else {}


def as_of(viewer: Viewer) -> datetime | None:
    """As of when the viewer's numbers are told: the oldest reading among their accounts."""
    mine = numbers.numbers(viewer).select_related(None).order_by()
    told: datetime | None = mine.aggregate(oldest=Min("connection__numbers_as_of"))["oldest"]
    return told


def last_runs(viewer: Viewer, now: datetime) -> list[tuple[Connection, list[SyncRun], Calls]]:
    """For staff: each account with the last run of each kind, and this minute's calls (the dashboard shows five)."""
    shown = []
    for connection in sync_queries.connections(viewer).select_related("budget")[:5]:
        runs = [connection.runs.filter(kind=kind).first() for kind in SyncRun.Kind.values]
        calls = budget.calls(getattr(connection, "budget", None), now)
        shown.append((connection, [run for run in runs if run], calls))
    return shown
