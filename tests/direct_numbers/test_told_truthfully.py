"""What pages say of orders and changes under way is true also in doubt and in an outage."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from direct_numbers import showing
from direct_numbers.models import Number, Order
from people.models import User
from sync.models import Connection, Operation
from tests import factories
from tests.support.reading import text_of

pytestmark = pytest.mark.django_db


def order_with(connection: Connection, told: str, **operation: object) -> Order:
    placed_by = factories.OperationFactory(connection=connection, kind="order", object_type="order", **operation)
    made: Order = factories.OrderFactory(
        connection=connection, state=told, operation=placed_by, direction=factories.DirectionFactory()
    )
    return made


def test_an_order_under_way_is_looked_at_often_and_one_in_doubt_seldom(
    browser_of_staff: Client, offline: Connection
) -> None:
    for state, of_operation, pace in [("placing", "sent", "every 2s"), ("in_doubt", "unknown", "every 15s")]:
        order = order_with(offline, state, state=of_operation)
        assert pace in browser_of_staff.get(reverse("order", args=[order.public_id])).content.decode()


def test_an_order_that_can_not_leave_is_not_promised_within_seconds(
    browser_of_staff: Client, offline: Connection
) -> None:
    order = order_with(offline, "placing", state="planned")
    page = reverse("order", args=[order.public_id])
    assert "This takes a few seconds." in text_of(browser_of_staff.get(page))
    Operation.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert "The order could not be sent yet." in text_of(browser_of_staff.get(page))
    Operation.objects.update(waits_for="outage")
    answer = browser_of_staff.get(page)
    assert "Zadarma can't be reached. The order leaves as soon as it can" in text_of(answer)
    assert "every 15s" in answer.content.decode()


def test_of_the_balance_only_staff_are_told(offline: Connection, staff: User, member: User) -> None:
    order = order_with(offline, "placing", state="planned", waits_for="money")
    with translation.override("en"):
        assert "The balance is held" in showing.order_status(order, staff.viewer()).text
        assert showing.order_status(order, member.viewer()).text.startswith("The order could not be sent yet.")


def test_what_zadarma_answered_is_marked_as_its_own_words(offline: Connection, staff: User) -> None:
    order = order_with(offline, "refused", state="refused", sent_at=timezone.now())
    order.error = "Say what the number is for"
    with translation.override("de"):
        told = showing.order_status(order, staff.viewer())
    assert told.text == "Antwort von Zadarma: „Say what the number is for“. Es wurde nichts bezahlt."


def test_what_was_logged_for_us_is_not_told(offline: Connection, staff: User, member: User) -> None:
    operation = factories.OperationFactory(connection=offline, state="unknown", error="the process that sent it ended")
    with translation.override("en"):
        assert showing.operation_note(operation, staff.viewer()) == "Zadarma's answer did not arrive."
        assert showing.operation_note(operation, member.viewer()) == ""


def test_no_call_arrives_at_a_number_without_a_route(staff: User) -> None:
    with translation.override("en"):
        assert showing.number_status(Number(status="on", sip=""), staff.viewer()).text.startswith("No call arrives yet")
        assert showing.number_status(Number(status="on", sip="480011"), staff.viewer()).text == "Calls arrive."


def test_names_are_ordered_as_in_a_dictionary() -> None:
    names = ["Zypern", "Österreich", "Oman", "Ägypten", "Albanien"]
    assert sorted(names, key=showing.sort_key) == ["Ägypten", "Albanien", "Oman", "Österreich", "Zypern"]
