"""What somebody who means ill would try: costly masks, zero bytes, guessing round the throttle, other people's past."""

import threading
import time
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection as database
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from direct_numbers import assigning, choosing, queries
from direct_numbers.models import Number, Order
from people import throttle
from people.models import Customer, User
from sync.models import Change, Connection, Operation
from tests import factories
from tests.support.reading import text_of
from tests.support.simulator import SimulatorProcess

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"
CLOSED = "Too many attempts."
URL = "/sign-in/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept(db: None) -> None:
    """No failures and no answers are remembered."""
    cache.clear()


# Masks --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", ["*" * 55 + "9", "*1" * 25 + "9", "*?" * 29 + "9"])
def test_no_mask_keeps_the_panel_busy(mask: str) -> None:
    factories.NumberFactory(number="1" * 20)
    begun = time.monotonic()
    assert list(queries.matching(Number.objects.all(), mask)) == []
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("mask", ["*" * 29 + "9", "*1" * 14 + "9"])
def test_no_mask_keeps_the_choice_of_a_number_busy(mask: str) -> None:
    done = threading.Event()

    def match() -> None:
        assert not choosing.fits("1" * 20, mask)
        done.set()

    threading.Thread(target=match, daemon=True).start()
    assert done.wait(2)


@pytest.mark.parametrize(
    ("mask", "matches"),
    [
        ("44*88", ["442012345688"]),
        ("**88", ["442012345688", "4930123488"]),
        ("49301234??", ["4930123488"]),
        ("*2012*", ["442012345688"]),
        ("?*", ["442012345688", "4930123488"]),
        ("*?", ["442012345688", "4930123488"]),
        ("44", ["442012345688"]),
        ("4*", ["442012345688", "4930123488"]),
        ("88?", []),
    ],
)
def test_masks_find_what_they_say(mask: str, matches: list[str]) -> None:
    for digits in ("442012345688", "4930123488"):
        factories.NumberFactory(number=digits)
    rows = queries.matching(Number.objects.order_by("number"), mask)
    assert [row.number for row in rows] == matches
    assert [digits for digits in ("442012345688", "4930123488") if choosing.fits(digits, mask)] == matches


# Strange values -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["\x00", "a\x00b", "💥" * 30, "x" * 10_000, "%_\\", "'\"><script>alert(1)</script>"])
def test_searches_take_any_text(client: Client, staff: User, words: str) -> None:
    client.force_login(staff)
    for name in ("customer-list", "number-list"):
        answer = client.get(reverse(name), {"q": words, "page": "9" * 30, "sort": words, "customer": words})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()


def test_a_cookie_that_is_no_session_is_not_looked_up(client: Client) -> None:
    # As a raw header: newer releases of Python refuse to build such a cookie.
    raw = 'sessionid="abcdefgh\\000ijk"; csrftoken="\\000"; messages="\\000"; django_language="\\000"'
    assert client.get("/", headers={"cookie": raw}).status_code == 302
    assert client.get(URL, headers={"cookie": raw}).status_code == 200


@pytest.mark.parametrize("pk", [2**31, 2**63, 10**30])
def test_ids_beyond_every_integer_do_not_exist(client: Client, staff: User, pk: int) -> None:
    client.force_login(staff)
    for name in ("number", "group", "customer-edit"):
        assert client.get(reverse(name, args=[pk])).status_code == 404
    assert client.get(f"/numbers/{'9' * 5000}/").status_code == 404
    assert client.get("/orders/00000000-0000-0000-0000-00000000000z/").status_code == 404


