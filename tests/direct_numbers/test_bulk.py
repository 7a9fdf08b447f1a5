"""The same change of many numbers: planned once for each, sent, refused, tried again, and against what is under way."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from direct_numbers import assigning, bulk, routing
from direct_numbers.models import Number
from people.models import Customer, User
from sync import operations
from sync.models import Connection, Operation
from tests.factories import NumberFactory
from tests.support.bulk import NAME, OFF, button, change, look, planned, press
from tests.support.journal import perform_planned
from tests.support.prolonging import numbers_with
from tests.support.queries import sent_to_the_database
from tests.support.reading import text_of
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db(transaction=True)
AUTORENEWAL = "numbers-autorenewal"
CALLER_NAME = "numbers-caller-name"
ROUTE = "numbers-route"


def rows(connection: Connection, count: int = 3, **given: Any) -> list[Number]:
    """Numbers of an account that can't be reached."""
    return [NumberFactory(connection=connection, **given) for _one in range(count)]


def wanted(numbers: list[Number], actor: User, **more: Any) -> list[Operation]:
    """Plan a caller name for the numbers as a form does that was just opened."""
    fresh = list(Number.objects.filter(pk__in=[row.pk for row in numbers]))
    given = {"seen": bulk.hands(fresh), "batch": uuid.uuid4(), "actor": actor, **more}
    return bulk.plan([row.pk for row in numbers], bulk.CALLER_NAME, dict(NAME), **given)


