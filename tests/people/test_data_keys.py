"""What is personal of one subject is sealed with its own key, in every way a row can be written, and goes with it."""

from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import connection as database
from django.db import transaction

from documents.models import Document, DocumentGroup, Upload
from people import data_keys
from people.models import DataKey
from people.vault import NoKey, Unreadable
from sync.models import Operation
from tests import factories

pytestmark = pytest.mark.django_db
NAME = {"first_name": "Anna", "last_name": "Berg"}
OTHER = {"first_name": "Otto", "last_name": "Tal"}


def stored(row: DocumentGroup | Document | Upload | Operation, column: str) -> str:
    """What stands in the database."""
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {row._meta.db_table} WHERE id = %s", [row.pk])
        value = cursor.fetchone()[0]
    return value if isinstance(value, str) else bytes(value).decode()


@pytest.fixture
def group(db: None) -> DocumentGroup:
    """A group with a name."""
    return factories.DocumentGroupFactory(fields=NAME)


def saved(group: DocumentGroup) -> None:
    """Write a row as a whole."""
    group.fields = OTHER
    group.save()


def updated(group: DocumentGroup) -> None:
    """Write by a query."""
    DocumentGroup.objects.filter(pk=group.pk).update(fields=OTHER)


def updated_in_bulk(group: DocumentGroup) -> None:
    """Write several rows at once."""
    other = factories.DocumentGroupFactory(connection=group.connection)
    group.fields = other.fields = OTHER
    DocumentGroup.objects.bulk_update([group, other], ["fields"])
    assert (group.fields, other.fields) == (OTHER, OTHER)
    assert stored(other, "fields").startswith(f"{other.data_key_id}:")


@pytest.mark.parametrize("write", [saved, updated, updated_in_bulk])
def test_whichever_way_it_is_written_it_takes_the_rows_own_key(
    group: DocumentGroup, write: Callable[[DocumentGroup], None]
) -> None:
    write(group)
    text = stored(group, "fields")
    number, _colon, token = text.partition(":")
    assert int(number) == group.data_key_id and "Otto" not in text
    for key in settings.ENCRYPTION_KEYS:
        with pytest.raises(InvalidToken):
            Fernet(key).decrypt(token.encode())
    assert DocumentGroup.objects.get(pk=group.pk).fields == OTHER


def test_rows_of_several_subjects_are_not_written_with_one_value(group: DocumentGroup) -> None:
    factories.DocumentGroupFactory(connection=group.connection)
    with pytest.raises(NoKey):
        DocumentGroup.objects.update(error="The passport of Anna Berg")
    DocumentGroup.objects.update(error="")  # nothing is personal of nothing
    assert DocumentGroup.objects.filter(pk=-1).update(error="Anna") == 0


def test_what_belongs_to_a_group_is_sealed_with_the_groups_key(group: DocumentGroup) -> None:
    file = factories.DocumentFactory(group=group, name="anna.jpg")
    upload = factories.UploadFactory(group=group, name="anna.pdf", content=b"the face of Anna")
    operation = factories.OperationFactory(data_key=group.data_key, params={"fields": NAME}, error="Anna is unknown")
    begins = f"{group.data_key_id}:"
    columns = [(file, "name"), *((upload, name) for name in ("name", "content", "sha256"))]
    columns += [(operation, name) for name in ("params", "error")]
    for row, column in columns:
        assert stored(row, column).startswith(begins), column
    assert bytes(Upload.objects.get().content) == b"the face of Anna"
    assert Operation.objects.get().params == {"fields": NAME}


def test_an_operation_about_nobody_takes_the_panels_keys() -> None:
    operation = factories.OperationFactory(params={"months": 3})
    assert stored(operation, "params").startswith("gAAAA")
    Operation.objects.filter(pk=operation.pk).update(error="No money")
    operation.refresh_from_db()
    assert (operation.params, operation.error) == ({"months": 3}, "No money")


def test_what_a_destroyed_key_sealed_reads_as_empty_and_can_not_be_read_again(group: DocumentGroup) -> None:
    upload = factories.UploadFactory(group=group, content=b"the face of Anna")
    kept = stored(group, "fields").partition(":")[2].encode()
    assert data_keys.destroy([group.data_key_id]) == 1
    read = DocumentGroup.objects.get(pk=group.pk)
    assert (read.fields, bytes(Upload.objects.get(pk=upload.pk).content)) == ({}, b"")
    row = DataKey.objects.get(pk=group.data_key_id)
    assert row.sealed == "" and row.destroyed_at
    for key in settings.ENCRYPTION_KEYS:
        with pytest.raises(InvalidToken):
            Fernet(key).decrypt(kept)
    with pytest.raises(data_keys.Destroyed), transaction.atomic():
        saved(read)
    assert data_keys.destroy([group.data_key_id]) == 0


def test_another_process_forgets_a_destroyed_key_within_a_minute(
    group: DocumentGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert DocumentGroup.objects.get(pk=group.pk).fields == NAME
    DataKey.objects.filter(pk=group.data_key_id).update(sealed="")  # as another process does it
    assert DocumentGroup.objects.get(pk=group.pk).fields == NAME
    monkeypatch.setattr(data_keys._known, "read_at", data_keys._known.read_at - data_keys.REMEMBERED - 1)
    assert DocumentGroup.objects.get(pk=group.pk).fields == {}


def test_another_groups_key_does_not_open_it(group: DocumentGroup) -> None:
    other = factories.DocumentGroupFactory()
    token = stored(group, "fields").partition(":")[2]
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE documents_documentgroup SET fields = %s WHERE id = %s", [f"{other.data_key_id}:{token}", group.pk]
        )
    with pytest.raises(Unreadable):
        DocumentGroup.objects.get(pk=group.pk)


def test_many_groups_cost_one_reading_of_keys(django_assert_num_queries: Callable[..., object]) -> None:
    factories.DocumentGroupFactory.create_batch(30)
    data_keys.forget()
    with django_assert_num_queries(2):
        assert all(row.fields for row in DocumentGroup.objects.all())
