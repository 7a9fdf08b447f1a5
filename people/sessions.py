"""Sessions in the database, each with whose it is; asked only for keys that can be one: PostgreSQL answers a zero
byte with an error."""

from collections.abc import Collection
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import transaction

from people.session_models import Session


class SessionStore(DatabaseStore):
    """Django's own, stricter in what a cookie may hold, in a table that knows whose each session is."""

    def __init__(self, session_key: str | None = None) -> None:
        is_one = session_key is not None and session_key.isascii() and session_key.isalnum()
        super().__init__(session_key if is_one else None)

    @classmethod
    def get_model_class(cls) -> Any:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        signed_in = str(data.get(SESSION_KEY, ""))
        row.user_id = int(signed_in) if signed_in.isdigit() else None
        return row


@transaction.atomic
def end(users: Collection[int], *, but: str | None = None) -> int:
    """Sign these people out everywhere, except in the session with the key `but`. Returns how many sessions ended."""
    theirs = Session.objects.filter(user__in=set(users))
    told = UserSession.objects.filter(user__in=set(users))
    if but:
        theirs, told = theirs.exclude(pk=but), told.exclude(session_key=but)
    told.delete()
    count: int = theirs.delete()[0]
    return count


@transaction.atomic
def end_one(user: int, pk: int) -> str | None:
    """End the session of `user` of which `UserSession` `pk` tells. Returns its key; None where it is not theirs."""
    told = UserSession.objects.filter(user=user, pk=pk).first()
    if told is None:
        return None
    Session.objects.filter(pk=told.session_key, user=user).delete()
    told.delete()
    key: str = told.session_key
    return key


def of(user: int) -> list[UserSession]:
    """Where `user` is signed in, the latest first."""
    alive = Session.objects.filter(user=user).values("pk")
    return list(UserSession.objects.filter(user=user, session_key__in=alive).order_by("-created_at", "-pk"))
