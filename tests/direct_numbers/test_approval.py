"""Orders that wait for approval: sent, approved, rejected, given up, each once and by those who may."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers import approving, confirming, limits, orders
from direct_numbers.models import Charge, Direction, Offer, Order
from people import members
from people.models import AuditEntry, Customer, SpendingLimit, User
from sync import operations
from sync.models import Connection, Operation
from sync.words import money
from tests.support.reading import text_of
from tests.support.scenes import draft
from tests.support.simulator import SimulatorProcess

ORDER = "/v1/direct_numbers/order/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def careful(customer: Customer) -> Customer:
    """A customer whose orders always need approval, with a markup."""
    customer.approval, customer.markup_percent = "always", Decimal(50)
    customer.save()
    return customer


def theirs(connection: Connection, customer: Customer, actor: User, **given: Any) -> Order:
    """A complete draft of the customer, with papers that the direction takes."""
    return draft(connection, actor, customer=customer, group="1001", **given)


def send(order: Order, actor: User, **given: Any) -> bool:
    """Confirm the draft as `actor` is shown it."""
    order = Order.objects.get(pk=order.pk)
    offer = orders.offer_for(order)
    assert offer is not None
    confirmed = confirming.for_order(order, offer, order.customer, actor.viewer())
    choices = {"purpose": "", "receive_sms": False, "period": "month", "autorenew_period": "month"}
    return orders.place(order, **({"confirmed": confirmed, "actor": actor} | choices | given))


@pytest.fixture
def waiting(connection: Connection, careful: Customer, manager: User) -> Order:
    """An order of the manager's that waits."""
    order = theirs(connection, careful, manager)
    assert send(order, manager)
    order.refresh_from_db()
    return order


def test_it_waits_without_operation_or_hold_and_counts(waiting: Order, manager: User) -> None:
    assert waiting.state == "approval" and waiting.operation is None
    assert not Operation.objects.exists()
    assert waiting.total is not None and waiting.submitted_by == manager
    charge = Charge.objects.get()
    assert charge.amount == confirming.own_total(
        waiting, waiting.connect_fee or Decimal(0), waiting.monthly_fee or Decimal(0), waiting.customer
    )
    assert charge.amount > waiting.total and charge.operation is None
    assert limits.spent(charge.customer, charge.currency, timezone.now()) == charge.amount
    assert AuditEntry.objects.filter(action="order.submitted").count() == 1


def test_who_sent_it_is_told_so_where_the_routing_is_chosen(client: Client, waiting: Order, manager: User) -> None:
    client.force_login(manager)
    page = reverse("order-routing", args=[waiting.public_id])
    assert "Your order is sent for approval; nothing is ordered yet." in text_of(client.get(page))


def test_sent_twice_it_waits_once(waiting: Order, manager: User) -> None:
    assert not send(waiting, manager)
    assert Charge.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_approved_it_is_ordered_once_for_who_sent_it(
    waiting: Order, operator: User, manager: User, simulator: SimulatorProcess
) -> None:
    assert approving.approve(waiting.pk, operator, "Gladly.")
    assert not approving.approve(waiting.pk, operator)
    operation = Operation.objects.get()
    assert operation.actor == manager and operation.hold_amount == waiting.total
    operations.perform(operation.pk)
    waiting.refresh_from_db()
    assert waiting.state == "placed" and waiting.is_approved is True and waiting.word == "Gladly."
    assert Charge.objects.get().operation == operation
    assert len(simulator.requests(ORDER, method="POST")) == 1
    assert AuditEntry.objects.filter(action="order.approved").count() == 1


@pytest.mark.parametrize("role", ["submitted_by", "created_by"])
def test_nobody_approves_their_own(waiting: Order, operator: User, role: str) -> None:
    Order.objects.filter(pk=waiting.pk).update(**{role: operator})
    with pytest.raises(approving.NotTheirs):
        approving.approve(waiting.pk, operator)
    assert not Operation.objects.exists()


def test_who_may_not_approve_decides_nothing(waiting: Order, auditor: User) -> None:
    with pytest.raises(approving.NotTheirs):
        approving.approve(waiting.pk, auditor)
    with pytest.raises(approving.NotTheirs):
        approving.reject(waiting.pk, auditor, "No.")


def test_rejected_it_counts_no_more_and_may_be_sent_anew(waiting: Order, operator: User, manager: User) -> None:
    assert approving.reject(waiting.pk, operator, "Too dear.")
    assert not approving.approve(waiting.pk, operator)
    charge = Charge.objects.get()
    assert charge.waived_at and limits.spent(charge.customer, charge.currency, timezone.now()) == 0
    waiting.refresh_from_db()
    assert (waiting.state, waiting.is_approved, waiting.word) == ("refused", False, "Too dear.")
    assert orders.reopen(waiting) and send(waiting, manager)
    waiting.refresh_from_db()
    assert waiting.state == "approval" and waiting.is_approved is None
    assert limits.spent(charge.customer, charge.currency, timezone.now()) == charge.amount


