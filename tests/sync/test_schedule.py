"""What is due is read, the most urgent first, one at a time per account."""

from datetime import UTC, datetime, timedelta

import pytest

from sync import schedule
from sync.models import Connection, SyncRun
from tests.factories import ConnectionFactory, SyncRunFactory

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def ran(connection: Connection, kind: str, minutes_ago: float, state: str = "done", lease: float = 0) -> SyncRun:
    """A run of the past; `lease` is in minutes from now."""
    return SyncRunFactory(
        connection=connection,
        kind=kind,
        state=state,
        started_at=NOW - timedelta(minutes=minutes_ago),
        lease_until=NOW + timedelta(minutes=lease),
    )


def due(connection: Connection) -> list[str]:
    """The kinds that are started now."""
    return [kind for pk, kind in schedule.start_due(NOW) if pk == connection.pk]


def test_what_was_never_read_is_due_one_kind_at_a_time_in_order_of_urgency() -> None:
    connection = ConnectionFactory()
    order = []
    for _ in range(4):
        order += (kinds := due(connection))
        for kind in kinds:
            ran(connection, kind, 1)
    assert sorted(order) == ["catalog", "documents", "numbers"]
    assert order.index("numbers") < order.index("catalog")


@pytest.mark.parametrize(("kind", "period"), [("numbers", 5), ("documents", 2), ("catalog", 24 * 60)])
def test_each_kind_is_due_after_its_period(kind: str, period: int) -> None:
    connection = ConnectionFactory()
    for other in {"numbers", "documents", "catalog"} - {kind}:
        ran(connection, other, 1)
    ran(connection, kind, period - 0.5)
    assert due(connection) == []
    SyncRun.objects.filter(kind=kind).update(started_at=NOW - timedelta(minutes=period))
    assert due(connection) == [kind]


def test_a_failed_run_is_tried_again_after_five_minutes_whatever_its_period() -> None:
    connection = ConnectionFactory()
    ran(connection, "numbers", 1)
    ran(connection, "documents", 1)
    ran(connection, "catalog", 2000)
    failed = ran(connection, "catalog", 4, "failed")
    assert due(connection) == []
    SyncRun.objects.filter(pk=failed.pk).update(started_at=NOW - timedelta(minutes=5))
    assert due(connection) == ["catalog"]


def test_a_run_under_way_is_not_doubled_until_its_lease_ends() -> None:
    connection = ConnectionFactory()
    ran(connection, "documents", 1)
    ran(connection, "catalog", 1)
    running = ran(connection, "numbers", 9, "running", lease=1)
    assert due(connection) == []
    SyncRun.objects.filter(pk=running.pk).update(lease_until=NOW - timedelta(seconds=1))
    assert due(connection) == ["numbers"]


def test_what_is_late_has_its_turn_though_more_urgent_ones_are_always_due() -> None:
    connection = ConnectionFactory()
    ran(connection, "numbers", 1)
    SyncRun.objects.filter(pk=ran(connection, "documents", 1).pk).update(left=5000)
    catalog = ran(connection, "catalog", 47 * 60)
    assert due(connection) == ["documents"]
    SyncRun.objects.filter(pk=catalog.pk).update(started_at=NOW - timedelta(hours=48))
    assert due(connection) == ["catalog"]


def test_paused_and_hidden_accounts_are_left_alone() -> None:
    ConnectionFactory(state="paused")
    ConnectionFactory(is_hidden=True)
    active = ConnectionFactory()
    assert [pk for pk, _ in schedule.start_due(NOW)] == [active.pk]


def test_one_account_can_be_asked_for() -> None:
    wanted = ConnectionFactory()
    ConnectionFactory()
    assert [pk for pk, _ in schedule.start_due(NOW, wanted.pk)] == [wanted.pk]
