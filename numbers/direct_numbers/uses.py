"""Which numbers and orders use a document group, for the pages of documents."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from direct_numbers import queries, showing
from direct_numbers.models import Direction, Number, Order
from documents.models import DocumentGroup
from documents.uses import Use
from people.tenancy import Viewer

# So many of each are told; the rest is found in the lists.
MOST = 20
WAITING = Q(status__in=["checking", "checking_upload"]) | Q(status__startswith="reserved_")
OPEN = [Order.State.DRAFT, Order.State.APPROVAL, Order.State.PLACING, Order.State.IN_DOUBT]


def _numbers(viewer: Viewer, groups: Collection[DocumentGroup]) -> QuerySet[Number]:
    remote = [group.remote_id for group in groups if group.remote_id]
    return queries.numbers(viewer).filter(group_remote_id__in=remote)


def _orders(viewer: Viewer, groups: Collection[DocumentGroup]) -> QuerySet[Order]:
    return queries.orders(viewer).filter(group__in=[group.pk for group in groups], state__in=OPEN)


def _wants(direction: Direction | None) -> list[dict[str, str]]:
    return direction.uploads if direction else []


def of_group(viewer: Viewer, group: DocumentGroup) -> list[Use]:
    """The numbers and unfinished orders that use `group`, those that wait first."""
    found = []
    for order in _orders(viewer, [group])[:MOST]:
        place = order.direction.name if order.direction else "–"
        told = showing.order_status(order, viewer)
        url = reverse("order", args=[order.public_id])
        found.append(Use(_("Order: %(place)s") % {"place": place}, url, told, "", _wants(order.direction), waits=True))
    rows = _numbers(viewer, [group]).filter(connection=group.connection_id)
    waiting = list(rows.filter(WAITING)[:MOST])
    for number in [*waiting, *rows.exclude(WAITING)[: MOST - len(waiting)]]:
        told = showing.number_status(number, viewer)
        place = number.direction.name if number.direction else number.description
        url = reverse("number", args=[number.pk])
        is_waiting = number in waiting
        found.append(Use(place, url, told, number.number, _wants(number.direction), waits=is_waiting))
    return found


def waiting(viewer: Viewer, groups: Collection[DocumentGroup]) -> dict[int, int]:
    """How many numbers and orders wait for each of `groups`, by primary key."""
    counts: dict[int, int] = {}
    by_remote = {(group.connection_id, group.remote_id): group.pk for group in groups}
    rows: Any = _numbers(viewer, groups).filter(WAITING).order_by()
    for row in rows.values("connection_id", "group_remote_id").annotate(count=Count("pk")):
        pk = by_remote.get((row["connection_id"], row["group_remote_id"]))
        if pk is not None:
            counts[pk] = counts.get(pk, 0) + row["count"]
    open_orders: Any = _orders(viewer, groups).order_by()
    for row in open_orders.values("group_id").annotate(count=Count("pk")):
        counts[row["group_id"]] = counts.get(row["group_id"], 0) + row["count"]
    return counts


def types_wanted(viewer: Viewer, groups: Collection[DocumentGroup]) -> dict[int, set[str]]:
    """Which types of document the numbers and orders that wait want of each of `groups`, by primary key."""
    by_remote = {(group.connection_id, group.remote_id): group.pk for group in groups}
    numbers = _numbers(viewer, groups).filter(WAITING).exclude(direction=None).select_related(None).order_by()
    pairs = {
        (by_remote[row[:2]], row[2])
        for row in numbers.values_list("connection_id", "group_remote_id", "direction_id").distinct()
        if row[:2] in by_remote
    }
    orders = _orders(viewer, groups).exclude(direction=None).select_related(None).order_by()
    pairs |= set(orders.values_list("group_id", "direction_id").distinct())
    uploads = dict(Direction.objects.filter(pk__in={pk for _group, pk in pairs}).values_list("pk", "uploads_en"))
    found: dict[int, set[str]] = {}
    for group, direction in pairs:
        found.setdefault(group, set()).update(upload.get("type", "") for upload in uploads.get(direction, []))
    return {group: types - {""} for group, types in found.items()}


def waited_for(connection_id: int) -> set[str]:
    """The remote ids of the groups that a number or an order of a connection waits for (`documents.due`)."""
    rows = Number.objects.filter(connection=connection_id, gone_at=None).filter(WAITING)
    orders = Order.objects.filter(connection=connection_id, state__in=OPEN).exclude(group=None)
    numbers = set(rows.values_list("group_remote_id", flat=True))
    return numbers | set(orders.values_list("group__remote_id", flat=True))
