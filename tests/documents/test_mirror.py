"""The mirror of document groups and files: true, unwritten where nothing changed, and sealed."""

import pytest
from django.db import IntegrityError, transaction
from django.db import connection as database

from documents import showing
from documents.models import Document, DocumentGroup
from people.models import Customer
from sync.models import Change, Connection
from tests.support.queries import sent_to_the_database
from tests.support.scenes import read
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db


def group(remote_id: str) -> DocumentGroup:
    """A group of the demo account."""
    return DocumentGroup.objects.get(remote_id=remote_id, gone_at=None)


def test_groups_and_files_are_mirrored(connection: Connection) -> None:
    (run,) = read(connection, "documents")
    assert (run.state, run.seen) == ("done", 4 + Document.objects.count())
    assert run.created == run.seen
    assert set(DocumentGroup.objects.values_list("remote_id", flat=True)) == {"0", "1001", "1002", "1003"}
    person, company = group("1001"), group("1002")
    assert person.fields["first_name"] == "Max" and person.title == "Max Mustermann"
    assert (person.country_iso, person.is_company, person.customer) == ("DE", False, None)
    assert (company.title, company.is_company, company.country_iso) == ("Alpenblick GmbH", True, "AT")
    files = {file.name: (file.document_type, file.is_verified) for file in person.documents.all()}
    assert files == {"passport-mustermann.pdf": ("passport", True), "electricity-march.pdf": ("receipt", True)}


def test_what_the_check_rejected_is_told_in_its_words(connection: Connection) -> None:
    read(connection, "documents")
    rejected = group("1003")
    assert (rejected.wrong_document_type, rejected.wrong_document) == (
        "passport",
        "The copy is too dark: the name cannot be read",
    )
    told = showing.group_status(rejected, 1, 0)
    words = f"Zadarma says: “{rejected.wrong_document}”"
    assert (told.kind, told.label, told.text) == ("needs", "document rejected", words)
    assert showing.group_status(group("1001"), 2, 2).label == "verified"
    assert showing.group_status(group("1002"), 4, 2).label == "being checked"


def test_a_second_reading_writes_nothing(connection: Connection) -> None:
    read(connection, "documents")
    with sent_to_the_database() as sent:
        (run,) = read(connection, "documents")
    assert sent.written & {"documents_documentgroup", "documents_document", "sync_change"} == set()
    assert (run.created, run.updated, run.gone) == (0, 0, 0)


def test_personal_data_are_ciphertext_in_the_database(connection: Connection) -> None:
    read(connection, "documents")
    with database.cursor() as cursor:
        cursor.execute("SELECT * FROM documents_documentgroup")
        raw = str(cursor.fetchall())
        cursor.execute("SELECT * FROM documents_document")
        raw += str(cursor.fetchall())
    assert group("1001").fields["street"] == "Hafenweg"
    for word in (
        "Mustermann",
        "Hafenweg",
        "L2K41V9",
        "mustermann@example",
        "Alpenblick",
        "passport-mustermann",
        "too dark",
    ):
        assert word not in raw
    assert "gAAAA" in raw  # the probe reads ciphertext


def test_changes_of_personal_data_say_only_that_they_changed(connection: Connection) -> None:
    read(connection, "documents")
    changed = group("1001")
    changed.fields = {**changed.fields, "first_name": "Ferdinand"}
    changed.wrong_document = "Something secret about the passport"
    changed.save()
    read(connection, "documents")
    assert group("1001").fields["first_name"] == "Max"
    noted = Change.objects.filter(object_type="group", object_id=changed.pk)
    assert set(noted.values_list("field", flat=True)) == {"fields", "wrong_document"}
    assert set(noted.values_list("old", "new")) == {("", "")}


def test_a_verdict_on_a_file_becomes_a_change(connection: Connection, simulator: SimulatorProcess) -> None:
    read(connection, "documents")
    simulator.verify(1002, "certificate")
    read(connection, "documents")
    file = Document.objects.get(group=group("1002"), document_type="certificate")
    assert file.is_verified is True
    change = Change.objects.get(object_type="document", object_id=file.pk)
    assert (change.field, change.new) == ("is_verified", "True")


def test_a_rejected_address_is_told(connection: Connection, simulator: SimulatorProcess) -> None:
    simulator.reject(1002, "address", "The address does not exist")
    read(connection, "documents")
    assert group("1002").wrong_address == "The address does not exist"


def test_a_file_that_is_replaced_does_not_hide_its_namesake(connection: Connection) -> None:
    read(connection, "documents")
    owner = group("1001")
    Document.objects.create(group=owner, document_type="passport", name="passport-mustermann.pdf", is_verified=True)
    read(connection, "documents")
    same = owner.documents.filter(document_type="passport").order_by("pk")
    assert [file.gone_at is None for file in same] == [True, False]


@pytest.mark.parametrize("path", ["/v1/documents/groups/list/", "/v1/documents/files/", "/checking-wrongs/"])
def test_a_failed_reading_marks_nothing_missing(
    connection: Connection, simulator: SimulatorProcess, asks_once: None, path: str
) -> None:
    read(connection, "documents")
    simulator.fault("truncated", path=path, count=-1)
    (run,) = read(connection, "documents")
    assert run.state == "failed"
    assert DocumentGroup.objects.filter(gone_at=None).count() == 4
    assert not Document.objects.exclude(gone_at=None).exists()


def test_a_group_no_longer_listed_is_marked_gone_and_the_owner_stays(
    connection: Connection, customer: Customer
) -> None:
    read(connection, "documents")
    stranger = DocumentGroup.objects.create(connection=connection, customer=customer, remote_id="7777")
    DocumentGroup.objects.filter(remote_id="1001").update(customer=customer)
    (run,) = read(connection, "documents")
    stranger.refresh_from_db()
    assert (run.gone, stranger.gone_at, stranger.customer) == (1, run.started_at, customer)
    assert group("1001").customer == customer


def test_a_group_that_is_still_being_created_is_not_missing(connection: Connection) -> None:
    waiting = DocumentGroup.objects.create(connection=connection)
    read(connection, "documents")
    waiting.refresh_from_db()
    assert waiting.gone_at is None


def test_the_description_s_shape_is_read_as_well(connection: Connection, simulator: SimulatorProcess) -> None:
    simulator.set_shape("description")
    (run,) = read(connection, "documents")
    assert (run.state, run.rejected) == ("done", 0)
    assert group("1001").fields["first_name"] == "Max"
    simulator.set_shape("production")


def test_the_main_group_can_never_belong_to_a_customer(connection: Connection, customer: Customer) -> None:
    read(connection, "documents")
    with pytest.raises(IntegrityError), transaction.atomic():
        DocumentGroup.objects.filter(remote_id="0").update(customer=customer)
