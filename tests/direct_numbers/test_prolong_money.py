"""What paying further may spend: never more than there is, and never what another payment holds."""

import uuid
from decimal import Decimal

import pytest
from django.test import Client

from direct_numbers import renewals
from people.models import User
from sync import holds, operations
from sync.models import Connection, Operation
from tests.support.journal import perform_planned
from tests.support.prolonging import (
    URL,
    balance_of,
    confirm,
    fields_of,
    numbers_with,
    open_page,
    paid,
    plan,
    result_of,
    set_balance,
)
from tests.support.reading import text_of
from tests.support.scenes import forget_waiting
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_balance_too_small_is_told_before_anything_is_planned(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    rows = numbers_with(connection, simulator, 2)
    set_balance(connection, simulator, "3")
    page = open_page(browser_of_staff, rows)
    assert "Test account: EUR 1.00 are missing." in text_of(page)
    assert "disabled>Pay 2 numbers for 1 month: EUR 4.00</button>" in page.content.decode()
    answer = browser_of_staff.post(URL, fields_of(page))
    assert answer.status_code == 409
    assert "Nothing was paid The balance of EUR 3.00 does not cover this." in text_of(answer)
    assert not Operation.objects.exists()


def test_who_has_topped_up_looks_at_the_balance_again(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    (number,) = numbers_with(connection, simulator)
    set_balance(connection, simulator, "1")
    fields = fields_of(open_page(browser_of_staff, [number]))
    set_balance(connection, simulator, "10", told=False)
    assert open_page(browser_of_staff, [number]).context["short"]
    page = browser_of_staff.post(URL, {**fields, "look": "1"})
    assert (page.status_code, page.context["short"]) == (200, [])
    assert not Operation.objects.exists()


def test_what_other_payments_hold_is_counted(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    one, other = numbers_with(connection, simulator, 2)
    set_balance(connection, simulator, "5")
    plan(browser_of_staff, [one], 2)
    page = open_page(browser_of_staff, [other])
    (account,) = page.context["accounts"]
    assert (account.balance, account.held, account.balance_after) == (Decimal(5), Decimal(4), Decimal(-1))
    answer = browser_of_staff.post(URL, fields_of(page))
    assert answer.status_code == 409
    assert "EUR 4.00 of it are held" in text_of(answer)
    perform_planned()
    assert len(paid(simulator)) == 1


def test_a_form_whose_own_numbers_exceed_the_balance_together_plans_none(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    rows = numbers_with(connection, simulator, 3)
    set_balance(connection, simulator, "5")
    with pytest.raises(holds.TooDear) as dear:
        renewals.prolong(rows, 1, confirmed={"EUR": Decimal(6)}, batch=uuid.uuid4(), actor=staff)
    assert (dear.value.balance, dear.value.held) == (Decimal(5), Decimal(0))  # not its own first two
    assert not Operation.objects.exists()


def test_two_forms_that_exceed_the_balance_together_spend_no_more_than_there_is(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    one, other = numbers_with(connection, simulator, 2)
    Connection.objects.update(balance=None)  # not known when they were planned
    (first,), (second,) = plan(browser_of_staff, [one], 2), plan(browser_of_staff, [other], 2)
    set_balance(connection, simulator, "5", told=False)
    perform_planned()
    first.refresh_from_db()
    operations.perform(forget_waiting(second).pk)
    second.refresh_from_db()
    assert (first.state, second.state) == ("done", "refused")
    assert "The balance is EUR 1.00; this costs EUR 4.00. Nothing was paid." in text_of(
        result_of(browser_of_staff, second)
    )
    assert balance_of(simulator) == 1


def test_a_balance_spent_elsewhere_meanwhile_pays_what_it_can_and_tells_the_rest(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    rows = numbers_with(connection, simulator, 3)
    planned = plan(browser_of_staff, rows)
    set_balance(connection, simulator, "5", told=False)
    for operation in planned:
        operations.perform(operation.pk)
    for operation in planned:
        operation.refresh_from_db()
    assert [operation.state for operation in planned] == ["done", "done", "refused"]
    page = result_of(browser_of_staff, planned[0])
    assert "EUR 4.00 for 2 numbers" in text_of(page) and "Not paid 1 number" in text_of(page)
    assert page.context["again_url"] == f"{URL}?ids={rows[2].pk}&months=1"


def test_an_amount_in_another_currency_than_the_balance_is_left_to_the_look_before_the_call(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    (number,) = numbers_with(connection, simulator)
    Connection.objects.update(balance_currency="USD")
    page = open_page(browser_of_staff, [number])
    assert page.context["accounts"][0].balance is None
    assert "The balance is not known here; it is looked up before anything is paid." in text_of(page)
    assert confirm(browser_of_staff, [number]).status_code == 302
