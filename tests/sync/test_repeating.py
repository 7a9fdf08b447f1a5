"""A setting that stays in doubt is sent again at growing intervals, and at last shown to a person."""

import pytest

from direct_numbers import routing
from direct_numbers.models import Number
from people.models import User
from sync import operations, pace
from sync.models import Connection, Operation
from tests.factories import NumberFactory
from tests.support.journal import look_now
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_setting_always_in_doubt_ends_with_a_person(
    simulator: SimulatorProcess, connection: Connection, staff: User
) -> None:
    number: Number = NumberFactory(connection=connection)
    simulator.fault("reset_before", path="set_caller_name", method="PUT", count=-1)
    operation = routing.set_caller_name(number, "Shop", staff)
    waits = []
    for _ in range(len(pace.LOOK_AFTER) + 1):
        operations.perform(operation.pk)
        operation.refresh_from_db()
        if operation.state == Operation.State.UNKNOWN and operation.look_at and operation.sent_at:
            waits.append(round((operation.look_at - operation.sent_at).total_seconds()))
        look_now(operation)
    assert operation.state == Operation.State.NEEDS_PERSON
    assert waits == sorted(waits)
    assert waits[-1] > 1000
