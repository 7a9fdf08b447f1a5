"""Migrations that rewrite what stands in rows: forth and back on rows as the version before wrote them."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import connection as database
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps
from django.test import Client

from documents.models import Document, DocumentGroup, Upload
from people import data_keys
from people.vault import unseal
from sync.key_digest import digest_of
from sync.models import Connection

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
        # accounts too as they were then: a row made by older models lacks the columns that came later
        apps = migrated([(app, before)] if app == "sync" else [(app, before), ("sync", "0005_data_keys")])
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


@pytest.mark.parametrize("is_erased", [False, True])
def test_what_is_personal_goes_to_data_keys_and_back(*, is_erased: bool) -> None:
    newest = MigrationExecutor(database).loader.graph.leaf_nodes()
    before = [("documents", "0005_checking_and_validity"), ("sync", "0004_sealed_error"), ("people", "0002_initial")]
    try:
        apps = migrated(before)
        connection = apps.get_model("sync", "Connection").objects.create(name="One", api_url="https://api.example")
        group = apps.get_model("documents", "DocumentGroup").objects.create(
            connection=connection, remote_id="1", fields={"last_name": "Berg"}, wrong_document="Berg"
        )
        apps.get_model("documents", "Document").objects.create(group=group, document_type="passport", name="berg.jpg")
        upload = apps.get_model("documents", "Upload").objects.create(
            group=group, document_type="passport", name="b.jpg", content_type="image/jpeg", size=3, content=b"abc"
        )
        for about, pk in (("group", group.pk), ("upload", upload.pk), ("number", 1)):
            apps.get_model("sync", "Operation").objects.create(
                kind="any", connection=connection, object_type=about, object_id=pk, params={"of": about}
            )
        kept = personal(apps)
        data_keys.forget()
        assert personal(migrated(newest)) == kept
        assert DocumentGroup.objects.get().name_tokens.exists()
        if is_erased:
            data_keys.destroy([DocumentGroup.objects.get().data_key_id])
            Document.objects.all().delete()
            Upload.objects.update(name="", sha256="", content=b"")
            DocumentGroup.objects.update(fields={}, wrong_document="")
            kept = [({}, ""), ("", b""), {}, {}, {"of": "number"}]
        assert personal(migrated(before)) == kept
    finally:
        migrated(newest)
        data_keys.forget()


def test_accounts_that_stand_there_get_the_digest_of_their_key() -> None:
    newest = MigrationExecutor(database).loader.graph.leaf_nodes()
    try:
        rows = migrated([("sync", "0005_data_keys")]).get_model("sync", "Connection").objects
        for name, key in (("First", "one-key"), ("Twin", "one-key"), ("Other", "other-key")):
            rows.create(name=name, api_url="https://api.example", api_key=key, api_secret=f"secret of {name}")
        migrated(newest)
        kept = Connection.objects.order_by("pk").values_list("name", "api_key", "api_secret", "key_digest")
        assert list(kept) == [
            ("First", "one-key", "secret of First", digest_of("one-key")),
            ("Twin", "one-key", "secret of Twin", None),
            ("Other", "other-key", "secret of Other", digest_of("other-key")),
        ]
        assert set(Connection.objects.values_list("pair_number", flat=True)) == {1}
    finally:
        migrated(newest)


def test_who_could_sign_in_before_accounts_came_still_can() -> None:
    newest = MigrationExecutor(database).loader.graph.leaf_nodes()
    try:
        rows = migrated([("people", "0006_audit_chain")]).get_model("people", "User").objects
        for email in ("Old@Partner.example", "other@partner.example"):
            rows.create(email=email, password=make_password("correct horse battery"), staff_role="owner")
        migrated(newest)
        cache.clear()
        for email in ("old@partner.example", "other@partner.example"):
            browser = Client()
            given = {"username": email, "password": "correct horse battery"}
            assert browser.post("/sign-in/", given).headers.get("Location") == "/"
            assert browser.get("/").status_code == 200
        kept = EmailAddress.objects.order_by("pk").values_list("email", "primary", "verified")
        assert list(kept) == [("old@partner.example", True, True), ("other@partner.example", True, True)]
    finally:
        migrated(newest)


def migrated(to: list[tuple[str, str]]) -> StateApps:
    """The models after migrating there."""
    MigrationExecutor(database).migrate(to)
    return MigrationExecutor(database).loader.project_state(to).apps


def personal(apps: StateApps) -> list[Any]:
    """What is read of rows that hold something personal."""
    return [
        *apps.get_model("documents", "DocumentGroup").objects.values_list("fields", "wrong_document"),
        *apps.get_model("documents", "Document").objects.values_list("name", flat=True),
        *apps.get_model("documents", "Upload").objects.values_list("name", "content"),
        *apps.get_model("sync", "Operation").objects.order_by("pk").values_list("params", flat=True),
    ]
