"""To whom document groups belong: a local fact that sync never touches. The account holder's own is the staff's."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from documents.models import MAIN_GROUP, DocumentGroup
from people import audit
from people.models import Customer, User
from sync.models import Change


class NotAssigned(Exception):
    """None of the groups was given to anybody. `reasons` are sentences for people, one a group that hinders."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def assign_all(pks: Collection[int], visible: QuerySet[DocumentGroup], customer: Customer | None, *, by: User) -> int:
    """Give groups to a customer, or to nobody: all of them, or none. Returns how many changed hands.

    `visible` are the groups that the person may see. Raises `NotAssigned`.
    """
    with transaction.atomic():
        if (
            customer
            and Customer.objects.select_for_update(no_key=True, of=("self",)).get(pk=customer.pk).erased_at is not None
        ):
            raise NotAssigned([_("The data of this customer were erased. Nothing can be given to it any more.")])
        # By primary key alone: what is counted for the list can't be locked.
        wanted = DocumentGroup.objects.filter(pk__in=visible.filter(pk__in=pks).order_by().values("pk"))
        rows = list(wanted.select_for_update().order_by("pk"))
        reasons = [reason for reason in map(_why_not, rows) if reason]
        if len(rows) < len(set(pks)):
            reasons.append(_("A document group of the selection is not there."))
        if reasons:
            raise NotAssigned(reasons)
        return _hand_over(rows, customer, by)


def _why_not(group: DocumentGroup) -> str:
    names = {"name": group.title}
    if group.remote_id == MAIN_GROUP:
        return _("%(name)s: these are the account holder's own papers. They can't be given to a customer.") % names
    if group.erased_at is not None:
        return _("%(name)s: their data were erased here. They can't be given to anybody.") % names
    if group.gone_at is not None:
        return _("%(name)s: Zadarma no longer lists them.") % names
    return ""


def _hand_over(groups: list[DocumentGroup], customer: Customer | None, by: User) -> int:
    new = customer.pk if customer else None
    moving = [group for group in groups if group.customer_id != new]
    now = timezone.now()
    Change.objects.bulk_create(
        Change(
            connection_id=group.connection_id,
            object_type="group",
            object_id=group.pk,
            field="customer",
            old=f"#{group.customer_id}" if group.customer_id else "",
            new=f"#{new}" if new else "",
            seen_at=now,
        )
        for group in moving
    )
    for group in moving:
        audit.record(
            "group.assigned",
            by,
            about=("group", group.pk),
            customer=new or group.customer_id,
            before={"customer": group.customer_id},
            after={"customer": new},
        )
    DocumentGroup.objects.filter(pk__in=[group.pk for group in moving]).update(customer=customer)
    return len(moving)
