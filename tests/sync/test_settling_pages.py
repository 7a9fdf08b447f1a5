"""A person settles what is in doubt: looks again, decides on evidence, and is told what holds instead."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from direct_numbers import routing
from direct_numbers.models import Number, Order
from panel.templatetags.panel import international
from people.models import Customer, User
from sync import holds, operations
from sync.models import Connection, Operation
from tests.factories import NumberFactory, OperationFactory
from tests.support.journal import look_now
from tests.support.reading import text_of
from tests.support.scenes import draft, long_ago, number_of, place
from tests.support.simulator import SimulatorProcess

ORDER = "/v1/direct_numbers/order/"
LISTING = "^/v1/direct_numbers/$"
NOBODYS = 17705  # lists no numbers: the operator assigns one
pytestmark = pytest.mark.django_db(transaction=True)


def in_doubt(order: Order, actor: User, simulator: SimulatorProcess, fault: str = "reset_before") -> Operation:
    """Place `order` and lose its answer."""
    operation = place(order, actor)
    simulator.fault(fault, path=ORDER, method="POST")
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "unknown"
    cache.clear()  # for 15 seconds after a lost connection clicks are told so without trying
    return operation


def two_that_fit(connection: Connection, simulator: SimulatorProcess, actor: User) -> tuple[Operation, list[str]]:
    """An order that needs a person, and the two numbers either of which may be its own."""
    operation = in_doubt(draft(connection, actor, NOBODYS, chosen=None), actor, simulator)
    found = [simulator.order_outside(NOBODYS), simulator.order_outside(NOBODYS)]
    long_ago(operation)
    look_now(operation)
    assert operation.state == "needs_person"
    return operation, found


def decide(browser: Client, operation: Operation, outcome: str, candidate: str = "", note: str = "I looked") -> str:
    """Send the decision; the words of the page after it."""
    given = {"outcome": outcome, "candidate": candidate, "note": note, "confirmed": "1"}
    page = browser.post(reverse("operation-decide", args=[operation.pk]), given, follow=True)
    operation.refresh_from_db()
    return text_of(page)


def test_look_again_now_finds_what_took_effect(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    operation = in_doubt(draft(connection, staff), staff, simulator, "reset_after")
    page = browser_of_staff.post(reverse("operation-look", args=[operation.pk]), follow=True)
    operation.refresh_from_db()
    assert operation.state == "done"
    words = text_of(page)
    assert "This is what the account shows now." in words
    assert "The number that was ordered is in the account. It took effect." in words
    assert "No usable answer arrived" in words  # what the account showed is not called an answer
    again = browser_of_staff.post(reverse("operation-look", args=[operation.pk]), follow=True)
    assert "This was settled meanwhile: done." in text_of(again)


def test_a_persons_looks_do_not_use_up_the_panels_own(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    operation = in_doubt(draft(connection, staff), staff, simulator)
    due = operation.look_at
    for _ in range(10):
        browser_of_staff.post(reverse("operation-look", args=[operation.pk]))
    operation.refresh_from_db()
    assert (operation.state, operation.looks, operation.look_at) == ("unknown", 0, due)
    assert len(operation.evidence["looks"]) == 10


def test_a_look_in_an_outage_is_told_and_decides_nothing(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess, staff: User, asks_once: None
) -> None:
    operation = in_doubt(draft(connection, staff), staff, simulator)
    simulator.fault("error", path=LISTING, count=-1)
    words = text_of(browser_of_staff.post(reverse("operation-look", args=[operation.pk]), follow=True))
    assert "Zadarma can't be reached right now." in words
    assert "I wrote this" in decide_page(browser_of_staff, operation)
    operation.refresh_from_db()
    assert operation.state == "unknown" and "looks" not in operation.evidence


def decide_page(browser: Client, operation: Operation) -> str:
    """A decision whose look fails: the page as it comes back, with what was written."""
    given = {"outcome": "not_done", "note": "I wrote this", "confirmed": "1"}
    answer = browser.post(reverse("operation-decide", args=[operation.pk]), given)
    assert answer.status_code == 409
    return answer.content.decode()


def test_a_person_names_the_number_and_the_order_gets_it(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess, staff: User, customer: Customer
) -> None:
    operation, (first, second) = two_that_fit(connection, simulator, staff)
    Order.objects.filter(operation=operation).update(customer=customer)
    page = browser_of_staff.get(reverse("operation", args=[operation.pk])).content.decode()
    assert f'value="{first}"' in page and f'value="{second}"' in page
    assert "which then belongs to the order&#x27;s customer" in page  # the dialog names what will happen
    words = decide(browser_of_staff, operation, "done", second, "The payments of the account show it")
    assert "Settled: done." in words
    assert "It took effect: a person decided so." in words
    assert f"Decided It took effect Number {international(second)}" in words  # what was named
    assert f"By {staff}" in words and "The payments of the account show it" in words
    assert "Technical: POST" in words  # why it was in doubt stands there still
    order = Order.objects.get(operation=operation)
    assert order.number is not None
    assert (order.state, order.number.number, order.number.customer) == ("placed", second, customer)
    assert not Number.objects.filter(number=first, customer=customer).exists()
    assert len(simulator.requests(ORDER, method="POST")) == 1


def test_not_done_frees_the_money_and_leads_back_to_the_order(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    operation, _found = two_that_fit(connection, simulator, staff)
    assert holds.held(connection, "EUR") > 0
    words = decide(browser_of_staff, operation, "not_done", note="Both are from yesterday")
    order = Order.objects.get(operation=operation)
    assert (operation.state, operation.decided_by, order.state) == ("not_done", staff, "refused")
    assert holds.held(connection, "EUR") == 0
    assert "It did not take effect: a person decided so." in words and "Both are from yesterday" in words
    assert "Go to the order: correct it, or order again" in words
    shown = text_of(browser_of_staff.get(reverse("order", args=[order.public_id])))
    assert "It was decided by hand that nothing was ordered." in shown


@pytest.mark.parametrize(
    ("outcome", "candidate", "note", "told"),
    [
        ("done", "", "I looked", "Please say which of these it was."),
        ("done", "441234", "I looked", "The account does not show this any more."),
        ("not_done", "", "", "This field is required."),
        ("perhaps", "", "I looked", "perhaps is not one of the available choices."),
    ],
)
def test_a_decision_must_be_whole(
    browser_of_staff: Client,
    connection: Connection,
    simulator: SimulatorProcess,
    staff: User,
    outcome: str,
    candidate: str,
    note: str,
    told: str,
) -> None:
    operation, _found = two_that_fit(connection, simulator, staff)
    simulator.clear_requests()
    assert told in decide(browser_of_staff, operation, outcome, candidate, note)
    assert operation.state == "needs_person"
    assert simulator.requests() == []


def test_too_early_is_said_and_nothing_is_decided(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    operation = in_doubt(draft(connection, staff), staff, simulator)
    page = text_of(browser_of_staff.get(reverse("operation", args=[operation.pk])))
    assert "There is nothing to decide yet: it may still take effect until" in page
    assert "It did not take effect …" not in page and "The last look showed nothing" not in page
    words = decide(browser_of_staff, operation, "not_done")
    assert "It is too early to say that it did not take effect: it still may, until" in words
    assert (operation.state, "decision" in operation.evidence) == ("unknown", False)


def test_what_the_account_shows_counts_more_than_what_is_said(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    operation = in_doubt(draft(connection, staff), staff, simulator, "reset_after")
    long_ago(operation)
    words = decide(browser_of_staff, operation, "not_done", note="They told me so")
    assert "The account shows that it took effect, so it is settled as done." in words
    assert (operation.state, operation.decided_by) == ("done", None)
    # What was written is not lost, and not taken for the reason.
    assert "Said It did not take effect Decided by what the account showed at that moment" in words
    assert "They told me so" in words and f"By {staff}" in words


def test_what_a_person_said_is_kept_also_where_the_last_look_agrees(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    operation = in_doubt(draft(connection, staff), staff, simulator)
    long_ago(operation)
    look_now(operation)
    words = decide(browser_of_staff, operation, "not_done", note="They told me so")
    assert (operation.state, operation.decided_by) == ("not_done", None)
    assert "They told me so" in words and f"By {staff}" in words


def test_without_a_confirmation_nothing_is_decided(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    operation, (first, _second) = two_that_fit(connection, simulator, staff)
    given = {"outcome": "done", "candidate": first, "note": "I looked"}
    answer = browser_of_staff.post(reverse("operation-decide", args=[operation.pk]), given)
    operation.refresh_from_db()
    assert (answer.status_code, operation.state) == (400, "needs_person")
    assert "Please confirm that you have compared it with the Zadarma account." in text_of(answer)
    assert "I looked" in answer.content.decode()


def test_numbers_that_fit_are_told_apart_by_their_start_and_owner(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess, staff: User, customer: Customer
) -> None:
    operation, (first, second) = two_that_fit(connection, simulator, staff)
    NumberFactory(connection=connection, number=first, customer=customer)
    words = text_of(browser_of_staff.get(reverse("operation", args=[operation.pk])))
    assert f"Belongs to: {customer}" in words
    assert words.count("In the account: since ") == 2
    assert "on the account's clock" not in words
    assert second


def test_what_is_gone_since_can_not_be_named(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    operation, (first, second) = two_that_fit(connection, simulator, staff)
    simulator.remove_number(first)
    simulator.remove_number(second)
    words = decide(browser_of_staff, operation, "done", first)
    assert "What you chose can't be it" in words
    assert operation.state == "needs_person"


def test_a_value_that_could_not_be_set_is_saved_anew_or_closed(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    operation = routing.set_caller_name(number, "Support1", staff)
    simulator.fault("reset_before", path="set_caller_name")
    operations.perform(operation.pk)
    Operation.objects.filter(pk=operation.pk).update(looks=99)
    look_now(operation)
    page = browser_of_staff.get(reverse("operation", args=[operation.pk]))
    words = text_of(page)
    assert "You must act: save the value anew." in words
    assert reverse("number", args=[number.pk]) in page.content.decode()
    assert "It took effect …" not in words and "Look again now" not in words
    long_ago(operation)
    simulator.clear_requests()
    assert "Settled: not done." in decide(browser_of_staff, operation, "not_done")
    assert simulator.requests() == []


def test_looking_at_a_receipt_changes_nothing(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    operation, _found = two_that_fit(connection, simulator, staff)
    before = Operation.objects.values().get(pk=operation.pk)
    simulator.clear_requests()
    for name in ("operation", "operation-look", "operation-decide"):
        browser_of_staff.get(reverse(name, args=[operation.pk]))
    assert Operation.objects.values().get(pk=operation.pk) == before
    assert simulator.requests() == []


def test_a_kind_that_no_app_knows_has_a_receipt_and_no_decision(browser_of_staff: Client, offline: Connection) -> None:
    operation = OperationFactory(connection=offline, kind="teleport", state="needs_person", params={"x": "Secret"})
    words = text_of(browser_of_staff.get(reverse("operation", args=[operation.pk])))
    assert "teleport" in words and "Secret" not in words and "Settle it" not in words
    assert browser_of_staff.post(reverse("operation-look", args=[operation.pk])).status_code == 404
    assert browser_of_staff.post(reverse("operation-decide", args=[operation.pk])).status_code == 404


@pytest.mark.parametrize("name", ["operation-look", "operation-decide"])
def test_only_staff_settle(client: Client, offline: Connection, member: User, name: str) -> None:
    operation = OperationFactory(connection=offline, state="needs_person")
    client.force_login(member)
    answer = client.post(reverse(name, args=[operation.pk]), {"outcome": "not_done", "note": "mine"})
    operation.refresh_from_db()
    assert (answer.status_code, operation.state) == (403, "needs_person")
