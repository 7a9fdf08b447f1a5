"""A file reaches Zadarma once, sealed while it waits here, and is looked for where the answer got lost."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection as database

from documents import tasks, uploads
from documents.models import Document, DocumentGroup, Upload
from people.models import User
from sync import operations
from sync.models import Connection, Operation
from tests.support.journal import facts_of, look_now, perform_planned
from tests.support.scenes import forget_waiting, long_ago, read, woken
from tests.support.simulator import SimulatorProcess
from zadarma import Client

UPLOAD = "/v1/documents/upload/"
PHOTO = b"\xff\xd8\xff\xe0 the face of Anna Berg \xff\xd9"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def group(connection: Connection, simulator: SimulatorProcess) -> DocumentGroup:
    """A group that Zadarma has; what was read of it is forgotten."""
    read(connection, "documents")
    simulator.clear_requests()
    return DocumentGroup.objects.get(remote_id="1001")


def send(group: DocumentGroup, staff: User, content: bytes = PHOTO, **more: str) -> Upload:
    """Plan a passport's upload."""
    given = {"document_type": "passport", "name": "Anna's passport.jpg", "content_type": "image/jpeg", **more}
    return uploads.upload(group, given["document_type"], given["name"], content, given["content_type"], staff)


def operation_of(upload: Upload) -> Operation:
    """Its operation as it stands."""
    return Operation.objects.get(object_type="upload", object_id=upload.pk)


def files(simulator: SimulatorProcess) -> list[dict[str, Any]]:
    """What arrived."""
    return simulator.ledger("upload")


def lose(fault: str, group: DocumentGroup, staff: User, simulator: SimulatorProcess) -> Operation:
    """Send a file whose answer gets lost."""
    simulator.fault(fault, path=UPLOAD)
    upload = send(group, staff)
    operations.perform(operation_of(upload).pk)
    operation = operation_of(upload)
    assert operation.state == "unknown"
    return operation


def settled(operation: Operation) -> Operation:
    """Look twice, long after it was sent."""
    long_ago(operation)
    look_now(operation)
    look_now(operation)
    return operation


def test_a_file_arrives_is_recognised_and_is_kept_sealed_until_it_was_verified(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User
) -> None:
    upload = send(group, staff)
    assert (upload.size, bytes(upload.content), upload.arrived_at) == (len(PHOTO), PHOTO, None)
    woken()
    perform_planned()
    (arrived,) = files(simulator)
    assert (arrived["group_id"], arrived["document_type"], arrived["size"]) == (1001, "passport", len(PHOTO))
    assert arrived["name"].endswith(".jpg")
    upload.refresh_from_db()
    assert (bytes(upload.content), bool(upload.arrived_at), upload.error) == (PHOTO, True, "")
    assert (upload.doc_name, operation_of(upload).state) == (arrived["name"], "done")
    assert ("documents.refresh_group", [group.pk]) in woken()
    tasks.refresh_group(group.pk)
    upload.refresh_from_db()
    assert upload.document == Document.objects.get(group=group, is_verified=False)
    assert (upload.document.name, upload.verified_at) == (arrived["name"], None)
    simulator.verify(1001, "passport")
    tasks.refresh_group(group.pk)
    upload.refresh_from_db()
    assert upload.verified_at is not None


def test_by_setting_our_copy_is_deleted_as_soon_as_it_has_arrived(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User, settings: Any
) -> None:
    settings.KEEP_FILES_DAYS = None
    upload = send(group, staff)
    perform_planned()
    upload.refresh_from_db()
    assert (bytes(upload.content), bool(upload.arrived_at), bool(upload.deleted_at)) == (b"", True, True)
    assert (upload.name, len(upload.sha256), upload.document_type) == ("Anna's passport.jpg", 64, "passport")


def test_while_it_waits_nothing_of_it_stands_in_the_database_in_clear(group: DocumentGroup, staff: User) -> None:
    upload = send(group, staff)
    with database.cursor() as cursor:
        cursor.execute("SELECT * FROM documents_upload")
        rows = [bytes(value) for row in cursor.fetchall() for value in row if isinstance(value, (bytes, memoryview))]
        cursor.execute("SELECT * FROM documents_upload")
        text = str(cursor.fetchall())
        cursor.execute("SELECT * FROM sync_operation")
        text += str(cursor.fetchall())
    assert rows and not any(b"Anna" in value or PHOTO in value for value in rows)
    assert "Anna" not in text and "passport.jpg" not in text
    assert "Anna" not in operation_of(upload).exclusive_key


