"""What happened to a number, told in order: changes seen at Zadarma, and what was done here."""

from typing import Any

from django.utils.translation import gettext as _

from direct_numbers import queries, showing
from direct_numbers.models import Number
from people.tenancy import Viewer
from sync.models import Change, Operation

MOST = 30


def timeline(number: Number, viewer: Viewer) -> list[dict[str, Any]]:
    """The newest events first: `{"at", "title", "text", "note", "kind"}` each."""
    events = [
        {
            "at": change.seen_at,
            "title": showing.field_name(change.field),
            "text": change_text(change),
            "kind": "neutral",
        }
        for change in queries.changes_of(number)[:MOST]
    ]
    events += [
        {
            "at": operation.created_at,
            "title": showing.operation_name(operation),
            "text": f"{operation.get_state_display()} · {_actor(operation, viewer)}",
            "note": operation.error,
            "kind": showing.OPERATION_KINDS[Operation.State(operation.state)],
        }
        for operation in queries.operations_of(number)[:MOST]
    ]
    events.append({"at": number.first_seen, "title": _("First seen here"), "text": "", "kind": "neutral"})
    return sorted(events, key=lambda event: event["at"], reverse=True)


def _actor(operation: Operation, viewer: Viewer) -> str:
    """Who wanted it; customers are not told which member of staff it was."""
    if operation.actor is None:
        return _("by schedule")
    return _("staff") if operation.actor.is_staff and not viewer.is_staff else str(operation.actor)


def change_text(change: Change) -> str:
    """Old and new value in words: "on → off"."""
    if change.field == "gone_at":
        return ""
    if change.field == "customer":
        return _("given to a customer") if change.new else _("belongs to nobody now")
    return f"{_value(change.field, change.old)} → {_value(change.field, change.new)}"


def _value(field: str, text: str) -> str:
    if text in ("True", "False"):
        return _("on") if text == "True" else _("off")
    if field == "status" and text in Number.Status.values:
        return str(Number.Status(text).label)
    if field == "autorenew_period":
        return {"month": _("every month"), "year": _("every year")}.get(text, text or "–")
    return text or "–"
