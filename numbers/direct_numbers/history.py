"""What happened to a number, told in order: changes seen at Zadarma, and what was done here."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from direct_numbers import prices, queries, showing
from direct_numbers.models import Number
from people import queries as people_queries
from people.tenancy import Viewer
from sync.models import Change, Operation
from sync.showing import BADGES
from sync.words import money

MOST = 30


def timeline(number: Number, viewer: Viewer) -> list[dict[str, Any]]:
    """The newest events first: `{"at", "title", "text", "note", "kind", "url"}` each; staff are led to receipts.

    Customers are told what happened since the number is theirs: what was before may be another customer's.
    """
    since = None if viewer.is_staff else queries.assigned_at(number)
    colleagues = set() if viewer.is_staff else people_queries.colleagues(viewer)
    events: list[dict[str, Any]] = [
        {
            "at": change.seen_at,
            "title": showing.field_name(change.field),
            "text": change_text(change, number, viewer),
            "kind": "neutral",
        }
        for change in queries.changes_of(number)[:MOST]
        if _is_told(change, number, viewer)
    ]
    events += [
        {
            "at": operation.created_at,
            "title": _title(operation, viewer),
            "text": f"{operation.get_state_display()} · {_actor(operation, viewer, colleagues)}",
            "note": showing.operation_note(operation, viewer),
            "kind": BADGES[Operation.State(operation.state)],
            "url": reverse("operation", args=[operation.pk]) if viewer.is_staff else "",
        }
        for operation in queries.operations_of(number)[:MOST]
    ]
    events.append({"at": number.first_seen, "title": _("First seen here"), "text": "", "kind": "neutral"})
    told = [event for event in events if since is None or event["at"] >= since]
    return sorted(told, key=lambda event: event["at"], reverse=True)


def _is_told(change: Change, number: Number, viewer: Viewer) -> bool:
    """Customers are told no fee where they are shown no prices, no login's name and no group's number at Zadarma.

    Those may be another customer's, or the account holder's.
    """
    if change.field == "monthly_fee":
        return prices.are_shown(number.customer, viewer)
    return viewer.is_staff or change.field not in ("sip_name", "group_remote_id")


def _title(operation: Operation, viewer: Viewer) -> str:
    """What was done; staff also see to what it was set."""
    name = showing.operation_name(operation)
    target = showing.operation_target(operation) if viewer.is_staff else ""
    return f"{name}: {target}" if target else name


def _actor(operation: Operation, viewer: Viewer, colleagues: set[int]) -> str:
    """Who wanted it; customers are told the names of their own people only."""
    if operation.actor is None:
        return _("by schedule")
    return str(operation.actor) if viewer.is_staff or operation.actor.pk in colleagues else _("staff")


def change_text(change: Change, number: Number, viewer: Viewer) -> str:
    """Old and new value in words: "on → off"; of a fee what `viewer` is shown of it."""
    if change.field == "gone_at":
        return ""
    if change.field == "customer":
        return _("given to a customer") if change.new else _("belongs to nobody now")
    if change.field == "monthly_fee":
        return f"{_fee(change.old, number, viewer)} → {_fee(change.new, number, viewer)}"
    return f"{_value(change.field, change.old)} → {_value(change.field, change.new)}"


def _fee(text: str, number: Number, viewer: Viewer) -> str:
    """A fee as it was noted; a text that is no amount is shown to staff alone."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return text if text and viewer.is_staff else "–"
    return money(prices.shown(amount, number.customer, viewer), number.currency)


def _value(field: str, text: str) -> str:
    if text in ("True", "False"):
        return _("on") if text == "True" else _("off")
    if field == "status" and text in Number.Status.values:
        return str(Number.Status(text).label)
    if field == "autorenew_period":
        return {"month": _("every month"), "year": _("every year")}.get(text, text or "–")
    return text or "–"