def test_a_double_click_sends_it_once(group: DocumentGroup, simulator: SimulatorProcess, staff: User) -> None:
    first, second = send(group, staff), send(group, staff)
    assert first == second
    perform_planned()
    assert (len(files(simulator)), Upload.objects.count()) == (1, 1)
    for pk in Operation.objects.values_list("pk", flat=True):
        operations.perform(pk)
    assert len(files(simulator)) == 1


def test_other_files_and_other_types_are_other_uploads(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User
) -> None:
    different = [send(group, staff), send(group, staff, PHOTO + b"2"), send(group, staff, document_type="receipt")]
    assert len({upload.pk for upload in different}) == 3
    perform_planned()
    assert sorted(entry["document_type"] for entry in files(simulator)) == ["passport", "passport", "receipt"]


@pytest.mark.parametrize("chosen", ["reset_after", "error_after", "bad_json", "truncated"])
def test_one_new_file_is_the_one_whose_answer_got_lost(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User, chosen: str
) -> None:
    operation = lose(chosen, group, staff, simulator)
    operations.perform(operation.pk)
    look_now(operation)
    upload = Upload.objects.get()
    assert (operation.state, bytes(upload.content), bool(upload.arrived_at)) == ("done", PHOTO, True)
    assert upload.doc_name == files(simulator)[0]["name"]
    assert len(files(simulator)) == 1


def test_without_a_new_file_it_was_not_done_and_our_copy_goes_and_another_attempt_refers_to_it(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User
) -> None:
    operation = lose("reset_before", group, staff, simulator)
    look_now(operation)
    look_now(operation)
    assert operation.state == "unknown"  # it may still arrive
    assert settled(operation).state == "not_done"
    upload = Upload.objects.get()
    assert (bytes(upload.content), upload.arrived_at) == (b"", None)
    again = send(group, staff)
    assert Operation.objects.get(object_type="upload", object_id=again.pk).previous == operation
    perform_planned()
    again.refresh_from_db()
    assert again != upload and again.arrived_at
    assert len(files(simulator)) == 1


def test_of_two_new_files_ours_is_known_by_its_name(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User
) -> None:
    operation = lose("reset_after", group, staff, simulator)
    with_another_file(simulator, group)
    look_now(operation)
    assert (operation.state, facts_of(operation)["new"]) == ("done", 2)
    assert Upload.objects.get().doc_name == files(simulator)[0]["name"]


def test_two_new_files_under_other_names_are_left_to_a_person(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User
) -> None:
    operation = lose("reset_before", group, staff, simulator)
    with_another_file(simulator, group)
    with_another_file(simulator, group)
    long_ago(operation)
    look_now(operation)
    assert (operation.state, facts_of(operation)["new"]) == ("needs_person", 2)


def with_another_file(simulator: SimulatorProcess, group: DocumentGroup, document_type: str = "passport") -> None:
    """Somebody adds a file in Zadarma's own cabinet."""
    api = Client(simulator.url, simulator.key, simulator.secret)
    api.upload_document(
        group_id=group.remote_id, document_type=document_type, content=b"x", filename="other", content_type="image/png"
    )
    api.close()


def test_a_new_file_of_another_type_settles_nothing(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User
) -> None:
    operation = lose("reset_before", group, staff, simulator)
    with_another_file(simulator, group, "receipt")
    look_now(operation)
    assert (operation.state, facts_of(operation)["new"]) == ("unknown", 0)


