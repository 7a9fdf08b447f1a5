"""Giving mirrored rows (numbers, document groups) to a customer: a local fact that no reading ever touches."""

from collections.abc import Sequence
from typing import Protocol

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from people import audit
from people.models import Customer, User
from sync.models import Change


class NotAssigned(Exception):
    """Nothing was given to anybody. `reasons` are sentences for people, one for each row that hinders."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class Owned(Protocol):
    """A row of an account that belongs to a customer, or to nobody yet."""

    pk: int
    connection_id: int
    customer_id: int | None


def check_customer(customer: Customer | None) -> None:
    """Lock the customer's row; raise `NotAssigned` where its data were erased meanwhile. In a transaction."""
    if customer is None:
        return
    if Customer.objects.select_for_update(no_key=True, of=("self",)).get(pk=customer.pk).erased_at is not None:
        raise NotAssigned([_("The data of this customer were erased. Nothing can be given to it any more.")])


def hand_over(
    model: type[models.Model], object_type: str, rows: Sequence[Owned], customer: Customer | None, by: User | None
) -> int:
    """Give `rows` of `model`, locked by the caller, to `customer` or to nobody. Returns how many changed hands.

    Timeline and audit (as `object_type`) keep it by reference, without names. In a transaction.
    """
    new, now = customer.pk if customer else None, timezone.now()
    moving = [row for row in rows if row.customer_id != new]
    Change.objects.bulk_create(
        Change(
            connection_id=row.connection_id,
            object_type=object_type,
            object_id=row.pk,
            field="customer",
            old=f"#{row.customer_id}" if row.customer_id else "",
            new=f"#{new}" if new else "",
            seen_at=now,
        )
        for row in moving
    )
    for row in moving:
        audit.record(
            f"{object_type}.assigned",
            by,
            about=(object_type, row.pk),
            customer=new or row.customer_id,
            before={"customer": row.customer_id},
            after={"customer": new},
        )
    model._default_manager.filter(pk__in=[row.pk for row in moving]).update(customer=customer)
    return len(moving)
