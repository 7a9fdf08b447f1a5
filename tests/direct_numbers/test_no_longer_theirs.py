"""What a customer chose or was given once, and is not theirs any more, is neither shown to them nor used for them."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers import assigning, following, routing
from direct_numbers.models import Direction, Number, Order
from documents import assigning as groups_assigning
from documents.models import DocumentGroup
from people.models import Customer, User
from sync.models import Change, Connection, Operation
from tests import factories
from tests.support.reading import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("asks_once")]
TITLE = "Ada Secretname"


@dataclass
class Theirs:
    """A draft of the first customer up to its review, and the papers chosen for it."""

    draft: Order
    group: DocumentGroup
    direction: Direction


@pytest.fixture
def theirs(offline: Connection, customer: Customer, manager: User) -> Theirs:
    """A draft of the customer's manager with their own papers."""
    direction = factories.DirectionFactory()
    factories.OfferFactory(connection=offline, direction=direction)
    fields = {"first_name": "Ada", "last_name": "Secretname", "country": "DE"}
    group = factories.DocumentGroupFactory(connection=offline, customer=customer, fields=fields)
    draft = factories.OrderFactory(
        connection=offline,
        customer=customer,
        created_by=manager,
        country=direction.country,
        direction=direction,
        number_chosen=True,
        group=group,
    )
    return Theirs(draft, group, direction)


def test_papers_given_to_another_customer_are_not_named_in_the_review_of_a_draft(
    client: Client, theirs: Theirs, manager: User, staff: User, other_customer: Customer
) -> None:
    client.force_login(manager)
    review = reverse("order-review", args=[theirs.draft.public_id])
    assert TITLE in text_of(client.get(review))
    groups_assigning.assign_all([theirs.group.pk], DocumentGroup.objects.all(), other_customer, by=staff)
    answer = client.get(review)
    assert (answer.status_code, answer["Location"]) == (302, reverse("order-documents", args=[theirs.draft.public_id]))
    page = client.get(review, follow=True)
    assert page.status_code == 200 and TITLE not in page.content.decode()


def test_nor_are_papers_of_nobody_that_staff_chose(client: Client, theirs: Theirs, manager: User, staff: User) -> None:
    DocumentGroup.objects.update(customer=None)
    review = reverse("order-review", args=[theirs.draft.public_id])
    client.force_login(manager)
    page = client.get(review)
    assert page.status_code == 200 and TITLE not in page.content.decode()
    assert "papers that your provider has chosen" in text_of(page)
    client.force_login(staff)
    assert TITLE in text_of(client.get(review))


def test_a_number_given_to_another_customer_is_not_shown_where_calls_of_the_order_go(
    client: Client, theirs: Theirs, manager: User, staff: User, other_customer: Customer, customer: Customer
) -> None:
    number = factories.NumberFactory(connection=theirs.draft.connection, customer=customer, number="442033334444")
    Order.objects.update(state=Order.State.PLACED, number=number)
    client.force_login(manager)
    calls, page = (reverse(name, args=[theirs.draft.public_id]) for name in ("order-routing", "order"))
    assert "+44 20 3333 4444" in text_of(client.get(calls))
    assigning.assign(number, other_customer, by=staff)
    for answer in (client.get(calls), client.post(calls, {"routing": "uri", "sip_uri": "1@pbx.example"})):
        assert (answer.status_code, answer["Location"]) == (302, page)
    told = client.get(page).content.decode()
    assert "3333" not in told and calls not in told
    assert Order.objects.get().routing == "" and not Operation.objects.exists()
    client.force_login(staff)
    assert "+44 20 3333 4444" in text_of(client.get(calls))


def test_a_number_is_not_routed_to_a_login_that_has_become_another_customers(
    theirs: Theirs, manager: User, customer: Customer, other_customer: Customer
) -> None:
    number = factories.NumberFactory(connection=theirs.draft.connection, customer=customer)
    Order.objects.update(
        state=Order.State.PLACED, number=number, routing="sip", sip_id="480011", routing_wanted_at=timezone.now()
    )
    Customer.objects.filter(pk=other_customer.pk).update(sip_logins=["480011"])
    assert following.follow_orders(theirs.draft.connection_id) == 0
    assert not Operation.objects.exists()
    order = Order.objects.get()
    assert (order.routing, order.sip_id) == ("", "")


def test_where_the_next_customers_calls_go_is_not_told_by_the_order_of_the_former(
    client: Client, theirs: Theirs, manager: User, staff: User, customer: Customer, other_customer: Customer
) -> None:
    number = factories.NumberFactory(connection=theirs.draft.connection, customer=customer)
    wish = {"routing": "uri", "sip_id": "a@pbx.example", "routing_wanted_at": timezone.now()}
    Order.objects.update(state=Order.State.PLACED, number=number, **wish)
    assert following.follow_orders(number.connection_id) == 1  # planned, and not sent yet
    assigning.assign(number, other_customer, by=staff)
    routing.route(Number.objects.get(pk=number.pk), "secret@pbx.example", False, staff)
    assert Order.objects.get().sip_id == "a@pbx.example"
    client.force_login(manager)
    for name in ("order", "order-progress", "order-list"):
        told = client.get(reverse(name, args=[theirs.draft.public_id] if name != "order-list" else []))
        assert told.status_code == 200 and "secret@" not in told.content.decode()
    assert "Routing is being set" not in text_of(client.get(reverse("order", args=[theirs.draft.public_id])))


def test_a_later_choice_of_the_same_customer_is(theirs: Theirs, manager: User, customer: Customer) -> None:
    number = factories.NumberFactory(connection=theirs.draft.connection, customer=customer)
    wish = {"routing": "uri", "sip_id": "a@pbx.example", "routing_wanted_at": timezone.now()}
    Order.objects.update(state=Order.State.PLACED, number=number, **wish)
    assert following.follow_orders(number.connection_id) == 1
    later = routing.route(Number.objects.get(pk=number.pk), "b@pbx.example", False, manager)
    order = Order.objects.get()
    assert (order.sip_id, order.routing_operation) == ("b@pbx.example", later)


@pytest.mark.parametrize("also", ["nobody's", "both"])
def test_one_that_is_nobodys_or_theirs_too_is(
    theirs: Theirs, customer: Customer, other_customer: Customer, also: str
) -> None:
    number = factories.NumberFactory(connection=theirs.draft.connection, customer=customer)
    wanted = {"routing": "sip", "sip_id": "480011", "routing_wanted_at": timezone.now()}
    Order.objects.update(state=Order.State.PLACED, number=number, **wanted)
    if also == "both":
        Customer.objects.update(sip_logins=["480011"])
    assert following.follow_orders(theirs.draft.connection_id) == 1
    assert Operation.objects.get().params["sip_id"] == "480011"


def test_the_history_of_a_number_names_no_group_of_the_account_to_customers(
    client: Client, theirs: Theirs, manager: User, staff: User, customer: Customer
) -> None:
    number: Number = factories.NumberFactory(connection=theirs.draft.connection, customer=customer)
    Change.objects.create(
        connection=number.connection,
        object_type="number",
        object_id=number.pk,
        field="group_remote_id",
        old="77001",
        new="77002",
        seen_at=timezone.now() + timedelta(seconds=1),
    )
    url = reverse("number", args=[number.pk])
    client.force_login(manager)
    assert "7700" not in client.get(url).content.decode()
    client.force_login(staff)
    assert "77001 → 77002" in text_of(client.get(url))