def test_given_up_it_can_not_be_approved(waiting: Order, operator: User) -> None:
    assert orders.give_up(waiting)
    assert not approving.approve(waiting.pk, operator)
    assert Charge.objects.get().waived_at and not Operation.objects.exists()
    assert AuditEntry.objects.filter(action="order.withdrawn", object_id=waiting.pk).count() == 1


def test_given_up_just_after_it_was_approved_it_is_not_sent(waiting: Order, operator: User, manager: User) -> None:
    assert approving.approve(waiting.pk, operator)
    assert orders.give_up(waiting, manager)  # read while it waited
    assert Operation.objects.get().state == "cancelled" and Order.objects.get().state == "cancelled"
    assert not limits.counting().exists()


@pytest.mark.parametrize("what", ["removed", "viewer"])
def test_who_lost_the_right_at_this_moment_sends_nothing(
    connection: Connection, careful: Customer, manager: User, what: str
) -> None:
    order = theirs(connection, careful, manager)
    manager.roles()
    if what == "removed":
        User.objects.filter(pk=manager.pk).update(is_active=False)
    else:
        manager.memberships.update(role="viewer")
    with pytest.raises(limits.AccessEnded):
        send(order, manager)
    assert Order.objects.get().state == "draft" and not Charge.objects.exists()


def test_a_price_that_rose_is_not_approved(waiting: Order, operator: User) -> None:
    Order.objects.filter(pk=waiting.pk).update(total=Decimal("0.5"))
    with pytest.raises(approving.PriceRose) as rose:
        approving.approve(waiting.pk, operator)
    assert "0.50" in str(rose.value)
    waiting.refresh_from_db()
    assert waiting.state == "approval" and waiting.is_approved is None


def test_the_button_says_what_approving_spends_and_is_not_there_after_a_rise(
    client: Client, waiting: Order, operator: User
) -> None:
    client.force_login(operator)
    page, button = reverse("order", args=[waiting.public_id]), f"Approve and order for {money(waiting.total, 'EUR')}"
    assert button in text_of(client.get(page))
    Order.objects.filter(pk=waiting.pk).update(total=Decimal("0.5"))
    told = text_of(client.get(page))
    assert "Approve and order" not in told and "Approving spends" not in told
    assert "reject it with a word" in told and "Why not" in told


def test_a_number_gone_meanwhile_is_not_approved(waiting: Order, operator: User) -> None:
    Order.objects.filter(pk=waiting.pk).update(wanted_number_id="999999999")
    with pytest.raises(approving.Hindered, match="no longer available"):
        approving.approve(waiting.pk, operator)
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"allowed_countries": ["ZZ"]}, limits.CountryNotAllowed),
        ({"access_ended_at": timezone.now()}, limits.AccessEnded),
    ],
)
def test_what_the_customer_may_no_longer_is_not_approved(
    waiting: Order, operator: User, change: dict[str, Any], why: type[Exception]
) -> None:
    Customer.objects.filter(pk=waiting.customer_id).update(**change)
    with pytest.raises(why):
        approving.approve(waiting.pk, operator)
    waiting.refresh_from_db()
    assert waiting.state == "approval" and not Operation.objects.exists()


def test_a_limit_lowered_meanwhile_holds_for_the_approval(waiting: Order, operator: User) -> None:
    charge = Charge.objects.get()
    limit = SpendingLimit.objects.create(customer=charge.customer, currency=charge.currency, amount=charge.amount - 1)
    with pytest.raises(limits.OverLimit):
        approving.approve(waiting.pk, operator)
    limit.amount = charge.amount  # its own charge is not counted twice
    limit.save()
    assert approving.approve(waiting.pk, operator)


