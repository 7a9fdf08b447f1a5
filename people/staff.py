"""The partner's own people: their roles, and their going. New ones come by `people.invitations`."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from people import audit, invitations, sessions
from people.members import NotChanged
from people.models import User
from people.permissions import May, allows


def change_role(user: User, role: str, *, by: User) -> None:
    """Give one of the staff another role. Raises `NotChanged`, `PermissionDenied`."""
    with transaction.atomic():
        row, others = _locked(user, by)
        if row.staff_role == role:
            return
        if not allows(role, May.MANAGE_STAFF):
            _keep_one(row, others)
        before, row.staff_role = row.staff_role, role
        row.save(update_fields=["staff_role"])
        if not allows(role, May.MANAGE_STAFF):
            invitations.withdraw_sent_by(row)
        audit.record(
            "staff.role_changed",
            by,
            about=("user", row.pk),
            before={"staff_role": before},
            after={"staff_role": role},
        )


def remove(user: User, *, by: User) -> None:
    """Switch one of the staff off and sign them out everywhere, at once. Raises `NotChanged`, `PermissionDenied`."""
    with transaction.atomic():
        row, others = _locked(user, by)
        _keep_one(row, others)
        invitations.withdraw_all(email=row.email)
        invitations.withdraw_sent_by(row)
        audit.record("staff.removed", by, about=("user", row.pk), before={"staff_role": row.staff_role})
        row.memberships.all().delete()
        row.is_active, row.staff_role = False, ""
        row.save(update_fields=["is_active", "staff_role"])
    sessions.end([row.pk])


def _locked(user: User, by: User) -> tuple[User, list[User]]:
    """The row as it is now, and the others of the staff, all locked: two who demote each other do it one by one."""
    everybody = list(User.objects.select_for_update().exclude(staff_role="").filter(is_active=True).order_by("pk"))
    if not any(row.pk == by.pk and allows(row.staff_role, May.MANAGE_STAFF) for row in everybody):
        raise PermissionDenied
    row = next((row for row in everybody if row.pk == user.pk), None)
    if row is None:
        raise NotChanged(_("This person is not on the staff any more."))
    return row, [other for other in everybody if other.pk != row.pk]


def _keep_one(row: User, others: list[User]) -> None:
    if allows(row.staff_role, May.MANAGE_STAFF) and not any(allows(o.staff_role, May.MANAGE_STAFF) for o in others):
        raise NotChanged(_("This is the last owner. Make somebody else an owner first."))
