"""Erasing people: whoever belonged to a customer that is erased, or one person who left.

What the audit tells of them (what they did) stays, and its chain holds; from where they did it can't be read any more,
since the key it was sealed with is destroyed.
"""

from collections.abc import Collection

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from people import audit, data_keys, sessions
from people.audit_models import AuditEntry
from people.models import ERASED_HOST, CalendarFeed, Invitation, Membership, User
from people.permissions import StaffRole

# Rows of allauth about a person: addresses, sessions with where they came from, second factors, single sign-on.
SIGN_IN = (
    ("account", "EmailAddress"),
    ("usersessions", "UserSession"),
    ("mfa", "Authenticator"),
    ("socialaccount", "SocialAccount"),
)


class LastOwner(Exception):
    """Nobody else of the staff may do everything: the panel would have no owner."""


def overwrite_what_is_deleted() -> None:
    """SQLite: what is deleted is overwritten in the file, too."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def erase_people(wanted: Collection[int]) -> int:
    """Erase what is personal of these people, in the transaction under way. Returns how many there were."""
    people = list(User.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))
    pks = [person.pk for person in people]
    emails = [person.email for person in people]
    for person in people:
        person.email, person.name = f"erased-{person.pk}{ERASED_HOST}", ""
        person.language = person.time_zone = ""
        person.is_active, person.staff_role, person.last_login = False, "", None
        person.set_unusable_password()
        person.save()
    sessions.end(pks)
    for app, model in SIGN_IN:
        apps.get_model(app, model)._default_manager.filter(user__in=pks).delete()
    CalendarFeed.objects.filter(user__in=pks).delete()
    Invitation.objects.filter(accepted_by__in=pks).delete()
    # Whom they invited does not come in after them.
    Invitation.objects.filter(invited_by__in=pks, accepted_at=None, withdrawn_at=None).update(
        withdrawn_at=timezone.now()
    )
    for email in emails:
        Invitation.objects.filter(email__iexact=email).delete()
    _destroy_keys(people)
    return len(people)


def _destroy_keys(people: Collection[User]) -> None:
    """Their own keys, and whatever else the audit sealed for them; never the audit's own."""
    own = {person.data_key_id for person in people}
    used = AuditEntry.objects.filter(actor_id__in=[person.pk for person in people]).order_by()
    used_keys = set(used.exclude(data_key__in=_of_the_audit()).values_list("data_key", flat=True).distinct())
    data_keys.destroy(key for key in own | used_keys if key is not None)
    # Other threads may have read the keys again before they were gone for them.
    transaction.on_commit(data_keys.forget)


def _of_the_audit() -> list[int]:
    return list(apps.get_model("people", "AuditChain").objects.values_list("data_key", flat=True))


def erase_person(person: User, actor: User | None) -> None:
    """Erase one person for good, whether staff or not. Raises `LastOwner`."""
    overwrite_what_is_deleted()
    with transaction.atomic():
        owners = User.objects.select_for_update().filter(staff_role=StaffRole.OWNER, is_active=True).order_by("pk")
        if {owner.pk for owner in owners} == {person.pk}:
            raise LastOwner
        audit.record("person.erased", actor, about=("user", person.pk))
        Membership.objects.filter(user=person).delete()
        erase_people([person.pk])
    person.refresh_from_db()
