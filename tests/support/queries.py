"""Counting and reading the SQL that a piece of code sends."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

# That a group was asked about is noted beside what is mirrored of it.
_NOTED = re.compile(r'^\s*UPDATE "documents_documentgroup" SET "checked_at" = [^,]+ WHERE', re.IGNORECASE)
_WRITE = re.compile(r'^\s*(?:INSERT(?: OR IGNORE)? INTO|UPDATE|DELETE FROM)\s+"(\w+)"', re.IGNORECASE)


class Sent:
    """The statements sent, filled when the block ends."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    @property
    def count(self) -> int:
        """How many they were, savepoints left out."""
        return len([text for text in self.statements if "SAVEPOINT" not in text and text not in ("BEGIN", "COMMIT")])

    @property
    def written(self) -> set[str]:
        """The tables that were written, but for the note of when a group was asked about."""
        statements = [text for text in self.statements if not _NOTED.match(text)]
        return {found.group(1) for text in statements if (found := _WRITE.match(text))}


@contextmanager
def sent_to_the_database() -> Iterator[Sent]:
    """Collect what the block sends."""
    sent = Sent()
    with CaptureQueriesContext(connection) as captured:
        yield sent
    sent.statements = [query["sql"] for query in captured.captured_queries]
