"""The feed of the renewal calendar: whose it is, what it tells, and when it stops."""

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.secret_links import WithoutSecrets
from direct_numbers import calendar_feed, ics
from direct_numbers.ics import Event
from people import customers, erasing, feeds, members, throttle
from people.feed_models import CalendarFeed
from people.models import AuditEntry, Customer, User
from sync.models import Connection
from tests import factories
from tests.support import icalendar
from tests.support.queries import sent_to_the_database
from tests.support.reading import text_of

MAKE, OFF = "/renewals/address/", "/renewals/address/off/"
BASE = "https://panel.example"
NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nobody_was_counted(db: None) -> None:
    cache.clear()


def path_of(user: User) -> str:
    """The address of a feed made for `user` just now."""
    return reverse("calendar-feed", args=[feeds.make(user)])


def in_days(days: int, **more: Any) -> Any:
    """A number whose date is so many days from now."""
    given = {"autorenew": True, "stop_at": timezone.now() + timedelta(days=days), **more}
    return factories.NumberFactory(**given)


def events(answer: Any) -> list[icalendar.Component]:
    """The events of a feed, as a calendar program reads them."""
    assert answer.status_code == 200
    return [part for part in icalendar.read(answer.content).parts if part.name == "VEVENT"]


# Made, shown once, revoked -------------------------------------------------------------------------------------------


def test_an_address_is_shown_when_it_is_made_and_kept_as_a_digest(client: Client, member: User) -> None:
    client.force_login(member)
    made = client.post(MAKE)
    address = made.context["address"]
    token = address.rpartition("/")[2].removesuffix(".ics")
    assert address in text_of(made) and len(token) >= 43
    assert f'data-copy="{address}"' in made.content.decode()
    kept = CalendarFeed.objects.get()
    assert kept.user == member and token not in repr(vars(kept))
    page = client.get("/renewals/")
    assert token not in page.content.decode() and "Address made:" in text_of(page)
    assert Client().get(address).status_code == 200


def test_a_new_address_stops_the_old_one_and_off_stops_both(client: Client, member: User) -> None:
    client.force_login(member)
    old = client.post(MAKE).context["address"]
    new = client.post(MAKE).context["address"]
    assert (Client().get(old).status_code, Client().get(new).status_code) == (404, 200)
    client.post(OFF)
    assert Client().get(new).status_code == 404
    assert "Make the address" in text_of(client.get("/renewals/"))
    client.post(OFF)  # once more does nothing
    noted = AuditEntry.objects.filter(action__startswith="account.feed").order_by("pk")
    assert [entry.action.rpartition("_")[2] for entry in noted] == ["made", "made", "revoked"]
    assert {(entry.actor_id, entry.object_id) for entry in noted} == {(member.pk, member.pk)}


def test_looking_makes_and_revokes_nothing(client: Client, member: User) -> None:
    client.force_login(member)
    assert (client.get(MAKE).status_code, client.get(OFF).status_code) == (405, 405)
    assert not CalendarFeed.objects.exists()
    path = path_of(member)
    with sent_to_the_database() as sent:
        Client().get(path)
    assert sent.written == set()


def test_an_address_of_somebody_without_access_is_dead_at_once(
    offline: Connection, customer: Customer, member: User, staff: User
) -> None:
    in_days(3, connection=offline, customer=customer)
    path = path_of(member)
    assert len(events(Client().get(path))) == 1
    customers.end_access(customer, by=staff)
    assert Client().get(path).status_code == 404
    customers.give_access(Customer.objects.get(pk=customer.pk), by=staff)
    assert Client().get(path).status_code == 200
    members.remove(member.memberships.get(), by=staff)
    assert Client().get(path).status_code == 404


def test_an_address_of_somebody_inactive_or_erased_is_dead(member: User, staff: User) -> None:
    path = path_of(member)
    User.objects.filter(pk=member.pk).update(is_active=False)
    assert Client().get(path).status_code == 404
    User.objects.filter(pk=member.pk).update(is_active=True)
    assert Client().get(path).status_code == 200
    erasing.erase_person(User.objects.get(pk=member.pk), staff)
    assert Client().get(path).status_code == 404
    assert not CalendarFeed.objects.exists()


def test_staff_who_must_set_up_a_second_factor_first_have_no_feed(staff: User, settings: Any) -> None:
    path = path_of(staff)
    assert Client().get(path).status_code == 200
    settings.STAFF_MFA_REQUIRED = True
    assert Client().get(path).status_code == 404


