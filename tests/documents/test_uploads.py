"""A file reaches its group at Zadarma once, and is kept sealed until then."""

import pytest
from django.db import connection as database

from documents import uploads
from documents.models import DocumentGroup, Upload
from people.models import User
from sync import budget, gateway, operations
from sync.models import Connection, Operation
from tests.support.journal import look_now
from tests.support.scenes import long_ago, read, woken
from tests.support.simulator import SimulatorProcess

UPLOAD = "/v1/documents/upload/"
SCAN = b"%PDF-1.4 of Erika Mustermann"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def group(connection: Connection) -> DocumentGroup:
    """Papers that Zadarma has and that may be changed."""
    read(connection, "documents")
    return DocumentGroup.objects.filter(connection=connection, is_readonly=False).exclude(remote_id="0")[0]


def send(group: DocumentGroup, actor: User, content: bytes = SCAN, document_type: str = "passport") -> Upload:
    """Plan an upload as a page would."""
    return uploads.upload(group, document_type, "mustermann.pdf", content, "application/pdf", actor)


def operation_of(row: Upload) -> Operation:
    """The operation that carries a file."""
    return Operation.objects.select_related("connection").get(object_type="upload", object_id=row.pk)


def sent_with(fault: str, group: DocumentGroup, actor: User, simulator: SimulatorProcess) -> Operation:
    """Send a file into a fault."""
    operation = operation_of(send(group, actor))
    simulator.fault(fault, path=UPLOAD, method="POST")
    operations.perform(operation.pk)
    operation.refresh_from_db()
    return operation


def test_a_file_is_sent_and_the_copy_here_is_emptied(
    connection: Connection, simulator: SimulatorProcess, staff: User, group: DocumentGroup
) -> None:
    row = send(group, staff)
    woken()
    operations.perform(operation_of(row).pk)
    row.refresh_from_db()
    (entry,) = simulator.ledger("upload")
    assert (str(entry["group_id"]), entry["document_type"], entry["size"]) == (group.remote_id, "passport", len(SCAN))
    assert (operation_of(row).state, row.content, row.size) == ("done", b"", len(SCAN))
    assert row.arrived_at is not None and row.sha256
    assert ("documents.sync_documents", [connection.pk]) in woken()


def test_nothing_of_a_waiting_file_is_readable_in_the_database(staff: User, group: DocumentGroup) -> None:
    row = send(group, staff)
    assert Upload.objects.get(pk=row.pk).content == SCAN
    with database.cursor() as cursor:
        cursor.execute("SELECT content, name FROM documents_upload WHERE id = %s", [row.pk])
        content, name = cursor.fetchone()
        cursor.execute("SELECT params, evidence FROM sync_operation")
        operation = "".join(str(value) for values in cursor.fetchall() for value in values)
    stored = bytes(content) + name.encode() + operation.encode()
    assert b"Mustermann" not in stored and b"mustermann" not in stored and b"%PDF" not in stored


def test_a_double_click_sends_the_file_once(simulator: SimulatorProcess, staff: User, group: DocumentGroup) -> None:
    first, again = send(group, staff), send(group, staff)
    assert first == again
    assert Upload.objects.count() == Operation.objects.count() == 1
    operations.perform(operation_of(first).pk)
    assert len(simulator.ledger("upload")) == 1


@pytest.mark.parametrize("fault", ["reset_after", "error_after", "truncated", "html"])
def test_one_that_arrived_unanswered_is_found(
    simulator: SimulatorProcess, staff: User, group: DocumentGroup, fault: str
) -> None:
    operation = sent_with(fault, group, staff, simulator)
    assert operation.state == "unknown"
    look_now(operation)
    assert operation.state == "done"
    assert Upload.objects.get(pk=operation.object_id).content == b""
    assert len(simulator.requests(UPLOAD, method="POST")) == 1


def test_one_that_did_not_arrive_is_kept_to_be_sent_again(
    simulator: SimulatorProcess, staff: User, group: DocumentGroup
) -> None:
    operation = sent_with("reset_before", group, staff, simulator)
    look_now(operation)
    assert operation.state == "unknown"
    long_ago(operation)
    look_now(operation)
    assert operation.state == "not_done"
    assert Upload.objects.get(pk=operation.object_id).content == SCAN
    assert operation_of(send(group, staff)).state == "planned"


def test_two_new_files_of_the_type_are_left_to_a_person(
    simulator: SimulatorProcess, staff: User, group: DocumentGroup
) -> None:
    operation = sent_with("reset_after", group, staff, simulator)
    # the same thing done elsewhere, by hand
    with gateway.client(group.connection, budget.OPERATION, may_change=True) as api:
        api.upload_document(
            group_id=group.remote_id,
            document_type="passport",
            content=b"other",
            filename="other.pdf",
            content_type="application/pdf",
        )
    long_ago(operation)
    look_now(operation)
    assert operation.state == "needs_person"


def test_files_of_a_group_go_one_at_a_time(simulator: SimulatorProcess, staff: User, group: DocumentGroup) -> None:
    sent_with("reset_after", group, staff, simulator)
    second = operation_of(send(group, staff, b"%PDF-1.4 another", "receipt"))
    operations.perform(second.pk)
    second.refresh_from_db()
    assert second.state == "planned"
    assert len(simulator.requests(UPLOAD, method="POST")) == 1


def test_a_refusal_is_kept_with_the_file(simulator: SimulatorProcess, staff: User, group: DocumentGroup) -> None:
    operation = sent_with("error_in_200", group, staff, simulator)
    row = Upload.objects.get(pk=operation.object_id)
    assert (operation.state, row.content) == ("refused", SCAN)
    assert row.error == operation.error != ""


@pytest.mark.parametrize("wrong", ["empty", "type", "new", "readonly"])
def test_what_cannot_be_uploaded_plans_nothing(staff: User, group: DocumentGroup, wrong: str) -> None:
    if wrong == "new":
        group.remote_id = ""
    group.is_readonly = wrong == "readonly"
    with pytest.raises(ValueError):
        send(group, staff, b"" if wrong == "empty" else SCAN, "virus" if wrong == "type" else "passport")
    assert not Operation.objects.exists() and not Upload.objects.exists()
