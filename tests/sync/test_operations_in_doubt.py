"""An answer that did not arrive: looked for, never repeated blindly."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from direct_numbers import routing
from direct_numbers.models import Number, Order
from people.models import Customer, User
from sync import holds, operations, pace
from sync.models import Connection, Operation
from tests.factories import OperationFactory
from tests.support.journal import facts_of, look_now
from tests.support.scenes import draft, forget_waiting, long_ago, number_of, place, read, woken
from tests.support.simulator import SimulatorProcess

ORDER = "/v1/direct_numbers/order/"
NAME = "/v1/direct_numbers/set_caller_name/"
NOBODYS = 17705  # lists no numbers: the operator assigns one
pytestmark = pytest.mark.django_db(transaction=True)


def sent_with(fault: str, order: Order, actor: User, simulator: SimulatorProcess) -> Operation:
    """Place `order` and send it into a fault."""
    operation = place(order, actor)
    simulator.fault(fault, path=ORDER, method="POST")
    operations.perform(operation.pk)
    operation.refresh_from_db()
    return operation


@pytest.mark.parametrize(
    "fault", ["error", "error_after", "html", "html_before", "truncated", "bad_json", "reset_after"]
)
def test_without_a_clear_answer_an_order_is_in_doubt(
    connection: Connection, simulator: SimulatorProcess, staff: User, fault: str
) -> None:
    order = draft(connection, staff)
    operation = sent_with(fault, order, staff, simulator)
    order.refresh_from_db()
    assert (operation.state, order.state) == ("unknown", "in_doubt")
    assert operation.look_at and operation.error
    operations.perform(operation.pk)
    operations.perform(operation.pk)
    assert len(simulator.requests(ORDER, method="POST")) == 1


@pytest.mark.parametrize("chosen", [0, None])
def test_what_took_effect_is_found_in_the_listing(
    connection: Connection, simulator: SimulatorProcess, staff: User, chosen: int | None
) -> None:
    order = draft(connection, staff, 13755 if chosen == 0 else NOBODYS, chosen=chosen)
    operation = sent_with("reset_after", order, staff, simulator)
    assert operation.state == "unknown"
    look_now(operation)
    order.refresh_from_db()
    (bought,) = simulator.ledger("order")
    assert (operation.state, order.state) == ("done", "placed")
    assert order.number is not None and order.number.number == bought["number"]
    assert len(simulator.requests(ORDER, method="POST")) == 1


def test_absence_counts_only_long_after_the_last_moment_and_twice(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    order = draft(connection, staff)
    operation = sent_with("reset_before", order, staff, simulator)
    look_now(operation)
    look_now(operation)
    assert operation.state == "unknown"  # the order may still take effect
    long_ago(operation)
    look_now(operation)
    order.refresh_from_db()
    assert (operation.state, order.state) == ("not_done", "refused")
    assert order.error == "The account shows that it did not take effect: nothing was ordered, nothing was paid."
    assert len(simulator.requests(ORDER, method="POST")) == 1
    assert holds.held(connection, "EUR") == 0


def test_one_late_look_alone_proves_no_absence(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    operation = sent_with("reset_before", draft(connection, staff), staff, simulator)
    long_ago(operation)
    look_now(operation)
    assert operation.state == "unknown"  # the first of two
    look_now(operation)
    assert operation.state == "not_done"


def test_a_late_effect_is_found_when_the_first_look_came_too_early(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    order = draft(connection, staff)
    operation = sent_with("reset_before", order, staff, simulator)
    look_now(operation)
    number = simulator.order_outside(13755, number_id=order.wanted_number_id)  # as a slow order would
    look_now(operation)
    order.refresh_from_db()
    assert (operation.state, order.state) == ("done", "placed")
    assert order.number is not None and order.number.number == number


def test_a_look_during_an_outage_decides_nothing(
    connection: Connection, simulator: SimulatorProcess, staff: User, asks_once: None
) -> None:
    operation = sent_with("reset_before", draft(connection, staff), staff, simulator)
    long_ago(operation)
    simulator.fault("error", path="^/v1/direct_numbers/$", count=-1)
    look_now(operation)
    look_now(operation)
    assert (operation.state, operation.looks) == ("unknown", 0)
    assert "looks" not in operation.evidence


def test_looks_grow_rarer_and_end_with_a_person(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    operation = sent_with("reset_before", draft(connection, staff), staff, simulator)
    waits = []
    while operation.state == "unknown":
        before = timezone.now()
        look_now(operation)
        if operation.look_at:
            waits.append(round((operation.look_at - before).total_seconds()))
    assert operation.state == "needs_person"
    assert waits == sorted(waits) == [60, 180, 600, 900, 1800, 3600, 7200]
    assert sum(waits) > settings.SETTLE_AFTER_SECONDS


def test_a_number_that_another_order_chose_explains_nothing(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    anyones = draft(connection, staff, 13755, chosen=None)
    chosen = draft(connection, staff, 13755, chosen=0)
    operation = sent_with("reset_before", anyones, staff, simulator)
    Order.objects.filter(pk=chosen.pk).update(state=Order.State.IN_DOUBT)
    simulator.order_outside(13755, number_id=chosen.wanted_number_id)
    look_now(operation)
    assert operation.state == "unknown"
    assert facts_of(operation)["fits"] == []


def test_two_numbers_that_fit_are_left_to_a_person(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    operation = sent_with("reset_before", draft(connection, staff, NOBODYS, chosen=None), staff, simulator)
    simulator.order_outside(NOBODYS)
    simulator.order_outside(NOBODYS)
    long_ago(operation)
    look_now(operation)
    assert operation.state == "needs_person"  # looking again would show the same
    assert len(facts_of(operation)["fits"]) == 2


def test_while_an_order_of_the_operators_choice_is_in_doubt_the_next_waits(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    first = sent_with("reset_after", draft(connection, staff, NOBODYS, chosen=None), staff, simulator)
    second = place(draft(connection, staff, NOBODYS, chosen=None), staff)
    operations.perform(second.pk)
    second.refresh_from_db()
    assert (second.state, second.waits_for) == ("planned", "others")
    assert len(simulator.requests(ORDER, method="POST")) == 1
    look_now(first)
    operations.perform(forget_waiting(second).pk)
    second.refresh_from_db()
    assert (first.state, second.state) == ("done", "done")
    assert len(simulator.ledger("order")) == 2
    assert first.answer["number"] != second.answer["number"]


def test_an_order_for_a_chosen_number_waits_for_it_as_well(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    anyones, chosen = draft(connection, staff, chosen=None), draft(connection, staff, chosen=0)
    first = sent_with("reset_before", anyones, staff, simulator)
    second = place(chosen, staff)
    operations.perform(second.pk)
    second.refresh_from_db()
    assert second.state == "planned"  # its number would be taken for the first one's
    assert len(simulator.requests(ORDER, method="POST")) == 1
    Operation.objects.filter(pk=first.pk).update(state="not_done")
    operations.perform(forget_waiting(second).pk)
    second.refresh_from_db()
    assert second.state == "done"


def test_another_direction_does_not_wait(connection: Connection, simulator: SimulatorProcess, staff: User) -> None:
    elsewhere = draft(connection, staff, 13756)
    sent_with("reset_after", draft(connection, staff, NOBODYS, chosen=None), staff, simulator)
    other = place(elsewhere, staff)
    operations.perform(other.pk)
    other.refresh_from_db()
    assert other.state == "done"


def test_a_repeatable_change_in_doubt_is_sent_again(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    operation = routing.set_caller_name(number, "Support1", staff)
    simulator.fault("reset_before", path=NAME)
    operations.perform(operation.pk)
    look_now(operation)
    assert operation.state == "planned"
    operations.perform(operation.pk)
    operation.refresh_from_db()
    number.refresh_from_db()
    assert (operation.state, number.number_name) == ("done", "Support1")
    assert len(simulator.requests(NAME)) == 2


def test_a_repeatable_change_is_not_sent_over_a_later_one(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    operation = routing.set_caller_name(number, "Old", staff)
    simulator.fault("reset_before", path=NAME)
    operations.perform(operation.pk)
    later = {"exclusive_key": operation.exclusive_key, "kind": "set_caller_name"}
    OperationFactory(connection=connection, object_id=number.pk, state="done", **later)
    look_now(operation)
    assert operation.state == "not_done"
    operations.perform(operation.pk)
    assert len(simulator.requests(NAME)) == 1


def test_a_process_that_ended_while_sending_leaves_a_doubt(connection: Connection, staff: User) -> None:
    order = draft(connection, staff)
    operation = place(order, staff)
    now = timezone.now()
    Operation.objects.filter(pk=operation.pk).update(state="sent", sent_at=now, lease_until=now + pace.LEASE)
    operations.sweep(now)
    operation.refresh_from_db()
    assert operation.state == "sent"  # its lease holds
    operations.sweep(now + pace.LEASE + timedelta(seconds=1))
    operation.refresh_from_db()
    order.refresh_from_db()
    assert (operation.state, order.state) == ("unknown", "in_doubt")
    assert operation.error == "the process that sent it ended"


def test_the_sweep_wakes_what_nobody_woke(connection: Connection) -> None:
    now = timezone.now()
    missed = OperationFactory(connection=connection, object_id=1)
    postponed = OperationFactory(connection=connection, object_id=2, not_before=now + timedelta(minutes=5))
    doubtful = OperationFactory(connection=connection, object_id=3, state="unknown", look_at=now)
    later = OperationFactory(connection=connection, object_id=4, state="unknown", look_at=now + timedelta(minutes=5))
    woken()
    operations.sweep(now)
    assert woken() == [("sync.settle_operation", [doubtful.pk])]  # a planned one has 20 seconds of its own
    operations.sweep(now + timedelta(minutes=1))
    assert woken() == [("sync.perform_operation", [missed.pk]), ("sync.settle_operation", [doubtful.pk])]
    operations.sweep(now + timedelta(minutes=6))
    assert {ids[0] for _, ids in woken()} == {missed.pk, postponed.pk, doubtful.pk, later.pk}


def test_planning_wakes_the_task_after_commit(connection: Connection, staff: User) -> None:
    number = number_of(connection)
    woken()
    operation = routing.set_caller_name(number, "Support1", staff)
    assert woken() == [("sync.perform_operation", [operation.pk])]


def test_the_listing_does_not_adopt_away_what_an_order_in_doubt_will_find(
    connection: Connection, simulator: SimulatorProcess, staff: User, customer: Customer
) -> None:
    order = draft(connection, staff, group="1001", customer=customer)
    operation = sent_with("reset_after", order, staff, simulator)
    read(connection, "numbers")  # the listing shows the number before the settler looks
    assert not Number.objects.filter(number=order.wanted_number).exists()
    look_now(operation)
    order.refresh_from_db()
    assert Number.objects.filter(number=order.wanted_number).count() == 1
    assert order.number is not None and order.number.customer == customer


def test_a_number_of_a_direction_in_doubt_is_adopted_once_the_doubt_is_settled(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    order = draft(connection, staff, NOBODYS, chosen=None)
    operation = sent_with("reset_before", order, staff, simulator)
    elsewhere = simulator.order_outside(13755)
    outside = simulator.order_outside(NOBODYS)
    read(connection, "numbers")
    found = Number.objects.filter(gone_at=None)
    assert found.filter(number=elsewhere).exists()
    assert not found.filter(number=outside).exists()  # it may be the order's
    Operation.objects.filter(pk=operation.pk).update(state="not_done")
    read(connection, "numbers")
    assert found.get(number=outside).customer is None
