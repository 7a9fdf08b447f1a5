"""To whom numbers belong: a local fact that sync never touches."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from direct_numbers.models import Number
from people import audit
from people.models import Customer, User
from sync.kinds import Stop
from sync.models import Change, Operation
from sync.words import in_language_of


def assign(number: Number, customer: Customer | None, actor: User | None = None) -> None:
    """Give `number` to a customer, or to nobody; the timeline keeps it (by reference, without names)."""
    before, after = number.customer_id, customer.pk if customer else None
    if before == after:
        return
    with transaction.atomic():
        Change.objects.create(
            connection_id=number.connection_id,
            object_type="number",
            object_id=number.pk,
            field="customer",
            old=f"#{before}" if before else "",
            new=f"#{after}" if after else "",
            seen_at=timezone.now(),
        )
        number.customer = customer
        number.save(update_fields=["customer"])
        audit.record(
            "number.assigned",
            actor,
            about=("number", number.pk),
            customer=after or before,
            before={"customer": before},
            after={"customer": after},
        )


def check_hands(operation: Operation, number: Number) -> None:
    """Raise `Stop` where `number` is gone, or belongs to somebody else than the customer in the operation's params.

    What was planned for one customer must not be sent, late or again, once the number is another's. What was planned
    while it belonged to nobody was the staff's own wish, and holds.
    """
    with in_language_of(operation.actor):
        if number.gone_at is not None:
            raise Stop(_("Zadarma no longer lists this number. Nothing was changed."))
        if not _is_theirs(operation, number):
            raise Stop(_("The number has been given to somebody else since this was asked for. Nothing was changed."))


def is_theirs(operation: Operation) -> bool:
    """The same as the last question before the claim: it may have changed hands while other things were looked at."""
    number = Number.objects.only("customer", "gone_at").get(pk=operation.object_id)
    return number.gone_at is None and _is_theirs(operation, number)


def _is_theirs(operation: Operation, number: Number) -> bool:
    return operation.params.get("customer") in (None, number.customer_id)
