"""The people of a customer: their roles, and their going. New ones come by `people.invitations`."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from people import audit, invitations, sessions
from people.models import Customer, Membership, User
from people.permissions import May, allows


class NotChanged(Exception):
    """Nothing was changed. Its text is a sentence for people."""


def change_role(membership: Membership, role: str, *, by: User) -> None:
    """Give a person another role for their customer. Raises `NotChanged`, `PermissionDenied`."""
    with transaction.atomic():
        row = _locked(membership, by)
        if row.role == role:
            return
        if not allows(role, May.MANAGE_MEMBERS):
            _keep_one(row, by)
        before, row.role = row.role, role
        row.save(update_fields=["role"])
        if not allows(role, May.MANAGE_MEMBERS):
            invitations.withdraw_sent_by(row.user, row.customer)
        audit.record(
            "member.role_changed",
            by,
            about=("user", row.user_id),
            customer=row.customer_id,
            before={"role": before},
            after={"role": role},
        )


def remove(membership: Membership, *, by: User) -> None:
    """Take a person away from a customer, at once. Raises `NotChanged`, `PermissionDenied`.

    Who belongs to nobody else is signed out everywhere; what others see is read anew with every request. Links that
    were sent to them for this customer are dead.
    """
    with transaction.atomic():
        row = _locked(membership, by)
        _keep_one(row, by)
        invitations.withdraw_all(email=row.user.email, customer=row.customer)
        invitations.withdraw_sent_by(row.user, row.customer)
        about, before = ("user", row.user_id), {"role": row.role}
        audit.record("member.removed", by, about=about, customer=row.customer_id, before=before)
        row.delete()
    sign_out_who_belongs_nowhere([row.user_id])


def sign_out_who_belongs_nowhere(users: Collection[int]) -> None:
    """End the sessions of those among `users` who are neither staff nor of a customer that is let in."""
    let_in = Membership.objects.filter(customer__access_ended_at=None, customer__erased_at=None)
    rows = User.objects.filter(pk__in=users, staff_role="").exclude(pk__in=let_in.values("user"))
    sessions.end(list(rows.values_list("pk", flat=True)))


def _locked(membership: Membership, by: User) -> Membership:
    """The row as it is now, under the customer's lock; who asks must still be allowed to."""
    Customer.objects.select_for_update(no_key=True, of=("self",)).get(pk=membership.customer_id)
    if not User.objects.get(pk=by.pk).viewer().may(May.MANAGE_MEMBERS, membership.customer_id):
        raise PermissionDenied
    row = Membership.objects.select_related("user", "customer").filter(pk=membership.pk).first()
    if row is None:
        raise NotChanged(_("This person does not belong to the customer any more."))
    return row


def _keep_one(row: Membership, by: User) -> None:
    """Nobody locks themselves out as the last who can invite others; the staff may leave a customer without."""
    if row.user_id != by.pk or not allows(row.role, May.MANAGE_MEMBERS):
        return
    others = Membership.objects.filter(customer=row.customer_id, user__is_active=True).exclude(pk=row.pk)
    if not any(allows(role, May.MANAGE_MEMBERS) for role in others.values_list("role", flat=True)):
        raise NotChanged(_("You are the last who manages people here. Make somebody else a manager first."))
