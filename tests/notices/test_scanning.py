"""What is noticed, when it is done, and that each occurrence is one row."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from direct_numbers.models import Number, Order
from notices import money, scanning
from notices.models import Notice
from people.models import Customer
from sync.accounts import BY_HAND
from sync.models import Connection, Operation
from tests import factories
from tests.notices.conftest import open_of
from tests.support.queries import sent_to_the_database

pytestmark = pytest.mark.django_db
Clock = Callable[[datetime], datetime]


def test_a_number_that_ends_is_noticed_at_each_step_once(ending: Number, now: datetime, clock: Clock) -> None:
    assert ending.stop_at is not None
    seen = []
    for days in (31, 30, 29.9, 15, 14, 8, 7, 5, 3, 2, 1, 0.1):
        scanning.scan(clock(ending.stop_at - timedelta(days=days)))
        seen.append([step for _kind, step in open_of(Notice.objects)])
    assert seen == [[], [30], [30], [30], [14], [14], [7], [7], [3], [3], [1], [1]]
    assert Notice.objects.count() == 5
    assert set(Notice.objects.values_list("customer", "moment")) == {(ending.customer_id, ending.stop_at)}


def test_first_seen_late_only_the_nearest_step_is_told(ending: Number, now: datetime) -> None:
    Number.objects.update(stop_at=now + timedelta(days=2))
    scanning.scan(now)
    assert open_of(Notice.objects) == [("ends", 3)]


def test_looking_again_changes_nothing(ending: Number, now: datetime, clock: Clock) -> None:
    scanning.scan(now)
    before = list(Notice.objects.values())
    with sent_to_the_database() as sent:
        scanning.scan(clock(now + timedelta(minutes=1)))
    assert list(Notice.objects.values()) == before
    assert not [text for text in sent.statements if "INSERT INTO" in text and "notices_notice" in text]


@pytest.mark.parametrize("change", [{"autorenew": True}, {"status": "parking"}, {"gone_at": timezone.now()}])
def test_what_is_mended_is_done(ending: Number, now: datetime, change: dict[str, object]) -> None:
    scanning.scan(now)
    Number.objects.update(**change)
    scanning.scan(now)
    row = Notice.objects.get(kind="ends")
    assert row.done_at == now
    # And if it comes back at once, it is the same occurrence.
    Number.objects.update(autorenew=False, status="on", gone_at=None)
    scanning.scan(now)
    row.refresh_from_db()
    assert row.done_at is None and Notice.objects.filter(kind="ends").count() == 1


def test_a_number_prolonged_that_ends_again_is_another_occurrence(ending: Number, now: datetime, clock: Clock) -> None:
    scanning.scan(now)
    later = now + timedelta(days=50)
    Number.objects.update(stop_at=later, stop_text="2026-04-21 14:00:00")
    scanning.scan(now)
    assert open_of(Notice.objects) == []
    scanning.scan(clock(later - timedelta(days=20)))
    assert open_of(Notice.objects) == [("ends", 30)]
    assert sorted(Notice.objects.values_list("occurrence", flat=True)) == ["2026-03-22 14:00:00", "2026-04-21 14:00:00"]


def test_an_hour_more_by_the_season_is_the_same_occurrence(ending: Number, now: datetime) -> None:
    scanning.scan(now)
    Number.objects.update(stop_at=ending.stop_at + timedelta(hours=1))  # the text stays
    scanning.scan(now)
    row = Notice.objects.get()
    assert (row.done_at, row.moment) == (None, ending.stop_at + timedelta(hours=1))


def test_a_number_given_to_another_customer_is_that_ones_notice(
    ending: Number, other_customer: Customer, now: datetime
) -> None:
    scanning.scan(now)
    Notice.objects.update(planned_at=now)
    Number.objects.update(customer=other_customer)
    scanning.scan(now)
    row = Notice.objects.get()
    assert (row.customer, row.planned_at, row.done_at) == (other_customer, None, None)
    Number.objects.update(customer=None)
    scanning.scan(now)
    assert Notice.objects.get().customer is None


def test_other_kinds_are_raised_and_cleared(account: Connection, customer: Customer, now: datetime) -> None:
    mine = {"connection": account, "customer": customer}
    parked = factories.NumberFactory(**mine, status="parking", stop_at=now, stop_text="x")
    waiting = factories.NumberFactory(**mine, status="checking_upload", group_remote_id="77")
    group = factories.DocumentGroupFactory(**mine, wrong_document_type="passport", wrong_document="too dark")
    other = factories.DocumentGroupFactory(**mine, wrong_address="no such street")
    order = factories.OrderFactory(**mine, state="approval", submitted_at=now)
    doubt = factories.OperationFactory(connection=account, state="needs_person")
    Connection.objects.filter(pk=account.pk).update(state="paused", paused_because="no")
    scanning.scan(now)
    found = {(row.kind, row.subject_type, row.subject_id) for row in Notice.objects.all()}
    assert found == {
        ("parked", "number", parked.pk),
        ("documents", "number", waiting.pk),
        ("rejected", "group", group.pk),
        ("rejected", "group", other.pk),
        ("approval", "order", order.pk),
        ("in_doubt", "operation", doubt.pk),
        ("paused", "connection", account.pk),
    }
    Number.objects.update(status="on", autorenew=True)
    type(group).objects.update(wrong_document_type="", wrong_document="", wrong_address="")
    Order.objects.update(state="placing")
    Operation.objects.update(state="done")
    Connection.objects.update(state="active", paused_because="")
    scanning.scan(now)
    assert open_of(Notice.objects) == []


def test_papers_given_anew_are_done_until_they_are_rejected_again(account: Connection, now: datetime) -> None:
    group = factories.DocumentGroupFactory(
        connection=account, wrong_document_type="passport", wrong_document="too dark", checked_at=now
    )
    number = factories.NumberFactory(connection=account, status="checking_upload", group_remote_id=group.remote_id)
    scanning.scan(now)
    assert open_of(Notice.objects) == [("documents", 0), ("rejected", 0)]
    upload = factories.UploadFactory(group=group, document_type="passport")
    scanning.scan(now)
    assert open_of(Notice.objects) == []
    # Zadarma looked at it after it arrived, and did not like it either.
    upload.arrived_at = now - timedelta(hours=1)
    upload.save()
    scanning.scan(now)
    assert open_of(Notice.objects) == [("documents", 0), ("rejected", 0)]
    assert {row.occurrence for row in Notice.objects.filter(subject_id=group.pk)} == {"0", "1"}
    assert {row.occurrence for row in Notice.objects.filter(subject_id=number.pk)} == {"0", "1"}


def test_a_second_pause_is_another_occurrence_and_one_by_hand_is_none(account: Connection, now: datetime) -> None:
    for because in ("no", "no", BY_HAND, "no"):
        Connection.objects.update(state="paused", paused_because=because)
        scanning.scan(now)
        scanning.scan(now)
        Connection.objects.update(state="active", paused_because="")
        scanning.scan(now)
    assert sorted(Notice.objects.values_list("kind", "occurrence")) == [
        ("paused", "0"),
        ("paused", "1"),
        ("paused", "2"),
    ]


def test_hidden_accounts_are_left_aside(ending: Number, now: datetime) -> None:
    Connection.objects.update(is_hidden=True, state="paused", balance=0)
    factories.DocumentGroupFactory(connection=ending.connection, wrong_address="x")
    scanning.scan(now)
    assert not Notice.objects.exists()


def test_money_that_does_not_suffice_is_noticed_for_what_falls_due_then(account: Connection, now: datetime) -> None:
    Connection.objects.update(balance=Decimal("5.00"))
    due = [
        factories.NumberFactory(connection=account, monthly_fee=Decimal("2.00"), stop_at=now + timedelta(days=days))
        for days in (2, 5, 10, 20)
    ]
    free = factories.NumberFactory(connection=account, monthly_fee=0, stop_at=now + timedelta(days=12))
    dollars = factories.NumberFactory(
        connection=account, monthly_fee=9, currency="USD", stop_at=now + timedelta(days=1)
    )
    scanning.scan(now)
    unpaid = Notice.objects.filter(kind="unpaid", done_at=None)
    assert dict(unpaid.values_list("subject_id", "threshold")) == {due[2].pk: 14, due[3].pk: 30}
    assert {free.pk, dollars.pk} & set(unpaid.values_list("subject_id", flat=True)) == set()
    assert open_of(Notice.objects.filter(kind="balance")) == [("balance", 14)]
    assert not money.lacks_money(Connection.objects.get(), now + timedelta(days=6))
    assert money.lacks_money(Connection.objects.get(), now + timedelta(days=11))
    # Topped up: done. Money that is held for an order is not there.
    Connection.objects.update(balance=8)
    scanning.scan(now)
    assert open_of(Notice.objects) == []
    factories.OperationFactory(connection=account, kind="order", hold_amount=Decimal("0.01"), hold_currency="EUR")
    scanning.scan(now)
    assert open_of(Notice.objects) == [("unpaid", 30)]


def test_sums_of_money_are_exact(account: Connection, now: datetime) -> None:
    Connection.objects.update(balance=Decimal("0.3"))
    for _ in range(3):
        factories.NumberFactory(connection=account, monthly_fee=Decimal("0.1"), stop_at=now + timedelta(days=1))
    assert not money.lacks_money(Connection.objects.get(), now + timedelta(days=2))
    Connection.objects.update(balance=Decimal("0.2999"))
    assert money.lacks_money(Connection.objects.get(), now + timedelta(days=2))


def test_a_year_is_paid_at_once(account: Connection, now: datetime) -> None:
    Connection.objects.update(balance=20)
    factories.NumberFactory(connection=account, monthly_fee=2, autorenew_period="year", stop_at=now + timedelta(days=3))
    scanning.scan(now)
    assert open_of(Notice.objects) == [("balance", 3), ("unpaid", 3)]


def test_a_balance_that_is_not_known_is_no_reason(account: Connection, now: datetime) -> None:
    Connection.objects.update(balance=None)
    factories.NumberFactory(connection=account, stop_at=now + timedelta(days=3))
    scanning.scan(now)
    assert not Notice.objects.exists()


def test_money_that_shrinks_is_told_step_by_step_as_one_occurrence(
    account: Connection, now: datetime, clock: Clock
) -> None:
    Connection.objects.update(balance=1)
    factories.NumberFactory(connection=account, monthly_fee=2, stop_at=now + timedelta(days=13))
    for days in (0, 7, 11):
        scanning.scan(clock(now + timedelta(days=days)))
    rows = Notice.objects.filter(kind="balance").order_by("-threshold")
    assert list(rows.values_list("occurrence", "threshold", "done_at")) == [
        ("0", 14, now + timedelta(days=7)),
        ("0", 7, now + timedelta(days=11)),
        ("0", 3, None),
    ]


def test_what_was_done_long_ago_is_forgotten(account: Connection, now: datetime) -> None:
    kept = factories.NoticeFactory(connection=account, done_at=now - timedelta(days=179))
    factories.NoticeFactory(connection=account, done_at=now - timedelta(days=181))
    scanning.scan(now)
    assert list(Notice.objects.all()) == [kept]


def test_how_many_queries_it_takes_does_not_depend_on_how_many_numbers_there_are(
    account: Connection, customer: Customer, now: datetime
) -> None:
    def several(count: int) -> int:
        mine = {"connection": account, "customer": customer}
        factories.NumberFactory.create_batch(count, **mine, autorenew=False, stop_at=now + timedelta(days=5))
        factories.NumberFactory.create_batch(count, **mine, status="parking")
        factories.DocumentGroupFactory.create_batch(count, **mine, wrong_address="x")
        with sent_to_the_database() as sent:
            scanning.look(now)
        return sent.count

    several(1)
    assert several(1) == several(30) <= 45
