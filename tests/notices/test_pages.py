"""The page of notices, the bell, and how a person chooses what is e-mailed to them."""

from datetime import datetime, timedelta
from smtplib import SMTPConnectError
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers.models import Number
from notices import queries, scanning
from notices.models import Delivery, Notice, Preference
from people.models import Customer, User
from sync.models import Connection
from tests import factories
from tests.notices.conftest import look, look_and_send
from tests.support.queries import sent_to_the_database
from tests.support.reading import text_of

pytestmark = pytest.mark.django_db
LIST, SETTINGS, TEST = "notice-list", "notice-settings", "notice-test"


@pytest.fixture
def things(account: Connection, customer: Customer, other_customer: Customer, now: datetime) -> Connection:
    """Something of the first customer, of the second, of nobody, and of the account."""
    soon = now + timedelta(days=2)
    factories.NumberFactory(
        connection=account, customer=customer, number="442037691880", autorenew=False, stop_at=soon, stop_text="a"
    )
    factories.NumberFactory(connection=account, customer=other_customer, number="442037691881", status="parking")
    factories.DocumentGroupFactory(connection=account, customer=customer, wrong_document_type="passport")
    factories.OrderFactory(connection=account, customer=customer, state="approval", submitted_at=now)
    Connection.objects.update(state="paused", paused_because="no")
    scanning.scan(now)
    return account


def rows(client: Client, which: str = "open") -> list[tuple[str, str]]:
    """What is listed, in its order: badge and what it is about."""
    page = client.get(reverse(LIST))
    assert page.status_code == 200
    return [(row.label, row.phone or row.subject) for row in page.context[which]]


def bell(client: Client) -> int:
    """The figure at the bell."""
    return int(client.get("/").context["frame"]["notices"])


def test_staff_see_all_of_it_the_most_urgent_first(browser_of_staff: Client, things: Connection) -> None:
    assert rows(browser_of_staff) == [
        ("account paused", "Main account"),
        ("parked", "442037691881"),
        ("ends soon", "442037691880"),
        ("waiting for approval", "Order: –"),
        ("document rejected", "Given Family"),
    ]
    assert bell(browser_of_staff) == 5
    page = browser_of_staff.get(reverse(LIST))
    for row in page.context["open"]:
        assert f'href="{row.url}"' in page.content.decode().replace("&amp;", "&")
        assert browser_of_staff.get(row.url).status_code == 200


def test_a_customers_people_see_their_own(client: Client, things: Connection, manager: User, outsider: User) -> None:
    client.force_login(manager)
    assert rows(client) == [("ends soon", "442037691880"), ("document rejected", "Given Family")]
    assert bell(client) == 2
    assert "Main account" not in text_of(client.get(reverse(LIST)))
    client.force_login(outsider)
    assert rows(client) == [("parked", "442037691881")]


def test_what_was_a_number_of_somebody_else_is_told_to_nobody(
    client: Client, things: Connection, manager: User, other_customer: Customer
) -> None:
    Notice.objects.filter(kind="ends").update(done_at=timezone.now())
    Number.objects.filter(number="442037691880").update(customer=other_customer)
    client.force_login(manager)
    assert rows(client, "done") == []


def test_it_stands_there_until_it_is_done_and_lately_done_after(
    browser_of_staff: Client, ending: Number, now: datetime
) -> None:
    look(now)
    look_and_send(now)
    assert rows(browser_of_staff) == [("ends soon", "442037691880")]
    Number.objects.update(autorenew=True)
    scanning.scan(now)
    assert rows(browser_of_staff) == []
    assert "Nothing is open" in text_of(browser_of_staff.get(reverse(LIST)))
    assert rows(browser_of_staff, "done") == [("ends soon", "442037691880")]
    assert bell(browser_of_staff) == 0


def test_a_step_that_only_came_nearer_is_not_told_as_done(
    browser_of_staff: Client, ending: Number, now: datetime
) -> None:
    scanning.scan(now)
    Number.objects.update(stop_at=now + timedelta(days=2))
    scanning.scan(now)
    assert len(rows(browser_of_staff)) == 1 and rows(browser_of_staff, "done") == []


@pytest.mark.parametrize("who", ["staff", "manager"])
def test_it_takes_as_many_queries_however_many_there_are(
    client: Client, account: Connection, customer: Customer, now: datetime, request: Any, who: str
) -> None:
    client.force_login(request.getfixturevalue(who))

    def asked(count: int) -> int:
        mine = {"connection": account, "customer": customer}
        factories.NumberFactory.create_batch(count, **mine, status="parking")
        factories.DocumentGroupFactory.create_batch(count, **mine, wrong_address="x")
        for _ in range(count):
            number = factories.NumberFactory(**mine)
            factories.OperationFactory(connection=account, object_id=number.pk, state="needs_person")
            factories.OrderFactory(**mine, state="approval", direction=number.direction, submitted_at=now)
            done = factories.NumberFactory(**mine)
            factories.NoticeFactory(connection=account, customer=customer, subject_id=done.pk, done_at=now)
        scanning.scan(now)
        client.get(reverse(LIST))
        with sent_to_the_database() as sent:
            client.get(reverse(LIST))
        return sent.count

    assert asked(1) == asked(15) == {"staff": 19, "manager": 16}[who]


