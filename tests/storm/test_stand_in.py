"""What a storm needs of the stand-in for the API, beside what its own tests show."""

from collections.abc import Iterator

import pytest

from tests.simulator.api import Api
from tests.support.simulator import SimulatorProcess

ORDER = "/v1/direct_numbers/order/"


@pytest.fixture
def simulator() -> Iterator[SimulatorProcess]:
    """One without numbers."""
    with SimulatorProcess() as process:
        yield process


def test_faults_on_paid_calls_are_told_apart_from_those_on_looks(simulator: SimulatorProcess) -> None:
    api = Api(simulator)
    simulator.fault("error", method="GET", count=2)
    simulator.fault("error", method="POST")
    api.refused("GET", "/v1/info/balance/", 500)
    api.refused("GET", "/v1/info/balance/", 500)
    api.refused("POST", ORDER, 500, direction_id=13755, documents_group_id=0)
    assert (simulator.hits("GET"), simulator.hits("POST")) == ({"error": 2}, {"error": 1})
    assert (simulator.hits(), simulator.hits("PUT")) == ({"error": 3}, {})


def test_a_fault_can_be_meant_for_one_number(simulator: SimulatorProcess) -> None:
    api = Api(simulator)
    one, other = simulator.add_numbers(2, direction_id=13755, status="on")
    simulator.fault("error", path="prolong", params={"number": one})
    api.ok("POST", "/v1/direct_numbers/prolong/", number=other, months=1)
    api.refused("POST", "/v1/direct_numbers/prolong/", 500, number=one, months=1)
    assert [entry["number"] for entry in simulator.ledger("prolong")] == [other]


def test_changing_calls_are_listed_by_themselves(simulator: SimulatorProcess) -> None:
    api = Api(simulator)
    api.balance()
    api.order(13755, purpose="storm 1")
    (entry,) = simulator.changing_requests()
    assert (entry["path"], entry["params"]["purpose"], entry["status"]) == (ORDER, "storm 1", 200)
    simulator.clear_requests()
    assert simulator.changing_requests() == []
