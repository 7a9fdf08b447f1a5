"""Paying numbers further, from the button to the account: what is paid is what was confirmed, once."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from direct_numbers import renewals
from direct_numbers.models import Number
from people.models import User
from sync import operations
from sync.models import Connection, Operation
from tests.support.journal import perform_planned
from tests.support.prolonging import (
    API,
    URL,
    balance_of,
    fields_of,
    numbers_with,
    open_page,
    paid,
    plan,
    result_of,
    set_balance,
)
from tests.support.reading import text_of
from tests.support.scenes import read, woken
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def second(simulator: SimulatorProcess) -> Connection:
    """Another account, in US dollars and five hours behind UTC."""
    return Connection.objects.create(
        name="Second account", api_url=simulator.url, api_key="second-key", api_secret="second-secret"
    )


def test_one_number_is_paid_further(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, staff: User
) -> None:
    (number,) = numbers_with(connection, simulator)
    (operation,) = plan(browser_of_staff, [number], 6)
    assert paid(simulator) == []  # planned only
    perform_planned()
    operation.refresh_from_db()
    number.refresh_from_db()
    (entry,) = simulator.ledger("prolong")
    assert paid(simulator) == [(number.number, 6, Decimal(12))]
    assert (operation.state, operation.paid_amount, operation.paid_currency) == ("done", Decimal(12), "EUR")
    assert (operation.actor, operation.hold_amount, operation.previous) == (staff, Decimal(12), None)
    assert (operation.balance_before, operation.balance_after) == (Decimal("212.40"), Decimal("200.40"))
    assert number.stop_text == entry["stop_date"] == operation.answer["stop"]
    text = text_of(result_of(browser_of_staff, operation))
    assert "1 of 1" in text and "EUR 12.00 for 1 number" in text and "paid" in text


def test_several_numbers_of_two_accounts_and_currencies_are_paid_with_one_button(
    connection: Connection, second: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    euros, dollars = numbers_with(connection, simulator, 2), numbers_with(second, simulator, 1, direction_id=17702)
    page = open_page(browser_of_staff, [*euros, *dollars], 3)
    fee = dollars[0].monthly_fee
    assert fee is not None
    assert f"Pay 3 numbers for 3 months: EUR 12.00 + USD {fee * 3:.2f}" in text_of(page)
    answer = browser_of_staff.post(URL, fields_of(page))
    perform_planned()
    assert sorted(paid(simulator)) == sorted(
        [*((row.number, 3, Decimal(6)) for row in euros), (dollars[0].number, 3, fee * 3)]
    )
    assert balance_of(simulator) == Decimal("200.40")
    assert balance_of(simulator, "second-key") == 50 - fee * 3
    for row in Number.objects.filter(pk__in=[row.pk for row in [*euros, *dollars]]):
        listed = next(entry for entry in simulator.ledger("prolong") if entry["number"] == row.number)
        assert row.stop_text == listed["stop_date"]
    text = text_of(browser_of_staff.get(answer.url))
    assert f"EUR 12.00 + USD {fee * 3:.2f} for 3 numbers" in text


def test_the_new_end_date_on_the_page_is_the_one_that_comes(
    connection: Connection, second: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    rows = [*numbers_with(connection, simulator), *numbers_with(second, simulator)]
    told = {row.number.pk: row.until for row in open_page(browser_of_staff, rows, 13).context["payable"]}
    plan(browser_of_staff, rows, 13)
    perform_planned()
    assert {row.pk: row.stop_at for row in Number.objects.filter(pk__in=told)} == told


def test_reload_back_and_double_click_pay_once(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    rows = numbers_with(connection, simulator, 2)
    fields = fields_of(open_page(browser_of_staff, rows))
    first, second = browser_of_staff.post(URL, fields), browser_of_staff.post(URL, fields)
    perform_planned()
    third = browser_of_staff.post(URL, fields)  # back, and sent again after it is done
    assert first.url == second.url == third.url
    perform_planned()
    assert len(paid(simulator)) == len(simulator.requests(API)) == Operation.objects.count() == 2


def test_a_double_click_counts_once_even_where_the_balance_pays_only_one(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = numbers_with(connection, simulator)
    set_balance(connection, simulator, "3")
    batch, told = uuid.uuid4(), {"EUR": Decimal(2)}
    of_batch = renewals.of_batch
    looked: list[uuid.UUID] = []

    def other_click_is_faster(asked: uuid.UUID) -> list[Operation]:
        """Nothing is there when the second click looks; then the first one is written."""
        looked.append(asked)
        if len(looked) > 1:
            return of_batch(asked)
        renewals.prolong([number], 1, confirmed=told, batch=batch, actor=staff)
        return []

    monkeypatch.setattr(renewals, "of_batch", other_click_is_faster)
    (planned,) = renewals.prolong([number], 1, confirmed=told, batch=batch, actor=staff)
    assert planned == Operation.objects.get()


def test_another_tab_that_still_shows_the_old_end_date_does_not_pay_again(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    (number,) = numbers_with(connection, simulator)
    other_tab = fields_of(open_page(browser_of_staff, [number]))
    plan(browser_of_staff, [number])
    during = browser_of_staff.post(URL, other_tab)
    assert during.status_code == 409
    assert "A payment for this number is under way already." in text_of(during)
    perform_planned()
    after = browser_of_staff.post(URL, other_tab)
    assert after.status_code == 409
    assert "An end date has changed since you looked: somebody has paid already" in text_of(after)
    assert browser_of_staff.post(URL, fields_of(after)).status_code == 302  # who wants it all the same may
    perform_planned()
    assert len(paid(simulator)) == 2


def test_two_forms_for_the_same_number_plan_it_once(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = numbers_with(connection, simulator)
    told = {"EUR": Decimal(2)}
    renewals.prolong([number], 1, confirmed=told, batch=uuid.uuid4(), actor=staff)
    with pytest.raises(renewals.NotRenewable):
        renewals.prolong([number], 1, confirmed=told, batch=uuid.uuid4(), actor=staff)
    monkeypatch.setattr(renewals, "_busy", lambda rows: {})  # had it looked a moment earlier
    with pytest.raises(operations.AlreadyOpen):
        renewals.prolong([number], 1, confirmed=told, batch=uuid.uuid4(), actor=staff)
    assert Operation.objects.count() == 1


def test_one_that_cannot_be_paid_stops_all_of_them(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    rows = numbers_with(connection, simulator, 3)
    Number.objects.filter(pk=rows[2].pk).update(status="reserved_on")
    with pytest.raises(renewals.NotRenewable) as hindered:
        renewals.prolong(rows, 1, confirmed={"EUR": Decimal(6)}, batch=uuid.uuid4(), actor=staff)
    assert [row.number for row in hindered.value.renewals] == [rows[2]]
    assert not Operation.objects.exists()


# What has changed between the button and the call


def test_a_price_raised_after_the_button_is_refused_with_both_figures(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    (number,) = numbers_with(connection, simulator)
    (operation,) = plan(browser_of_staff, [number], 3)
    simulator.set_price(13755, monthly_fee="2.75")
    woken()
    perform_planned()
    assert ("numbers.refresh_number", [number.pk]) in woken()  # whoever tries again sees the new price
    operation.refresh_from_db()
    told = "The price is now EUR 8.25 instead of EUR 6.00. Please confirm the new price. Nothing was paid."
    assert (operation.state, operation.error) == ("refused", told)
    assert told in text_of(result_of(browser_of_staff, operation))
    assert (simulator.requests(API), paid(simulator)) == ([], [])


def test_another_currency_than_confirmed_is_refused(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    (number,) = numbers_with(connection, simulator)
    (operation,) = plan(browser_of_staff, [number])
    Operation.objects.update(hold_currency="USD")
    perform_planned()
    operation.refresh_from_db()
    assert operation.error.startswith("The price is now EUR 2.00 instead of USD 2.00.")
    assert simulator.requests(API) == []


def test_a_lower_price_is_paid_and_told(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    (number,) = numbers_with(connection, simulator)
    (operation,) = plan(browser_of_staff, [number], 3)
    simulator.set_price(13755, monthly_fee="1.50")
    perform_planned()
    operation.refresh_from_db()
    assert (operation.state, operation.paid_amount) == ("done", Decimal("4.50"))
    text = text_of(result_of(browser_of_staff, operation))
    assert "Zadarma charged EUR 4.50; EUR 6.00 were confirmed." in text


def test_more_paid_than_confirmed_is_a_warning(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = numbers_with(connection, simulator)
    (operation,) = plan(browser_of_staff, [number], 3)
    claim = operations._claim

    def dearer_at_the_last_moment(*given: Any) -> bool:
        simulator.set_price(13755, monthly_fee="2.75")
        return claim(*given)

    monkeypatch.setattr(operations, "_claim", dearer_at_the_last_moment)
    perform_planned()
    text = text_of(result_of(browser_of_staff, operation))
    assert "Zadarma charged EUR 8.25; EUR 6.00 were confirmed." in text
    assert "Paid EUR 8.25 for 1 number" in text


def test_a_number_removed_meanwhile_is_refused_with_zadarmas_words(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    rows = numbers_with(connection, simulator, 2)
    first, second = plan(browser_of_staff, rows)
    simulator.remove_number(rows[0].number)
    perform_planned()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("refused", "done")
    text = text_of(result_of(browser_of_staff, first))
    assert "Zadarma does not find this number: “Check phone's number”. Nothing was paid." in text
    assert [number for number, _months, _amount in paid(simulator)] == [rows[1].number]


def test_a_date_that_somebody_else_moved_is_asked_again(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, staff: User
) -> None:
    (number,) = numbers_with(connection, simulator)
    (operation,) = plan(browser_of_staff, [number])
    other = Connection.objects.create(name="x", api_url=simulator.url, api_key="demo-key", api_secret="demo-secret")
    with operations.gateway.client(other, "operation", may_change=lambda: True) as api:
        api.prolong(number=number.number, months=1)
    perform_planned()
    operation.refresh_from_db()
    assert operation.state == "refused"
    assert operation.error.startswith("The number now ends on ")
    assert operation.error.endswith("Please confirm the new date. Nothing was paid.")
    assert len(paid(simulator)) == 1


@pytest.mark.parametrize("status", ["reserved_on", "reserved_checking"])
def test_a_number_reserved_meanwhile_is_not_paid(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, status: str
) -> None:
    (number,) = numbers_with(connection, simulator)
    (operation,) = plan(browser_of_staff, [number])
    simulator.set_status(number.number, status)
    perform_planned()
    operation.refresh_from_db()
    assert operation.error == "The number is only reserved: it must be paid first. Nothing was paid."
    assert simulator.requests(API) == []


def test_a_refusal_is_shown_with_zadarmas_words_and_tried_again_as_another_attempt(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    (number,) = numbers_with(connection, simulator)
    (operation,) = plan(browser_of_staff, [number])
    simulator.fault("error_in_200", path=API)
    perform_planned()
    operation.refresh_from_db()
    page = result_of(browser_of_staff, operation)
    assert operation.state == "refused" and operation.sent_at
    assert f"Zadarma answered: “{operation.error.rstrip('.')}”. Nothing was paid." in text_of(page)
    assert page.context["again_url"] == f"{URL}?ids={number.pk}&months=1"
    (again,) = plan(browser_of_staff, [number])
    assert again.previous == operation
    perform_planned()
    assert len(paid(simulator)) == 1
    first = result_of(browser_of_staff, operation)
    assert first.context["again_url"] == "" and "Tried again" in text_of(first)
    (third,) = plan(browser_of_staff, [Number.objects.get(pk=number.pk)])
    assert third.previous is None  # the second was done: this is no attempt at it


# Autorenewal


def test_two_days_before_it_renews_itself_nothing_is_paid(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    soon, later = (numbers_with(connection, simulator, days=days, autorenew=True)[0] for days in (1.9, 2.1))
    off = numbers_with(connection, simulator, days=1)[0]
    page = open_page(browser_of_staff, [soon, later, off])
    assert {row.number for row in page.context["payable"]} == {later, off}
    assert "It renews itself within two days. Paying now as well could pay twice." in text_of(page)
    assert "1 number above is left out." in text_of(page)
    refused = browser_of_staff.post(URL, {**fields_of(page), "ids": [soon.pk], "confirmed": "EUR=2.0000"})
    assert refused.status_code == 409 and not Operation.objects.exists()


def test_autorenewal_switched_on_meanwhile_is_seen_before_the_call(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    (number,) = numbers_with(connection, simulator, days=1)
    (operation,) = plan(browser_of_staff, [number])
    with operations.gateway.client(connection, "operation", may_change=lambda: True) as api:
        api.set_autoprolongation(number=number.number, number_type="common", on=True)
    perform_planned()
    operation.refresh_from_db()
    assert operation.state == "refused"
    assert operation.error.startswith("The number renews itself within two days")
    assert simulator.requests(API) == []


def test_a_date_that_has_passed_is_not_settled_either(connection: Connection, simulator: SimulatorProcess) -> None:
    (number,) = numbers_with(connection, simulator, autorenew=True)
    for days in (1, 3, 30):
        number.stop_at = timezone.now() - timedelta(days=days)
        (renewal,) = renewals.quote([number], 1)
        assert renewal.problem.startswith("It renews itself within two days.")


def test_a_parked_number_is_saved_whatever_its_autorenewal_says(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    rows = [*numbers_with(connection, simulator, autorenew=True), *numbers_with(connection, simulator)]
    for row in rows:
        simulator.set_status(row.number, "parking")
    read(connection, "numbers")
    rows = list(Number.objects.filter(pk__in=[row.pk for row in rows]))
    assert {row.status for row in rows} == {"parking"}
    plan(browser_of_staff, rows)
    perform_planned()
    assert len(paid(simulator)) == 2
    read(connection, "numbers")
    assert {row.status for row in Number.objects.filter(pk__in=[row.pk for row in rows])} == {"on"}


@pytest.mark.parametrize("months", [0, 37, -1, True, "3", 1.5])
def test_no_caller_can_plan_wrong_months(connection: Connection, staff: User, months: Any) -> None:
    with pytest.raises(renewals.WrongMonths):
        renewals.quote([], months)
    with pytest.raises(renewals.WrongMonths):
        renewals.prolong([], months, confirmed={}, batch=uuid.uuid4(), actor=staff)
