"""SMS and calls at once: changed through the journal, and the paid one never by mistake."""

import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from direct_numbers import features
from direct_numbers.models import Number
from people.models import User
from sync import operations
from sync.models import Connection, Operation
from tests.support.journal import facts_of, look_now, perform_planned
from tests.support.prolonging import balance_of, numbers_with, open_page, plan
from tests.support.reading import text_of
from tests.support.scenes import forget_waiting, long_ago, number_of
from tests.support.simulator import SimulatorProcess

SMS = "/v1/direct_numbers/receive_sms/"
CHANNELS = "/v1/direct_numbers/incoming_channels/"
pytestmark = pytest.mark.django_db(transaction=True)


def post(client: Client, number: Number, view: str, **given: object) -> str:
    """Send a form of the number's page; what the page then says, with the status in front."""
    answer = client.post(reverse(f"number-{view}", args=[number.pk]), given, follow=True)
    return f"{answer.status_code} {text_of(answer)}"


# SMS


@pytest.mark.parametrize("value", ["off", "on"])
def test_sms_is_switched(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, value: str
) -> None:
    number = number_of(connection)
    Number.objects.filter(pk=number.pk).update(receive_sms=value == "off")
    assert "The change is on its way to Zadarma." in post(browser_of_staff, number, "sms", value=value)
    perform_planned()
    number.refresh_from_db()
    (entry,) = simulator.ledger("receive_sms")
    assert (number.receive_sms, entry["number"], entry["value"]) == (value == "on", number.number, value)
    (request,) = simulator.requests(SMS)
    assert request["params"]["documents_group_id"] == number.group_remote_id


def test_a_number_that_takes_no_sms_is_offered_none(connection: Connection, browser_of_staff: Client) -> None:
    number = number_of(connection, "Hotline")
    assert number.receive_sms is None
    page = browser_of_staff.get(reverse("number", args=[number.pk]))
    assert reverse("number-sms", args=[number.pk]) not in page.content.decode()
    assert post(browser_of_staff, number, "sms", value="on").startswith("400")
    assert not Operation.objects.exists()


@pytest.mark.parametrize("value", ["", "maybe", "1"])
def test_sms_is_on_or_off(connection: Connection, browser_of_staff: Client, value: str) -> None:
    assert post(browser_of_staff, number_of(connection), "sms", value=value).startswith("400")
    assert not Operation.objects.exists()


@pytest.mark.parametrize("fault", ["reset_before", "reset_after"])
def test_sms_in_doubt_is_sent_again(
    connection: Connection, simulator: SimulatorProcess, staff: User, fault: str
) -> None:
    number = number_of(connection)
    operation = features.set_receive_sms(number, False, staff)
    simulator.fault(fault, path=SMS)
    operations.perform(operation.pk)
    look_now(operation)
    assert operation.state == "planned"
    operations.perform(forget_waiting(operation).pk)
    operation.refresh_from_db()
    number.refresh_from_db()
    assert (operation.state, number.receive_sms) == ("done", False)


# Calls at once


def test_calls_at_once_are_changed_after_a_warning(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, staff: User
) -> None:
    number = number_of(connection)
    page = browser_of_staff.get(reverse("number", args=[number.pk]))
    html = page.content.decode()
    assert f"The number takes {number.channels} calls at once" in text_of(page)
    assert "Zadarma may charge for more of them and does not tell the amount beforehand." in text_of(page)
    assert not re.search(r'name="confirmed"[^>]* required', html)  # hidden with JavaScript: nobody could tick it
    assert 'data-confirm="more-channels"' in html and '<dialog id="more-channels"' in html
    before = balance_of(simulator)
    more = (number.channels or 0) + 2
    post(browser_of_staff, number, "channels", channels=more, confirmed="1")
    perform_planned()
    number.refresh_from_db()
    operation = Operation.objects.get()
    spent = Decimal(str(simulator.ledger("incoming_channels")[0]["amount"]))
    assert (operation.state, operation.actor, number.channels) == ("done", staff, more)
    assert (operation.balance_before, operation.balance_after) == (before, before - spent)


