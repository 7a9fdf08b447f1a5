"""A secret address for one's own calendar: made, made anew, revoked, and whose it is.

Who knows the address reads what the person may see at that moment, and changes nothing. The database holds only a
digest of it, found by the digest: what is compared, and how long that takes, tells nothing of the token.
"""

import hashlib
import secrets
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from people import audit, mfa_required
from people.feed_models import CalendarFeed
from people.models import User


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make(user: User) -> str:
    """Make an address for `user`; the one before is dead. Returns its token, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        kept = {"digest": _digest(token), "made_at": timezone.now()}
        CalendarFeed.objects.update_or_create(user=user, defaults=kept)
        audit.record("account.feed_made", user, about=("user", user.pk))
    return token


def revoke(user: User) -> bool:
    """Make the address of `user` dead. Returns whether there was one."""
    with transaction.atomic():
        gone, _rows = CalendarFeed.objects.filter(user=user).delete()
        if gone:
            audit.record("account.feed_revoked", user, about=("user", user.pk))
    return bool(gone)


def made_at(user: User) -> datetime | None:
    """Since when `user` has an address; None where there is none."""
    return CalendarFeed.objects.filter(user=user).values_list("made_at", flat=True).first()


def person_behind(token: str) -> User | None:
    """Whose address it is; nobody's where it is dead, or where they could not sign in and look at anything now."""
    feed = CalendarFeed.objects.select_related("user").filter(digest=_digest(token)).first()
    if feed is None or not feed.user.is_active or mfa_required.lacks(feed.user):
        return None
    person: User = feed.user
    return person
