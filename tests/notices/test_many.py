"""A hundred thousand numbers: looked over within a fixed number of queries. How long it takes is told (`pytest -s`)."""

import time
from datetime import datetime, timedelta

import pytest
from django.db import connection as database

from direct_numbers.models import Number
from notices import planning, scanning, sending
from notices.models import Delivery, Notice
from people.models import Customer, User
from sync.models import Connection
from tests.support.queries import sent_to_the_database

pytestmark = [pytest.mark.full, pytest.mark.django_db]
ALL, ENDING = 100_000, 10_000


def test_a_hundred_thousand_numbers_are_looked_over(
    account: Connection, customer: Customer, staff: User, manager: User, now: datetime
) -> None:
    Connection.objects.update(balance=1)
    Number.objects.bulk_create(
        (
            Number(
                connection=account,
                customer=customer if n % 2 else None,
                number=f"4420{n:08}",
                status="on",
                autorenew=n >= ENDING,
                stop_at=now + timedelta(days=1 + n % 300, minutes=n % 97),
                stop_text=f"{n}",
                monthly_fee=2,
                currency="EUR",
            )
            for n in range(ALL)
        ),
        batch_size=2000,
    )
    with database.cursor() as cursor:
        cursor.execute("ANALYZE")

    def timed(what: str, work: object) -> int:
        begun = time.monotonic()
        with sent_to_the_database() as sent:
            work()  # type: ignore[operator]
        print(f"{database.vendor:10} {what:22} {sent.count:4} queries {time.monotonic() - begun:6.1f} s")  # noqa: T201
        return len([text for text in sent.statements if not text.startswith("INSERT")])  # those go in chunks

    first = timed("first look", lambda: scanning.look(now))
    raised = Notice.objects.count()
    assert raised >= ENDING // 10
    timed("who is told", lambda: planning.plan(now))
    timed("sent", lambda: sending.send_due(now))
    assert not Delivery.objects.filter(way="at_once").exclude(state="sent").exists()
    again = timed("looked at again", lambda: scanning.look(now))
    assert Notice.objects.count() == raised
    # A transaction's beginning and end for each chunk of what is new.
    assert again <= 45 and first <= again + 3 * (raised // scanning.CHUNK + 9)
