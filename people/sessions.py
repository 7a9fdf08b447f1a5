"""Sessions in the database, asked only for keys that can be one: PostgreSQL answers a zero byte with an error."""

from collections.abc import Collection

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    """Django's own, stricter in what a cookie may hold."""

    def __init__(self, session_key: str | None = None) -> None:
        is_one = session_key is not None and session_key.isascii() and session_key.isalnum()
        super().__init__(session_key if is_one else None)


def end(users: Collection[int]) -> int:
    """Sign these people out everywhere. Returns how many sessions there were."""
    wanted = {str(pk) for pk in users}
    if not wanted:
        return 0
    rows = SessionStore.get_model_class().objects
    theirs = [row.pk for row in rows.iterator() if str(row.get_decoded().get(SESSION_KEY)) in wanted]
    count: int = rows.filter(pk__in=theirs).delete()[0]
    return count
