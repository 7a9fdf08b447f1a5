"""What is kept of a customer's notices is exported without the partner's, and erased with the customer."""

import json
import zipfile
from datetime import datetime
from io import BytesIO

import pytest

from direct_numbers.models import Number
from notices.models import Delivery, Notice, Preference
from people import exporting, personal
from people.models import Customer, User
from sync.models import Connection
from tests import factories
from tests.notices.conftest import at_once, look

pytestmark = pytest.mark.django_db


def test_an_export_tells_their_notices_and_not_the_partners(
    account: Connection, ending: Number, customer: Customer, manager: User, outsider: User, now: datetime
) -> None:
    factories.OrderFactory(connection=account, customer=customer, state="approval", submitted_at=now)
    factories.NoticeFactory(connection=account, customer=customer, kind="unpaid")
    at_once(manager, outsider)
    look(now)
    with zipfile.ZipFile(BytesIO(b"".join(exporting.export(customer)))) as archive:
        told = json.loads(archive.read("customer.json"))
    assert [(row["about"], row["days"]) for row in told["notices"]] == [("a number ends", 30)]
    assert [row["e-mail"] for row in told["notice_settings"]] == ["manager@first.example"]


def test_erasing_takes_notices_and_settings_of_those_who_belong_to_nobody_else(
    ending: Number,
    customer: Customer,
    other_customer: Customer,
    manager: User,
    member: User,
    staff: User,
    now: datetime,
) -> None:
    member.memberships.create(customer=other_customer, role="viewer")
    at_once(manager, member, staff)
    look(now)
    kept = factories.NoticeFactory(connection=ending.connection, customer=other_customer)
    assert personal.erase(customer, staff)["notices"] == 1
    assert list(Notice.objects.all()) == [kept]
    assert not Delivery.objects.exists()
    assert set(Preference.objects.values_list("user", flat=True)) == {member.pk, staff.pk}
