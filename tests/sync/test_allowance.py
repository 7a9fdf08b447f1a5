"""What the API says is left of its minute, which need not begin with the clock's, is not used up to the last call."""

import pytest

from sync import budget, gateway
from sync.models import Connection
from tests.support.simulator import SimulatorProcess
from zadarma import Unavailable

BALANCE = "/v1/info/balance/"
pytestmark = pytest.mark.django_db


def test_no_call_is_made_that_the_api_would_refuse(connection: Connection, simulator: SimulatorProcess) -> None:
    simulator.set_rate(12)
    answered = 0
    with pytest.raises(Unavailable) as told, gateway.client(connection, budget.CLICK) as api:
        for _ in range(13):
            api.balance()
            answered += 1
    assert answered == 12 - gateway.SPARE_CALLS
    assert told.value.rate_limited
    assert told.value.may_have_reached is False
    assert {call["status"] for call in simulator.requests(BALANCE)} == {200}


def test_a_small_allowance_is_of_some_calls_only_and_closes_nothing(
    connection: Connection, simulator: SimulatorProcess
) -> None:
    simulator.set_rate(10)
    with gateway.client(connection, budget.CLICK) as api:
        for _ in range(10):
            api.balance()
