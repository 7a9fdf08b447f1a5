"""Another key first in ENCRYPTION_KEYS: everything is sealed anew with it, and the one before is needed no more."""

import io
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection as database
from pytest_django.fixtures import Settings

from documents import names
from documents.models import DocumentGroup, Upload
from people import data_keys, rotation
from people.keys import Unreadable, seal
from people.models import AuditChain, DataKey
from sync.models import Connection, Operation
from tests import factories

NEW = Fernet.generate_key().decode()
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_key_but_those_of_the_test(db: None) -> None:
    """The audit's own is made by a migration, and gone after the first test that commits."""
    AuditChain.objects.all().delete()
    DataKey.objects.all().delete()


class Rows:
    """One row of each kind that is sealed."""

    def __init__(self) -> None:
        self.account = factories.ConnectionFactory(api_key="the-key", api_secret="the-secret")
        self.group = factories.DocumentGroupFactory(
            connection=self.account, fields={"first_name": "Annegret", "last_name": "Bergmann"}, error="no address"
        )
        names.index([self.group])
        self.upload = factories.UploadFactory(group=self.group, content=b"%PDF" + b"x" * 3000)
        self.order = factories.OrderFactory(connection=self.account, error="refused")
        about_nobody = {"connection": self.account, "kind": "order", "object_type": "order", "object_id": self.order.pk}
        self.operation = factories.OperationFactory(**about_nobody, params={"purpose": "hotline"})
        self.about_them = factories.OperationFactory(
            connection=self.account, data_key=self.group.data_key, params={"fields": {"street": "Elm"}}
        )

    def read(self) -> dict[str, Any]:
        """Everything as the panel reads it, with nothing remembered."""
        data_keys.forget()
        group = DocumentGroup.objects.get(pk=self.group.pk)
        account = Connection.objects.get(pk=self.account.pk)
        return {
            "fields": group.fields,
            "group error": group.error,
            "content": Upload.objects.get(pk=self.upload.pk).content,
            "key": (account.api_key, account.api_secret),
            "order": type(self.order).objects.get(pk=self.order.pk).error,
            "params": Operation.objects.get(pk=self.operation.pk).params,
            "theirs": Operation.objects.get(pk=self.about_them.pk).params,
            "found": list(names.found(DocumentGroup.objects.all(), "annegret").values_list("pk", flat=True)),
        }


@pytest.fixture
def rows() -> Rows:
    """Rows sealed with the key of the test settings."""
    return Rows()


