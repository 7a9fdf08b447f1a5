"""Migrations that rewrite what stands in rows: forth and back on rows as the version before wrote them."""

import pytest
from django.db import connection as database
from django.db.migrations.executor import MigrationExecutor

from people.vault import unseal

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "The passport of Anna Berg is not valid"


@pytest.mark.parametrize(
    ("app", "before", "after", "model"),
    [
        ("sync", "0003_waits_for", "0004_sealed_error", "Operation"),
        ("documents", "0003_upload", "0004_sealed_errors", "DocumentGroup"),
        ("numbers", "0004_routing_wanted_at", "0005_sealed_error", "Order"),
    ],
)
def test_refusals_that_stood_in_clear_are_sealed(app: str, before: str, after: str, model: str) -> None:
    newest = MigrationExecutor(database).loader.graph.leaf_nodes()
    try:
        MigrationExecutor(database).migrate([(app, before)])
        apps = MigrationExecutor(database).loader.project_state([(app, before)]).apps
        connection = apps.get_model("sync", "Connection").objects.create(name="One", api_url="https://api.example")
        rows = apps.get_model(app, model).objects
        given = {"kind": "order", "object_type": "order", "object_id": 1} if model == "Operation" else {}
        told = rows.create(connection=connection, error=WORDS, **given).pk
        silent = rows.create(connection=connection, error="", **given).pk
        table = apps.get_model(app, model)._meta.db_table

        def stored(pk: int) -> str:
            with database.cursor() as cursor:
                cursor.execute(f"SELECT error FROM {table} WHERE id = %s", [pk])
                return str(cursor.fetchone()[0])

        MigrationExecutor(database).migrate([(app, after)])
        assert "Anna" not in stored(told) and unseal(stored(told)) == WORDS
        assert stored(silent) == ""
        MigrationExecutor(database).migrate([(app, before)])
        assert (stored(told), stored(silent)) == (WORDS, "")
    finally:
        MigrationExecutor(database).migrate(newest)
