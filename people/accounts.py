"""Making accounts of people whose e-mail address is known to be theirs."""

from allauth.account.models import EmailAddress

from people.models import User


def make_user(email: str, *, name: str, password: str, language: str = "") -> User:
    """Create a person who signs in with `email`, taken as confirmed: they hold what was sent to it.

    To be called in a transaction. Raises `IntegrityError` where the address, in any case, has an account.
    """
    user = User.objects.create_user(email, password, name=name, language=language)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user