def test_what_was_confirmed_reaches_zadarma_and_each_number_is_told(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    numbers = numbers_with(connection, simulator, 3, autorenew=True)
    found = change(browser_of_staff, AUTORENEWAL, numbers, **OFF)
    result = reverse("bulk-result", args=[found[0].batch])
    page = browser_of_staff.get(result)
    assert "Autorenewal: off of 3 numbers" in text_of(page) and "0 of 3" in text_of(page)
    assert page.context["moving"] and page.context["summary"].under_way == 3
    perform_planned()
    page = browser_of_staff.get(result)
    assert "3 of 3" in text_of(page) and not page.context["moving"] and not page.context["again_url"]
    assert set(Number.objects.filter(pk__in=[row.pk for row in numbers]).values_list("autorenew", flat=True)) == {False}
    sent = [entry for entry in simulator.requests() if entry["method"] == "PUT"]
    assert len(sent) == 3


def test_those_refused_are_tried_again_and_the_others_are_left_alone(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    numbers = numbers_with(connection, simulator, 3)
    found = change(browser_of_staff, CALLER_NAME, numbers, **NAME)
    simulator.fault("error_in_200", path="set_caller_name", count=2)
    perform_planned()
    states = {row.object_id: row.state for row in Operation.objects.filter(batch=found[0].batch)}
    assert sorted(states.values()) == ["done", "refused", "refused"]
    page = browser_of_staff.get(reverse("bulk-result", args=[found[0].batch]))
    assert "Try the 2 refused ones again" in text_of(page) and "Zadarma answered: “" in text_of(page)
    again = browser_of_staff.get(page.context["again_url"])
    refused = {pk for pk, state in states.items() if state == "refused"}
    assert {int(pk) for pk in button(again)["ids"]} == refused
    assert "Set the caller name Hotline for 2 numbers" in text_of(again)
    second = planned(press(browser_of_staff, CALLER_NAME, again))
    assert {row.object_id for row in second} == refused
    assert {row.previous_id for row in second} == {row.pk for row in found if row.object_id in refused}
    page = browser_of_staff.get(reverse("bulk-result", args=[found[0].batch]))
    assert not page.context["again_url"] and text_of(page).count("Tried again") == 2
    perform_planned()
    assert set(Number.objects.filter(pk__in=states).values_list("number_name", flat=True)) == {"Hotline"}


def test_a_form_sent_twice_plans_once(offline: Connection, browser_of_staff: Client) -> None:
    page = look(browser_of_staff, CALLER_NAME, rows(offline), **NAME)
    first, second = press(browser_of_staff, CALLER_NAME, page), press(browser_of_staff, CALLER_NAME, page)
    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert Operation.objects.count() == 3


@pytest.mark.parametrize("other", [{"caller_name": "Other"}, {"ids": ["one"]}])
def test_a_form_of_the_same_name_with_something_else_in_it_plans_nothing(
    offline: Connection, browser_of_staff: Client, other: dict[str, Any]
) -> None:
    numbers = rows(offline)
    page = look(browser_of_staff, CALLER_NAME, numbers, **NAME)
    press(browser_of_staff, CALLER_NAME, page)
    if "ids" in other:
        other = {"ids": [str(numbers[0].pk)]}
    answer = press(browser_of_staff, CALLER_NAME, page, **other)
    assert answer.status_code == 409 and "sent before, for something else" in text_of(answer)
    assert Operation.objects.count() == 3


def test_two_that_press_at_the_same_moment_plan_once(
    offline: Connection, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers, batch = rows(offline), uuid.uuid4()
    first = wanted(numbers, staff, batch=batch)
    looked, looks = bulk.of_batch, []

    def at_first_nothing(name: uuid.UUID) -> list[Operation]:
        looks.append(name)
        return [] if len(looks) == 1 else looked(name)  # it looked before the first had written anything

    monkeypatch.setattr(bulk, "of_batch", at_first_nothing)
    assert wanted(numbers, staff, batch=batch) == first
    assert len(looks) == 2
    assert Operation.objects.count() == 3


# Against what is under way


def test_a_single_change_that_was_planned_meanwhile_is_not_taken_the_place_of(
    offline: Connection, browser_of_staff: Client, staff: User
) -> None:
    numbers = rows(offline)
    page = look(browser_of_staff, CALLER_NAME, numbers, **NAME)
    single = routing.set_caller_name(numbers[1], "Single", staff)
    answer = press(browser_of_staff, CALLER_NAME, page)
    assert answer.status_code == 409
    assert "Not all of the numbers can be changed any more." in text_of(answer)
    assert "A change of this is under way already." in text_of(answer)
    assert list(Operation.objects.all()) == [single] and single.state == "planned"
    rest = planned(press(browser_of_staff, CALLER_NAME, answer))
    assert {row.object_id for row in rest} == {numbers[0].pk, numbers[2].pk}


def test_a_single_change_that_comes_at_this_very_moment_stops_all_of_it(
    offline: Connection, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = rows(offline)
    monkeypatch.setattr(bulk, "_busy", lambda rows, kind: {})  # looked a moment before it was planned
    routing.set_caller_name(numbers[1], "Single", staff)
    with pytest.raises(operations.AlreadyOpen):
        wanted(numbers, staff)
    assert Operation.objects.get().params["caller_name"] == "Single"


def test_a_single_change_takes_the_place_of_one_of_many_that_was_not_sent_yet(
    offline: Connection, browser_of_staff: Client, staff: User
) -> None:
    numbers = rows(offline)
    found = change(browser_of_staff, CALLER_NAME, numbers, **NAME)
    routing.set_caller_name(numbers[0], "Single", staff)
    page = browser_of_staff.get(reverse("bulk-result", args=[found[0].batch]))
    assert "replaced A later change took its place." in text_of(page)
    assert page.context["again_url"] == ""  # somebody decided otherwise: it is not offered to be tried again


@pytest.mark.parametrize("state", ["unknown", "needs_person"])
def test_one_in_doubt_must_be_settled_first(
    offline: Connection, browser_of_staff: Client, staff: User, state: str
) -> None:
    numbers = rows(offline, 2)
    operation = routing.set_caller_name(numbers[0], "Single", staff)
    Operation.objects.filter(pk=operation.pk).update(state=state)
    page = look(browser_of_staff, CALLER_NAME, numbers, **NAME)
    assert "An earlier change of this is in doubt." in text_of(page) and "See the receipt" in text_of(page)
    assert button(page)["ids"] == [str(numbers[1].pk)]


def test_another_kind_of_change_under_way_is_in_nobodys_way(offline: Connection, staff: User) -> None:
    numbers = rows(offline, 2)
    routing.set_autorenewal(numbers[0], False, staff)
    assert len(wanted(numbers, staff)) == 2


# Whose they are


def test_what_was_seen_of_one_customer_is_not_done_for_another(
    offline: Connection, browser_of_staff: Client, customer: Customer, other_customer: Customer
) -> None:
    numbers = rows(offline, customer=customer)
    page = look(browser_of_staff, CALLER_NAME, numbers, **NAME)
    assigning.assign(numbers[0], other_customer)
    answer = press(browser_of_staff, CALLER_NAME, page)
    assert answer.status_code == 409 and "have changed hands since you looked" in text_of(answer)
    assert not Operation.objects.exists()


def test_a_person_taken_away_between_page_and_plan_plans_nothing(
    offline: Connection, customer: Customer, manager: User
) -> None:
    numbers = rows(offline, customer=customer)
    manager.memberships.update(role="viewer")
    with pytest.raises(bulk.NotChangeable):
        wanted(numbers, manager)
    manager.memberships.all().delete()
    with pytest.raises(bulk.HandsChanged):
        wanted(numbers, manager)
    assert not Operation.objects.exists()


def test_what_was_refused_for_a_former_customer_is_no_attempt_of_the_next(
    offline: Connection, staff: User, customer: Customer, other_customer: Customer
) -> None:
    numbers = rows(offline, 1, customer=customer)
    first = wanted(numbers, staff)
    Operation.objects.update(state="refused")
    again = {"again": first[0].batch}
    assigning.assign(numbers[0], other_customer)
    assert wanted(numbers, staff, **again)[0].previous is None
    Operation.objects.exclude(pk=first[0].pk).delete()
    assigning.assign(numbers[0], customer)
    assert wanted(numbers, staff, **again)[0].previous == first[0]


# Where calls go


def test_test_mode_alone_keeps_where_calls_go(offline: Connection, browser_of_staff: Client) -> None:
    one = NumberFactory(connection=offline, sip="100", is_on_test=False)
    two = NumberFactory(connection=offline, sip="a@pbx.example", is_on_test=False)
    nowhere = NumberFactory(connection=offline, sip="")
    numbers = [one, two, nowhere]
    page = look(browser_of_staff, ROUTE, numbers, routing="", test_mode="on")
    assert "Calls go nowhere yet: choose where to." in text_of(page)
    assert "Switch test mode on for 2 numbers" in text_of(page)
    found = planned(press(browser_of_staff, ROUTE, page))
    assert {(row.object_id, row.params["sip_id"], row.params["test_mode"]) for row in found} == {
        (one.pk, "100", True),
        (two.pk, "a@pbx.example", True),
    }
    twice = press(browser_of_staff, ROUTE, page)
    assert {row.pk for row in planned(twice)} == {row.pk for row in found}


def test_an_address_that_is_none_is_refused_at_its_field(offline: Connection, browser_of_staff: Client) -> None:
    page = look(browser_of_staff, ROUTE, rows(offline), routing="uri", sip_uri="not an address")
    assert page.status_code == 400 and "This is not a SIP URI." in text_of(page)
    page = look(browser_of_staff, ROUTE, rows(offline), routing="uri", sip_uri="sip:1001@PBX.example")
    assert {row.params["sip_id"] for row in planned(press(browser_of_staff, ROUTE, page))} == {"1001@pbx.example"}


def test_a_login_of_the_account_is_chosen_for_numbers_of_that_account_alone(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, manager: User, customer: Customer
) -> None:
    numbers = numbers_with(connection, simulator, 2)
    page = browser_of_staff.get(reverse(ROUTE), {"ids": [row.pk for row in numbers]})
    login = page.context["logins"][0].id
    for row in numbers:
        assigning.assign(row, customer)
    found = change(browser_of_staff, ROUTE, numbers, routing="sip", sip_login=login)
    assert {row.params["sip_id"] for row in found} == {login}
    elsewhere = NumberFactory()
    page = look(browser_of_staff, ROUTE, [*numbers, elsewhere], routing="sip", sip_login=login)
    assert page.status_code == 400 and page.context["logins"] == []
    assert "these numbers are in several" in text_of(page)
    browser_of_staff.force_login(manager)
    page = look(browser_of_staff, ROUTE, numbers, routing="sip", sip_login=login)
    assert page.status_code == 400  # not a login of the customer's own


# How much it takes


def test_looking_and_planning_ask_no_more_for_500_than_for_few(
    offline: Connection, browser_of_staff: Client, staff: User
) -> None:
    def asked(count: int) -> tuple[int, float]:
        numbers = rows(offline, count)
        look(browser_of_staff, CALLER_NAME, numbers, **NAME)
        with sent_to_the_database() as sent:
            page = look(browser_of_staff, CALLER_NAME, numbers, **NAME)
        with sent_to_the_database() as written:
            found = planned(press(browser_of_staff, CALLER_NAME, page))
        assert len(found) == count
        batch = found[0].batch
        with sent_to_the_database() as told:
            browser_of_staff.get(reverse("bulk-result", args=[batch]))
        return sent.count, told.count, written.count / count

    few, many = asked(5), asked(500)
    assert few[:2] == many[:2]
    assert many[2] < 6, many  # the journal and the audit write each row by itself
