"""Zadarma's words on a change that staff made are the staff's, as those on an order and a file are."""

import pytest
from django.test import Client
from django.urls import reverse

from sync.models import Connection
from tests import factories

pytestmark = pytest.mark.django_db
WORDS = "group 4711 of partner account 99 has no such direction"


@pytest.mark.parametrize("remote_id", ["", "1001"])
@pytest.mark.parametrize("page", ["group-list", "group", "group-edit", "home"])
@pytest.mark.parametrize("is_staff", [True, False])
def test_only_staff_read_why_zadarma_refused_a_groups_data(
    connection: Connection, *, remote_id: str, page: str, is_staff: bool
) -> None:
    customer = factories.CustomerFactory()
    group = factories.DocumentGroupFactory(connection=connection, customer=customer, remote_id=remote_id, error=WORDS)
    user = factories.UserFactory(staff_role="operator" if is_staff else "")
    if not is_staff:
        user.memberships.create(customer=customer)
    client = Client()
    client.force_login(user)
    response = client.get(reverse(page, args=[group.pk] if page.startswith("group") and page != "group-list" else []))
    assert response.status_code == 200
    assert (WORDS in response.content.decode()) is is_staff


def test_at_the_field_that_it_names_customers_read_that_it_was_not_taken(connection: Connection) -> None:
    words = "No money left to look the street up: balance 12.30"
    customer = factories.CustomerFactory()
    group = factories.DocumentGroupFactory(connection=connection, customer=customer, error=words)
    manager, operator = factories.UserFactory(), factories.UserFactory(staff_role="operator")
    manager.memberships.create(customer=customer)
    told = {}
    for user in (manager, operator):
        client = Client()
        client.force_login(user)
        told[user] = client.get(reverse("group-edit", args=[group.pk])).content.decode()
    assert told[operator].count("balance 12.30") == 2  # on top, and at the field
    assert "12.30" not in told[manager]
    assert "Zadarma did not accept what stands here." in told[manager] and "is-invalid" in told[manager]
