"""What was asked for one customer's number is not done to it once it is another's, late or again."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from direct_numbers import assigning, features, following, orders, renewals, routing
from direct_numbers.models import Number, Order
from people.models import Customer, User
from sync import operations
from sync.models import Connection, Operation
from tests.support.journal import look_now, perform_planned
from tests.support.scenes import draft, forget_waiting, number_of, place, read
from tests.support.simulator import SimulatorProcess

SIP = "/v1/direct_numbers/set_sip_id/"
pytestmark = pytest.mark.django_db(transaction=True)

Plan = Callable[[Number, User], Operation]
SETTERS: list[Plan] = [
    lambda number, actor: routing.route(number, "user@a.example", False, actor),
    lambda number, actor: routing.set_caller_name(number, "CompanyA", actor),
    lambda number, actor: routing.set_autorenewal(number, not number.autorenew, actor),
    lambda number, actor: features.set_receive_sms(number, not number.receive_sms, actor),
    lambda number, actor: features.set_channels(number, 7, actor),
    lambda number, actor: prolonged(number, actor),
]
NAMES = ["set_sip_id", "set_caller_name", "autoprolongation", "receive_sms", "incoming_channels", "prolong"]


def prolonged(number: Number, actor: User) -> Operation:
    """Plan to pay the number for a month."""
    quote = renewals.quote([number], 1)
    (operation,) = renewals.prolong([number], 1, confirmed=renewals.totals(quote), batch=uuid.uuid4(), actor=actor)
    return operation


@pytest.mark.parametrize("plan", SETTERS, ids=NAMES)
def test_a_change_planned_for_the_former_customer_is_not_sent(
    connection: Connection,
    simulator: SimulatorProcess,
    staff: User,
    customer: Customer,
    other_customer: Customer,
    plan: Plan,
) -> None:
    number = number_of(connection)
    assigning.assign(number, customer)
    operation = plan(number, staff)
    assigning.assign(number, other_customer)
    perform_planned()
    operation.refresh_from_db()
    assert operation.state == "refused" and "given to somebody else" in operation.error
    assert [entry for entry in simulator.requests() if entry["method"] != "GET"] == []


@pytest.mark.parametrize("plan", SETTERS, ids=NAMES)
def test_nor_is_one_that_changed_hands_while_it_was_looked_at(
    connection: Connection,
    simulator: SimulatorProcess,
    staff: User,
    customer: Customer,
    other_customer: Customer,
    plan: Plan,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = number_of(connection)
    assigning.assign(number, customer)
    operation = plan(number, staff)
    claim = operations._claim

    def after_the_handover(one: Operation) -> bool:
        assigning.assign(number, other_customer)
        return claim(one)

    monkeypatch.setattr(operations, "_claim", after_the_handover)
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "planned"  # the next try tells why
    assert [entry for entry in simulator.requests() if entry["method"] != "GET"] == []


def test_what_staff_planned_while_it_was_nobodys_holds(
    connection: Connection, simulator: SimulatorProcess, staff: User, customer: Customer
) -> None:
    number = number_of(connection)
    operation = routing.route(number, "user@a.example", False, staff)
    assigning.assign(number, customer)
    perform_planned()
    operation.refresh_from_db()
    assert operation.state == "done"


def test_a_routing_in_doubt_is_not_sent_again_to_the_next_customer_and_a_person_is_told(
    connection: Connection, simulator: SimulatorProcess, staff: User, customer: Customer, other_customer: Customer
) -> None:
    number = number_of(connection)
    assigning.assign(number, customer)
    operation = routing.route(number, "user@a.example", False, staff)
    simulator.fault("reset_after", path=SIP)  # it takes effect, and nobody knows
    operations.perform(operation.pk)
    assigning.assign(number, other_customer)
    look_now(operation)
    operations.perform(forget_waiting(operation).pk)
    operation.refresh_from_db()
    assert operation.state == "needs_person"  # not "refused": nobody may say that nothing was changed
    assert "given to somebody else" in operation.error
    assert len(simulator.requests(SIP)) == 1
    anew = routing.route(Number.objects.get(pk=number.pk), "user@b.example", False, staff)
    perform_planned()
    anew.refresh_from_db()
    operation.refresh_from_db()
    assert (anew.state, operation.state) == ("done", "not_done")


def test_a_change_of_a_number_that_is_gone_is_not_sent_nor_paid(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    for plan in SETTERS:
        if plan is not SETTERS[4]:  # one paid change of a number at a time
            plan(number, staff)
    Number.objects.filter(pk=number.pk).update(gone_at=timezone.now())
    perform_planned()
    assert set(Operation.objects.values_list("state", flat=True)) == {"refused"}
    assert [entry for entry in simulator.requests() if entry["method"] != "GET"] == []


def test_an_old_row_does_not_overwrite_what_was_set_on_the_new_one(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    old = routing.route(number, "old@a.example", False, staff)
    simulator.fault("reset_before", path=SIP)
    operations.perform(old.pk)
    Number.objects.filter(pk=number.pk).update(gone_at=timezone.now())
    read(connection, "numbers")
    returned = Number.objects.get(number=number.number, gone_at=None)
    assert returned.pk != number.pk
    Operation.objects.filter(pk=old.pk).update(sent_at=timezone.now() - timedelta(hours=1))
    new = routing.route(returned, "new@a.example", False, staff)
    operations.perform(new.pk)
    look_now(old)
    operations.perform(old.pk)
    assert [put["params"]["sip_id"] for put in simulator.requests(SIP)][-1] == "new@a.example"
    assert old.state == "not_done"


# Where an order's calls go


def placed(connection: Connection, staff: User) -> Order:
    """An order that was placed, its number not active yet."""
    order = draft(connection, staff)
    operations.perform(place(order, staff).pk)
    order.refresh_from_db()
    Number.objects.filter(pk=order.number_id).update(status="checking")
    return order


def test_what_was_set_on_the_numbers_page_is_newer_than_the_orders_wish(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    order = placed(connection, staff)
    assert orders.want_routing(order, "uri", "old@a.example", False)
    assert order.number is not None
    newer = routing.route(order.number, "new@a.example", False, staff)
    operations.perform(newer.pk)
    Number.objects.filter(pk=order.number_id).update(status="on")
    assert following.follow_orders(connection.pk) == 0
    perform_planned()
    order.refresh_from_db()
    assert [put["params"]["sip_id"] for put in simulator.requests(SIP)] == ["new@a.example"]
    assert (order.sip_id, order.routing_operation) == ("new@a.example", newer)


def test_a_wish_that_is_newer_than_what_was_set_on_the_numbers_page_is_carried_out(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    order = placed(connection, staff)
    assert order.number is not None
    operations.perform(routing.route(order.number, "old@a.example", False, staff).pk)
    assert orders.want_routing(order, "uri", "new@a.example", False)
    Number.objects.filter(pk=order.number_id).update(status="on")
    assert following.follow_orders(connection.pk) == 1
    perform_planned()
    assert [put["params"]["sip_id"] for put in simulator.requests(SIP)] == ["old@a.example", "new@a.example"]


def test_a_wish_changed_meanwhile_is_not_carried_out_as_it_was(connection: Connection, staff: User) -> None:
    order = placed(connection, staff)
    Number.objects.filter(pk=order.number_id).update(status="on")
    orders.want_routing(order, "uri", "old@a.example", False)
    as_it_was = Order.objects.select_related("number__connection").get(pk=order.pk)
    orders.want_routing(Order.objects.get(pk=order.pk), "uri", "new@a.example", False)
    assert not following.route_order(as_it_was)
    assert following.follow_orders(connection.pk) == 1
    assert Operation.objects.get(kind="set_sip_id").params["sip_id"] == "new@a.example"


def test_an_orders_routing_that_was_replaced_is_the_one_that_took_its_place(
    connection: Connection, staff: User
) -> None:
    order = placed(connection, staff)
    Number.objects.filter(pk=order.number_id).update(status="on")
    orders.want_routing(order, "uri", "old@a.example", False)
    assert following.follow_orders(connection.pk) == 1
    newer = routing.route(Number.objects.get(pk=order.number_id), "new@a.example", True, staff)
    order.refresh_from_db()
    assert (order.routing_operation, order.sip_id, order.test_mode, order.error) == (newer, "new@a.example", True, "")
    perform_planned()
    assert Number.objects.get(pk=order.number_id).sip == "new@a.example"


def test_the_schedule_replaces_no_choice_of_a_person(connection: Connection, staff: User) -> None:
    order = placed(connection, staff)
    number = Number.objects.get(pk=order.number_id)
    mine = routing.route(number, "mine@a.example", False, staff)
    with pytest.raises(operations.AlreadyOpen):
        routing.route(number, "old@a.example", False, staff, replaces=False)
    mine.refresh_from_db()
    assert mine.state == "planned"