def rotate(*arguments: str) -> str:
    """Run the command. Returns what it printed."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("rotate_keys", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        raise CommandError(f"{out.getvalue()}{err.getvalue()}{error}") from None
    return out.getvalue()


def test_everything_sealed_is_known_to_the_rotation() -> None:
    assert {f"{column.table}.{column.name}" for column in rotation.columns()} >= {
        "people_datakey.sealed",
        "sync_connection.api_key",
        "sync_connection.api_secret",
        "sync_operation.params",
        "sync_operation.answer",
        "sync_operation.evidence",
        "sync_operation.error",
        "documents_documentgroup.fields",
        "documents_upload.content",
        "documents_document.name",
        "numbers_order.error",
    }


def test_both_keys_read_while_both_are_set(rows: Rows, settings: Settings) -> None:
    before = rows.read()
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    later = factories.ConnectionFactory(api_key="later")
    assert rows.read() == before
    assert Connection.objects.get(pk=later.pk).api_key == "later"


def test_before_the_rotation_the_new_key_alone_reads_nothing(rows: Rows, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [NEW]
    data_keys.forget()
    for model, pk in ((DocumentGroup, rows.group.pk), (Upload, rows.upload.pk), (Connection, rows.account.pk)):
        with pytest.raises(Unreadable):
            model.objects.get(pk=pk)
    assert not names.found(DocumentGroup.objects.all(), "annegret").exists()


def test_after_the_rotation_the_new_key_alone_reads_everything(rows: Rows, settings: Settings) -> None:
    before = rows.read()
    assert before["found"] == [rows.group.pk]
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    told = rotate()
    assert "Read with the first key alone" in told and "Need an older key" not in told
    settings.ENCRYPTION_KEYS = [NEW]
    assert rows.read() == before


def test_what_a_data_key_sealed_stays_as_it_is(rows: Rows, settings: Settings) -> None:
    def stored() -> object:
        with database.cursor() as cursor:
            cursor.execute("SELECT fields FROM documents_documentgroup WHERE id = %s", [rows.group.pk])
            return cursor.fetchone()[0]

    before = stored()
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    rotate()
    assert stored() == before


def test_it_can_be_run_again_and_in_pieces(rows: Rows, settings: Settings) -> None:
    before = rows.read()
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    for number, column in enumerate(rotation.columns()):  # as if it had been interrupted after some
        if number % 2:
            for value in rotation._values(column, with_data_keys=False):
                rotation._seal_anew(value)
    rotate()
    assert "Sealed anew with the first key: 0" in rotate()
    settings.ENCRYPTION_KEYS = [NEW]
    assert rows.read() == before


def test_looking_changes_nothing(rows: Rows, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    told = rotate("--check")
    # two of the account, one data key, one error of an order, params of an order's operation
    assert "Need an older key: 5" in told
    assert "names found by search): 1" in told
    assert rotate("--check") == told
    rotate()
    assert "Need an older key: 0" in rotate("--check")


def test_a_value_written_meanwhile_is_not_undone(
    rows: Rows, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = [NEW, *old]
    replace, written = rotation._replace, []

    def late(value: rotation.Value, again: bytes) -> bool:
        if value.column.name == "api_secret" and not written:  # a process that was not started anew yet
            settings.ENCRYPTION_KEYS = old
            Connection.objects.filter(pk=rows.account.pk).update(api_secret="written meanwhile")
            settings.ENCRYPTION_KEYS = [NEW, *old]
            written.append(value)
        return replace(value, again)

    monkeypatch.setattr(rotation, "_replace", late)
    rotate()
    assert written
    settings.ENCRYPTION_KEYS = [NEW]
    assert Connection.objects.get(pk=rows.account.pk).api_secret == "written meanwhile"


def test_what_no_key_can_read_is_told_by_its_place_alone(rows: Rows, settings: Settings) -> None:
    before = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    lost = seal("nobody reads this")
    settings.ENCRYPTION_KEYS = [NEW, *before]
    with database.cursor() as cursor:
        cursor.execute("UPDATE sync_connection SET api_key = %s WHERE id = %s", [lost, rows.account.pk])
    with pytest.raises(CommandError) as told:
        rotate()
    assert f"sync_connection.api_key of row {rows.account.pk}." in str(told.value)
    assert lost not in str(told.value)
    settings.ENCRYPTION_KEYS = [NEW]  # the rest was sealed anew all the same
    data_keys.forget()
    assert DocumentGroup.objects.get(pk=rows.group.pk).fields["first_name"] == "Annegret"


def test_what_was_sealed_with_a_lost_data_key_is_told(rows: Rows) -> None:
    DataKey.objects.filter(pk=rows.group.data_key_id).update(sealed="gAAAAdamaged")
    with pytest.raises(CommandError) as told:
        rotate()
    for place in (
        f"people_datakey.sealed of row {rows.group.data_key_id}",
        f"documents_upload.content of row {rows.upload.pk}",
    ):
        assert place in str(told.value)


def test_what_was_erased_is_no_fault(rows: Rows) -> None:
    data_keys.destroy([rows.group.data_key_id])
    assert "Erased with their keys: 6" in rotate()


def test_the_keys_of_the_tests_are_one() -> None:
    assert len(settings.ENCRYPTION_KEYS) == 1


@pytest.mark.parametrize("count", [0, 1, rotation.CHUNK, rotation.CHUNK + 1])
def test_chunks_leave_nothing_out(settings: Settings, count: int) -> None:
    data_keys.make(count)
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    assert rotation.rotate() == count
    assert rotation.examine().behind == 0
