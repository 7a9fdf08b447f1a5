"""Zadarma's words on a change that staff made are the staff's, as those on an order and a file are."""

import pytest
from django.test import Client
from django.urls import reverse

from sync.models import Connection
from tests import factories

pytestmark = pytest.mark.django_db
WORDS = "group 4711 of partner account 99 has no such direction"


@pytest.mark.parametrize("remote_id", ["", "1001"])
@pytest.mark.parametrize("page", ["group-list", "group", "home"])
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
    response = client.get(reverse(page, args=[group.pk] if page == "group" else []))
    assert response.status_code == 200
    assert (WORDS in response.content.decode()) is is_staff
