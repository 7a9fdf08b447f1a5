"""What stands in the database is no use to who steals it: personal texts are ciphertext there."""

import pytest
from django.db import connection as database

from sync.models import Connection, Operation
from tests import factories

pytestmark = pytest.mark.django_db


def test_what_zadarma_refused_is_sealed(offline: Connection) -> None:
    words = "The passport of Anna Berg is not valid"
    group = factories.DocumentGroupFactory(connection=offline, error=words)
    operation = factories.OperationFactory(connection=offline, error=words)
    with database.cursor() as cursor:
        for table, pk in (("documents_documentgroup", group.pk), ("sync_operation", operation.pk)):
            cursor.execute(f"SELECT error FROM {table} WHERE id = %s", [pk])
            assert "Anna" not in cursor.fetchone()[0]
    assert Operation.objects.get(pk=operation.pk).error == words
