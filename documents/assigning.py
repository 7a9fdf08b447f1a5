"""To whom document groups belong: a local fact that sync never touches. The account holder's own is the staff's."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from documents.models import MAIN_GROUP, DocumentGroup
from people.models import Customer, User
from sync.handing_over import NotAssigned, check_customer, hand_over


def assign_all(pks: Collection[int], visible: QuerySet[DocumentGroup], customer: Customer | None, *, by: User) -> int:
    """Give groups to a customer, or to nobody: all of them, or none. Returns how many changed hands.

    `visible` are the groups that the person may see. Raises `NotAssigned`.
    """
    with transaction.atomic():
        check_customer(customer)
        # By primary key alone: what is counted for the list can't be locked.
        wanted = DocumentGroup.objects.filter(pk__in=visible.filter(pk__in=pks).order_by().values("pk"))
        rows = list(wanted.select_for_update().order_by("pk"))
        reasons = [reason for reason in map(_why_not, rows) if reason]
        if len(rows) < len(set(pks)):
            reasons.append(_("A document group of the selection is not there."))
        if reasons:
            raise NotAssigned(reasons)
        return hand_over(DocumentGroup, "group", rows, customer, by)


def _why_not(group: DocumentGroup) -> str:
    names = {"name": group.title}
    if group.remote_id == MAIN_GROUP:
        return _("%(name)s: these are the account holder's own papers. They can't be given to a customer.") % names
    if group.erased_at is not None:
        return _("%(name)s: their data were erased here. They can't be given to anybody.") % names
    if group.gone_at is not None:
        return _("%(name)s: Zadarma no longer lists them.") % names
    return ""
