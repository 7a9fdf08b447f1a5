"""What the wizard prevents: an order twice, out of turn, or at another price, and an error page in an outage."""

import pytest
from django.test import Client
from django.urls import reverse

from direct_numbers.models import Order
from people.models import Customer
from sync.models import Connection
from tests.direct_numbers.conftest import Wizard
from tests.support.journal import perform_planned
from tests.support.reading import form_of, text_of
from tests.support.simulator import SimulatorProcess

ORDER = "/v1/direct_numbers/order/"
UNREACHABLE = "Zadarma can't be reached right now. What you see is the last known state; please try again in a minute."
STEPS = ["country", "direction", "number", "documents", "review", "routing"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_reload_back_and_double_click_order_once(wizard: Wizard, simulator: SimulatorProcess) -> None:
    wizard.go("GB", 13755)
    url = wizard.url("review")
    fields = form_of(wizard.open("review"), url)
    first, second = wizard.client.post(url, fields), wizard.client.post(url, fields)
    assert first.url == wizard.url("routing")
    assert second.url == wizard.url("order")
    perform_planned()
    assert wizard.client.post(url, fields).url == wizard.url("order")  # reload, after the number is there
    assert wizard.client.get(url).url == wizard.url("order")  # back
    assert wizard.client.post(wizard.url("number"), {"number": "any"}).url == wizard.url("order")
    perform_planned()
    assert len(simulator.requests(ORDER)) == 1
    assert len(simulator.ledger("order")) == 1
    assert Order.objects.count() == 1
    assert simulator.state()["accounts"][0]["balance"] == pytest.approx(210.40)


@pytest.mark.parametrize("step", STEPS[1:])
def test_a_step_out_of_turn_leads_to_the_first_one_missing(wizard: Wizard, step: str) -> None:
    wizard.start()
    assert wizard.open(step).url == wizard.url("country")
    assert wizard.client.post(wizard.url(step), {"confirmed": "0"}).url == wizard.url("country")
    wizard.send("country", country="GB")
    if step != "direction":
        assert wizard.open(step).url == wizard.url("direction")


def test_a_draft_is_resumed_where_it_was_left(wizard: Wizard) -> None:
    wizard.start()
    for step, given, following in (
        ("country", {"country": "GB"}, "direction"),
        ("direction", {"direction": "13755"}, "number"),
        ("number", {"number": "any"}, "documents"),
        ("documents", {"group": str(wizard.group("0"))}, "review"),
    ):
        wizard.send(step, **given)
        assert wizard.open("order").url == wizard.url(following)
        assert wizard.url(following) in wizard.client.get(reverse("order-list")).content.decode()


def test_another_country_makes_void_what_follows_and_the_same_one_does_not(wizard: Wizard) -> None:
    wizard.go("GB", 13755)
    wizard.send("country", country="GB")
    assert wizard.order.direction is not None and wizard.order.number_chosen
    wizard.send("country", country="US")
    order = wizard.order
    assert (order.direction, order.number_chosen, order.wanted_number, order.group) == (None, False, "", None)
    assert wizard.open("review").url == wizard.url("direction")


def test_another_direction_makes_the_number_void(wizard: Wizard) -> None:
    wizard.go("GB", 13755)
    wizard.send("direction", direction="13756")
    order = wizard.order
    assert (order.number_chosen, order.wanted_number, order.group_id) == (False, "", wizard.group("0"))


def test_a_direction_of_another_country_is_not_taken(wizard: Wizard) -> None:
    wizard.start()
    wizard.send("country", country="GB")
    answer = wizard.send("direction", direction="17701")
    assert "Please choose a direction." in text_of(answer)
    assert wizard.order.direction is None


def test_a_number_taken_while_one_chooses_is_told(wizard: Wizard, simulator: SimulatorProcess) -> None:
    wizard.go("GB", 13755)
    listed = wizard.open("number").context["numbers"][3]
    simulator.remove_number(listed.number)
    answer = wizard.client.post(wizard.url("number"), {"number": listed.id})
    assert "Somebody else has just taken this number. Please choose another one." in text_of(answer)
    assert wizard.order.wanted_number != listed.number


def test_a_number_taken_after_the_review_is_told_and_nothing_is_bought(
    wizard: Wizard, simulator: SimulatorProcess
) -> None:
    wizard.go("GB", 13755)
    simulator.remove_number(wizard.order.wanted_number)
    wizard.send("review")
    perform_planned()
    assert wizard.order.state == "refused"
    assert "This number is no longer available. Please choose another one." in text_of(wizard.open("order"))
    assert (simulator.requests(ORDER), simulator.ledger("order")) == ([], [])


def test_a_price_raised_before_the_button_is_pressed_is_shown_and_asked_again(
    wizard: Wizard, simulator: SimulatorProcess
) -> None:
    wizard.go("GB", 13755)
    seen = form_of(wizard.open("review"), wizard.url("review"))
    simulator.set_price(13755, monthly_fee="2.75")
    assert "Order for EUR 2.75" in text_of(wizard.open("review"))  # another tab has looked again
    answer = wizard.client.post(wizard.url("review"), seen)
    assert answer.status_code == 409
    assert "The total has changed. Please confirm the new one." in text_of(answer)
    assert wizard.order.state == "draft"


def test_a_price_raised_after_the_button_is_refused_with_both_figures(
    wizard: Wizard, simulator: SimulatorProcess
) -> None:
    wizard.go("GB", 13755)
    wizard.send("review")
    simulator.set_price(13755, monthly_fee="2.75")
    perform_planned()
    assert wizard.order.state == "refused"
    told = "The price is now EUR 2.75 instead of EUR 2.00. Please confirm the new price."
    assert told in text_of(wizard.open("order"))
    assert (simulator.requests(ORDER), simulator.ledger("order")) == ([], [])
    wizard.client.post(wizard.url("reopen"))
    wizard.send("review")
    perform_planned()
    assert wizard.order.state == "placed"
    assert simulator.ledger("order")[0]["amount"] == 2.75


def test_a_lower_price_is_no_reason_to_ask_again(wizard: Wizard, simulator: SimulatorProcess) -> None:
    wizard.go("GB", 13755)
    wizard.send("review")
    simulator.set_price(13755, monthly_fee="1.50")
    perform_planned()
    assert (wizard.order.state, simulator.ledger("order")[0]["amount"]) == ("placed", 1.5)


def test_a_balance_too_small_is_told_before_anything_is_sent(wizard: Wizard, simulator: SimulatorProcess) -> None:
    wizard.go("GB", 13755)
    simulator.top_up("-211.40")
    page = wizard.open("review")
    assert "The balance does not cover this order" in text_of(page)
    answer = wizard.client.post(wizard.url("review"), form_of(page, wizard.url("review")))
    assert answer.status_code == 409
    assert "The balance of EUR 1.00 does not cover this." in text_of(answer)
    assert wizard.order.state == "draft"
    assert simulator.requests(ORDER) == []


def test_a_balance_spent_elsewhere_meanwhile_is_told_and_nothing_is_sent(
    wizard: Wizard, simulator: SimulatorProcess
) -> None:
    wizard.go("GB", 13755)
    wizard.send("review")
    simulator.top_up("-211.40")
    perform_planned()
    assert "The balance is EUR 1.00; this costs EUR 2.00. Nothing was paid." in text_of(wizard.open("order"))
    assert simulator.requests(ORDER) == []


@pytest.mark.parametrize("step", STEPS)
def test_in_an_outage_each_step_says_so_and_goes_on_as_far_as_it_can(
    wizard: Wizard, simulator: SimulatorProcess, asks_once: None, step: str
) -> None:
    wizard.go("GB", 13755)
    if step == "routing":
        wizard.send("review")
    simulator.fault("html", count=-1)
    page = wizard.open(step)
    assert page.status_code == 200
    assert (UNREACHABLE in text_of(page)) == (step not in ("country", "direction", "documents"))
    if step == "documents":  # the answers are ten minutes fresh: asked again they are not there
        assert UNREACHABLE in text_of(wizard.open(step, again="1"))
    assert wizard.client.get(reverse("number-list")).status_code == 200
    simulator.clear_faults()


def test_a_choice_sent_in_an_outage_is_not_lost_as_an_error(
    wizard: Wizard, simulator: SimulatorProcess, asks_once: None
) -> None:
    wizard.go("GB", 13755)
    chosen = wizard.order.wanted_number_id
    simulator.fault("error", count=-1)
    answer = wizard.client.post(wizard.url("number"), {"number": chosen})
    assert answer.status_code == 200 and UNREACHABLE in text_of(answer)
    simulator.clear_faults()


def test_without_keys_that_are_accepted_the_step_says_what_to_do(wizard: Wizard) -> None:
    wizard.go("GB", 13755)
    account = Connection.objects.get()
    account.api_secret = "wrong"
    account.save()
    assert "Zadarma did not accept the key pair of this account." in text_of(wizard.open("number"))
    Connection.objects.update(state="paused")
    assert "This Zadarma account is paused." in text_of(wizard.open("number"))


def test_a_mask_finds_numbers_and_a_wrong_one_is_told(wizard: Wizard) -> None:
    wizard.go("GB", 13755)
    listed = [row.number for row in wizard.open("number").context["numbers"]]
    wanted = listed[2][-4:]
    found = wizard.open("number", mask=f"*{wanted[:3]}?")
    assert listed[2] in [row.number for row in found.context["numbers"]]
    assert all(wanted[:3] in row.number for row in found.context["numbers"])
    spaced = wizard.open("number", mask=f"+44 20 {listed[2][4:8]}")
    assert listed[2] in [row.number for row in spaced.context["numbers"]]
    wrong = wizard.open("number", mask="abc")
    assert "Only digits, * and ? can be searched for." in text_of(wrong)
    assert wrong.context["numbers"]


def test_the_main_group_is_not_for_a_customers_order(wizard: Wizard, customer: Customer) -> None:
    wizard.start(customer=str(customer.pk))
    wizard.send("country", country="GB")
    wizard.send("direction", direction="13755")
    wizard.send("number", number="any")
    assert "0" not in {row["group"].remote_id for row in wizard.open("documents").context["groups"]}
    answer = wizard.client.post(wizard.url("documents"), {"group": str(wizard.group("0"))})
    assert "Please choose a document group." in text_of(answer)
    assert wizard.order.group is None


def test_a_draft_is_cancelled_and_leaves_the_list(wizard: Wizard) -> None:
    wizard.go("GB", 13755)
    answer = wizard.client.post(wizard.url("cancel"), follow=True)
    assert "The order is cancelled. Nothing was ordered." in text_of(answer)
    assert wizard.order.state == "cancelled"
    assert wizard.client.post(wizard.url("review"), {}).url == wizard.url("order")


def test_it_is_too_late_to_cancel_what_was_sent(wizard: Wizard) -> None:
    wizard.go("GB", 13755)
    wizard.send("review")
    perform_planned()
    answer = wizard.client.post(wizard.url("cancel"), follow=True)
    assert "It is too late to cancel: the order has been sent." in text_of(answer)
    assert wizard.order.state == "placed"


def test_nothing_is_written_by_looking(wizard: Wizard, browser_of_staff: Client) -> None:
    wizard.go("GB", 13755)
    before = Order.objects.values().get()
    for step in STEPS[:-1]:
        wizard.open(step)
    assert Order.objects.values().get() == before
