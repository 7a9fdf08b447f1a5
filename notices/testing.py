"""A test notice: whether e-mails arrive, found out at once."""

from notices import mails
from notices.sending import NotTaken as NotTaken
from people.models import User

SECONDS_BETWEEN = 60


def send_test(user: User) -> None:
    """Write to `user` now. Raises `NotTaken` with the name of what the mail server brought."""
    with mails.reading_as(user):
        letter = mails.a_test(user)
    try:
        letter.send()
    except Exception as error:  # noqa: BLE001  # whatever a mail server brings is told to who asked
        raise NotTaken(type(error).__name__) from None
