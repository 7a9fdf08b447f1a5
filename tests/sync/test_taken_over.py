"""A run whose lease ran out, and whose place another took, writes nothing more."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sync import runs
from sync.models import Connection, SyncRun
from zadarma import Client

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_that_comes_back_after_its_lease_stops_before_it_writes(connection: Connection) -> None:
    went_on = []

    def slow(run: SyncRun, api: Client) -> None:
        SyncRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        other = runs.begin(connection, "numbers")
        assert other is not None
        runs.step(run, "writing", 1, 2)
        went_on.append(run)

    assert runs.perform(connection, "numbers", slow) is None
    assert went_on == []
    connection.refresh_from_db()
    assert connection.numbers_as_of is None
    assert list(SyncRun.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "running"]


def test_a_run_taken_over_at_its_very_end_is_not_called_done(connection: Connection) -> None:
    def slow(run: SyncRun, api: Client) -> None:
        SyncRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        assert runs.begin(connection, "numbers") is not None

    runs.perform(connection, "numbers", slow)
    connection.refresh_from_db()
    assert connection.numbers_as_of is None
    assert SyncRun.objects.order_by("pk")[0].state == SyncRun.State.FAILED