# Whose numbers -------------------------------------------------------------------------------------------------------


def test_a_feed_tells_what_the_person_may_see_then_of_all_their_customers(
    offline: Connection, customer: Customer, other_customer: Customer, member: User, staff: User
) -> None:
    in_days(3, connection=offline, customer=customer, number="442037691880")
    in_days(4, connection=offline, customer=other_customer, number="442037691881")
    in_days(5, connection=offline, number="442037691882")
    path = path_of(member)
    assert [event["SUMMARY"] for event in events(Client().get(path))] == ["+44 20 3769 1880 renews itself"]
    member.memberships.create(customer=other_customer, role="viewer")
    assert len(events(Client().get(path))) == 2
    assert len(events(Client().get(path_of(staff)))) == 3
    Connection.objects.update(is_hidden=True)
    assert events(Client().get(path)) == []


def test_whose_feed_it_is_does_not_depend_on_who_is_signed_in(
    client: Client, offline: Connection, customer: Customer, member: User, outsider: User
) -> None:
    in_days(3, connection=offline, customer=customer)
    client.force_login(outsider)
    assert len(events(client.get(path_of(member)))) == 1
    assert events(client.get(path_of(outsider))) == []


def test_events_tell_number_place_and_what_happens_and_nothing_else(
    offline: Connection, customer: Customer, staff: User
) -> None:
    customer.name = "Secretson Ltd"
    customer.save()
    words = {"number_name": "SecretLine", "sip": "555777", "sip_name": "Secretson", "monthly_fee": 7, "currency": "EUR"}
    direction = factories.DirectionFactory(name_en="London; the City, \\ all")
    made = [
        in_days(3, connection=offline, customer=customer, direction=direction, **words),
        in_days(4, connection=offline, autorenew=False, direction=direction),
        in_days(5, connection=offline, autorenew=None, direction=direction),
        in_days(-1, connection=offline, direction=direction),  # over
        in_days(400, connection=offline, direction=direction),  # too far away
        in_days(3, connection=offline, direction=direction, gone_at=timezone.now()),
    ]
    answer = Client().get(path_of(staff))
    told = events(answer)
    assert [event["SUMMARY"].rpartition(" ")[2] for event in told] == ["itself", "ends", "day"]
    assert {event["DESCRIPTION"].partition("\n")[0] for event in told} == {"London; the City, \\ all"}
    assert told[0]["URL"] == f"http://testserver/numbers/{made[0].pk}/"
    assert told[0]["DTSTART"] == f"{timezone.localtime(made[0].stop_at):%Y%m%d}"
    whole = answer.content.decode()
    assert not [word for word in ("Secret", "555777", "7.00", "EUR", staff.email) if word in whole]


def test_an_event_moves_with_its_number(offline: Connection, staff: User) -> None:
    number = in_days(3, connection=offline)
    path = path_of(staff)
    (before,) = events(Client().get(path))
    number.stop_at += timedelta(days=31)
    number.save()
    (after,) = events(Client().get(path))
    assert before["UID"] == after["UID"] and before["DTSTART"] < after["DTSTART"]


def test_days_and_words_are_the_persons_own(offline: Connection, staff: User, settings: Any) -> None:
    near_midnight = datetime(2026, 12, 5, 2, tzinfo=UTC)
    number = factories.NumberFactory(connection=offline, stop_at=near_midnight, autorenew=True, number="442037691880")
    staff.language = "de"
    settings.TIME_ZONE = "America/New_York"
    timezone.get_default_timezone.cache_clear()
    text = calendar_feed.of(staff, staff.viewer(), NOW, BASE)
    timezone.get_default_timezone.cache_clear()
    (event,) = icalendar.read(text.encode()).parts
    assert event["DTSTART"] == "20261204"
    assert event["UID"] == f"number-{number.pk}@panel.example"
    staff.time_zone = "Asia/Tokyo"  # type: ignore[attr-defined]
    (event,) = icalendar.read(calendar_feed.of(staff, staff.viewer(), NOW, BASE).encode()).parts
    assert event["DTSTART"] == "20261205"


def beside_the_cache(sent: Any) -> int:
    """How many queries, those of the cache left out: it is not everywhere in the database."""
    return sum('"cache"' not in text for text in sent.statements)


