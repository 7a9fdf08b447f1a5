"""Ways to lose an order, buy one twice, or say what is not so: races, crashes, late answers, odd listings."""

import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from direct_numbers import mirror, orders, routing
from direct_numbers.models import Number, Order
from documents import mirror as documents_mirror
from documents.models import Document, DocumentGroup
from people.models import Customer, User
from sync import budget, gateway, holds, operations, runs
from sync.models import Connection, Operation, SyncRun
from tests.factories import (
    DocumentFactory,
    DocumentGroupFactory,
    NumberFactory,
    OrderFactory,
)
from tests.support.journal import look_now
from tests.support.scenes import draft, forget_waiting, long_ago, number_of, place, read
from tests.support.simulator import SimulatorProcess
from zadarma import Client
from zadarma.types import Listing, Rejected

ORDER = "/v1/direct_numbers/order/"
NAME = "/v1/direct_numbers/set_caller_name/"
NOBODYS = 17705  # lists no numbers: the operator assigns one
pytestmark = pytest.mark.django_db(transaction=True)


def in_doubt(fault: str, order: Order, actor: User, simulator: SimulatorProcess) -> Operation:
    """Place `order` and lose its answer."""
    operation = place(order, actor)
    simulator.fault(fault, path=ORDER, method="POST")
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "unknown"
    return operation


def without(told: Listing[Any], hidden: list[Any]) -> Listing[Any]:
    """A listing in which some rows can't be read."""
    rows = [row for row in told.rows if row not in hidden]
    return Listing(rows=rows, rejected=[Rejected(n, "odd") for n, _row in enumerate(hidden)])


def settled(operation: Operation) -> Operation:
    """Look twice, long after it was sent."""
    long_ago(operation)
    look_now(operation)
    look_now(operation)
    return operation


# Nothing is sent late


