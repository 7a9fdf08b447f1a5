"""Workers that really run at once. Threads need a server: SQLite's test database lives in one process's memory."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection as database
from django.db import connections

from direct_numbers import orders
from direct_numbers.models import Order
from people.models import User
from sync import operations, settling
from sync.models import Connection, Operation
from tests.support.scenes import draft, place
from tests.support.simulator import SimulatorProcess

ORDER = "/v1/direct_numbers/order/"
NOBODYS = 17705  # lists no numbers: the operator assigns one
pytestmark = pytest.mark.django_db(transaction=True)


def together(*jobs: Callable[[], object]) -> list[BaseException]:
    """Start all at the same moment; what they raised."""
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], object]) -> None:
        gate.wait()
        try:
            job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as threads:
        begun = [threads.submit(run, job) for job in jobs]
    return [error for one in begun if (error := one.exception())]


if database.vendor == "postgresql":

    def test_six_clicks_place_one_order_and_six_workers_send_it_once(
        connection: Connection, simulator: SimulatorProcess, staff: User
    ) -> None:
        order = draft(connection, staff)
        placed: list[Operation] = []
        assert together(*[lambda: placed.append(place(Order.objects.get(pk=order.pk), staff))] * 6) == []
        operation = Operation.objects.get()
        assert together(*[lambda: operations.perform(operation.pk)] * 6) == []
        operation.refresh_from_db()
        assert operation.state == "done"
        assert len(simulator.requests(ORDER, method="POST")) == 1

    def test_an_order_is_cancelled_or_sent(connection: Connection, simulator: SimulatorProcess, staff: User) -> None:
        order = draft(connection, staff)
        operation = place(order, staff)
        cancelled: list[bool] = []

        def cancel() -> None:
            cancelled.append(orders.give_up(Order.objects.get(pk=order.pk)))

        assert together(lambda: operations.perform(operation.pk), cancel) == []
        order.refresh_from_db()
        assert order.state == ("cancelled" if cancelled[0] else "placed")
        assert len(simulator.ledger("order")) == (0 if cancelled[0] else 1)

    def test_orders_of_one_direction_wait_for_each_other_without_a_deadlock(
        connection: Connection, simulator: SimulatorProcess, staff: User
    ) -> None:
        placed = [place(draft(connection, staff, NOBODYS, chosen=None), staff).pk for _ in range(3)]
        simulator.fault("reset_after", path=ORDER, method="POST")

        def work(pk: int) -> Callable[[], None]:
            def job() -> None:
                operations.perform(pk)
                settling.settle(pk)

            return job

        for _ in range(10):
            if set(Operation.objects.values_list("state", flat=True)) == {"done"}:
                break
            Operation.objects.filter(state="planned").update(not_before=None)
            Operation.objects.filter(state="unknown").update(look_at=None)
            assert together(*[work(pk) for pk in placed * 2]) == []
        assert set(Operation.objects.values_list("state", flat=True)) == {"done"}
        assert len(simulator.ledger("order")) == 3
        assert len(set(Order.objects.values_list("number__number", flat=True))) == 3
