"""An e-mail to the owners when an account is paused: once a pause, in their language, nothing secret in it."""

import logging

from django.core.mail import send_mail
from django.utils.translation import gettext as _

from people.models import User
from people.permissions import May, StaffRole, allows
from sync import words
from sync.models import Connection

log = logging.getLogger(__name__)


def send_due() -> None:
    """Write about each account whose pause was not told yet. What the mail server refuses is logged, not raised."""
    for pk, name in Connection.objects.filter(is_pause_told=False, is_hidden=False).values_list("pk", "name"):
        if Connection.objects.filter(pk=pk, is_pause_told=False).update(is_pause_told=True):
            _write(name)


def _write(name: str) -> None:
    roles = [role for role in StaffRole.values if allows(role, May.MANAGE_CONNECTIONS)]
    for user in User.objects.filter(is_active=True, staff_role__in=roles).order_by("pk"):
        with words.in_language_of(user):
            subject = _("A Zadarma account is paused: %(name)s") % {"name": " ".join(name.split())}
            text = _(
                "Zadarma did not accept the key pair of the account “%(name)s”. Nothing is read or changed there until "
                "it has a key pair that works.\n\nSign in to the panel, open Activity, then Accounts, and change the "
                "key pair.\n"
            ) % {"name": name}
        try:
            send_mail(subject, text, None, [user.email])
        except Exception as error:  # noqa: BLE001  # whatever a mail server brings, the account is paused
            log.warning("the notice of a pause was not sent to person %s: %s", user.pk, type(error).__name__)