def test_texts_of_the_api_and_of_people_are_shown_as_text(client: Client, staff: User, offline: Connection) -> None:
    evil = "\"'><img src=x onerror=alert(1)>"
    customer = Customer.objects.create(name=evil, reference=evil)
    group = factories.DocumentGroupFactory(
        connection=offline, customer=customer, fields={"first_name": evil, "city": evil}, error=evil, wrong_address=evil
    )
    factories.DocumentFactory(group=group, name=evil, document_type="x'><b>")
    number = factories.NumberFactory(
        connection=offline, customer=customer, number_name=evil, sip=evil, sip_name=evil, country_name=evil
    )
    factories.OperationFactory(
        connection=offline, object_id=number.pk, error=evil, state=Operation.State.REFUSED, actor=staff
    )
    Change.objects.create(
        connection=offline, object_type="number", object_id=number.pk, field=evil[:40], old=evil, seen_at=timezone.now()
    )
    order = factories.OrderFactory(
        connection=offline, customer=customer, state=Order.State.REFUSED, error=evil, group=group, purpose=evil
    )
    client.force_login(staff)
    for url in (
        "/",
        "/numbers/",
        "/orders/",
        "/documents/",
        "/customers/",
        f"/numbers/{number.pk}/",
        f"/orders/{order.public_id}/",
        f"/documents/{group.pk}/",
        f"/documents/{group.pk}/edit/",
        f"/customers/{customer.pk}/",
        f"/numbers/?q={evil}",
        f"/orders/?state={evil}",
    ):
        page = client.get(url).content.decode()
        assert "<img src=x" not in page and "<b>" not in page


# Guessing passwords -------------------------------------------------------------------------------------------------


def sign_in(browser: Client, email: str, password: str, **headers: str) -> str:
    """What the page says to an attempt; "" when it succeeded."""
    answer = browser.post(URL, {"username": email, "password": password}, headers=headers)
    return "" if answer.status_code == 302 else text_of(answer)


def test_behind_a_proxy_a_stranger_closes_the_door_to_nobody_else(
    client: Client, staff: User, settings: Settings
) -> None:
    settings.BEHIND_PROXY = True
    for n in range(throttle.MOST_BY_ADDRESS):
        sign_in(client, f"nobody{n}@example.com", "wrong", x_forwarded_for="203.0.113.9")
    assert CLOSED in sign_in(client, staff.email, PASSWORD, x_forwarded_for="203.0.113.9")
    # what the visitor puts before the proxy's own entry is not believed
    assert CLOSED in sign_in(client, staff.email, PASSWORD, x_forwarded_for="192.0.2.1, 203.0.113.9")
    assert sign_in(client, staff.email, PASSWORD, x_forwarded_for="203.0.113.9, 192.0.2.1") == ""


def test_without_a_proxy_nobody_chooses_their_address(client: Client, staff: User) -> None:
    for n in range(throttle.MOST_BY_ADDRESS):
        sign_in(client, f"nobody{n}@example.com", "wrong", x_forwarded_for=f"203.0.113.{n}")
    assert CLOSED in sign_in(client, staff.email, PASSWORD, x_forwarded_for="192.0.2.1")


@pytest.mark.parametrize("given", ["", "  ", "unknown", "a" * 5000, "\x00", "192.0.2.1:4711"])
def test_an_odd_address_still_counts(given: str, settings: Settings) -> None:
    settings.BEHIND_PROXY = True
    request = RequestFactory().post(URL, headers={"x-forwarded-for": given})
    for n in range(throttle.MOST_BY_ADDRESS):
        throttle.failed(f"nobody{n}@example.com", throttle.address_of(request))
    assert throttle.is_closed("staff@partner.example", throttle.address_of(request))


def test_the_addresses_of_one_ipv6_network_count_as_one() -> None:
    for n in range(throttle.MOST_BY_ADDRESS):
        throttle.failed(f"nobody{n}@example.com", f"2001:db8::{n:x}")
    assert throttle.is_closed("staff@partner.example", "2001:db8::ffff")
    assert not throttle.is_closed("staff@partner.example", "2001:db8:0:1::1")


def test_look_alike_letters_are_no_other_account() -> None:
    for _ in range(throttle.MOST_BY_ACCOUNT):
        throttle.failed("\N{LATIN SMALL LETTER LONG S}taff@partner.example", "192.0.2.1")
    assert throttle.is_closed("staff@partner.example", "192.0.2.2")


