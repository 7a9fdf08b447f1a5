"""Nothing goes round for ever: loops of tasks, of settlers, of the budget."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from direct_numbers import placing, routing
from people.models import User
from sync import budget, gateway, kinds, operations, settling
from sync.models import CallBudget, Connection, Operation
from tests.factories import ConnectionFactory, OperationFactory
from tests.support.journal import look_now
from tests.support.scenes import draft, number_of, place, woken
from tests.support.simulator import SimulatorProcess
from zadarma import Client

ORDER = "/v1/direct_numbers/order/"
NAME = "/v1/direct_numbers/set_caller_name/"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("ahead", [1, 90])
def test_a_minute_that_another_process_began_early_is_no_endless_loop(ahead: int) -> None:
    connection, now = ConnectionFactory(), timezone.now()
    minute = int(now.timestamp() // 60) + ahead
    CallBudget.objects.create(connection=connection, minute=minute, used=1)
    assert budget.take(connection.pk, "click", now) == 0.0


def test_a_change_that_never_gets_a_clear_answer_is_not_sent_for_ever(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    operation = routing.set_caller_name(number, "Support1", staff)
    simulator.fault("error", path=NAME, count=-1)
    for _ in range(30):
        operations.perform(operation.pk)
        look_now(operation)
    operation.refresh_from_db()
    assert operation.state == "needs_person"
    assert len(simulator.requests(NAME)) < 12
    simulator.clear_faults()
    again = routing.set_caller_name(number, "Support2", staff)  # a person sets it anew
    operations.perform(again.pk)
    operation.refresh_from_db()
    number.refresh_from_db()
    assert (operation.state, number.number_name) == ("not_done", "Support2")


def test_a_settler_that_fails_looks_less_and_less_often(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(api: Client, operation: Operation) -> Any:
        raise LookupError("a mistake")

    monkeypatch.setitem(kinds._kinds, "broken", kinds.Kind("broken", lambda api, operation: {}, settle=broken))
    operation = OperationFactory(connection=connection, kind="broken", state="unknown", look_at=timezone.now())
    with pytest.raises(LookupError):
        settling.settle(operation.pk)
    operation.refresh_from_db()
    assert operation.look_at and operation.look_at > timezone.now() + timedelta(seconds=30)
    assert operation.looks == 1


def test_an_answer_that_cannot_be_applied_is_not_tried_every_half_minute(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = place(draft(connection, staff), staff)
    simulator.fault("reset_after", path=ORDER, method="POST")
    operations.perform(operation.pk)
    monkeypatch.setattr(placing, "_provisional", lambda order, answer: 1 / 0)
    Operation.objects.filter(pk=operation.pk).update(look_at=timezone.now())
    with pytest.raises(ZeroDivisionError):
        settling.settle(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "unknown"
    assert operation.look_at and operation.look_at > timezone.now() + timedelta(seconds=30)


def test_a_check_that_fails_is_not_tried_every_half_minute(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(api: Client, operation: Operation) -> None:
        raise LookupError("a mistake")

    monkeypatch.setitem(kinds._kinds, "broken", kinds.Kind("broken", lambda api, operation: {}, before=broken))
    operation = OperationFactory(connection=connection, kind="broken")
    with pytest.raises(LookupError):
        operations.perform(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "planned"
    assert operation.not_before and operation.not_before > timezone.now() + timedelta(minutes=1)


def test_one_operation_that_cannot_be_swept_does_not_stop_the_others(connection: Connection) -> None:
    then = timezone.now() - timedelta(minutes=10)
    OperationFactory(connection=connection, kind="of another version", state="sent", lease_until=then)
    OperationFactory(connection=connection, object_id=2, state="sent", lease_until=then)
    waiting = OperationFactory(connection=connection, object_id=3)
    woken()
    operations.sweep(timezone.now() + timedelta(minutes=1))
    assert ("sync.perform_operation", [waiting.pk]) in woken()
    assert Operation.objects.get(object_id=2).state == "unknown"


def test_a_zone_that_nobody_knows_does_not_stop_every_call(connection: Connection) -> None:
    connection.zone = "Middle-earth/Shire"
    connection.save()
    with gateway.client(connection, budget.OPERATION) as api:
        assert api.balance().amount
