"""Whose files and verdicts are asked for when: where something waits every quarter of an hour, others daily."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from direct_numbers.models import Number
from documents import due, mirror, tasks
from documents.models import Document, DocumentGroup
from sync import runs, schedule
from sync.models import Connection, SyncRequest, SyncRun
from tests import factories
from tests.support.scenes import read
from tests.support.simulator import SimulatorProcess

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def ago(**units: int) -> datetime:
    """So long before now."""
    return NOW - timedelta(**units)


def test_what_something_waits_for_is_due_within_a_quarter_of_an_hour_and_others_after_a_day() -> None:
    checked = {
        "new": None,
        "waits": ago(minutes=15),
        "waits-long": ago(hours=3),
        "just": ago(minutes=5),
        "other": ago(hours=23),
        "other-old": ago(hours=25),
    }
    assert due.due(checked, {"waits", "waits-long", "just"}, NOW) == ["waits-long", "waits", "new", "other-old"]
    assert len(due.due(checked, set(), NOW, everything=True)) == 6


def test_after_some_that_something_waits_for_comes_one_of_the_others() -> None:
    checked = {f"w{place}": ago(minutes=30 - place) for place in range(10)} | {"a": ago(days=3), "b": ago(days=2)}
    waiting = {name for name in checked if name.startswith("w")}
    found = due.due(checked, waiting, NOW)
    assert found == [*(f"w{place}" for place in range(8)), "a", "w8", "w9", "b"]
    assert due.due({**checked, "w10": None}, {*waiting, "w10"}, NOW)[0] == "w10"  # what was never asked for, first


def run_documents(connection: Connection) -> SyncRun:
    """A reading as the schedule does it."""
    connection.refresh_from_db()
    run = runs.perform(connection, "documents", mirror.sync_documents)
    assert run is not None and run.state == "done", run and run.error
    return run


def asked_for(simulator: SimulatorProcess) -> set[str]:
    """The groups whose files were asked for since the last look."""
    seen = {entry["params"].get("group_id", "0") for entry in simulator.requests("/v1/documents/files/")}
    simulator.clear_requests()
    return seen


def an_hour_ago() -> None:
    """Let all groups have been asked for an hour ago."""
    DocumentGroup.objects.update(checked_at=timezone.now() - timedelta(hours=1))


def test_only_groups_that_numbers_wait_for_are_asked_again(connection: Connection, simulator: SimulatorProcess) -> None:
    read(connection)
    simulator.clear_requests()
    run_documents(connection)
    assert asked_for(simulator) == set()  # a moment ago
    an_hour_ago()
    run_documents(connection)
    waiting = set(Number.objects.filter(status__contains="checking").values_list("group_remote_id", flat=True))
    waiting |= set(Number.objects.filter(status__startswith="reserved").values_list("group_remote_id", flat=True))
    assert asked_for(simulator) == waiting == {"0", "1002", "1003"}
    DocumentGroup.objects.update(checked_at=timezone.now() - timedelta(hours=25))
    run_documents(connection)
    assert asked_for(simulator) == {"0", "1001", "1002", "1003"}


def test_a_file_given_here_is_waited_for_until_it_was_verified(
    connection: Connection, simulator: SimulatorProcess
) -> None:
    read(connection, "documents")
    an_hour_ago()
    simulator.clear_requests()
    group = DocumentGroup.objects.get(remote_id="1001")
    upload = factories.UploadFactory(group=group, arrived_at=timezone.now())
    run_documents(connection)
    assert asked_for(simulator) == {"1001"}
    an_hour_ago()
    type(upload).objects.update(verified_at=timezone.now())
    run_documents(connection)
    assert asked_for(simulator) == set()


def test_more_than_fit_go_on_at_once_and_a_slow_group_does_not_starve(
    connection: Connection, simulator: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due, "MOST_A_RUN", 3)
    run = run_documents(connection)
    assert (run.left, len(asked_for(simulator))) == (1, 3)
    numbers = factories.SyncRunFactory(connection=connection, kind="numbers", started_at=timezone.now())
    factories.SyncRunFactory(connection=connection, kind="catalog", started_at=timezone.now())
    assert schedule.start_due(timezone.now()) == [(connection.pk, "documents")]
    numbers.delete()  # the numbers are due as well: they go first
    assert schedule.start_due(timezone.now()) == [(connection.pk, "numbers")]
    run = run_documents(connection)
    assert (run.left, len(asked_for(simulator))) == (0, 1)


def test_a_person_who_asks_has_them_read_whatever_their_age(
    connection: Connection, simulator: SimulatorProcess
) -> None:
    read(connection, "documents")
    simulator.clear_requests()
    SyncRequest.objects.create(connection=connection, kind="documents")
    run = run_documents(connection)
    assert (len(asked_for(simulator)), run.left) == (4, 0)


def test_a_group_the_api_says_no_about_does_not_stop_the_others(
    connection: Connection, simulator: SimulatorProcess
) -> None:
    simulator.fault("error_in_200", path="/v1/documents/files/", params={"group_id": "1002"})
    run = run_documents(connection)
    assert run.rejected == 1
    assert set(Document.objects.values_list("group__remote_id", flat=True)) == {"0", "1001", "1003"}


def test_one_group_is_asked_about_alone_and_an_older_listing_does_not_undo_it(
    connection: Connection, simulator: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(connection, "documents")
    group = DocumentGroup.objects.get(remote_id="1002")
    written = mirror._write_groups

    def meanwhile(*given: object) -> set[int]:
        simulator.reject(1002, "certificate", "It is not signed")
        tasks.refresh_group(group.pk)
        return written(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(mirror, "_write_groups", meanwhile)
    read(connection, "documents")
    group.refresh_from_db()
    assert (group.wrong_document_type, group.wrong_document) == ("certificate", "It is not signed")
    assert group.changed_at and group.checked_at and group.changed_at >= group.checked_at


def test_an_erased_group_is_neither_asked_for_nor_filled_again(
    connection: Connection, simulator: SimulatorProcess
) -> None:
    read(connection, "documents")
    group = DocumentGroup.objects.get(remote_id="1001")
    Document.objects.filter(group=group).delete()
    DocumentGroup.objects.filter(pk=group.pk).update(erased_at=timezone.now(), fields={})
    simulator.clear_requests()
    read(connection, "documents")
    group.refresh_from_db()
    assert (group.fields, group.gone_at, group.documents.count()) == ({}, None, 0)
    assert "1001" not in asked_for(simulator)
