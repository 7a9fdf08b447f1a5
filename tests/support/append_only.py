"""The triggers of the audit: named, and away while Django's flush empties the tables between tests that commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db import connection as database
from django.db import transaction
from django.db.backends.base.operations import BaseDatabaseOperations

TABLE = "people_auditentry"


def triggers(cursor: Any) -> dict[str, str]:
    """The triggers of the audit's table by name, with what makes them (SQLite only)."""
    if database.vendor == "postgresql":
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [TABLE])
        return {name: "" for (name,) in cursor.fetchall()}
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE])
    return dict(cursor.fetchall())


@contextmanager
def lifted() -> Iterator[None]:
    """As somebody with the whole database in their hands: the triggers are away."""
    with transaction.atomic(), database.cursor() as cursor:
        made = triggers(cursor)
        if database.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the end would keep the table from altering
            if made:
                cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER USER")
            yield
            if made:
                cursor.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER USER")
        else:
            for name in made:
                cursor.execute(f"DROP TRIGGER {name}")
            yield
            for text in made.values():
                cursor.execute(text)


@contextmanager
def lifted_for_flushes() -> Iterator[None]:
    """Every flush of this process runs without the triggers."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_all(self: Any, sql_list: Any) -> None:
        with lifted():
            flush(self, sql_list)

    with patch.object(BaseDatabaseOperations, "execute_sql_flush", flush_all):
        yield
