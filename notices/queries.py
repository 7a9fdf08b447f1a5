"""Scoped getters for pages about notices."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet

from direct_numbers.models import Order
from notices.kinds import NEEDS, Kind
from notices.models import Delivery, Notice
from people.permissions import May
from people.tenancy import Viewer, scope

SECRETS = ("connection__api_key", "connection__api_secret")
# The bell counts no further.
MOST_COUNTED = 100
OVERDUE = timedelta(minutes=10)
LATELY = timedelta(days=7)


def notices(viewer: Viewer) -> QuerySet[Notice]:
    """The notices that concern `viewer`: rows they may see, of kinds that their role has to do with.

    Nobody approves their own orders, so nobody is told of them.
    """
    kinds = [kind for kind, need in NEEDS.items() if viewer.may(need)]
    rows = scope(Notice.objects.filter(kind__in=kinds), viewer)
    if Kind.APPROVAL in kinds:
        own = Order.objects.filter(
            Q(submitted_by=viewer.user_id) | Q(created_by=viewer.user_id), pk=OuterRef("subject_id")
        )
        rows = rows.exclude(Q(kind=Kind.APPROVAL) & Exists(own))
    return rows


def open_notices(viewer: Viewer) -> QuerySet[Notice]:
    """Those that are not done, the most urgent first."""
    return notices(viewer).filter(done_at=None).select_related("customer")


def done_notices(viewer: Viewer) -> QuerySet[Notice]:
    """Those that are done, the latest first; one that only came nearer is left out for the nearer one."""
    nearer = Notice.objects.filter(
        kind=OuterRef("kind"),
        subject_type=OuterRef("subject_type"),
        subject_id=OuterRef("subject_id"),
        occurrence=OuterRef("occurrence"),
        threshold__lt=OuterRef("threshold"),
    )
    rows = notices(viewer).filter(done_at__isnull=False).exclude(Exists(nearer))
    return rows.select_related("customer").order_by("-done_at", "-pk")


def count_open(viewer: Viewer) -> int:
    """How many are open, for the bell: it counts to a hundred and no further."""
    if not viewer.may(May.SEE):
        return 0
    return notices(viewer).filter(done_at=None).order_by()[:MOST_COUNTED].count()


@dataclass(frozen=True)
class MailTrouble:
    """What is wrong with sending e-mails: how many wait although their time has come, and those given up or unclear."""

    waiting: int
    since: datetime | None
    next_at: datetime | None
    lost: int
    unsure: int


def mail_trouble(viewer: Viewer, now: datetime) -> MailTrouble | None:
    """What to tell staff of everybody's e-mails, and others of their own; None where nothing is wrong."""
    rows: QuerySet[Delivery]
    if viewer.may(May.SEE_ACTIVITY):
        rows = scope(Delivery.objects.all(), viewer)
    else:
        rows = Delivery.objects.filter(user=viewer.user_id)
    states = Delivery.State
    waits = Q(state=states.WAITING) & (Q(attempts__gt=0) | Q(due_at__lt=now - OVERDUE))
    lately = Q(notice__since__gt=now - LATELY)
    told: dict[str, Any] = rows.filter(notice__done_at=None).aggregate(
        waiting=Count("pk", filter=waits),
        since=Min("notice__since", filter=waits),
        next_at=Max("due_at", filter=waits),
        lost=Count("pk", filter=Q(state=states.FAILED) & lately),
        unsure=Count("pk", filter=Q(state=states.UNSURE) & lately),
    )
    trouble = MailTrouble(**told)
    return trouble if trouble.waiting or trouble.lost or trouble.unsure else None
