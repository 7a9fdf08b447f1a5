"""Saving a customer, and noting what changed."""

from django.db import transaction

from people import audit
from people.audit_changes import differences, snapshot
from people.models import Customer, User

# What the audit tells of a customer; of the personal ones only that they changed.
PERSONAL = ("name", "reference")
TOLD = (
    *PERSONAL,
    *("default_connection", "markup_percent", "shows_prices", "approval", "approval_above", "approval_currency"),
    *("allowed_countries", "sip_logins"),
)


def save_customer(customer: Customer, actor: User | None) -> None:
    """Save a new or changed customer, with a note of it in the same transaction."""
    with transaction.atomic():
        is_new = customer.pk is None
        stood = Customer() if is_new else Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
        before = snapshot(stood, TOLD)
        customer.save()
        customer.refresh_from_db(fields=TOLD)
        changed = differences(before, snapshot(customer, TOLD), PERSONAL)
        if is_new or changed[1]:
            audit.record(
                "customer.added" if is_new else "customer.changed",
                actor,
                about=("customer", customer.pk),
                customer=customer,
                before={} if is_new else changed[0],
                after=changed[1],
            )
