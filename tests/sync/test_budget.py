"""The calls of a minute are shared by all processes, with a reserve for people."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from sync import budget, gateway
from sync.models import CallBudget, Connection
from tests.factories import ConnectionFactory
from tests.support.simulator import SimulatorProcess
from zadarma import Unavailable

NOON = datetime(2026, 3, 2, 12, 0, 15, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def ten_a_minute(settings: Settings) -> None:
    """A small allowance."""
    settings.ZADARMA_CALLS_A_MINUTE = 10


def granted(connection: Connection, lane: str, now: datetime = NOON, most: int = 20) -> int:
    """How many calls `lane` gets at `now`."""
    return next((n for n in range(most) if budget.take(connection.pk, lane, now)), most)


@pytest.mark.parametrize(("lane", "most"), [("sync", 7), ("operation", 9), ("click", 10)])
def test_each_lane_ends_at_its_share(ten_a_minute: None, lane: str, most: int) -> None:
    assert granted(ConnectionFactory(), lane) == most


def test_what_sync_leaves_is_for_operations_and_then_for_people(ten_a_minute: None) -> None:
    connection = ConnectionFactory()
    assert [granted(connection, lane) for lane in ("sync", "operation", "sync", "click", "operation")] == [
        7,
        2,
        0,
        1,
        0,
    ]
    assert CallBudget.objects.get(connection=connection).used == 10


def test_a_new_minute_begins_anew(ten_a_minute: None) -> None:
    connection = ConnectionFactory()
    assert granted(connection, "click") == 10
    assert budget.take(connection.pk, "click", NOON) == pytest.approx(45.05)
    assert budget.take(connection.pk, "click", NOON + timedelta(seconds=45)) == 0.0
    assert CallBudget.objects.get(connection=connection).used == 1


def test_each_account_has_its_own_allowance(ten_a_minute: None) -> None:
    assert granted(ConnectionFactory(), "click") == 10
    assert granted(ConnectionFactory(), "click") == 10
    assert CallBudget.objects.count() == 2


def test_a_429_closes_it_for_every_lane_until_the_moment_named() -> None:
    connection, now = ConnectionFactory(), timezone.now()
    budget.take(connection.pk, "click", now)
    budget.close(connection.pk, now + timedelta(seconds=20))
    assert budget.take(connection.pk, "click", now) == pytest.approx(20)
    assert budget.take(connection.pk, "sync", now + timedelta(seconds=5)) == pytest.approx(15)
    assert budget.take(connection.pk, "click", now + timedelta(seconds=20)) == 0.0


def test_it_is_closed_for_two_minutes_at_most_and_never_for_less_than_before() -> None:
    connection, now = ConnectionFactory(), timezone.now()
    budget.take(connection.pk, "click", now)
    budget.close(connection.pk, now + timedelta(hours=5))
    row = CallBudget.objects.get()
    assert row.closed_until is not None
    assert timedelta(seconds=119) < row.closed_until - now <= timedelta(seconds=130)
    budget.close(connection.pk, now + timedelta(seconds=3))
    assert CallBudget.objects.get().closed_until == row.closed_until


def test_without_patience_nobody_waits(ten_a_minute: None) -> None:
    connection, now = ConnectionFactory(), timezone.now()
    budget.take(connection.pk, "click", now)
    budget.close(connection.pk, now + timedelta(seconds=60))
    assert budget.wait_for(connection.pk, "click", 0.0) > 50


def test_every_call_of_the_client_is_counted(connection: Connection, simulator: SimulatorProcess) -> None:
    with gateway.client(connection, budget.CLICK) as api:
        api.balance()
        api.countries("en")
    assert len(simulator.requests()) == 2
    assert CallBudget.objects.get(connection=connection).used == 2


def test_a_429_of_the_api_stops_the_next_call_before_it_leaves(
    connection: Connection, simulator: SimulatorProcess, asks_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(gateway.PATIENCE, budget.CLICK, 0.0)
    simulator.fault("rate")
    with gateway.client(connection, budget.CLICK) as api:
        with pytest.raises(Unavailable):
            api.balance()
        with pytest.raises(Unavailable) as refused:
            api.balance()
    assert len(simulator.requests()) == 1
    assert (refused.value.may_have_reached, refused.value.rate_limited) == (False, True)
    assert "used up" in gateway.explain(refused.value)


def test_what_each_lane_used_and_may_still_use_is_told(ten_a_minute: None) -> None:
    connection = ConnectionFactory()
    for lane, count in (("sync", 3), ("operation", 2), ("click", 1)):
        for _ in range(count):
            budget.take(connection.pk, lane, NOON)
    told = budget.calls(CallBudget.objects.get(), NOON)
    assert (told.used, told.by_lane) == (6, {"click": 1, "operation": 2, "sync": 3})
    assert told.left_by_lane == {"click": 4, "operation": 3, "sync": 1}
    assert budget.take(connection.pk, "sync", NOON + timedelta(seconds=30)) == 0.0
    assert budget.take(connection.pk, "sync", NOON + timedelta(seconds=30)) > 0
    next_minute = budget.calls(CallBudget.objects.get(), NOON + timedelta(minutes=1))
    assert (next_minute.used, next_minute.left) == (0, 10)
    budget.take(connection.pk, "click", NOON + timedelta(minutes=1))
    assert budget.calls(CallBudget.objects.get(), NOON + timedelta(minutes=1)).by_lane == {
        "click": 1,
        "operation": 0,
        "sync": 0,
    }


def test_while_the_api_wants_no_call_none_is_left() -> None:
    connection, now = ConnectionFactory(), timezone.now()
    budget.take(connection.pk, "click", now)
    budget.close(connection.pk, now + timedelta(seconds=20))
    told = budget.calls(CallBudget.objects.get(), now)
    assert told.closed and set(told.left_by_lane.values()) == {0}
    assert budget.calls(None, now).used == 0