def test_sent_anew_while_somebody_looked_is_another_order(
    waiting: Order, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(order: Order) -> None:
        Order.objects.filter(pk=order.pk).update(submitted_at=timezone.now())

    monkeypatch.setattr(approving, "look", meanwhile)
    assert not approving.approve(waiting.pk, operator)
    assert not Operation.objects.exists()


def test_steps_are_closed_while_it_waits(waiting: Order, manager: User, client: Client) -> None:
    client.force_login(manager)
    for step in ("country", "direction", "number", "documents", "review"):
        answer = client.post(reverse(f"order-{step}", args=[waiting.public_id]), {"number": "any"})
        assert answer.status_code == 302 and answer.headers["Location"] == reverse("order", args=[waiting.public_id])
    before = Order.objects.get(pk=waiting.pk)
    for choose in (
        lambda: orders.choose_group(before, before.group),  # type: ignore[arg-type]
        lambda: orders.choose_number(before, "", ""),
    ):
        with pytest.raises(orders.NotADraft):
            choose()
    assert not Operation.objects.exists()


def test_an_old_draft_in_memory_sends_nothing(waiting: Order, manager: User) -> None:
    old = Order.objects.get(pk=waiting.pk)
    old.state = "draft"
    offer = orders.offer_for(old)
    assert offer is not None
    confirmed = confirming.for_order(old, offer, old.customer, manager.viewer())
    choices = {"purpose": "", "receive_sms": False, "period": "month", "autorenew_period": "month"}
    assert not orders.place(old, confirmed=confirmed, actor=manager, **choices)
    assert Charge.objects.count() == 1


def test_pages_of_who_decides_and_who_waits(waiting: Order, operator: User, manager: User, client: Client) -> None:
    page = reverse("order", args=[waiting.public_id])
    client.force_login(manager)
    theirs_ = client.get(page).content.decode()
    assert "waiting for approval" in theirs_ and reverse("order-approve", args=[waiting.public_id]) not in theirs_
    for name in ("order-approve", "order-reject", "order-check"):
        assert client.post(reverse(name, args=[waiting.public_id]), {"word": "x"}).status_code == 403
    client.force_login(operator)
    assert reverse("order-approve", args=[waiting.public_id]) in client.get(page).content.decode()
    assert client.post(reverse("order-check", args=[waiting.public_id])).status_code == 302
    client.post(reverse("order-reject", args=[waiting.public_id]), {"word": ""})
    assert Order.objects.get(pk=waiting.pk).state == "approval"
    client.post(reverse("order-reject", args=[waiting.public_id]), {"word": "Not this one."})
    assert Order.objects.get(pk=waiting.pk).state == "refused"
    client.force_login(manager)
    told = client.get(page).content.decode()
    assert "Not this one." in told and operator.email not in told


def test_who_decides_changes_nothing_of_it_by_hand_either(
    waiting: Order, operator: User, staff: User, manager: User, client: Client
) -> None:
    page, routing, cancel = (
        reverse(name, args=[waiting.public_id]) for name in ("order", "order-routing", "order-cancel")
    )
    mine = {"routing": "uri", "sip_uri": "me@pbx.example"}
    client.force_login(operator)
    for answer in (client.get(routing), client.post(routing, mine), client.post(cancel)):
        assert (answer.status_code, answer.headers.get("Location")) == (302, page)
    assert "by who sent it" in text_of(client.get(page))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.sip_id) == ("approval", "")
    client.force_login(manager)
    assert client.post(routing, mine).status_code == 302
    waiting.refresh_from_db()
    assert waiting.sip_id == "me@pbx.example"
    client.post(cancel)
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"


def test_what_waits_is_decided_though_who_sent_it_was_taken_away(
    waiting: Order, operator: User, staff: User, manager: User, customer: Customer
) -> None:
    members.remove(manager.memberships.get(customer=customer), by=staff)
    assert approving.approve(waiting.pk, operator)
    assert Operation.objects.get().actor == manager and not manager.viewer().may("order")


def test_who_sent_it_for_a_customer_does_not_approve_it_once_on_the_staff(
    waiting: Order, staff: User, manager: User, customer: Customer
) -> None:
    members.remove(manager.memberships.get(customer=customer), by=staff)
    User.objects.filter(pk=manager.pk).update(staff_role="owner")
    with pytest.raises(approving.NotTheirs):
        approving.approve(waiting.pk, User.objects.get(pk=manager.pk))
    assert Order.objects.get(pk=waiting.pk).state == "approval" and not Operation.objects.exists()


def test_the_review_says_why_and_sends(
    connection: Connection, careful: Customer, manager: User, client: Client
) -> None:
    order = theirs(connection, careful, manager)
    client.force_login(manager)
    review = reverse("order-review", args=[order.public_id])
    page = client.get(review)
    assert "Send for approval" in page.content.decode()
    given = {"period": "month", "autorenew_period": "month", "chosen": orders.chosen(order)}
    stale = client.post(review, {**given, "confirmed": "0.01"})
    assert stale.status_code == 409 and Order.objects.get(pk=order.pk).state == "draft"
    answer = client.post(review, {**given, "confirmed": page.context["confirmed"]})
    assert answer.headers["Location"] == reverse("order-routing", args=[order.public_id])
    assert Order.objects.get(pk=order.pk).state == "approval"


def test_hidden_prices_are_confirmed_by_a_digest(
    connection: Connection, careful: Customer, manager: User, client: Client
) -> None:
    Customer.objects.filter(pk=careful.pk).update(shows_prices=False)
    order = theirs(connection, careful, manager)
    order.refresh_from_db()
    client.force_login(manager)
    page = client.get(reverse("order-review", args=[order.public_id]))
    digest = page.context["confirmed"]
    assert isinstance(digest, str) and len(digest) == 64
    offer = Offer.objects.get(connection=connection, direction=Direction.objects.get(pk=order.direction_id))
    with pytest.raises(orders.Changed):
        send(order, manager, confirmed=order.total_of(offer.connect_fee, offer.monthly_fee))
    Customer.objects.filter(pk=careful.pk).update(markup_percent=Decimal(60))
    with pytest.raises(orders.Changed):
        send(order, manager, confirmed=digest)
    assert send(order, manager)
