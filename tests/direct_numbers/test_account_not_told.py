"""How the partner's account stands (paused, out of calls, what its numbers cost) is not told to customers."""

import pytest
from django.test import Client
from django.urls import reverse

from direct_numbers.models import Asking
from people.models import Customer, User
from sync import gateway
from sync.models import Connection
from tests import factories
from tests.support.prolonging import URL, ending, fields_of, nothing_happened, open_page
from tests.support.reading import text_of
from zadarma import Unavailable

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("asks_once")]


def test_that_a_number_cant_be_paid_as_its_account_is_paused(
    account: Connection, client: Client, customer: Customer, manager: User, operator: User
) -> None:
    number = ending(account, customer=customer)
    told = {}
    for user in (manager, operator):
        client.force_login(user)
        fields = fields_of(open_page(client, [number]))
        Connection.objects.update(state="paused")
        told[user] = [text_of(open_page(client, [number])), text_of(client.post(URL, fields))]
        Connection.objects.update(state="active")
    assert all("The Zadarma account of this number is paused." in text for text in told[operator])
    for text in told[manager]:
        assert "paused" not in text
        assert "This can't be paid right now. Please ask your provider's staff." in text
    assert nothing_happened()


def test_that_the_calls_of_this_minute_are_used_up(
    account: Connection, client: Client, customer: Customer, manager: User, operator: User
) -> None:
    error = Unavailable("no calls left", rate_limited=True)
    assert "calls" in gateway.explain(error) and "calls" not in gateway.explain(error, to_staff=False)
    assert "try again in a minute" in gateway.explain(error, to_staff=False)
    direction = factories.DirectionFactory(requirement="a", specify_en=["Name"])
    factories.OfferFactory(connection=account, direction=direction)
    group = factories.DocumentGroupFactory(connection=account, customer=customer)
    Asking.objects.create(group=group, state="open", problem="budget", questions=1, began_at=group.first_seen)
    for user, is_told in ((manager, False), (operator, True)):
        client.force_login(user)
        text = text_of(client.get(reverse("group-activates", args=[group.pk])))
        assert "It goes on by itself." in text
        assert ("calls to Zadarma are used up" in text) is is_told


@pytest.mark.parametrize("shows", [True, False])
def test_which_number_costs_more_where_no_prices_are_shown(
    account: Connection, client: Client, customer: Customer, manager: User, *, shows: bool
) -> None:
    Customer.objects.update(shows_prices=shows)
    for number, fee in (("442011111111", 3), ("442022222222", 1), ("442033333333", 2)):
        factories.NumberFactory(connection=account, customer=customer, number=number, monthly_fee=fee)
    client.force_login(manager)
    orders = {}
    for sort in ("monthly_fee", "-monthly_fee", "-number"):
        page = client.get(reverse("number-list"), {"sort": sort})
        orders[sort] = [row.number[-1] for row in page.context["page"]]
    by_fee = (["2", "3", "1"], ["1", "3", "2"]) if shows else (["1", "2", "3"], ["1", "2", "3"])
    assert (orders["monthly_fee"], orders["-monthly_fee"]) == by_fee
    assert orders["-number"] == ["3", "2", "1"]
