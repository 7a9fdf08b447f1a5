"""What the staff set of a customer, and whether its people are let in."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from people import audit, invitations, members
from people.models import Customer, User
from people.permissions import May

# Of these the audit says only that they changed.
PERSONAL = ("name", "reference")
NOTED = (
    *PERSONAL,
    *("default_connection_id", "markup_percent", "shows_prices", "approval", "approval_above", "approval_currency"),
    *("allowed_countries", "sip_logins"),
)
# The change of fields, and of the limits by currency
State = dict[str, Any]


def state_of(customer: Customer) -> State:
    """What is set of a customer now, as plain JSON."""
    told = {name.removesuffix("_id"): _plain(getattr(customer, name)) for name in NOTED}
    limits = customer.spending_limits.values_list("currency", "amount") if customer.pk else ()
    return told | {"limits": {currency: _plain(amount) for currency, amount in limits}}


def note_saved(customer: Customer, before: State | None, *, by: User) -> None:
    """Write to the audit what differs from `before` (None: it is new). In the transaction that saved it."""
    if before is None:
        audit.record("customer.added", by, about=("customer", customer.pk), customer=customer)
        return
    now = state_of(customer)
    changed = [name for name in now if now[name] != before[name]]
    if changed:
        audit.record(
            "customer.changed",
            by,
            about=("customer", customer.pk),
            customer=customer,
            before={name: before[name] for name in changed if name not in PERSONAL},
            after={name: "changed" if name in PERSONAL else now[name] for name in changed},
        )


def end_access(customer: Customer, *, by: User) -> bool:
    """Let nobody of the customer in any more, open sessions included. Returns whether anything was to end.

    Open invitations are dead. Numbers, papers and orders stay as they are. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        row = _locked(customer, by)
        if row.access_ended_at is not None:
            return False
        row.access_ended_at = timezone.now()
        row.save(update_fields=["access_ended_at"])
        invitations.withdraw_all(customer=row)
        theirs = list(row.memberships.values_list("user_id", flat=True))
        audit.record("customer.access_ended", by, about=("customer", row.pk), customer=row)
    members.sign_out_who_belongs_nowhere(theirs)
    return True


def give_access(customer: Customer, *, by: User) -> bool:
    """Let the customer's people in again. Returns whether it had ended. Raises `PermissionDenied`."""
    with transaction.atomic():
        row = _locked(customer, by)
        if row.access_ended_at is None:
            return False
        row.access_ended_at = None
        row.save(update_fields=["access_ended_at"])
        audit.record("customer.access_given", by, about=("customer", row.pk), customer=row)
    return True


def _locked(customer: Customer, by: User) -> Customer:
    row = Customer.objects.select_for_update(no_key=True, of=("self",)).get(pk=customer.pk)
    if row.erased_at is not None or not User.objects.get(pk=by.pk).viewer().may(May.MANAGE_CUSTOMERS):
        raise PermissionDenied
    return row


def _plain(value: Any) -> Any:
    return f"{value:.2f}" if isinstance(value, Decimal) else value
