"""Sync runs: one at a time per account, each says what became of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sync import runs
from sync.models import Connection, SyncRun
from tests.factories import ConnectionFactory
from tests.support.simulator import SimulatorProcess
from zadarma import Client, Unavailable

pytestmark = pytest.mark.django_db


def nothing(run: SyncRun, api: Client) -> None:
    """Work that reads nothing."""


def test_two_at_once_the_second_gets_none() -> None:
    connection = ConnectionFactory()
    assert runs.begin(connection, "numbers") is not None
    assert runs.begin(connection, "catalog") is None
    assert runs.begin(ConnectionFactory(), "numbers") is not None
    assert SyncRun.objects.filter(connection=connection).count() == 1


def test_a_run_inside_a_run_does_not_read(connection: Connection, simulator: SimulatorProcess) -> None:
    inner: list[SyncRun | None] = []
    runs.perform(connection, "numbers", lambda run, api: inner.append(runs.perform(connection, "catalog", nothing)))
    assert inner == [None]
    assert [run.kind for run in SyncRun.objects.all()] == ["numbers"]
    assert len(simulator.requests("/v1/info/balance/")) == 1


def test_a_run_whose_process_ended_is_taken_over() -> None:
    connection = ConnectionFactory()
    first = runs.begin(connection, "numbers")
    assert first is not None
    SyncRun.objects.filter(pk=first.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    second = runs.begin(connection, "numbers")
    assert second is not None
    first.refresh_from_db()
    assert (first.state, first.error) == ("failed", "interrupted: its process ended")
    assert first.finished_at is not None
    assert second.state == "running"


def test_a_step_holds_the_lease_and_tells_how_far_it_is() -> None:
    run = runs.begin(ConnectionFactory(), "catalog")
    assert run is not None
    SyncRun.objects.filter(pk=run.pk).update(lease_until=timezone.now())
    told: list[tuple[str, int, int]] = []
    runs.step(run, "GB en", 3, 42, lambda run: told.append((run.step, run.steps_done, run.steps_total)))
    run.refresh_from_db()
    assert told == [("GB en", 3, 42)]
    assert run.lease_until > timezone.now() + timedelta(minutes=9)


def test_a_failed_run_keeps_its_error_and_moves_no_as_of(connection: Connection) -> None:
    def fail(run: SyncRun, api: Client) -> None:
        raise Unavailable("the listing broke off", call="GET /v1/direct_numbers/")

    run = runs.perform(connection, "numbers", fail)
    connection.refresh_from_db()
    assert run is not None
    assert (run.state, run.error) == ("failed", "GET /v1/direct_numbers/: the listing broke off")
    assert run.finished_at is not None
    assert connection.numbers_as_of is None


def test_a_finished_run_says_as_of_when_the_mirror_is_true(connection: Connection) -> None:
    run = runs.perform(connection, "documents", nothing)
    connection.refresh_from_db()
    assert run is not None
    assert (run.state, connection.documents_as_of, connection.numbers_as_of) == ("done", run.started_at, None)
    assert (str(connection.balance), connection.balance_currency) == ("212.4000", "EUR")
    assert connection.zone


def test_a_crash_closes_the_run_and_is_not_swallowed(connection: Connection) -> None:
    def crash(run: SyncRun, api: Client) -> None:
        raise LookupError("secret detail")

    with pytest.raises(LookupError):
        runs.perform(connection, "numbers", crash)
    run = SyncRun.objects.get()
    assert (run.state, run.error) == ("failed", "internal error: LookupError")
    assert runs.begin(connection, "numbers") is not None


def test_bad_credentials_fail_the_run_and_pause_the_account(connection: Connection) -> None:
    connection.api_secret = "wrong"
    connection.save()
    run = runs.perform(connection, "numbers", nothing)
    connection.refresh_from_db()
    assert run is not None
    assert (run.state, connection.state) == ("failed", "paused")
    assert "key pair" in connection.paused_because
