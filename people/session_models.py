"""The sessions' table, which knows whose each session is: all of a person's end with one statement."""

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from people.tenancy import Tenancy


class Session(AbstractBaseSession):
    """One browser's session; without `user` nobody is signed in there."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+", editable=False
    )

    tenancy = Tenancy()

    @classmethod
    def get_session_store_class(cls) -> type:
        """The engine that reads this table."""
        from people.sessions import SessionStore  # noqa: PLC0415 - the engine imports this table

        return SessionStore
