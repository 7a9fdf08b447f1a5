"""Whether papers are still those of the customer for whom something was asked of Zadarma."""

from django.utils.translation import gettext as _

from documents.models import DocumentGroup
from sync.kinds import Stop
from sync.models import Operation
from sync.words import in_language_of

# Where the params of an operation name the customer.
CUSTOMER = "customer"


def is_theirs(operation: Operation, group: DocumentGroup) -> bool:
    """Whether `group` belongs to whom it belonged when this was planned.

    What was planned while it belonged to nobody was the staff's own wish, and holds.
    """
    return operation.params.get(CUSTOMER) in (None, group.customer_id)


def check(operation: Operation, group: DocumentGroup) -> None:
    """Raise `Stop` where it is not: one customer's data and files must not get into another's papers."""
    if not is_theirs(operation, group):
        with in_language_of(operation.actor):
            raise Stop(_("The papers have been given to somebody else since this was asked for. Nothing was changed."))
