"""An order for a chosen number, and one for which the operator may choose just that number."""

import pytest

from people.models import User
from sync import operations
from sync.models import Connection, Operation
from tests.support.journal import look_now
from tests.support.scenes import draft, forget_waiting, long_ago, place
from tests.support.simulator import SimulatorProcess

ORDER = "/v1/direct_numbers/order/"
pytestmark = pytest.mark.django_db(transaction=True)


def test_while_a_chosen_number_is_in_doubt_the_operator_is_not_asked_to_choose(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    """He would assign the first of the list, which then both orders might have got."""
    chosen = place(draft(connection, staff, chosen=0), staff)
    anyones = place(draft(connection, staff, chosen=None), staff)
    simulator.fault("reset_before", path=ORDER, method="POST")
    operations.perform(chosen.pk)
    operations.perform(anyones.pk)
    anyones.refresh_from_db()
    assert anyones.state == "planned"
    assert simulator.ledger("order") == []
    Operation.objects.filter(pk=chosen.pk).update(state="not_done")
    operations.perform(forget_waiting(anyones).pk)
    anyones.refresh_from_db()
    assert anyones.state == "done"


def test_the_operator_may_assign_the_number_that_a_waiting_order_chose(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    anyones = place(draft(connection, staff, chosen=None), staff)
    simulator.fault("reset_after", path=ORDER, method="POST")
    chosen = place(draft(connection, staff, chosen=0), staff)
    operations.perform(anyones.pk)
    (bought,) = simulator.ledger("order")
    assert bought["number"] == chosen.params["number"]
    long_ago(anyones)
    look_now(anyones)
    look_now(anyones)
    assert (anyones.state, anyones.answer["number"]) == ("done", bought["number"])
    operations.perform(forget_waiting(chosen).pk)
    chosen.refresh_from_db()
    assert chosen.state == "refused"  # somebody else has it
    assert len(simulator.ledger("order")) == 1
