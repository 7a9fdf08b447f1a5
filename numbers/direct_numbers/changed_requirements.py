"""Directions that want something else since the papers behind a number last suited them.

Zadarma connects a number with the papers of that day; who wants to keep it, or order another one there, needs what is
wanted now. A pair of direction and group is flagged until the group is verified again and suits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from direct_numbers import queries
from direct_numbers.lacking import Papers
from direct_numbers.models import Direction, Number
from direct_numbers.suitability import Verdict, verdict
from documents import queries as document_queries
from documents.models import DocumentGroup, GroupValidity
from people.tenancy import Viewer

KEY = ("direction_id", "connection_id", "group_remote_id")


@dataclass(frozen=True)
class Pair:
    """A direction and the group that numbers there were ordered with, and those numbers.

    `group` and `verdict` are None where the papers are not the viewer's to see.
    """

    direction: Direction
    group: DocumentGroup | None
    verdict: Verdict | None
    numbers: list[Number] = field(default_factory=list)

    @property
    def changed_at(self) -> datetime | None:
        """When the direction was seen to want something else."""
        return self.direction.requirement_changed_at


def affected(viewer: Viewer, group: DocumentGroup | None = None) -> QuerySet[Number]:
    """The numbers of `viewer` (of one group) whose direction wants something else since their papers last suited it."""
    changed_at = OuterRef("direction__requirement_changed_at")
    suited_since = GroupValidity.objects.filter(
        group__connection=OuterRef("connection"),
        group__remote_id=OuterRef("group_remote_id"),
        group__gone_at=None,
        direction_remote_id=OuterRef("direction__remote_id"),
        is_information_match=True,
        is_documents_uploaded=True,
        is_documents_verified=True,
        is_address_match=True,
        as_of__gte=changed_at,
    )
    rows = queries.numbers(viewer).exclude(group_remote_id="").exclude(direction__requirement="")
    # Said though it follows from the comparison below: the database begins with the few directions that changed.
    rows = rows.filter(direction__requirement_changed_at__isnull=False)
    if group is not None:
        rows = rows.filter(connection=group.connection_id, group_remote_id=group.remote_id)
    return rows.filter(
        ~Exists(suited_since), direction__requirement_changed_at__gt=Coalesce(F("start_at"), F("first_seen"))
    )


def keys(viewer: Viewer, group: DocumentGroup | None = None) -> QuerySet[Number, dict[str, Any]]:
    """The flagged pairs as `KEY` with how many `numbers`, newest change first: to be counted and cut into pages."""
    rows = affected(viewer, group).select_related(None).order_by()
    pairs = rows.values(*KEY, changed_at=F("direction__requirement_changed_at")).annotate(numbers=Count("pk"))
    counted: QuerySet[Number, dict[str, Any]] = pairs.order_by("-changed_at", *KEY)
    return counted


def changed_requirements(viewer: Viewer, now: datetime, group: DocumentGroup | None = None) -> list[Pair]:
    """All flagged pairs of a viewer (of one group), in a fixed number of queries."""
    return pairs(viewer, list(keys(viewer, group)), now)


def count(viewer: Viewer) -> int:
    """How many pairs are flagged: one query."""
    return keys(viewer).count()


def are_any(viewer: Viewer) -> bool:
    """Whether any pair is flagged, for a badge: with many numbers much cheaper than to count them."""
    return affected(viewer).exists()


def pairs(viewer: Viewer, wanted: Sequence[dict[str, Any]], now: datetime) -> list[Pair]:
    """The pairs with these keys, in that order, each with its numbers and what is known of it now."""
    if not wanted:
        return []
    numbers: dict[tuple[Any, ...], list[Number]] = {}
    mine = {
        f"{name}__in": {key[name] for key in wanted} for name in KEY
    }  # more than the pairs: they are told apart below
    for number in affected(viewer).filter(**mine).order_by("number"):
        numbers.setdefault(tuple(getattr(number, name) for name in KEY), []).append(number)
    groups = _groups(viewer, wanted)
    directions = Direction.objects.select_related("country").in_bulk([key["direction_id"] for key in wanted])
    answers = document_queries.answers_among(groups.values(), [row.remote_id for row in directions.values()])
    types = document_queries.types_of(groups.values())
    found = []
    for key in wanted:
        direction = directions[key["direction_id"]]
        group = groups.get((key["connection_id"], key["group_remote_id"]))
        told = None
        if group:
            told = verdict(direction, [direction], answers[group.pk], Papers(group, types[group.pk]), now)
        found.append(Pair(direction, group, told, numbers.get(tuple(key[name] for name in KEY), [])))
    return found


def pair(viewer: Viewer, direction: Direction, group: DocumentGroup, now: datetime) -> Pair:
    """One pair whether flagged (still) or not: its numbers are those that are flagged."""
    key = {"direction_id": direction.pk, "connection_id": group.connection_id, "group_remote_id": group.remote_id}
    return pairs(viewer, [key], now)[0]


def _groups(viewer: Viewer, wanted: Sequence[dict[str, Any]]) -> dict[tuple[int, str], DocumentGroup]:
    """The groups of these pairs that the viewer may see."""
    mine = {"connection__in": {key["connection_id"] for key in wanted}}
    mine |= {"remote_id__in": {key["group_remote_id"] for key in wanted}}
    rows = document_queries.askable(viewer).filter(**mine)
    return {(row.connection_id, row.remote_id): row for row in rows}
