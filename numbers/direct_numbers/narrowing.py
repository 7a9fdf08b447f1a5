"""Which numbers a list shows, and in which order."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet

from direct_numbers import label_showing, queries
from direct_numbers.list_forms import NumberFilter
from direct_numbers.models import Number
from people.tenancy import Viewer

_MAY_BE_MISSING = ("stop_at", "monthly_fee")


def narrowed(rows: QuerySet[Number], form: NumberFilter, viewer: Viewer, now: datetime) -> QuerySet[Number]:
    """Those of `rows` that the filters let through."""
    if words := form.value("q"):
        rows = queries.matching(rows, words)
    equal = {
        "status": "status",
        "country": "direction__country__iso",
        "connection": "connection_id",
        "autorenewal": "autorenew",
        "sms": "receive_sms",
        "test": "is_on_test",
    }
    for name, field in equal.items():
        if value := form.value(name):
            rows = rows.filter(**{field: {"yes": True, "no": False}.get(value, value)})
    if customer := form.value("customer"):
        rows = rows.filter(customer=None) if customer == "none" else rows.filter(customer_id=customer)
    if days := form.value("ends"):
        rows = rows.filter(stop_at__gte=now, stop_at__lt=now + timedelta(days=days))
    if label := form.value("label"):
        rows = label_showing.labelled(rows, label, viewer)
    if form.value("attention"):
        rows = queries.needing_attention(rows, now)
    return rows


def ordered(rows: QuerySet[Number], form: NumberFilter) -> QuerySet[Number]:
    """In the order chosen; what has no date or fee stands last, whichever way it is sorted."""
    chosen = form.value("sort") or "number"
    name = chosen.removeprefix("-")
    by: Any = chosen
    if name in _MAY_BE_MISSING:
        by = F(name).desc(nulls_last=True) if chosen.startswith("-") else F(name).asc(nulls_last=True)
    return rows.order_by(by, "pk")