def test_the_door_stays_closed_for_the_whole_window(settings: Settings) -> None:
    """Whatever time the cache keeps things for by itself: the window must not shrink to that."""
    table = "cache_of_this_test"
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": table, "TIMEOUT": 300}
    }
    call_command("createcachetable")
    for _ in range(throttle.MOST_BY_ACCOUNT):
        throttle.failed("staff@partner.example", "192.0.2.1")
    with database.cursor() as cursor:
        cursor.execute(f"SELECT expires FROM {table}")
        until = [row[0] for row in cursor.fetchall()]
    left = timezone.now().replace(tzinfo=None) + timedelta(seconds=throttle.WINDOW - 60)
    assert len(until) == 2 * throttle.MOST_BY_ACCOUNT
    assert all(datetime.fromisoformat(str(moment)).replace(tzinfo=None) > left for moment in until)


# What a customer may not read ---------------------------------------------------------------------------------------


@pytest.fixture
def told_the_balance(customer: Customer, offline: Connection) -> Order:
    """An order that was stopped for want of money."""
    return factories.OrderFactory(
        connection=offline,
        customer=customer,
        state=Order.State.REFUSED,
        error="The balance is 17.35 EUR; this order costs 20.00.",
    )


def test_a_customer_does_not_read_the_balance_in_a_stopped_order(
    client: Client, member: User, staff: User, told_the_balance: Order
) -> None:
    pages = ["/", "/orders/", *(reverse(n, args=[told_the_balance.public_id]) for n in ("order", "order-progress"))]
    client.force_login(member)
    for url in pages:
        shown = text_of(client.get(url))
        assert "17.35" not in shown
        assert "not ordered" in shown
    client.force_login(staff)
    assert "17.35" in text_of(client.get(pages[-1]))


@pytest.fixture
def handed_on(customer: Customer, other_customer: Customer, outsider: User, offline: Connection, staff: User) -> Number:
    """A number that the second customer had, and the first has now."""
    number: Number = factories.NumberFactory(connection=offline, customer=other_customer)
    long_ago = timezone.now() - timedelta(days=9)
    Change.objects.create(
        connection=offline,
        object_type="number",
        object_id=number.pk,
        field="sip",
        old="boss@secret-pbx.example",
        new="SecretLine",
        seen_at=long_ago,
    )
    before = factories.OperationFactory(connection=offline, object_id=number.pk, actor=outsider, error="SecretError")
    Operation.objects.filter(pk=before.pk).update(created_at=long_ago, state=Operation.State.REFUSED)
    assigning.assign(number, customer)
    factories.OperationFactory(
        connection=offline, object_id=number.pk, actor=staff, error="Since then", state=Operation.State.REFUSED
    )
    return number


def test_a_customer_reads_the_history_of_a_number_from_its_assignment_on(
    client: Client, member: User, staff: User, handed_on: Number
) -> None:
    client.force_login(member)
    shown = text_of(client.get(reverse("number", args=[handed_on.pk])))
    assert "ecret" not in shown and "second.example" not in shown
    assert "refused · staff" in shown
    assert "Since then" not in shown  # the reason may be the balance of the partner's account
    client.force_login(staff)
    shown = text_of(client.get(reverse("number", args=[handed_on.pk])))
    assert "secret-pbx" in shown and "SecretError" in shown


def test_a_customer_reads_the_names_of_their_own_people_only(
    client: Client, member: User, outsider: User, handed_on: Number, offline: Connection
) -> None:
    for person in (member, outsider, User.objects.create_user("left@partner.example", name="Formerly Staff")):
        factories.OperationFactory(connection=offline, object_id=handed_on.pk, actor=person)
    client.force_login(member)
    shown = text_of(client.get(reverse("number", args=[handed_on.pk])))
    assert member.email in shown
    assert outsider.email not in shown and "Formerly Staff" not in shown


