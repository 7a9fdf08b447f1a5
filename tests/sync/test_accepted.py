"""Zadarma said yes, but the rest of its answer could not be read: then absence proves nothing, and a person decides."""

import uuid
from typing import Any

import pytest
from django.utils import timezone

from direct_numbers import renewals
from direct_numbers.models import Number
from people.models import User
from sync import operations, pace
from sync.models import Connection, Operation
from tests.support.journal import look_now
from tests.support.reading import text_of
from tests.support.scenes import draft, long_ago, number_of, place
from tests.support.simulator import SimulatorProcess
from zadarma import Client, Unavailable
from zadarma.calling import parsed
from zadarma.types import Ordered, Prolonged

NOBODYS = 17705
pytestmark = pytest.mark.django_db(transaction=True)


def look_until_late(operation: Operation) -> None:
    """Two looks after which absence would be believed."""
    long_ago(operation)
    look_now(operation)
    look_now(operation)


def test_an_order_accepted_without_a_number_is_never_taken_for_not_done(
    connection: Connection,
    simulator: SimulatorProcess,
    staff: User,
    monkeypatch: pytest.MonkeyPatch,
    browser_of_staff: Any,
) -> None:
    order = draft(connection, staff, NOBODYS, chosen=None)
    operation = place(order, staff)
    monkeypatch.setattr(Client, "order", lambda api, **given: Ordered(number=""))
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.evidence["accepted"]) == ("unknown", True)
    look_until_late(operation)
    order.refresh_from_db()
    assert (operation.state, order.state) == ("unknown", "in_doubt")
    told = text_of(browser_of_staff.get(f"/activity/journal/{operation.pk}/"))
    assert "Zadarma said that it was accepted, but the rest of the answer could not be read." in told


def test_a_payment_accepted_without_an_end_date_is_never_taken_for_not_paid(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    number: Number = number_of(connection)
    quote = renewals.quote([number], 1)
    (operation,) = renewals.prolong([number], 1, confirmed=renewals.totals(quote), batch=uuid.uuid4(), actor=staff)

    def prolong(api: Client, **given: Any) -> Prolonged:
        told = {"status": "success", "number": given["number"], "stop_date": None}
        return parsed(Prolonged, told, "/v1/direct_numbers/prolong/")

    monkeypatch.setattr(Client, "prolong", prolong)
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "unknown"
    look_until_late(operation)
    assert operation.state == "unknown"


def test_a_success_that_can_not_be_read_is_told_from_a_body_that_says_nothing(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    for fault in ("truncated", "html"):
        operation = place(draft(connection, staff), staff)
        simulator.fault(fault, path="/v1/direct_numbers/order/", method="POST")
        operations.perform(operation.pk)
        operation.refresh_from_db()
        assert operation.state == "unknown" and "accepted" not in operation.evidence
        Operation.objects.filter(pk=operation.pk).update(state="cancelled")


def test_an_error_about_the_account_s_zone_says_nothing_of_the_call(
    connection: Connection, simulator: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = Client(simulator.url, simulator.key, simulator.secret)
    monkeypatch.setattr(Client, "_zone", lambda self: parsed(Ordered, {"is_reserved": "perhaps"}, "/v1/info/timezone/"))
    with pytest.raises(Unavailable) as failed:
        api.prolong(number="442099260080", months=1)
    api.close()
    assert (failed.value.acted, failed.value.accepted) == (False, False)


def test_a_yes_that_comes_when_the_sweeper_was_faster_is_kept(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = place(draft(connection, staff, NOBODYS, chosen=None), staff)

    def order(api: Client, **given: Any) -> Ordered:
        operations.sweep(timezone.now() + pace.LEASE * 2)
        return Ordered(number="")

    monkeypatch.setattr(Client, "order", order)
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.error) == ("unknown", operations.ENDED)
    look_until_late(operation)
    assert operation.state == "unknown" and operation.evidence["accepted"]