def test_many_numbers_are_counted_by_the_day(offline: Connection, staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar_feed, "MOST_SINGLE", 4)
    for days in (3, 3, 8, 8):
        in_days(days, connection=offline, autorenew=days == 3)
    path, counted = path_of(staff), []
    with sent_to_the_database() as sent:
        assert len(events(Client().get(path))) == 4
    counted.append(beside_the_cache(sent))
    in_days(3, connection=offline, autorenew=False)
    with sent_to_the_database() as sent:
        told = [event["SUMMARY"] for event in events(Client().get(path))]
    assert told == ["1 number ends, 2 numbers renew themselves", "2 numbers end"]
    assert [*counted, beside_the_cache(sent)] == [2, 3]


# How it is answered --------------------------------------------------------------------------------------------------


def test_answers_are_kept_nowhere_and_name_no_referrer(member: User) -> None:
    answer = Client().get(path_of(member))
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies


def test_too_many_dead_addresses_close_the_door_of_one_place(member: User, client: Client) -> None:
    path, wrong = path_of(member), reverse("calendar-feed", args=["wrong"])
    there = {"REMOTE_ADDR": "198.51.100.7"}
    for _ in range(throttle.MOST_LINKS_BY_ADDRESS):
        assert Client().get(wrong, **there).status_code == 404
    assert Client().get(path, **there).status_code == 429
    assert Client().get(path, REMOTE_ADDR="198.51.100.8").status_code == 200
    assert not throttle.is_closed("", "198.51.100.7")  # signing in from there stays open


def test_no_log_line_holds_the_token(
    member: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = path_of(member)
    token = path.rpartition("/")[2].removesuffix(".ics")
    monkeypatch.setattr(calendar_feed, "of", lambda *given: 1 / 0)
    caplog.handler.addFilter(WithoutSecrets())
    with caplog.at_level(logging.DEBUG):
        assert Client(raise_request_exception=False).get(path).status_code == 500
        Client().get(reverse("calendar-feed", args=["wrong-token"]))
    assert "/renewals/feed/…" in caplog.text
    assert token not in caplog.text and "wrong-token" not in caplog.text


def test_the_filter_stands_before_every_line_of_the_log(settings: Any) -> None:
    handlers = settings.LOGGING["handlers"]
    assert {name for name, handler in handlers.items() if "secret_links" not in handler["filters"]} == set()
    assert settings.LOGGING["filters"]["secret_links"]["()"] == "config.secret_links.WithoutSecrets"


# RFC 5545 ------------------------------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    name=st.text(max_size=60),
    told=st.lists(st.tuples(st.dates(max_value=date(2100, 1, 1)), st.text(), st.text()), max_size=5),
)
def test_whatever_is_told_comes_out_as_it_went_in(name: str, told: list[tuple[date, str, str]]) -> None:
    made = [Event(f"n{n}@host", day, summary, words) for n, (day, summary, words) in enumerate(told)]
    read = icalendar.read(ics.calendar(name, "Panel", made, NOW).encode("utf-8", "replace"))
    got = [part for part in read.parts if part.name == "VEVENT"]
    assert [event["DTSTART"] for event in got] == [f"{day.year:04}{day:%m%d}" for day, _summary, _words in told]
    for event, (_day, summary, words) in zip(got, told, strict=True):
        assert event["SUMMARY"] == plain(summary)
        assert event.properties.get("DESCRIPTION", ("", ""))[1] == plain(words)


@pytest.mark.parametrize("letter", ["x", "é", "€", "𝄞"])
def test_no_line_is_longer_than_75_octets_and_none_is_lost(letter: str) -> None:
    for count in range(200):
        lines = ics.folded(letter * count).encode().split(b"\r\n")
        assert max(len(line) for line in lines) <= 75
        assert all(line.startswith(b" ") for line in lines[1:])
        whole = (lines[0] + b"".join(line[1:] for line in lines[1:])).decode()
        assert whole == letter * count and all(line.decode() for line in lines if count)


def plain(text: str) -> str:
    """Without what no calendar holds: control characters, halves of letters; line breaks of one kind."""
    kept = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    return "".join(letter for letter in kept if letter == "\n" or letter >= " " and letter != "\x7f")


@pytest.mark.parametrize(
    "wrong",
    [
        b"BEGIN:VCALENDAR\nEND:VCALENDAR\n",
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:" + b"x" * 70 + b"\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:a,b\r\nEND:VCALENDAR\r\n",
    ],
)
def test_these_tests_notice_what_is_no_calendar(wrong: bytes) -> None:
    with pytest.raises(icalendar.Wrong):
        icalendar.read(wrong)
