"""Each is told once, in their language and time zone, of what concerns them and nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.utils import timezone

from direct_numbers.models import Number
from notices import choosing, planning, scanning, sending
from notices.models import Delivery, Notice, Preference
from people.models import Customer, User
from sync.models import Connection
from tests import factories
from tests.notices.conftest import at_once, look, look_and_send, told

pytestmark = pytest.mark.django_db
Clock = Callable[[datetime], datetime]
SUMMARY = "Numberdesk today: 1 notice"


def letters() -> list[tuple[str, str]]:
    """To whom, and the subject."""
    return sorted((letter.to[0], letter.subject) for letter in mail.outbox)


def test_by_default_urgent_things_are_told_at_once_and_the_rest_in_the_morning(
    ending: Number, manager: User, now: datetime, clock: Clock
) -> None:
    assert look_and_send(now) == 0
    morning = datetime(2026, 3, 3, 8, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert sending.send_due(clock(morning - timedelta(seconds=1))) == 0
    assert sending.send_due(clock(morning)) == 1
    assert letters() == [("manager@first.example", SUMMARY)]
    assert ending.stop_at is not None
    look_and_send(clock(ending.stop_at - timedelta(days=7)))
    assert mail.outbox[1].subject == "+44 20 3769 1880 ends on 22 March"
    assert "http://127.0.0.1/numbers/" in mail.outbox[1].body and "/account/notices/" in mail.outbox[1].body


def test_the_demos_notices_stand_in_the_panel_and_nobody_is_written_to(
    ending: Number, account: Connection, manager: User, staff: User, now: datetime
) -> None:
    Connection.objects.filter(pk=account.pk).update(is_demo=True)
    at_once(manager, staff)
    assert look_and_send(now) == 0
    assert Notice.objects.filter(done_at=None).count() == 1
    assert not Delivery.objects.exists()
    assert mail.outbox == []


def test_each_is_told_once_however_often_it_is_looked_at_and_sent(
    ending: Number, manager: User, staff: User, now: datetime, clock: Clock
) -> None:
    at_once(manager, staff)
    for minute in range(5):
        look_and_send(clock(now + timedelta(minutes=minute)))
    assert [to for to, _subject in letters()] == ["manager@first.example", "staff@partner.example"]
    # Nor when it was done for a moment and came back.
    Number.objects.update(autorenew=True)
    look_and_send(timezone.now())
    Number.objects.update(autorenew=False)
    look_and_send(timezone.now())
    assert Notice.objects.filter(done_at=None).count() == 1
    assert len(mail.outbox) == 2
    # Prolonged, and ending again later: told again.
    Number.objects.update(stop_at=now + timedelta(days=25), stop_text="2026-03-27 14:00:00")
    look_and_send(timezone.now())
    assert len(mail.outbox) == 4


def test_the_database_keeps_a_delivery_once_a_person(ending: Number, manager: User, now: datetime) -> None:
    look(now)
    row = Delivery.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(notice=row.notice, user=manager, way="at_once", due_at=now)
    # Settled twice, as by two who looked at the same moment.
    Notice.objects.update(planned_at=None)
    planning.plan(now)
    assert Delivery.objects.count() == 1


def test_only_those_whom_it_concerns_are_told(
    account: Connection, ending: Number, now: datetime, staff: User, operator: User, auditor: User, manager: User,
    member: User, outsider: User,
) -> None:  # fmt: skip
    everybody = (staff, operator, auditor, manager, member, outsider)
    Number.objects.update(stop_at=now + timedelta(days=3))
    factories.NumberFactory(connection=account, status="parking")  # nobody's yet
    factories.NumberFactory(connection=account, monthly_fee=2000, stop_at=now + timedelta(days=2))
    factories.OrderFactory(connection=account, customer=ending.customer, state="approval", submitted_at=now)
    factories.OperationFactory(connection=account, state="needs_person")
    Connection.objects.update(state="paused", paused_because="no")
    look(now)
    staffs = {"parked", "ends 3", "unpaid 3", "balance 3", "paused"}
    decide = {"in_doubt", "approval"}
    assert told(*everybody) == {
        staff.email: staffs | decide,
        operator.email: staffs | decide,
        auditor.email: staffs,
        manager.email: {"ends 3"},
        member.email: {"ends 3"},
        outsider.email: set(),
    }
    ways = dict(Delivery.objects.filter(notice__kind="paused").values_list("user__email", "way"))
    assert ways["staff@partner.example"] == "at_once" and ways["operator@partner.example"] == "digest"


def test_customers_are_told_in_their_words(
    account: Connection, ending: Number, manager: User, member: User, outsider: User, now: datetime
) -> None:
    at_once(manager, member, outsider)
    factories.DocumentGroupFactory(
        connection=account, customer=ending.customer, wrong_document_type="passport", wrong_document="Mr X is too dark"
    )
    look_and_send(now)
    by = {letter.to[0]: letter.body for letter in mail.outbox}
    assert set(by) == {"manager@first.example", "member@first.example"}
    assert f"/numbers/{ending.pk}/prolong/" in by["manager@first.example"]
    assert "Please tell your provider" in by["member@first.example"]
    for body in by.values():
        assert "passport or ID card" in body
        for word in ("1000", "balance", "Balance", "Main account", "2.00", "Given", "Family", "too dark"):
            assert word not in body


def test_nobody_is_told_of_their_own_order(account: Connection, staff: User, operator: User, now: datetime) -> None:
    factories.OrderFactory(connection=account, state="approval", submitted_at=now, submitted_by=staff)
    look_and_send(now)
    assert [letter.to for letter in mail.outbox] == [[operator.email]]
    assert not Delivery.objects.filter(user=staff).exists()


@pytest.mark.parametrize("how", ["left", "switched off", "access ended", "number given away", "mended", "wants none"])
def test_who_or_what_is_no_longer_concerned_when_it_is_sent_is_told_nothing(
    ending: Number, customer: Customer, other_customer: Customer, manager: User, now: datetime, how: str
) -> None:
    at_once(manager)
    look(now)
    assert Delivery.objects.filter(user=manager, state="waiting").exists()
    match how:
        case "left":
            manager.memberships.all().delete()
        case "switched off":
            User.objects.filter(pk=manager.pk).update(is_active=False)
        case "access ended":
            Customer.objects.filter(pk=customer.pk).update(access_ended_at=now)
        case "number given away":
            Notice.objects.update(customer=other_customer)
        case "mended":
            Notice.objects.update(done_at=now)
        case "wants none":
            Preference.objects.update(ways={"later": "off"})
    assert sending.send_due(now) == 0
    assert mail.outbox == []
    assert not Delivery.objects.exists()


def test_who_becomes_a_customers_person_of_a_lesser_role_is_told_only_what_that_role_sees(
    account: Connection, operator: User, customer: Customer, now: datetime
) -> None:
    factories.OperationFactory(connection=account, state="needs_person")
    look(now)
    User.objects.filter(pk=operator.pk).update(staff_role="auditor")
    assert sending.send_due(now) == 0 and mail.outbox == []


def test_it_is_written_in_the_readers_language_and_time_zone(ending: Number, manager: User, now: datetime) -> None:
    at_once(manager)
    User.objects.filter(pk=manager.pk).update(language="de", time_zone="Asia/Tokyo")
    Number.objects.update(stop_at=datetime(2026, 3, 20, 20, 0, tzinfo=UTC))  # the 21st in Tokyo
    look_and_send(now)
    (letter,) = mail.outbox
    assert "21. März" in letter.subject and "21. März" in letter.body
    assert "Guten Tag" in letter.body


def test_a_name_begins_no_header(account: Connection, staff: User, now: datetime) -> None:
    Connection.objects.update(name="Main\r\nBcc: all@evil.example", state="paused", paused_because="no")
    look_and_send(now)
    (letter,) = mail.outbox
    assert letter.subject == "A Zadarma account is paused: Main Bcc: all@evil.example"
    assert not [line for line in letter.message().as_string().splitlines() if line.startswith("Bcc")]


def test_many_at_once_are_one_e_mail(account: Connection, staff: User, now: datetime) -> None:
    factories.NumberFactory.create_batch(60, connection=account, status="parking")
    assert look_and_send(now) == 1
    (letter,) = mail.outbox
    assert letter.subject == "Numberdesk: 60 notices"
    assert letter.body.count("is parked") == 50 and "and 10 more:\nhttp://127.0.0.1/notices/" in letter.body
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


# When the summary comes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "hour", "now", "due"),
    [
        ("Europe/Berlin", 8, "2026-03-28T06:59:59+00:00", "2026-03-28T07:00:00+00:00"),
        ("Europe/Berlin", 8, "2026-03-28T07:00:00+00:00", "2026-03-29T06:00:00+00:00"),  # summer time begins
        ("Europe/Berlin", 2, "2026-03-28T12:00:00+00:00", "2026-03-29T01:00:00+00:00"),  # there is no 2:00 that day
        ("Europe/Berlin", 2, "2026-10-24T12:00:00+00:00", "2026-10-25T00:00:00+00:00"),  # there are two: the first
        ("Europe/Berlin", 2, "2026-10-25T00:00:00+00:00", "2026-10-26T01:00:00+00:00"),  # and not the second
        ("America/New_York", 8, "2026-03-02T12:00:00+00:00", "2026-03-02T13:00:00+00:00"),
        ("Asia/Tokyo", 8, "2026-03-02T12:00:00+00:00", "2026-03-02T23:00:00+00:00"),
        ("Pacific/Kiritimati", 0, "2026-03-02T12:00:00+00:00", "2026-03-03T10:00:00+00:00"),
    ],
)
def test_the_summary_comes_at_the_hour_of_the_persons_own_clock(zone: str, hour: int, now: str, due: str) -> None:
    found = choosing.next_summary(datetime.fromisoformat(now), hour, ZoneInfo(zone))
    assert found == datetime.fromisoformat(due)


def test_what_waits_moves_with_the_hour_that_is_chosen(ending: Number, manager: User, now: datetime) -> None:
    User.objects.filter(pk=manager.pk).update(time_zone="America/New_York")
    manager.refresh_from_db()
    look(now)
    assert Delivery.objects.get().due_at == datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
    choosing.choose(manager, 18, {}, [], now)
    assert Delivery.objects.get().due_at == datetime(2026, 3, 2, 23, 0, tzinfo=UTC)


def test_a_summary_is_one_e_mail_a_day(
    account: Connection, ending: Number, manager: User, now: datetime, clock: Clock
) -> None:
    look(now)
    factories.NumberFactory(
        connection=account, customer=ending.customer, autorenew=False, stop_at=now + timedelta(days=25)
    )
    look(clock(now + timedelta(hours=3)))
    assert sending.send_due(clock(now + timedelta(days=1))) == 1
    assert [letter.subject for letter in mail.outbox] == ["Numberdesk today: 2 notices"]


# Mail servers and workers that fail -----------------------------------------------------------------------------------


def down(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The mail server does not answer; returns what brings it back."""

    def fails(letter: EmailMessage) -> int:
        raise OSError(f"{letter.to[0]} refused")

    with_server = EmailMessage.send
    monkeypatch.setattr(EmailMessage, "send", fails)
    return lambda: monkeypatch.setattr(EmailMessage, "send", with_server)


