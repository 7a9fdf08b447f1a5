"""Unknown or somebody else's numbers, groups and orders, and sums that aren't so: told clearly, nothing planned."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers import features, orders, renewals, routing
from direct_numbers.models import Number, Order
from documents.models import DocumentGroup
from people.models import Customer, User
from sync import holds
from sync.models import Connection, Operation
from tests.direct_numbers.conftest import Wizard
from tests.factories import ConnectionFactory, DocumentGroupFactory, NumberFactory, OrderFactory
from tests.support.prolonging import ending
from tests.support.reading import form_of, text_of
from tests.support.scenes import draft, place
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db(transaction=True)
# Every change of a number: its address, and a form that would be taken.
CHANGES: dict[str, dict[str, Any]] = {
    "number-route": {"routing": "uri", "sip_uri": "1001@pbx.example.com"},
    "number-caller-name": {"caller_name": "Shop"},
    "number-autorenewal": {"value": "on"},
    "number-sms": {"value": "on"},
    "number-channels": {"channels": "5", "confirmed": "on"},
}
STEPS = ["country", "direction", "number", "documents", "new-group", "review", "routing"]


def nothing_happened(simulator: SimulatorProcess) -> bool:
    """Neither here nor there."""
    return not Operation.objects.exists() and simulator.request_totals() == {}


# Numbers


@pytest.mark.parametrize("name", CHANGES)
def test_a_number_that_nobody_has_is_not_found(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, name: str
) -> None:
    for pk in (987654, 2**63 - 1):
        assert browser_of_staff.post(reverse(name, args=[pk]), CHANGES[name]).status_code == 404
    assert nothing_happened(simulator)


@pytest.mark.parametrize("name", CHANGES)
def test_a_number_of_somebody_else_is_not_changed(
    connection: Connection,
    simulator: SimulatorProcess,
    client: Client,
    browser_of_staff: Client,
    member: User,
    other_customer: Customer,
    name: str,
) -> None:
    hidden = NumberFactory(connection=ConnectionFactory(is_hidden=True), receive_sms=True)
    assert browser_of_staff.post(reverse(name, args=[hidden.pk]), CHANGES[name]).status_code == 404
    client.force_login(member)
    for owner in (other_customer, None):
        number = NumberFactory(connection=connection, customer=owner, receive_sms=True)
        assert client.post(reverse(name, args=[number.pk]), CHANGES[name]).status_code in (403, 404)
    assert nothing_happened(simulator)


@pytest.mark.parametrize("name", CHANGES)
def test_a_number_that_is_gone_is_not_changed(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, name: str
) -> None:
    number = NumberFactory(connection=connection, gone_at=timezone.now(), receive_sms=True)
    assert browser_of_staff.post(reverse(name, args=[number.pk]), CHANGES[name]).status_code in (400, 404, 409)
    assert nothing_happened(simulator)


ONLY_LATIN = "Only Latin letters and digits, without spaces, up to 30 of them."
NO_URI = "This is not a SIP URI. It looks like 1001@pbx.example.com."
ONE_TO_HUNDRED = "Please choose a whole number from 1 to 100."
MAY_COST = "Please confirm that Zadarma may charge for this."
WRONG = [
    ("number-caller-name", {"caller_name": "two words"}, ONLY_LATIN),
    ("number-caller-name", {"caller_name": "Bäckerei"}, ONLY_LATIN),
    ("number-caller-name", {"caller_name": "x" * 31}, "at most 30 characters"),
    ("number-route", {"routing": "uri", "sip_uri": "pbx.example.com"}, NO_URI),
    ("number-route", {"routing": "uri", "sip_uri": "1001@pbx.example.com:99999"}, NO_URI),
    ("number-route", {"routing": "uri", "sip_uri": "1001@pbx.example.com\r\nX: y"}, NO_URI),
    ("number-route", {"routing": "sip", "sip_login": "999999"}, "Please choose one of the account's SIP logins."),
    ("number-route", {"routing": ""}, "Please choose where calls shall go."),
    ("number-channels", {"channels": "0", "confirmed": "on"}, ONE_TO_HUNDRED),
    ("number-channels", {"channels": "101", "confirmed": "on"}, ONE_TO_HUNDRED),
    ("number-channels", {"channels": "many", "confirmed": "on"}, ONE_TO_HUNDRED),
    ("number-channels", {"channels": "5"}, MAY_COST),
    ("number-channels", {"channels": "2", "confirmed": "on"}, "It takes as many calls at once already."),
]


@pytest.mark.parametrize(("name", "given", "told"), WRONG)
def test_what_a_number_cannot_take_is_told(
    connection: Connection,
    simulator: SimulatorProcess,
    browser_of_staff: Client,
    name: str,
    given: dict[str, Any],
    told: str,
) -> None:
    number = NumberFactory(connection=connection, channels=2)
    answer = browser_of_staff.post(reverse(name, args=[number.pk]), given)
    assert answer.status_code == 400
    assert told in text_of(answer)
    assert nothing_happened(simulator)


@pytest.mark.parametrize("name", ["number-autorenewal", "number-sms"])
@pytest.mark.parametrize("value", ["", "maybe", "true", "1"])
def test_a_switch_is_on_or_off(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, name: str, value: str
) -> None:
    number = NumberFactory(connection=connection, receive_sms=False)
    assert browser_of_staff.post(reverse(name, args=[number.pk]), {"value": value}).status_code == 400
    assert nothing_happened(simulator)


@pytest.mark.parametrize("channels", [0, -1, 101])
def test_the_journal_is_not_given_a_number_of_channels_that_cannot_be(
    connection: Connection, simulator: SimulatorProcess, staff: User, channels: int
) -> None:
    with pytest.raises(ValueError):
        features.set_channels(NumberFactory(connection=connection), channels, staff)
    assert nothing_happened(simulator)


@pytest.mark.parametrize("text", ["", "@", "a@", "@b", "a b@c", "a@b:0", "a@b:65536", "sip:", "a@" + "b" * 200])
def test_no_sip_uri_is_none(text: str) -> None:
    with pytest.raises(ValueError):
        routing.clean_sip_uri(text)


def test_a_number_is_not_paid_beyond_the_balance(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number: Number = ending(connection)
    Connection.objects.update(balance=Decimal("5.99"), balance_currency="EUR")
    (quoted,) = renewals.quote([number], 3)
    assert (quoted.cost, quoted.problem) == (6, "")
    with pytest.raises(holds.TooDear):
        renewals.prolong([number], 3, confirmed={"EUR": Decimal(6)}, batch=uuid.uuid4(), actor=staff)
    assert nothing_happened(simulator)


# Orders


@pytest.mark.parametrize("name", [*(f"order-{step}" for step in STEPS), "order-cancel", "order-reopen"])
def test_an_order_that_nobody_has_and_one_of_somebody_else_are_not_changed(
    connection: Connection,
    simulator: SimulatorProcess,
    client: Client,
    browser_of_staff: Client,
    member: User,
    other_customer: Customer,
    name: str,
) -> None:
    hidden = OrderFactory(connection=ConnectionFactory(is_hidden=True), state="refused")
    for public_id in (uuid.uuid4(), hidden.public_id):
        assert browser_of_staff.post(reverse(name, args=[public_id]), {"confirmed": "2"}).status_code == 404
    client.force_login(member)
    foreign = OrderFactory(connection=connection, customer=other_customer, state="refused")
    assert client.post(reverse(name, args=[foreign.public_id]), {"confirmed": "2"}).status_code in (403, 404)
    assert list(Order.objects.values_list("state", flat=True)) == ["refused", "refused"]
    assert nothing_happened(simulator)


@pytest.mark.parametrize("number", ["987654", "any'", "0", "x" * 60, "x" * 61, ""])
def test_a_number_that_is_not_on_offer_is_not_chosen(wizard: Wizard, simulator: SimulatorProcess, number: str) -> None:
    wizard.go("GB", 13755)
    before = wizard.order.wanted_number_id
    answer = wizard.client.post(wizard.url("number"), {"number": number})
    words = text_of(answer)
    told = ["Please choose a number.", "Please choose another one.", "at most 60 characters"]
    assert answer.status_code == 200 and any(text in words for text in told)
    assert wizard.order.wanted_number_id == before
    assert nothing_happened(simulator)


def test_papers_of_others_are_not_chosen(
    wizard: Wizard, simulator: SimulatorProcess, customer: Customer, other_customer: Customer
) -> None:
    wizard.start(customer=str(customer.pk))
    wizard.send("country", country="GB")
    wizard.send("direction", direction="13755")
    wizard.send("number", number="any")
    foreign = [
        DocumentGroupFactory(connection=wizard.connection, customer=other_customer),
        DocumentGroupFactory(connection=ConnectionFactory(), customer=customer),
        DocumentGroupFactory(connection=wizard.connection, customer=customer, remote_id=""),
        DocumentGroupFactory(connection=wizard.connection, customer=customer, gone_at=timezone.now()),
    ]
    for pk in [*(group.pk for group in foreign), 987654, "x", ""]:
        answer = wizard.client.post(wizard.url("documents"), {"group": str(pk)})
        assert "Please choose a document group." in text_of(answer)
        assert wizard.order.group is None
    assert nothing_happened(simulator)


def given_to_another(group: DocumentGroup, other_customer: Customer) -> None:
    """Staff gave the papers to another customer meanwhile."""
    group.customer = other_customer


def of_another_account(group: DocumentGroup, other_customer: Customer) -> None:
    """Its number means other papers there."""
    group.connection = ConnectionFactory()


def lost(group: DocumentGroup, other_customer: Customer) -> None:
    """No longer at Zadarma."""
    group.gone_at = timezone.now()


def never_made(group: DocumentGroup, other_customer: Customer) -> None:
    """Not at Zadarma yet."""
    group.remote_id = ""


@pytest.mark.parametrize("spoil", [given_to_another, of_another_account, lost, never_made])
def test_papers_that_were_fine_when_they_were_chosen_are_looked_at_again(
    wizard: Wizard, simulator: SimulatorProcess, customer: Customer, other_customer: Customer, spoil: Any
) -> None:
    group = DocumentGroup.objects.get(connection=wizard.connection, remote_id="1001")
    group.customer = customer
    group.save()
    wizard.start(customer=str(customer.pk))
    wizard.send("country", country="GB")
    wizard.send("direction", direction="13755")
    wizard.send("number", number="any")
    wizard.send("documents", group=str(group.pk))
    fields = form_of(wizard.open("review"), wizard.url("review"))
    spoil(group, other_customer)
    group.save()
    answer = wizard.client.post(wizard.url("review"), fields)
    assert answer.status_code == 302 and answer.url == wizard.url("documents")
    assert wizard.order.state == "draft"
    assert nothing_happened(simulator)


CONFIRMED = ["", "0", "-2", "1.99", "2.01", "2.0001", "2.00001", "1e9", "NaN", "Infinity", "²", "two", "9" * 400]


@pytest.mark.parametrize("confirmed", CONFIRMED)
def test_another_sum_than_it_costs_orders_nothing(wizard: Wizard, simulator: SimulatorProcess, confirmed: str) -> None:
    wizard.go("GB", 13755)
    fields = form_of(wizard.open("review"), wizard.url("review"))
    answer = wizard.client.post(wizard.url("review"), {**fields, "confirmed": confirmed})
    told = text_of(answer)
    assert answer.status_code in (400, 409)
    assert "Please look at the choices again." in told or "The total has changed." in told
    assert wizard.order.state == "draft"
    assert nothing_happened(simulator)


@pytest.mark.parametrize(
    "given",
    [
        {"chosen": ""},
        {"chosen": "1.any.1"},
        {"chosen": "x" * 121},
        {"period": "10year"},
        {"period": ""},
        {"period": "3month"},  # dearer than what was confirmed
        {"autorenew_period": "century"},
        {"purpose": "x" * 301},
    ],
)
def test_a_damaged_form_orders_nothing(wizard: Wizard, simulator: SimulatorProcess, given: dict[str, str]) -> None:
    wizard.go("GB", 13755)
    fields = form_of(wizard.open("review"), wizard.url("review"))
    answer = wizard.client.post(wizard.url("review"), {**fields, **given})
    told = text_of(answer)
    assert answer.status_code in (400, 409)
    assert "Please look at the choices again." in told or "The total has changed." in told
    assert wizard.order.state == "draft"
    assert nothing_happened(simulator)


def test_orders_beyond_the_balance_are_told_so_together(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    one, two = draft(connection, staff), draft(connection, staff, chosen=1)
    Connection.objects.update(balance=Decimal("1.99"), balance_currency="EUR")
    with pytest.raises(holds.TooDear):
        place(one, staff)
    assert nothing_happened(simulator)
    Connection.objects.update(balance=Decimal("3.99"))
    place(one, staff)
    with pytest.raises(holds.TooDear):
        place(two, staff)
    assert Operation.objects.count() == 1 and simulator.request_totals() == {}
    assert list(Order.objects.order_by("pk").values_list("state", flat=True)) == ["placing", "draft"]


def test_a_draft_that_lacks_a_choice_is_not_placed(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    order = orders.start(connection, None, staff)
    with pytest.raises(orders.Incomplete):
        orders.place(
            order,
            purpose="",
            receive_sms=False,
            period="month",
            autorenew_period="month",
            confirmed=Decimal(2),
            actor=staff,
        )
    assert nothing_happened(simulator)


# Document groups


@pytest.mark.parametrize("spoil", ["unknown", "hidden", "read-only", "gone"])
def test_a_group_that_cannot_be_changed_is_not_found(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, spoil: str
) -> None:
    group = DocumentGroupFactory(
        connection=ConnectionFactory(is_hidden=True) if spoil == "hidden" else connection,
        is_readonly=spoil == "read-only",
        gone_at=timezone.now() if spoil == "gone" else None,
    )
    url = reverse("group-edit", args=[987654 if spoil == "unknown" else group.pk])
    assert browser_of_staff.post(url, {"first_name": "Eve"}).status_code == 404
    assert nothing_happened(simulator)
