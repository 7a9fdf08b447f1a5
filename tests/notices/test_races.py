"""Several workers look and send at the same moment. Threads need a server: see `tests.sync.test_races`."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection as database
from django.utils import timezone

from direct_numbers.models import Number
from notices import planning, scanning, sending
from notices.models import Delivery, Notice
from people.models import Customer, User
from sync.models import Connection
from tests import factories
from tests.notices.conftest import at_once
from tests.sync.test_races import together

pytestmark = pytest.mark.django_db(transaction=True)


if database.vendor == "postgresql":

    @pytest.fixture
    def many(customer: Customer, manager: User, staff: User) -> Connection:
        """Two hundred numbers that end, half of them a customer's, and people who want to know at once."""
        cache.clear()
        at_once(manager, staff)
        connection: Connection = factories.ConnectionFactory()
        stop_at = timezone.now() + timedelta(days=5)
        for owner in (customer, None):
            factories.NumberFactory.create_batch(
                100, connection=connection, customer=owner, autorenew=False, stop_at=stop_at, stop_text="then"
            )
        return connection

    def test_those_who_look_at_once_raise_each_notice_once(many: Connection) -> None:
        now = timezone.now()
        # By `look` itself: the turn that `scan` takes only saves work.
        assert together(*[lambda: scanning.look(now)] * 4) == []
        assert Notice.objects.count() == 200
        assert together(*[lambda: planning.plan(now)] * 4) == []
        assert Delivery.objects.count() == 300
        # Each of them raised and done by some while others look.
        Number.objects.update(stop_at=now + timedelta(days=2), stop_text="sooner")
        assert together(*[lambda: scanning.look(now)] * 4) == []
        assert Notice.objects.filter(done_at=None).count() == 200 == Notice.objects.exclude(done_at=None).count()

    def test_those_who_send_at_once_send_each_once(many: Connection, manager: User, staff: User) -> None:
        now = timezone.now()
        scanning.look(now)
        planning.plan(now)
        assert together(*[lambda: sending.send_due(timezone.now())] * 6) == []
        assert sorted(letter.to[0] for letter in mail.outbox) == [manager.email, staff.email]
        assert sorted(letter.subject for letter in mail.outbox) == [
            "Numberdesk: 100 notices",
            "Numberdesk: 200 notices",
        ]
        assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}

    def test_looking_sending_and_planning_at_once_tell_each_once(many: Connection, manager: User) -> None:
        def work() -> None:
            for _ in range(3):
                scanning.look(timezone.now())
                planning.plan(timezone.now())
                sending.send_due(timezone.now())

        assert together(*[work] * 4) == []
        sent = Delivery.objects.filter(user=manager)
        assert (sent.count(), set(sent.values_list("state", flat=True))) == (100, {"sent"})
        mine = [letter.body for letter in mail.outbox if letter.to == [manager.email]]
        named = [line for body in mine for line in body.splitlines() if " ends on " in line and line[0] == "+"]
        assert len(named) == len(set(named)) >= 50
