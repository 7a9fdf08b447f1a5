"""Making people's accounts: a user, and the e-mail address they sign in with, confirmed or still to be confirmed."""

from allauth.account.models import EmailAddress
from django.db import transaction

from people.models import User


@transaction.atomic
def make_user(email: str, password: str | None, name: str = "", language: str = "", *, confirmed: bool) -> User:
    """Make a person without any role, who signs in with `email`; without `password` they set one by e-mail first.

    `confirmed`: it is known that the address is theirs, as they came by a link sent there. Raises `IntegrityError`
    when somebody signs in with this address already.
    """
    user = User.objects.create_user(email, password, name=name, language=language)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=confirmed)
    return user


def confirm(user: User) -> None:
    """Count the address that `user` signs in with as theirs."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).update(primary=False)
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"primary": True, "verified": True})
