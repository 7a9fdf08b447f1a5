"""Sessions in the database, asked only for keys that can be one: PostgreSQL answers a zero byte with an error."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    """Django's own, stricter in what a cookie may hold."""

    def __init__(self, session_key: str | None = None) -> None:
        is_one = session_key is not None and session_key.isascii() and session_key.isalnum()
        super().__init__(session_key if is_one else None)
