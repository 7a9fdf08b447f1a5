"""What a reading and others do to the same group at the same time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from documents import files, mirror, names, queries, refreshing
from documents.mirror import sync_documents
from documents.models import Document, DocumentGroup, Upload
from people.tenancy import Viewer
from sync import runs
from sync.models import Connection, SyncRun
from sync.runs import Progress
from tests import factories
from tests.support.scenes import read
from tests.support.simulator import SimulatorProcess
from zadarma import Client, Unavailable
from zadarma import types as api_types

pytestmark = pytest.mark.django_db
STAFF = Viewer(user_id=1, staff_role="owner")


def reading_with(connection: Connection, meanwhile: Progress) -> SyncRun:
    """A reading of everything, during which something else happens before the first group is asked for."""

    def work(run: SyncRun, api: Client) -> None:
        done: list[SyncRun] = []

        def progress(run: SyncRun) -> None:
            if run.step.startswith("group ") and not done:
                done.append(run)
                meanwhile(run)

        sync_documents(run, api, progress, everything=True)

    connection.refresh_from_db()
    run = runs.perform(connection, "documents", work)
    assert run is not None and run.state == "done", run and run.error
    return run


def test_a_name_that_an_operation_set_during_a_reading_is_found(
    connection: Connection, simulator: SimulatorProcess
) -> None:
    read(connection, "documents")
    group = DocumentGroup.objects.get(remote_id="1001")
    old = group.fields

    def rename(run: SyncRun) -> None:
        row = DocumentGroup.objects.get(pk=group.pk)
        row.fields = {**old, "last_name": "Zweitname", "organization": ""}
        row.confirmed_at = timezone.now()
        row.save()
        names.index([row])

    DocumentGroup.objects.filter(pk=group.pk).update(fields={**old, "last_name": "Vorher"})
    reading_with(connection, rename)
    assert DocumentGroup.objects.get(pk=group.pk).fields["last_name"] == "Zweitname"
    assert list(queries.named(STAFF, "Zweitname")) == [group]


def test_what_was_asked_for_one_group_alone_during_a_reading_is_not_undone(
    connection: Connection, simulator: SimulatorProcess
) -> None:
    read(connection, "documents")
    DocumentGroup.objects.filter(remote_id="1002").update(wrong_document_type="passport", wrong_document="blurred")
    # something else differs in this row, and the verdict in another one: a bulk write takes both fields of both
    DocumentGroup.objects.filter(remote_id="1001").update(country_iso="XX", wrong_document="old")
    group = DocumentGroup.objects.get(remote_id="1001")

    def look_alone(run: SyncRun) -> None:
        DocumentGroup.objects.filter(pk=group.pk).update(
            wrong_document_type="receipt",
            wrong_document="new verdict",
            checked_at=timezone.now() + timedelta(seconds=30),
        )

    reading_with(connection, look_alone)
    group.refresh_from_db()
    assert (group.wrong_document_type, group.wrong_document) == ("receipt", "new verdict")


def test_an_older_look_at_one_group_does_not_undo_a_later_one(
    connection: Connection, simulator: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(connection, "documents")
    group = DocumentGroup.objects.get(remote_id="1001")
    later = timezone.now() + timedelta(seconds=30)
    asked = Client.checking_wrongs

    def slow(api: Client, group_id: str) -> api_types.CheckingWrongs:
        told = asked(api, group_id)
        DocumentGroup.objects.filter(pk=group.pk).update(
            wrong_document_type="receipt", wrong_document="new verdict", checked_at=later
        )
        return told

    monkeypatch.setattr(Client, "checking_wrongs", slow)
    refreshing.refresh_group(group)
    group.refresh_from_db()
    assert (group.wrong_document, group.checked_at) == ("new verdict", later)


def test_nothing_is_listed_of_a_group_that_was_erased_while_it_was_asked_about(
    connection: Connection, simulator: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(connection, "documents")
    group = DocumentGroup.objects.get(remote_id="1001")
    asked = Client.checking_wrongs

    def slow(api: Client, group_id: str) -> api_types.CheckingWrongs:
        told = asked(api, group_id)
        Document.objects.filter(group=group).delete()
        DocumentGroup.objects.filter(pk=group.pk).update(erased_at=timezone.now())
        return told

    monkeypatch.setattr(Client, "checking_wrongs", slow)
    refreshing.refresh_group(group)
    assert not Document.objects.filter(group=group).exists()


def test_a_group_that_can_not_be_read_does_not_hold_up_the_others(
    connection: Connection, simulator: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Client.checking_wrongs

    def broken(api: Client, group_id: str) -> api_types.CheckingWrongs:
        if group_id == "1001":
            raise Unavailable("the answer is not JSON")
        return asked(api, group_id)

    monkeypatch.setattr(Client, "checking_wrongs", broken)
    connection.refresh_from_db()
    run = runs.perform(connection, "documents", mirror.sync_documents)
    assert run is not None and run.state == "done"
    assert DocumentGroup.objects.filter(remote_id="1002").exclude(checked_at=None).exists()


def test_a_file_that_was_missing_from_one_listing_is_recognised_again() -> None:
    group = factories.DocumentGroupFactory(remote_id="1001")
    told = api_types.Document(name="a-1.jpg", type="passport", is_verified=False)
    upload = Upload.objects.create(
        group=group,
        document_type="passport",
        name="a.jpg",
        doc_name="a-1.jpg",
        content=b"x",
        size=1,
        content_type="image/jpeg",
        sha256="0",
        arrived_at=timezone.now(),
    )
    for listed in ([told], [], [api_types.Document(name="a-1.jpg", type="passport", is_verified=True)]):
        files.write(group.connection_id, {group.pk: listed}, {group.pk: timezone.now()})
    upload.refresh_from_db()
    assert upload.document is not None and upload.document.gone_at is None
    assert upload.verified_at is not None


def test_an_outage_ends_the_reading(
    connection: Connection, simulator: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(api: Client, group_id: str) -> api_types.CheckingWrongs:
        raise Unavailable("no answer")

    monkeypatch.setattr(Client, "checking_wrongs", down)
    connection.refresh_from_db()
    run = runs.perform(connection, "documents", mirror.sync_documents)
    assert run is not None and run.state == "failed"