def test_a_listing_that_lacks_files_that_were_there_proves_no_absence(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = lose("reset_before", group, staff, simulator)
    monkeypatch.setattr(Client, "documents", lambda api, group_id: [])
    assert settled(operation).state == "unknown"


def test_while_one_of_a_group_is_in_doubt_the_next_waits(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User
) -> None:
    first = lose("reset_after", group, staff, simulator)
    second = operation_of(send(group, staff, PHOTO + b"2"))
    operations.perform(second.pk)
    second.refresh_from_db()
    assert (second.state, len(files(simulator))) == ("planned", 1)
    look_now(first)
    operations.perform(forget_waiting(second).pk)
    second.refresh_from_db()
    assert (first.state, second.state, len(files(simulator))) == ("done", "done", 2)


def test_what_zadarma_refuses_is_told_in_its_words(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User
) -> None:
    simulator.fault("error_in_200", path=UPLOAD)
    upload = send(group, staff)
    perform_planned()
    upload.refresh_from_db()
    operation = operation_of(upload)
    assert (operation.state, upload.arrived_at) == ("refused", None)
    assert upload.error and upload.error == operation.error
    assert files(simulator) == []


def erased(group: DocumentGroup) -> None:
    """Nothing personal of it is kept here any more."""
    DocumentGroup.objects.filter(pk=group.pk).update(erased_at=group.first_seen)


def not_there_yet(group: DocumentGroup) -> None:
    """Its creation is under way."""
    DocumentGroup.objects.filter(pk=group.pk).update(remote_id="")


def gone(group: DocumentGroup) -> None:
    """No longer listed."""
    DocumentGroup.objects.filter(pk=group.pk).update(gone_at=group.first_seen)


@pytest.mark.parametrize("spoil", [erased, not_there_yet, gone])
def test_a_group_that_takes_no_files_gets_none(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User, spoil: Callable[[DocumentGroup], None]
) -> None:
    spoil(group)
    group.refresh_from_db()
    with pytest.raises(ValueError):
        send(group, staff)
    assert not Upload.objects.exists() and not Operation.objects.exists()
    assert simulator.request_totals() == {}


@pytest.mark.parametrize(
    ("content", "given"), [(b"", {}), (PHOTO, {"document_type": "diary"}), (PHOTO, {"document_type": ""})]
)
def test_nothing_and_what_the_api_has_no_word_for_is_not_taken(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User, content: bytes, given: dict[str, str]
) -> None:
    with pytest.raises(ValueError):
        send(group, staff, content, **given)
    assert not Upload.objects.exists() and not Operation.objects.exists()


def test_nothing_of_a_file_stands_in_the_evidence(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User
) -> None:
    operation = lose("reset_after", group, staff, simulator)
    look_now(operation)
    kept = str([operation.evidence, operation.params, operation.error])
    assert "Anna" not in kept and ".jpg" not in kept


def test_the_file_of_an_upload_that_was_faster_is_not_taken_for_this_one(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = send(group, staff), send(group, staff, b"\xff\xd8another")
    one, other = (Operation.objects.get(object_type="upload", object_id=row.pk) for row in (first, second))
    claim = operations._claim

    def after_the_first(operation: Operation) -> bool:
        monkeypatch.setattr(operations, "_claim", claim)
        operations.perform(one.pk)
        simulator.fault("reset_before", path=UPLOAD)
        return claim(operation)

    monkeypatch.setattr(operations, "_claim", after_the_first)
    operations.perform(other.pk)  # it counted the files before the first one's was there
    other.refresh_from_db()
    assert (other.state, other.waits_for) == ("planned", "others")
    operations.perform(forget_waiting(other).pk)
    other.refresh_from_db()
    assert other.state == "unknown"
    assert settled(other).state == "not_done"


def test_files_are_given_to_a_group_whose_data_are_closed_and_to_the_account_holders_own(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User
) -> None:
    DocumentGroup.objects.filter(pk=group.pk).update(is_readonly=True)
    group.refresh_from_db()
    send(group, staff)
    send(DocumentGroup.objects.get(remote_id="0"), staff)
    perform_planned()
    assert [entry["group_id"] for entry in files(simulator)] == [1001, 0]


def test_a_file_taken_back_before_it_left_is_deleted_and_not_sent(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User
) -> None:
    upload = send(group, staff)
    assert uploads.stop(upload)
    perform_planned()
    upload.refresh_from_db()
    assert (bytes(upload.content), bool(upload.deleted_at), files(simulator)) == (b"", True, [])
    late = send(group, staff, PHOTO + b"2")
    perform_planned()
    assert not uploads.stop(late)
    assert len(files(simulator)) == 1
