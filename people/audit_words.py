"""The actions that the audit knows, and how they are told."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTIONS: dict[str, Promise | str] = {
    # Signing in
    "session.signed_in": _("signed in"),
    "session.failed": _("sign-in failed"),
    "session.locked_out": _("too many failed sign-ins"),
    "session.signed_out": _("signed out"),
    "session.ended": _("sessions ended"),
    "account.password_changed": _("password changed"),
    "account.password_reset": _("password reset"),
    "account.email_confirmed": _("e-mail confirmed"),
    "account.email_changed": _("e-mail changed"),
    "account.mfa_added": _("second factor added"),
    "account.mfa_removed": _("second factor removed"),
    "account.recovery_codes": _("recovery codes made"),
    "account.sso_connected": _("single sign-on connected"),
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
    "document.downloaded": _("document downloaded"),
    # What is meant to change something at Zadarma
    "operation.planned": _("change wanted"),
    "operation.cancelled": _("change cancelled"),
    "operation.decided": _("change settled by hand"),
    "operation.ended": _("change ended"),
    # Accounts
    "connection.added": _("Zadarma account added"),
    "connection.changed": _("Zadarma account changed"),
    "connection.key_changed": _("key pair changed"),
    "connection.paused": _("Zadarma account paused"),
    "connection.resumed": _("Zadarma account switched on"),
    # The audit itself
    "audit.exported": _("audit exported"),
}
