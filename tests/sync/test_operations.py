"""A change reaches Zadarma once: planned, claimed, sent, and settled by what the answer says."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from direct_numbers import orders, routing
from direct_numbers.models import Number, Order
from people.models import Customer, User
from sync import holds, kinds, operations, pace
from sync.models import Change, Connection, Operation
from tests.factories import NumberFactory, OperationFactory
from tests.support.scenes import draft, forget_waiting, number_of, place
from tests.support.simulator import SimulatorProcess

ORDER = "/v1/direct_numbers/order/"
NAME = "/v1/direct_numbers/set_caller_name/"
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_planned_change_is_sent_and_written_into_the_row(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    operation = routing.set_caller_name(number, "Support1", staff)
    assert (operation.state, operation.actor) == ("planned", staff)
    operations.perform(operation.pk)
    operation.refresh_from_db()
    number.refresh_from_db()
    assert (operation.state, operation.answer) == ("done", {"caller_name": "Support1"})
    assert number.number_name == "Support1"
    (put,) = simulator.requests(NAME)
    assert (put["method"], put["params"]["number"]) == ("PUT", number.number)
    assert put["params"]["caller_name"] == "Support1"


def test_performed_twice_it_is_sent_once(connection: Connection, simulator: SimulatorProcess, staff: User) -> None:
    operation = place(draft(connection, staff), staff)
    operations.perform(operation.pk)
    operations.perform(operation.pk)
    assert len(simulator.requests(ORDER, method="POST")) == 1
    assert len(simulator.ledger("order")) == 1


def test_two_workers_that_both_found_it_planned_send_it_once(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def the_other_worker_is_faster(api: object, operation: Operation) -> dict[str, str]:
        if not sent:
            sent.append("other worker begins")
            operations.perform(operation.pk)
        return {}

    def send(api: object, operation: Operation) -> dict[str, str]:
        sent.append("sent")
        return {"by": f"send {sent.count('sent')}"}

    monkeypatch.setitem(kinds._kinds, "race", kinds.Kind("race", send, before=the_other_worker_is_faster))
    operation = OperationFactory(connection=connection, kind="race")
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert sent == ["other worker begins", "sent"]
    assert (operation.state, operation.answer) == ("done", {"by": "send 1"})


def test_a_refused_connection_leaves_it_planned(offline: Connection, staff: User) -> None:
    number = NumberFactory(connection=offline)
    operation = routing.set_caller_name(number, "Support1", staff)
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.sent_at, operation.lease_until) == ("planned", None, None)
    assert operation.not_before is not None


def test_an_order_whose_checks_find_nobody_stays_planned(
    connection: Connection, simulator: SimulatorProcess, staff: User, asks_once: None
) -> None:
    order = draft(connection, staff)
    operation = place(order, staff)
    simulator.fault("error", path="^/v1/direct_numbers/country/", count=-1)
    operations.perform(operation.pk)
    operation.refresh_from_db()
    order.refresh_from_db()
    assert (operation.state, order.state) == ("planned", "placing")
    assert simulator.requests(ORDER) == []
    simulator.clear_faults()
    operations.perform(forget_waiting(operation).pk)
    assert len(simulator.ledger("order")) == 1


def test_a_postponed_one_is_not_sent_before_its_time(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    operation = routing.set_caller_name(number, "Support1", staff)
    simulator.fault("rate", path=NAME)
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "planned" and operation.not_before
    operations.perform(operation.pk)
    assert len(simulator.requests(NAME)) == 1


def test_what_the_api_refuses_ends_with_its_own_words(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    simulator.remove_number(number.number)
    operation = routing.set_caller_name(number, "Support1", staff)
    operations.perform(operation.pk)
    operation.refresh_from_db()
    number.refresh_from_db()
    assert operation.state == "refused"
    assert operation.error == "Check phone's number"
    assert number.number_name == "London"


def test_bad_credentials_pause_the_account_and_send_nothing(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    operation = place(draft(connection, staff), staff)
    simulator.clear_requests()
    connection.api_secret = "wrong"
    connection.save()
    operations.perform(operation.pk)
    operation.refresh_from_db()
    connection.refresh_from_db()
    assert (connection.state, operation.state) == ("paused", "planned")
    assert connection.paused_because
    assert [entry["status"] for entry in simulator.requests()] == [401]
    operations.perform(forget_waiting(operation).pk)  # paused: not even asked
    assert len(simulator.requests()) == 1
    assert simulator.ledger("order") == []


def test_a_change_sent_with_bad_credentials_is_planned_still(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    operation = routing.set_caller_name(number, "Support1", staff)
    connection.api_secret = "wrong"
    connection.save()
    operations.perform(operation.pk)
    operation.refresh_from_db()
    connection.refresh_from_db()
    assert (connection.state, operation.state) == ("paused", "planned")
    assert simulator.ledger("set_caller_name") == []


def test_a_changing_call_is_never_made_inside_a_transaction(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    operation = routing.set_caller_name(number_of(connection), "Support1", staff)
    with pytest.raises(RuntimeError, match="inside a transaction"), transaction.atomic():
        operations.perform(operation.pk)
    assert simulator.requests(NAME) == []
    operation.refresh_from_db()
    assert operation.state == "planned"


def test_one_open_change_of_a_kind_for_a_number(connection: Connection, staff: User) -> None:
    number = number_of(connection)
    first = routing.set_caller_name(number, "Support1", staff)
    with pytest.raises(operations.AlreadyOpen):
        routing.set_caller_name(number, "Support1", staff)  # a double click
    routing.set_autorenewal(number, True, staff)  # another kind is not in its way
    Operation.objects.filter(pk=first.pk).update(state="sent")
    with pytest.raises(operations.AlreadyOpen):
        routing.set_caller_name(number, "Support2", staff)  # it would arrive before the one that is on its way
    Operation.objects.filter(pk=first.pk).update(state="planned")
    operations.perform(first.pk)
    assert routing.set_caller_name(number, "Support2", staff).state == "planned"


def test_a_value_that_was_not_sent_yet_can_be_corrected(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    wrong = routing.set_caller_name(number, "Suport", staff)
    right = routing.set_caller_name(number, "Support", staff)
    wrong.refresh_from_db()
    assert wrong.state == "cancelled"
    for operation in (wrong, right):
        operations.perform(operation.pk)
    assert [put["params"]["caller_name"] for put in simulator.requests(NAME)] == ["Support"]


def test_one_open_order_for_a_chosen_number(connection: Connection, staff: User) -> None:
    place(draft(connection, staff), staff)
    second = draft(connection, staff)
    with pytest.raises(operations.AlreadyOpen):
        place(second, staff)
    second.refresh_from_db()
    assert (second.state, second.operation) == ("draft", None)
    assert Operation.objects.count() == 1


@pytest.mark.parametrize("state", ["sent", "unknown", "needs_person"])
def test_one_of_a_serial_key_is_out_at_a_time(connection: Connection, state: str) -> None:
    OperationFactory(connection=connection, serial_key="line", state=state)
    waiting = OperationFactory(connection=connection, serial_key="line")
    with pytest.raises(IntegrityError), transaction.atomic():
        Operation.objects.filter(pk=waiting.pk).update(state="sent")


def test_a_claim_that_finds_another_of_its_serial_key_out_waits(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []

    def the_other_one_leaves(api: object, operation: Operation) -> dict[str, str]:
        Operation.objects.filter(pk=first.pk).update(state="sent")
        return {}

    def send(api: object, operation: Operation) -> dict[str, str]:
        sent.append(operation.pk)
        return {}

    monkeypatch.setitem(kinds._kinds, "serial", kinds.Kind("serial", send, before=the_other_one_leaves))
    first = OperationFactory(connection=connection, kind="serial", serial_key="line")
    second = OperationFactory(connection=connection, kind="serial", serial_key="line")
    operations.perform(second.pk)
    second.refresh_from_db()
    assert (second.state, sent) == ("planned", [])
    assert second.not_before is not None


def test_a_draft_sent_from_two_tabs_is_placed_once(connection: Connection, staff: User) -> None:
    order = draft(connection, staff)
    other_tab = Order.objects.get(pk=order.pk)
    operation = place(order, staff)
    again = orders.place(
        other_tab,
        purpose="",
        receive_sms=False,
        period="month",
        autorenew_period="month",
        confirmed=Decimal(2),
        actor=staff,
    )
    assert again is False
    assert Operation.objects.get() == operation
    operations.perform(operation.pk)
    with pytest.raises(orders.NotADraft):
        orders.choose_number(other_tab, "", "")


def test_two_orders_cannot_spend_the_same_balance(connection: Connection, staff: User) -> None:
    first, second = draft(connection, staff), draft(connection, staff, chosen=1)
    Connection.objects.filter(pk=connection.pk).update(balance=3, balance_currency="EUR")
    assert place(first, staff).hold_amount == 2
    with pytest.raises(holds.TooDear) as refused:
        place(second, staff)
    assert (refused.value.balance, refused.value.held, refused.value.currency) == (3, 2, "EUR")
    second.refresh_from_db()
    assert (second.state, second.operation) == ("draft", None)


@pytest.mark.parametrize("state", ["sent", "unknown", "needs_person"])
def test_money_stays_held_until_the_order_is_settled(connection: Connection, staff: User, state: str) -> None:
    first, second = draft(connection, staff), draft(connection, staff, chosen=1)
    Connection.objects.filter(pk=connection.pk).update(balance=3, balance_currency="EUR")
    operation = place(first, staff)
    Operation.objects.filter(pk=operation.pk).update(state=state)
    with pytest.raises(holds.TooDear):
        place(second, staff)
    Operation.objects.filter(pk=operation.pk).update(state="refused")
    assert place(second, staff).state == "planned"


def test_a_planned_order_can_be_cancelled_and_is_not_sent(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    order = draft(connection, staff)
    operation = place(order, staff)
    assert operations.cancel(operation)
    operations.perform(operation.pk)
    order.refresh_from_db()
    assert order.state == Order.State.CANCELLED
    assert simulator.requests(ORDER) == []


def test_a_sent_order_cannot_be_cancelled(connection: Connection, staff: User) -> None:
    order = draft(connection, staff)
    operation = place(order, staff)
    operations.perform(operation.pk)
    assert not operations.cancel(operation)
    order.refresh_from_db()
    assert order.state == Order.State.PLACED


def test_a_done_order_leaves_its_number_with_its_customer(
    connection: Connection, staff: User, customer: Customer
) -> None:
    order = draft(connection, staff, group="1001", customer=customer)
    operations.perform(place(order, staff).pk)
    order.refresh_from_db()
    number = Number.objects.get(number=order.wanted_number)
    assert (order.state, order.number, number.customer) == ("placed", number, customer)
    assert (number.status, number.group_remote_id) == ("on", "1001")
    assert not Change.objects.filter(object_type="number", object_id=number.pk).exists()


def test_an_order_that_could_not_be_sent_for_an_hour_is_given_up(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    order = draft(connection, staff)
    operation = place(order, staff)
    Operation.objects.filter(pk=operation.pk).update(created_at=timezone.now() - pace.STALE)
    operations.perform(operation.pk)
    order.refresh_from_db()
    assert (order.state, simulator.requests(ORDER)) == ("refused", [])
    assert order.error == "It could not be sent to Zadarma for an hour, so it was given up: nothing was paid."


def test_what_an_order_cost_is_told_by_the_balance_before_and_after(connection: Connection, staff: User) -> None:
    operation = place(draft(connection, staff), staff)
    operations.perform(operation.pk)
    operation.refresh_from_db()
    connection.refresh_from_db()
    assert (operation.balance_before, operation.balance_after) == (Decimal("212.40"), Decimal("210.40"))
    assert connection.balance == Decimal("210.40")