def test_a_mail_server_that_is_down_is_tried_later_and_later(
    ending: Number, manager: User, staff: User, now: datetime, clock: Clock, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    up = down(monkeypatch)
    at_once(manager, staff)
    look_and_send(now)
    assert sorted(Delivery.objects.values_list("attempts", flat=True)) == [0, 1]  # the other one was not tried
    assert "OSError" in caplog.text and "example" not in caplog.text
    waits = []
    row = Delivery.objects.get(attempts=1)
    Delivery.objects.exclude(pk=row.pk).update(due_at=now + timedelta(days=9))
    for _ in range(8):
        before = timezone.now()
        sending.send_due(clock(row.due_at - timedelta(seconds=1)))
        sending.send_due(clock(row.due_at))
        row.refresh_from_db()
        waits.append((row.due_at - timezone.now()) // timedelta(minutes=1))
        assert timezone.now() > before
    assert waits == [2, 4, 8, 16, 32, 64, 120, 120]
    up()
    sending.send_due(clock(row.due_at))
    row.refresh_from_db()
    assert (row.state, row.error, len(mail.outbox)) == ("sent", "", 1)


def test_after_three_days_it_is_given_up(
    ending: Number, manager: User, now: datetime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    down(monkeypatch)
    at_once(manager)
    look(now)
    Delivery.objects.update(attempts=sending.MOST_ATTEMPTS - 1)
    sending.send_due(now)
    assert Delivery.objects.get().state == "failed"
    sending.send_due(clock(now + timedelta(days=30)))
    assert Delivery.objects.get().attempts == sending.MOST_ATTEMPTS


def test_a_worker_that_dies_before_handing_over_is_followed_by_another(
    ending: Number, manager: User, now: datetime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once(manager)
    look(now)

    def dies(*args: object, **kwargs: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("notices.mails.of_notices", dies)
        with pytest.raises(SystemExit):
            sending.send_due(now)
    assert sending.send_due(now) == 0  # its claim still holds
    assert sending.send_due(clock(now + sending.LEASE + timedelta(seconds=1))) == 1
    assert len(mail.outbox) == 1


def test_a_worker_that_dies_after_handing_over_is_not_repeated(
    ending: Number, manager: User, now: datetime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once(manager)
    look(now)
    send = EmailMessage.send

    def sends_and_dies(letter: EmailMessage) -> int:
        send(letter)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", sends_and_dies)
        with pytest.raises(SystemExit):
            sending.send_due(now)
    for minutes in (0, 6, 60):
        sending.send_due(clock(now + timedelta(minutes=minutes)))
    assert len(mail.outbox) == 1
    assert Delivery.objects.get().state == "unsure"


def test_another_worker_between_claim_and_letter_sends_nothing(
    ending: Number, manager: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once(manager)
    look(now)
    drop = sending._drop_unwanted
    came: list[bool] = []

    def drop_while_another_sends(user: User, mine: object) -> None:
        monkeypatch.setattr(sending, "_drop_unwanted", drop)
        came.append(sending.send_to(user.pk, now))
        drop(user, mine)  # type: ignore[arg-type]

    monkeypatch.setattr(sending, "_drop_unwanted", drop_while_another_sends)
    assert sending.send_due(now) == 1
    assert (came, len(mail.outbox)) == ([False], 1)


def test_a_worker_whose_claim_was_released_meanwhile_sends_nothing(
    ending: Number, manager: User, now: datetime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once(manager)
    look(now)
    drop = sending._drop_unwanted

    def takes_too_long(user: User, mine: object) -> None:
        monkeypatch.setattr(sending, "_drop_unwanted", drop)
        drop(user, mine)  # type: ignore[arg-type]
        assert sending.send_due(clock(now + sending.LEASE + timedelta(seconds=1))) == 1

    monkeypatch.setattr(sending, "_drop_unwanted", takes_too_long)
    assert sending.send_to(manager.pk, now) is False
    assert len(mail.outbox) == 1


def test_a_scan_while_another_is_at_it_leaves_it_alone(
    ending: Number, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_once = scanning.look
    came: list[bool] = []

    def look_while_another_comes(moment: datetime) -> None:
        came.append(scanning.scan(moment))
        look_once(moment)

    monkeypatch.setattr(scanning, "look", look_while_another_comes)
    assert scanning.scan(now) is True
    assert came == [False]
    assert Notice.objects.count() == 1