def test_calls_at_once_are_not_changed_without_the_warning_read(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    number = number_of(connection)
    said = post(browser_of_staff, number, "channels", channels=5)
    assert said.startswith("400") and "Please confirm that Zadarma may charge for this." in said
    assert not Operation.objects.exists()


@pytest.mark.parametrize("channels", ["0", "101", "-1", "1.5", "²", "1_0", "text", "", "9" * 50])
def test_wrong_numbers_of_calls_are_told(connection: Connection, browser_of_staff: Client, channels: str) -> None:
    said = post(browser_of_staff, number_of(connection), "channels", channels=channels, confirmed="1")
    assert said.startswith("400") and "Please choose a whole number from 1 to 100." in said
    assert not Operation.objects.exists()


@pytest.mark.parametrize("channels", [0, 101, True])
def test_no_caller_can_plan_a_wrong_number_of_calls(connection: Connection, staff: User, channels: int) -> None:
    with pytest.raises(ValueError):
        features.set_channels(number_of(connection), channels, staff)


def test_as_many_calls_as_before_are_no_change(connection: Connection, browser_of_staff: Client) -> None:
    number = number_of(connection)
    said = post(browser_of_staff, number, "channels", channels=number.channels, confirmed="1")
    assert said.startswith("400") and "It takes as many calls at once already." in said


def test_a_form_sent_again_after_it_is_done_pays_nothing_again(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    for state in ("done", "refused"):
        operation = features.set_channels(number, 7, staff)  # as another tab would that still shows the old figure
        perform_planned()
        operation.refresh_from_db()
        assert operation.state == state
    assert operation.error == "The number takes as many calls at once already. Nothing was paid."
    assert len(simulator.ledger("incoming_channels")) == 1


def test_fewer_calls_are_refused_in_zadarmas_words(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    operation = features.set_channels(number, 1, staff)
    perform_planned()
    operation.refresh_from_db()
    assert operation.state == "refused" and operation.sent_at and operation.error


def test_a_number_that_is_gone_changes_nothing(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    operation = features.set_channels(number, 9, staff)
    simulator.remove_number(number.number)
    perform_planned()
    operation.refresh_from_db()
    assert operation.error == "Zadarma does not find this number: “Check phone's number”. Nothing was paid."
    assert simulator.requests(CHANNELS) == []


def lost(number: Number, simulator: SimulatorProcess, actor: User, fault: str) -> Operation:
    """Ask for nine calls at once and lose the answer."""
    operation = features.set_channels(number, 9, actor)
    simulator.fault(fault, path=CHANNELS, method="PUT")
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "unknown"
    return operation


def test_an_answer_lost_after_the_effect_is_found(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    operation = lost(number, simulator, staff, "reset_after")
    look_now(operation)
    number.refresh_from_db()
    assert (operation.state, number.channels) == ("done", 9)
    assert len(simulator.requests(CHANNELS)) == 1


def test_a_request_lost_before_the_effect_is_not_done_after_two_looks(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    operation = lost(number, simulator, staff, "reset_before")
    look_now(operation)
    assert operation.state == "unknown"
    long_ago(operation)
    look_now(operation)
    assert (operation.state, facts_of(operation)["channels"]) == ("not_done", number.channels)
    assert simulator.ledger("incoming_channels") == []


def test_another_number_of_calls_goes_to_a_person(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    operation = lost(number, simulator, staff, "reset_before")
    with operations.gateway.client(connection, "operation", may_change=lambda: True) as api:
        api.set_incoming_channels(number=number.number, channels=12)
    long_ago(operation)
    look_now(operation)
    assert operation.state == "needs_person"


def test_one_paid_change_of_a_number_at_a_time(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, staff: User
) -> None:
    one, other = numbers_with(connection, simulator, 2)
    features.set_channels(one, 9, staff)
    assert [row.number for row in open_page(browser_of_staff, [one, other]).context["payable"]] == [other]
    plan(browser_of_staff, [other])
    with pytest.raises(operations.AlreadyOpen):
        features.set_channels(other, 9, staff)


def test_a_number_of_which_zadarma_tells_no_calls_at_once_is_not_changed(
    connection: Connection, browser_of_staff: Client
) -> None:
    number = number_of(connection)
    Number.objects.filter(pk=number.pk).update(channels=None)
    answer = browser_of_staff.post(reverse("number-channels", args=[number.pk]), {"channels": 5, "confirmed": "on"})
    assert answer.status_code == 400
    assert not Operation.objects.exists()


@pytest.mark.parametrize("view", ["number-sms", "number-autorenewal"])
def test_what_is_neither_on_nor_off_is_told(connection: Connection, browser_of_staff: Client, view: str) -> None:
    number = number_of(connection)
    answer = browser_of_staff.post(reverse(view, args=[number.pk]), {"value": "banana"})
    assert answer.status_code == 400
    assert "Nothing was changed: please choose on or off." in text_of(answer)
    assert not Operation.objects.exists()
