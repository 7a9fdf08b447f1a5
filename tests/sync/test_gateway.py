"""An outage is met once and then told at once; what an error means is said in words."""

import pytest

from sync import budget, gateway
from sync.models import Connection
from tests.support.simulator import SimulatorProcess
from zadarma import BadCredentials, Refused, Unavailable

BALANCE = "/v1/info/balance/"
pytestmark = pytest.mark.django_db


def ask(connection: Connection, lane: str) -> None:
    """One lookup."""
    with gateway.client(connection, lane) as api:
        api.balance()


def test_after_an_outage_a_click_is_told_without_trying(
    connection: Connection, simulator: SimulatorProcess, asks_once: None
) -> None:
    simulator.fault("error", path=BALANCE)
    with pytest.raises(Unavailable):
        ask(connection, budget.CLICK)
    with pytest.raises(Unavailable) as told:
        ask(connection, budget.CLICK)
    assert told.value.may_have_reached is False
    assert len(simulator.requests(BALANCE)) == 1


def test_operations_and_sync_try_nevertheless_and_their_success_ends_it(
    connection: Connection, simulator: SimulatorProcess, asks_once: None
) -> None:
    simulator.fault("reset_before", path=BALANCE)
    with pytest.raises(Unavailable):
        ask(connection, budget.CLICK)
    ask(connection, budget.OPERATION)
    ask(connection, budget.CLICK)
    assert len(simulator.requests(BALANCE)) == 3


def test_an_answer_that_came_at_the_second_attempt_is_no_outage(
    connection: Connection, simulator: SimulatorProcess
) -> None:
    simulator.fault("error", path=BALANCE)
    ask(connection, budget.CLICK)
    ask(connection, budget.CLICK)
    assert len(simulator.requests(BALANCE)) == 3


def test_another_account_is_not_taken_for_down(
    connection: Connection, simulator: SimulatorProcess, asks_once: None
) -> None:
    other = Connection.objects.create(
        name="Other", api_url=simulator.url, api_key="second-key", api_secret="second-secret"
    )
    simulator.fault("error", path=BALANCE)
    with pytest.raises(Unavailable):
        ask(connection, budget.CLICK)
    ask(other, budget.CLICK)


@pytest.mark.parametrize("change", [{"state": "paused"}, {"is_hidden": True}])
def test_a_paused_or_hidden_account_is_never_called(
    connection: Connection, simulator: SimulatorProcess, change: dict[str, object]
) -> None:
    for name, value in change.items():
        setattr(connection, name, value)
    with pytest.raises(gateway.NotUsable):
        ask(connection, budget.CLICK)
    assert simulator.requests() == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Refused("Check phone's number", http_status=400), "Zadarma answered: Check phone's number"),
        (Refused("", http_status=400), "Zadarma answered: no reason given"),
        (BadCredentials("x"), "Zadarma did not accept the key pair of this account."),
        (Unavailable("x", rate_limited=True), "This minute's calls to Zadarma are used up."),
        (Unavailable("inner detail"), "Zadarma can't be reached right now."),
        (gateway.NotUsable("Account"), "This Zadarma account is paused."),
    ],
)
def test_what_an_error_means_is_said_in_words(error: Exception, words: str) -> None:
    told = gateway.explain(error)  # type: ignore[arg-type]
    assert told.startswith(words)
    assert "detail" not in told
