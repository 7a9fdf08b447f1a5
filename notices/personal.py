"""What is kept of a customer here: told for an export, deleted when the customer is erased."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from notices.kinds import NEEDS
from notices.models import Delivery, Notice, Preference
from people.models import Customer
from people.permissions import CustomerRole, allows
from people.personal import Counts, File, Source


def _export(customer: Customer) -> tuple[dict[str, Any], Iterable[File]]:
    """Their notices and how their people want to be told; what only staff are told of is the partner's."""
    theirs = [kind for kind, need in NEEDS.items() if allows(CustomerRole.MANAGER, need)]
    notices = Notice.objects.filter(customer=customer, kind__in=theirs).order_by("pk")
    chosen = Preference.objects.filter(user__memberships__customer=customer).select_related("user").order_by("pk")
    return {
        "notices": [
            {
                "about": row.get_kind_display(),
                "days": row.threshold or None,
                "since": row.since.isoformat(),
                "done": row.done_at.isoformat() if row.done_at else None,
            }
            for row in notices
        ],
        "notice_settings": [{"e-mail": row.user.email, "hour": row.hour, "chosen": dict(row.ways)} for row in chosen],
    }, ()


def _erase(customer: Customer, now: datetime) -> Counts:
    """Before their people are erased: those who belong to nobody else lose their settings and what waits for them."""
    leaving = customer.memberships.filter(user__staff_role="").values("user")
    elsewhere = type(customer).objects.exclude(pk=customer.pk).filter(memberships__isnull=False)
    only_here = leaving.exclude(user__memberships__customer__in=elsewhere)
    Preference.objects.filter(user__in=only_here).delete()
    Delivery.objects.filter(user__in=only_here).delete()
    _all, rows = Notice.objects.filter(customer=customer).delete()
    return {"notices": rows.get(Notice._meta.label, 0)}


NOTICES = Source("notices", _export, _erase)
