"""To whom document groups belong: a local fact that sync never touches."""

from django.db import transaction

from documents.models import DocumentGroup
from people import audit
from people.models import Customer, User


def assign(group: DocumentGroup, customer: Customer | None, actor: User | None = None) -> None:
    """Give `group` to a customer, or to nobody. The account holder's own belongs to nobody: the caller sees to that."""
    with transaction.atomic():
        row = DocumentGroup.objects.select_for_update().only("customer").get(pk=group.pk)
        wanted = customer.pk if customer else None
        if row.customer_id != wanted:
            DocumentGroup.objects.filter(pk=group.pk).update(customer=customer)
            audit.record(
                "group.assigned",
                actor,
                about=("group", group.pk),
                customer=wanted or row.customer_id,
                before={"customer": row.customer_id},
                after={"customer": wanted},
            )
    group.customer = customer
