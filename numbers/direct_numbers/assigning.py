"""To whom numbers belong: a local fact that sync never touches."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from direct_numbers import labelling
from direct_numbers.models import Number
from documents.models import MAIN_GROUP, DocumentGroup
from people.models import Customer, User
from people.phones import international
from sync.handing_over import NotAssigned, check_customer, hand_over
from sync.kinds import Stop
from sync.models import Operation
from sync.words import in_language_of


def assign(number: Number, customer: Customer | None, *, by: User | None = None) -> None:
    """Give `number` to a customer, or to nobody; the timeline keeps it (by reference, without names)."""
    with transaction.atomic():
        row = Number.objects.select_for_update().only("customer", "connection").get(pk=number.pk)
        hand_over(Number, "number", [row], customer, by)
        labelling.take_strangers_off([row.pk], customer)
    number.customer = customer


def assign_all(pks: Collection[int], visible: QuerySet[Number], customer: Customer | None, *, by: User) -> int:
    """Give numbers to a customer, or to nobody: all of them, or none. Returns how many changed hands.

    `visible` are the numbers that the person may see. Raises `NotAssigned`.
    """
    with transaction.atomic():
        check_customer(customer)
        known = {row.pk: row for row in visible.filter(pk__in=pks).select_for_update(of=("self",)).order_by("pk")}
        gone = [row for row in known.values() if row.gone_at]
        reasons = [_("%(number)s: Zadarma no longer lists it.") % {"number": international(row.number)} for row in gone]
        if len(known) < len(set(pks)):
            reasons.append(_("A number of the selection is not there."))
        if reasons:
            raise NotAssigned(reasons)
        count = hand_over(Number, "number", list(known.values()), customer, by)
        labelling.take_strangers_off(list(known), customer)
        return count


def strangers_papers(numbers: Collection[Number], customer: Customer | None) -> list[Number]:
    """Those of `numbers` that run with papers of somebody else than `customer` (papers of nobody left aside)."""
    keys = {(row.connection_id, row.group_remote_id) for row in numbers if row.group_remote_id not in ("", MAIN_GROUP)}
    rows = DocumentGroup.objects.filter(remote_id__in={remote_id for _account, remote_id in keys}, gone_at=None)
    owners = rows.exclude(customer=None).values_list("connection_id", "remote_id", "customer_id")
    of_others = {(account, remote_id) for account, remote_id, owner in owners if owner != (customer and customer.pk)}
    return [row for row in numbers if (row.connection_id, row.group_remote_id) in of_others]


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