def test_a_process_that_stood_still_after_its_claim_sends_nothing(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = place(draft(connection, staff), staff)
    claim = operations._claim
    monkeypatch.setattr(gateway, "CHANGE_DEADLINE", 0.2)

    def stand_still(*args: Any) -> bool:
        claimed = claim(*args)
        time.sleep(0.3)  # standing still is what is tried here
        return claimed

    monkeypatch.setattr(operations, "_claim", stand_still)
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert simulator.requests(ORDER, method="POST") == []
    assert operation.state == "planned"


# One balance, one order


@pytest.mark.parametrize("answered", [True, False])
def test_two_workers_do_not_spend_the_same_balance(
    connection: Connection,
    simulator: SimulatorProcess,
    staff: User,
    monkeypatch: pytest.MonkeyPatch,
    answered: bool,
) -> None:
    first, second = draft(connection, staff), draft(connection, staff, chosen=1)
    Connection.objects.update(balance=None)  # not known when they were placed
    placed = [place(first, staff), place(second, staff)]
    simulator.top_up(-209.40)  # 3.00 are left; each costs 2.00
    if not answered:
        simulator.fault("reset_after", path=ORDER, method="POST")
    claim = operations._claim

    def the_other_worker_is_faster(operation: Operation, *args: Any) -> bool:
        if operation.pk == placed[0].pk:
            operations.perform(placed[1].pk)
        return claim(operation, *args)

    monkeypatch.setattr(operations, "_claim", the_other_worker_is_faster)
    operations.perform(placed[0].pk)
    assert len(simulator.requests(ORDER, method="POST")) == 1
    placed[0].refresh_from_db()
    assert (placed[0].state, placed[0].waits_for) == ("planned", "money")
    if answered:
        operations.perform(forget_waiting(placed[0]).pk)
        placed[0].refresh_from_db()
        assert placed[0].state == "refused" and "balance" in placed[0].error
        assert len(simulator.ledger("order")) == 1


def test_what_a_look_found_done_is_held_until_the_balance_was_read_again(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    first, second = draft(connection, staff), draft(connection, staff, chosen=1)
    simulator.top_up(-209.40)
    operation = in_doubt("reset_after", first, staff, simulator)
    look_now(operation)
    assert operation.state == "done"
    with pytest.raises(holds.TooDear):
        place(second, staff)


def test_an_older_reading_of_the_balance_does_not_replace_a_newer_one(
    connection: Connection, simulator: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Client.balance
    again = Connection.objects.get(pk=connection.pk)
    slow: list[bool] = []

    def slowly(api: Client) -> Any:
        told = asked(api)
        if not slow:
            slow.append(True)
            simulator.top_up(-100)
            with gateway.client(again, budget.OPERATION) as other:
                gateway.remember_balance(again, other)
        return told

    monkeypatch.setattr(Client, "balance", slowly)
    with gateway.client(connection, budget.SYNC) as api:
        gateway.remember_balance(connection, api)
    again.refresh_from_db()
    assert again.balance == Decimal("112.40")


# What is ordered is what was confirmed


def test_choices_changed_in_another_tab_are_not_ordered_with_the_old_ones(connection: Connection, staff: User) -> None:
    order = draft(connection, staff)
    other_tab = Order.objects.get(pk=order.pk)
    orders.choose_number(other_tab, "", "")
    with pytest.raises(orders.OtherChoices):
        place(order, staff)
    order.refresh_from_db()
    assert order.state == "draft"
    assert not Operation.objects.exists()


# Looking for what was ordered


def test_a_listing_that_names_no_directions_proves_no_absence(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    order = draft(connection, staff, NOBODYS, chosen=None)
    simulator.set_shape("description")
    operation = in_doubt("reset_after", order, staff, simulator)
    settled(operation)
    assert len(simulator.ledger("order")) == 1
    assert operation.state == "needs_person"


def test_a_listing_that_names_no_directions_still_proves_absence_where_nothing_is_new(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    order = draft(connection, staff, NOBODYS, chosen=None)
    simulator.set_shape("description")
    operation = in_doubt("reset_before", order, staff, simulator)
    assert settled(operation).state == "not_done"


def test_a_number_had_before_and_lost_since_is_found_again(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    order = draft(connection, staff, NOBODYS, chosen=None)
    operation = in_doubt("reset_after", order, staff, simulator)
    (bought,) = simulator.ledger("order")
    lost = NumberFactory(connection=connection, number=bought["number"], gone_at=timezone.now() - timedelta(days=90))
    OrderFactory(connection=connection, number=lost, state="placed")
    settled(operation)
    order.refresh_from_db()
    assert (operation.state, order.state) == ("done", "placed")
    assert order.number is not None and order.number != lost


def test_numbers_that_could_not_be_read_before_do_not_count_as_new(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = draft(connection, staff, NOBODYS, chosen=None)
    simulator.order_outside(NOBODYS)
    listing = Client.numbers

    def one_unreadable(api: Client) -> Any:
        told = listing(api)
        hidden = [row for row in told.rows if row.direction_id == str(NOBODYS)]
        return without(told, hidden)

    monkeypatch.setattr(Client, "numbers", one_unreadable)
    operation = in_doubt("reset_before", order, staff, simulator)
    monkeypatch.undo()
    look_now(operation)
    assert operation.state == "unknown"


def test_a_number_of_a_former_owner_comes_back_as_a_new_row(
    connection: Connection,
    simulator: SimulatorProcess,
    staff: User,
    customer: Customer,
    other_customer: Customer,
) -> None:
    order = draft(connection, staff, group="1001", customer=customer)
    former = NumberFactory(
        connection=connection, number=order.wanted_number, customer=other_customer, direction=order.direction
    )  # lost at Zadarma, and no listing has told so yet
    operations.perform(place(order, staff).pk)
    order.refresh_from_db()
    former.refresh_from_db()
    assert order.number is not None and order.number != former
    assert order.number.customer == customer
    assert former.gone_at is not None


# What an operation settled stays


def test_a_change_settled_while_a_listing_is_compared_is_not_overwritten(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = number_of(connection)
    Number.objects.exclude(pk=number.pk).update(number_name="old", description="old")  # so that others are written
    Number.objects.filter(pk=number.pk).update(description="old")
    operation = routing.set_caller_name(number, "Support1", staff)

    def step(run: SyncRun, name: str, *args: Any) -> None:
        if name == "writing":
            operations.perform(operation.pk)

    monkeypatch.setattr(mirror, "step", step)
    read(connection, "numbers")
    number.refresh_from_db()
    assert number.number_name == "Support1"


def test_a_number_settled_while_a_listing_is_compared_is_not_marked_gone(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = number_of(connection)
    listing = Client.numbers

    def without_it(api: Client) -> Any:
        told = listing(api)
        return Listing(rows=[row for row in told.rows if row.number != number.number])

    def step(run: SyncRun, name: str, *args: Any) -> None:
        if name == "writing":
            Number.objects.get(pk=number.pk).confirm(timezone.now(), number_name="Support1")

    monkeypatch.setattr(Client, "numbers", without_it)
    monkeypatch.setattr(mirror, "step", step)
    read(connection, "numbers")
    number.refresh_from_db()
    assert number.gone_at is None


def test_a_run_that_lost_its_lease_writes_nothing_more(connection: Connection, simulator: SimulatorProcess) -> None:
    read(connection, "numbers")
    bought: list[str] = []

    def work(run: SyncRun, api: Client) -> None:
        told = api.numbers()
        if not bought:  # the process stands still after its listing; another one reads meanwhile
            bought.append(simulator.order_outside(13756))
            SyncRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
            read(connection, "numbers")

        class Listed:
            def numbers(self) -> Any:
                return told

        mirror.sync_numbers(run, Listed())  # type: ignore[arg-type]

    runs.perform(connection, "numbers", work)
    assert Number.objects.get(number=bought[0]).gone_at is None
    assert list(SyncRun.objects.order_by("pk").values_list("state", flat=True)) == ["done", "failed", "done"]


def test_files_of_a_group_that_could_not_be_read_are_not_gone(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(connection, "documents")
    listing = Client.document_groups

    def one_unreadable(api: Client) -> Any:
        told = listing(api)
        return without(told, [row for row in told.rows if row.id == "1001"])

    monkeypatch.setattr(Client, "document_groups", one_unreadable)
    read(connection, "documents")
    group = DocumentGroup.objects.get(remote_id="1001")
    assert group.gone_at is None
    assert Document.objects.filter(group=group, gone_at=None).count() == 2


def test_files_of_a_group_made_meanwhile_are_not_gone(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    read(connection, "documents")

    def step(run: SyncRun, name: str, *args: Any) -> None:
        if name == "writing":
            group = DocumentGroupFactory(connection=connection, remote_id="7777", confirmed_at=timezone.now())
            DocumentFactory(group=group)

    monkeypatch.setattr(documents_mirror, "step", step)
    read(connection, "documents")
    assert DocumentGroup.objects.get(remote_id="7777").gone_at is None
    assert Document.objects.get(group__remote_id="7777").gone_at is None