@pytest.mark.parametrize("state", [Connection.State.PAUSED, Connection.State.ACTIVE])
def test_a_customer_is_told_nothing_of_the_account(
    client: Client, member: User, customer: Customer, connection: Connection, state: str
) -> None:
    Connection.objects.update(state=state)
    connection.refresh_from_db()
    connection.api_secret = "rotated"
    connection.save()
    number = factories.NumberFactory(connection=connection, customer=customer)
    client.force_login(member)
    shown = text_of(client.post(reverse("number-refresh", args=[number.pk]), follow=True))
    assert "can't be reached right now" in shown
    assert "key" not in shown and "account" not in shown and "paused" not in shown


def test_a_customer_cannot_use_up_the_calls_of_everybody(
    client: Client, member: User, customer: Customer, connection: Connection, simulator: SimulatorProcess
) -> None:
    numbers = factories.NumberFactory.create_batch(5, connection=connection, customer=customer)
    client.force_login(member)
    for number in numbers:
        client.post(reverse("number-refresh", args=[number.pk]))
    assert len(simulator.requests()) <= 2


# The rest of the house ----------------------------------------------------------------------------------------------


def test_what_was_said_to_one_person_is_not_said_to_the_next(client: Client, staff: User) -> None:
    client.force_login(staff)
    answer = client.post(
        reverse("customer-new"), {"name": "Secret customer", "markup_percent": "0", "approval": "never"}
    )
    assert answer.status_code == 302
    client.post(reverse("sign-out"))
    assert "Secret customer" not in text_of(client.get(URL))


@pytest.mark.parametrize("language", ["fr", "zh-hans", "pt-br"])
def test_a_language_that_the_panel_does_not_speak_is_not_kept(client: Client, staff: User, language: str) -> None:
    client.force_login(staff)
    client.post(reverse("set_language"), {"language": language, "next": "/"})
    staff.refresh_from_db()
    assert staff.language == ""


def test_who_is_not_signed_in_can_choose_a_language(client: Client) -> None:
    client.post(reverse("set_language"), {"language": "de", "next": URL})
    assert '<html lang="de"' in client.get(URL).content.decode()


def test_the_language_cookie_is_as_secure_as_the_others(client: Client, staff: User, settings: Settings) -> None:
    settings.LANGUAGE_COOKIE_SECURE = True
    User.objects.update(language="de")
    client.post(URL, {"username": staff.email, "password": PASSWORD})
    assert client.cookies["django_language"]["secure"]


def test_a_page_with_a_token_is_kept_by_nobody(client: Client) -> None:
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:8100"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1.evil.example"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_web_page_cannot_steer_the_stand_in(
    simulator: SimulatorProcess, headers: dict[str, str], method: str
) -> None:
    data = b'{"days": 400}' if method == "POST" else None
    asking = Request(f"{simulator.url}/__simulator__/time", data, headers, method=method)  # noqa: S310
    with pytest.raises(HTTPError) as refused:
        build_opener(ProxyHandler({})).open(asking, timeout=5)
    assert refused.value.code == 403
    refused.value.close()


def test_a_customer_sees_no_payment_made_before_the_number_was_theirs(
    client: Client, member: User, staff: User, handed_on: Number, offline: Connection
) -> None:
    batch = uuid.uuid4()
    earlier = factories.OperationFactory(
        connection=offline, object_id=handed_on.pk, kind="prolong", state="unknown", batch=batch, params={"months": 3}
    )
    Operation.objects.filter(pk=earlier.pk).update(created_at=timezone.now() - timedelta(days=9))
    client.force_login(staff)
    assert client.get(reverse("prolong-result", args=[batch])).status_code == 200
    assert "Not clear yet" in text_of(client.get(reverse("number", args=[handed_on.pk])))
    client.force_login(member)
    assert client.get(reverse("prolong-result", args=[batch])).status_code == 404
    assert "Not clear yet" not in text_of(client.get(reverse("number", args=[handed_on.pk])))
