"""The actions that the audit knows, and how they are told."""

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from people.audit_changes import CHANGED
from people.permissions import CustomerRole, StaffRole

ACTIONS: dict[str, Promise | str] = {
    # Signing in
    "session.signed_in": _("signed in"),
    "session.failed": _("sign-in failed"),
    "session.locked_out": _("too many failed sign-ins"),
    "session.signed_out": _("signed out"),
    "session.ended": _("sessions ended"),
    "session.customer_switched": _("looked at another of their customers"),
    "account.password_changed": _("password changed"),
    "account.password_reset": _("password reset"),
    "account.email_confirmed": _("e-mail confirmed"),
    "account.email_changed": _("e-mail changed"),
    "account.changed": _("own name or language changed"),
    "account.mfa_added": _("second factor added"),
    "account.mfa_removed": _("second factor removed"),
    "account.recovery_codes": _("recovery codes made"),
    "account.recovery_codes_shown": _("recovery codes shown"),
    "account.sso_connected": _("single sign-on connected"),
    "account.feed_made": _("calendar address made"),
    "account.feed_revoked": _("calendar address switched off"),
    # Who may do what
    "invitation.sent": _("invitation sent"),
    "invitation.withdrawn": _("invitation withdrawn"),
    "invitation.accepted": _("invitation accepted"),
    "member.role_changed": _("role of a member changed"),
    "member.removed": _("member removed"),
    "staff.role_changed": _("role of a member of the staff changed"),
    "staff.removed": _("member of the staff removed"),
    "person.erased": _("data of a person erased"),
    # Customers
    "customer.added": _("customer added"),
    "customer.changed": _("customer changed"),
    "customer.access_ended": _("access of a customer ended"),
    "customer.access_given": _("access of a customer given back"),
    "customer.exported": _("data of a customer exported"),
    "customer.erased": _("data of a customer erased"),
    "number.assigned": _("number given to a customer"),
    "group.assigned": _("papers given to a customer"),
    # Orders and documents
    "order.submitted": _("order sent for approval"),
    "order.approved": _("order approved"),
    "order.rejected": _("order rejected"),
    "order.reopened": _("order that was not placed opened again"),
    "order.withdrawn": _("order withdrawn before it was decided"),
    "document.downloaded": _("document downloaded"),
    # What is meant to change something at Zadarma
    "operation.planned": _("change wanted"),
    "operation.cancelled": _("change cancelled"),
    "operation.decided": _("change settled by hand"),
    "operation.ended": _("change ended"),
    # Accounts
    "connection.added": _("Zadarma account added"),
    "connection.imported": _("import of Zadarma accounts begun"),
    "connection.changed": _("Zadarma account changed"),
    "connection.key_changed": _("key pair changed"),
    "connection.paused": _("Zadarma account paused"),
    "connection.resumed": _("Zadarma account switched on"),
    # The audit itself
    "audit.exported": _("audit exported"),
    "numbers.exported": _("list of numbers exported"),
}

# What is filtered together, by its name in the address: label, and how its actions begin.
GROUPS: dict[str, tuple[Promise | str, tuple[str, ...]]] = {
    "sign-in": (_("Signing in"), ("session.", "account.")),
    "people": (_("People and roles"), ("invitation.", "member.", "staff.", "person.")),
    "customers": (_("Customers and what is theirs"), ("customer.", "number.", "group.")),
    "orders": (_("Orders and documents"), ("order.", "document.")),
    "operations": (_("Changes at Zadarma"), ("operation.",)),
    "accounts": (_("Zadarma accounts"), ("connection.",)),
    "audit": (_("The audit itself"), ("audit.",)),
}

FIELDS: dict[str, Promise | str] = {
    "amount": _("amount"),
    "allowed_countries": _("countries"),
    "approval": _("orders need approval"),
    "approval_above": _("from more than"),
    "approval_currency": _("currency"),
    "by": _("how"),
    "count": _("how many"),
    "currency": _("currency"),
    "customer": _("customer"),
    "default": _("default account"),
    "default_connection": _("Zadarma account"),
    "email": _("e-mail"),
    "kind": _("what"),
    "language": _("language"),
    "limit": _("a month"),
    "limits": _("spending limit a month"),
    "markup_percent": _("markup in percent"),
    "method": _("how"),
    "name": _("name"),
    "operation": _("receipt"),
    "reference": _("reference"),
    "role": _("role"),
    "rows": _("rows"),
    "since": _("from"),
    "shows_prices": _("people of the customer see prices"),
    "sip_logins": _("SIP logins"),
    "staff_role": _("role in the staff"),
    "state": _("state"),
    "total": _("total"),
    "type": _("what"),
    "until": _("to"),
    "what": _("what"),
    "who": _("who"),
}

# How somebody signed in, or tried to, and what second factors there are: allauth's names, and those of `audit_signals`.
WAYS: dict[str, Promise | str] = {
    "code": _("code by e-mail"),
    "link": _("link"),
    "password": _("password"),
    "password_reset": _("new password"),
    "recovery_codes": _("recovery code"),
    "second factor": _("second factor"),
    "socialaccount": _("single sign-on"),
    "sso": _("single sign-on"),
    "totp": _("authenticator app"),
    "webauthn": _("passkey"),
}

_values: dict[str, Callable[[str], str]] = {}


def register_value(field: str, naming: Callable[[str], str]) -> None:
    """Say how values of `field` are told (a state, a kind)."""
    _values[field] = naming


def _ways(value: str) -> str:
    return ", ".join(str(WAYS.get(way, way)) for way in value.split(", "))


register_value("method", _ways)
register_value("type", _ways)
register_value("role", lambda value: str(dict(CustomerRole.choices).get(value, value)))
register_value("staff_role", lambda value: str(dict(StaffRole.choices).get(value, value)))


def action_label(action: str) -> str:
    """What was done, in a word or two; an action that nobody knows (any more) has its raw name."""
    return str(ACTIONS.get(action, action))


def field_label(field: str) -> str:
    """The name of a field."""
    return str(FIELDS.get(field, field.replace("_", " ")))


def value_label(field: str, value: Any) -> str:
    """A value as people read it."""
    if value is None or value == "" or value == []:
        return "–"
    if value is True:
        return gettext("yes")
    if value is False:
        return gettext("no")
    if value == CHANGED:
        return gettext("changed")
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{field_label(name)}: {value_label(name, one)}" for name, one in value.items())
    return _values[field](str(value)) if field in _values else str(value)


def actions_of(group: str) -> list[str]:
    """The actions that stand in a group, by its name in the address."""
    _label, beginnings = GROUPS[group]
    return [action for action in ACTIONS if action.startswith(beginnings)]


def choices() -> list[tuple[str, Any]]:
    """For a filter: everything, each group as a whole, and its actions."""
    every: list[tuple[str, Any]] = [("", gettext("everything"))]
    for name, (label, _beginnings) in GROUPS.items():
        single = [(action, action_label(action)) for action in actions_of(name)]
        every.append((str(label), [(name, gettext("all of this")), *single]))
    return every
