"""The database itself refuses to change or take out what the audit says."""

import pytest
from django.db import DatabaseError, transaction
from django.db import connection as database

from people import audit_sealing
from people.audit_models import AuditEntry
from people.models import User
from tests.support.append_only import triggers
from tests.support.audit_rows import OTHER, noted, sealed

pytestmark = pytest.mark.django_db(transaction=True)


def refused(statement: str, *values: object) -> None:
    """The statement fails, for the reason."""
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), database.cursor() as cursor:
        cursor.execute(statement, values)


def test_the_triggers_are_there() -> None:
    """A migration that makes the table anew on SQLite loses them: see people/migrations/0006."""
    with database.cursor() as cursor:
        assert set(triggers(cursor)) == {"audit_entry_unchanged", "audit_entry_kept"}


@pytest.mark.parametrize("column", [*OTHER, "data_key_id", "seq"])
@pytest.mark.parametrize("is_sealed", [True, False])
def test_no_column_can_be_changed(staff: User, operator: User, column: str, *, is_sealed: bool) -> None:
    row = sealed(1, staff)[0] if is_sealed else noted(1, staff)[0]
    refused(
        f"UPDATE people_auditentry SET {column} = %s",  # noqa: S608
        {**OTHER, "data_key_id": operator.data_key_id, "seq": 7}[column],
    )
    assert AuditEntry.objects.get().pk == row.pk


def test_nothing_else_is_changed_while_it_is_sealed(staff: User) -> None:
    noted(1, staff)
    refused("UPDATE people_auditentry SET seq = 1, hash = %s, object_id = 4712", "a" * 64)
    refused("UPDATE people_auditentry SET seq = 1, hash = ''")


@pytest.mark.parametrize("is_sealed", [True, False])
def test_no_row_can_be_deleted(staff: User, *, is_sealed: bool) -> None:
    noted(2, staff)
    if is_sealed:
        audit_sealing.seal()
    refused("DELETE FROM people_auditentry")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.first().delete()  # type: ignore[union-attr]
    assert AuditEntry.objects.count() == 2


def test_a_row_is_sealed_once(staff: User) -> None:
    sealed(1, staff)
    refused("UPDATE people_auditentry SET seq = 2, hash = %s", "a" * 64)
    refused("UPDATE people_auditentry SET seq = NULL, hash = ''")


if database.vendor == "postgresql":

    def test_the_table_can_not_be_emptied(staff: User) -> None:
        sealed(1, staff)
        refused("TRUNCATE people_auditentry")
