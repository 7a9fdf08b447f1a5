"""To whom numbers belong: a local fact that sync never touches."""

from django.utils import timezone

from direct_numbers.models import Number
from people.models import Customer
from sync.models import Change


def assign(number: Number, customer: Customer | None) -> None:
    """Give `number` to a customer, or to nobody; the timeline keeps it (by reference, without names)."""
    if number.customer_id == (customer.pk if customer else None):
        return
    Change.objects.create(
        connection_id=number.connection_id,
        object_type="number",
        object_id=number.pk,
        field="customer",
        old=f"#{number.customer_id}" if number.customer_id else "",
        new=f"#{customer.pk}" if customer else "",
        seen_at=timezone.now(),
    )
    number.customer = customer
    number.save(update_fields=["customer"])