def test_the_bell_counts_to_a_hundred(browser_of_staff: Client, account: Connection) -> None:
    factories.NoticeFactory.create_batch(130, connection=account)
    assert bell(browser_of_staff) == 100
    assert "99+" in browser_of_staff.get("/").content.decode()


# Settings -------------------------------------------------------------------------------------------------------------


def chosen(client: Client, **changes: str) -> dict[str, str]:
    """The form as it stands, with changes."""
    form = client.get(reverse(SETTINGS)).context["form"]
    return {name: str(form[name].value()) for name in form.fields} | changes


def test_each_role_chooses_about_what_concerns_it(client: Client, now: datetime, request: Any) -> None:
    customers = {"hour", "soon", "later", "parked", "documents", "rejected"}
    extra = {
        "manager": set(),
        "member": set(),
        "auditor": {"balance", "paused"},
        "operator": {"balance", "paused", "in_doubt", "approval"},
        "staff": {"balance", "paused", "in_doubt", "approval"},
    }
    for who, more in extra.items():
        client.force_login(request.getfixturevalue(who))
        form = client.get(reverse(SETTINGS)).context["form"]
        assert set(form.fields) == customers | more
        assert (form["hour"].value(), form["later"].value()) == (8, "digest")
        is_staff = who not in ("manager", "member")
        assert ("money" in text_of(client.get(reverse(SETTINGS)))) == is_staff
        if "paused" in more:
            assert form["paused"].value() == ("at_once" if who == "staff" else "digest")


def test_what_is_chosen_is_kept_and_followed(client: Client, ending: Number, manager: User, now: datetime) -> None:
    client.force_login(manager)
    answer = client.post(reverse(SETTINGS), chosen(client, hour="17", later="at_once", parked="off"))
    assert answer.status_code == 302
    row = Preference.objects.get()
    assert (row.user, row.hour, row.ways["later"], row.ways["parked"]) == (manager, 17, "at_once", "off")
    look_and_send(now)
    assert len(mail.outbox) == 1
    Number.objects.update(status="parking")
    look_and_send(now)
    assert len(mail.outbox) == 1 and not Delivery.objects.filter(notice__kind="parked").exists()


@pytest.mark.parametrize("wrong", [{"hour": "24"}, {"hour": "x"}, {"later": "loudly"}, {"parked": ""}])
def test_what_is_not_offered_is_refused(client: Client, manager: User, now: datetime, wrong: dict[str, str]) -> None:
    client.force_login(manager)
    assert client.post(reverse(SETTINGS), chosen(client, **wrong)).status_code == 422
    assert not Preference.objects.exists()


def test_a_customers_person_chooses_nothing_about_the_staffs(client: Client, manager: User, now: datetime) -> None:
    client.force_login(manager)
    client.post(reverse(SETTINGS), chosen(client, balance="at_once"))
    assert "balance" not in Preference.objects.get().ways


# E-mails that don't leave ---------------------------------------------------------------------------------------------


def test_a_test_notice_goes_to_who_asks_once_a_minute(client: Client, manager: User, db: None) -> None:
    cache.clear()
    client.force_login(manager)
    for words in ("A test notice is on its way to manager@first.example.", "left less than a minute ago"):
        assert words in text_of(client.post(reverse(TEST), follow=True))
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["manager@first.example"], "Test notice")
    assert client.get(reverse(TEST)).status_code == 405


def test_a_test_notice_that_is_not_taken_says_so(
    client: Client, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(letter: EmailMessage) -> int:
        raise SMTPConnectError(421, "go away, 10.1.2.3")

    cache.clear()
    monkeypatch.setattr(EmailMessage, "send", fails)
    client.force_login(manager)
    page = text_of(client.post(reverse(TEST), follow=True))
    assert "The mail server did not take it (SMTPConnectError)" in page and "10.1.2.3" not in page


def test_the_panel_says_that_e_mails_do_not_leave(
    client: Client, ending: Number, staff: User, manager: User, outsider: User, now: datetime
) -> None:
    look(now)
    Delivery.objects.update(due_at=now + timedelta(minutes=4), attempts=2, error="OSError")
    for user, count in ((staff, 2), (manager, 1), (outsider, 0)):
        client.force_login(user)
        page = text_of(client.get(reverse(LIST)))
        assert ("could not be sent yet" in page) == bool(count)
        trouble = queries.mail_trouble(user.viewer(), now)
        assert (trouble.waiting if trouble else 0) == count
    Delivery.objects.update(state="unsure")
    client.force_login(staff)
    assert "it is not known whether they left" in text_of(client.get(reverse(LIST)))
    Delivery.objects.update(state="failed")
    assert "2 e-mail notices were given up" in text_of(client.get(reverse(LIST)))
    Delivery.objects.update(state="sent")
    assert queries.mail_trouble(staff.viewer(), now) is None
