"""Rows of the audit for its pages: newest first, page by page from a row on, so that a million rows cost no more."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from people.audit_models import AuditEntry
from people.audit_words import GROUPS, actions_of
from people.models import User
from people.tenancy import Viewer, scope

NOBODY = "nobody"


@dataclass(frozen=True)
class Page:
    """Some rows, newest first, and where those beside them begin ("" where there are none)."""

    rows: list[AuditEntry]
    newer: int | None
    older: int | None


def entries(viewer: Viewer, wanted: dict[str, Any]) -> QuerySet[AuditEntry]:
    """What a person asked for; `wanted` is what the filter's form holds, empty values left aside."""
    rows = scope(AuditEntry.objects.all(), viewer).order_by("-at", "-pk")
    if who := wanted.get("who"):
        rows = rows.filter(actor_id=None if who == NOBODY else int(who))
    if what := wanted.get("what"):
        rows = rows.filter(action__in=actions_of(what) if what in GROUPS else [what])
    if customer := wanted.get("customer"):
        rows = rows.filter(customer_id=customer)
    if about := wanted.get("about"):
        rows = rows.filter(object_type=about[0], object_id=about[1])
    if since := wanted.get("since"):
        rows = rows.filter(at__gte=_midnight(since))
    if until := wanted.get("until"):
        rows = rows.filter(at__lt=_midnight(until + timedelta(days=1)))
    return rows


def _midnight(day: date) -> datetime:
    """The beginning of a day where the reader is."""
    return timezone.make_aware(datetime.combine(day, time.min))


def older_than(rows: QuerySet[AuditEntry], row: AuditEntry) -> QuerySet[AuditEntry]:
    """The rows after `row` in the list; said so that an index on the time serves it."""
    return rows.filter(at__lte=row.at).filter(Q(at__lt=row.at) | Q(pk__lt=row.pk))


def page(viewer: Viewer, rows: QuerySet[AuditEntry], size: int, *, before: int | None, after: int | None) -> Page:
    """The `size` rows older than row `before`, or newer than row `after`; the newest where neither is given."""
    beside = before or after
    mark = scope(AuditEntry.objects.only("at"), viewer).filter(pk=beside).first() if beside else None
    if mark and before:
        found = list(older_than(rows, mark)[: size + 1])
        shown = found[:size]
        return Page(shown, newer=_pk(shown, 0) or mark.pk, older=_pk(shown, -1) if len(found) > size else None)
    if mark:
        newer = rows.filter(at__gte=mark.at).filter(Q(at__gt=mark.at) | Q(pk__gt=mark.pk)).order_by("at", "pk")
        found = list(newer[: size + 1])
        if len(found) > size:
            shown = found[:size][::-1]
            return Page(shown, newer=_pk(shown, 0), older=_pk(shown, -1))
    found = list(rows[: size + 1])  # nothing is newer: the first page, full
    shown = found[:size]
    return Page(shown, newer=None, older=_pk(shown, -1) if len(found) > size else None)


def _pk(rows: list[AuditEntry], index: int) -> int | None:
    return rows[index].pk if rows else None


def people_to_choose(viewer: Viewer, chosen: Collection[int]) -> QuerySet[User]:
    """For the filter: the staff, and whoever is chosen. Others are chosen by a click on their name."""
    rows = scope(User.objects.exclude(staff_role="") | User.objects.filter(pk__in=chosen), viewer)
    return rows.only("name", "email", "staff_role").order_by("name", "email")
