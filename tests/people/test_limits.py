"""Limits by address and by account, on both kinds of cache: what a stranger may ask for, and how often."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings as configured
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from people import throttle
from people.models import Customer, User
from tests.support import needs
from tests.support.oidc_provider import OidcProvider
from tests.support.reading import text_of
from tests.support.second_factors import SECRET, code_for

ROOT = Path(__file__).resolve().parents[2]
PASSWORD, NEW = "correct horse battery", "another horse battery"
CLOSED = "Too many attempts."
HERE, THERE = "203.0.113.9", "192.0.2.1"
pytestmark = pytest.mark.django_db

# What somebody asks for from an address: what came of it, with the address that a visitor claims in a header.
Ask = Callable[[Client, int, str], object]


@pytest.fixture(params=["database", pytest.param("redis", marks=pytest.mark.redis)], autouse=True)
def kept_in(request: pytest.FixtureRequest, db: None, settings: Settings) -> Iterator[str]:
    """The cache of the embedded set-up, and the one of production."""
    if request.param == "database":
        kept = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
        settings.CACHES = {"default": {**kept, "OPTIONS": {"MAX_ENTRIES": 20_000}}}
        call_command("createcachetable", "cache", verbosity=0)  # with Redis the set-up has none
        cache.clear()
        yield "database"
        return
    with needs.redis() as server:
        kept = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": server["REDIS_URL"]}
        settings.CACHES = {"default": {**kept, "KEY_PREFIX": server["REDIS_PREFIX"]}}
        yield "redis"


@pytest.fixture(autouse=True)
def within_one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """No quarter of an hour ends while a test counts: the counters would begin anew."""
    begun = time.time()
    monkeypatch.setattr(throttle, "time", SimpleNamespace(time=lambda: begun))


# By address -----------------------------------------------------------------------------------------------------------


def ask_for_a_password(client: Client, n: int, told: str) -> int:
    given = {"email": f"nobody{n}@example.com"}
    return client.post(reverse("account_reset_password"), given, headers={"x-forwarded-for": told}).status_code


def open_a_reset_link(client: Client, n: int, told: str) -> int:
    path = reverse("account_reset_password_from_key", args=["1", f"set-password{n}"])
    return client.post(path, {"password1": NEW, "password2": NEW}, headers={"x-forwarded-for": told}).status_code


def sign_up(client: Client, n: int, told: str) -> int:
    given = {"name": "Eve", "email": f"eve{n}@example.com", "password1": NEW, "password2": NEW}
    return client.post(reverse("account_signup"), given, headers={"x-forwarded-for": told}).status_code


def try_a_passkey(client: Client, n: int, told: str) -> int:
    given = {"credential": "{}"}
    return client.post(reverse("mfa_login_webauthn"), given, headers={"x-forwarded-for": told}).status_code


WAYS = [(ask_for_a_password, 20), (open_a_reset_link, 20), (sign_up, 10), (try_a_passkey, 40)]


@pytest.mark.parametrize(("ask", "most"), WAYS)
def test_each_address_asks_so_often_and_another_one_still_may(ask: Ask, most: int, settings: Settings) -> None:
    settings.SIGN_UP_OPEN = True
    assert 429 not in [ask(Client(REMOTE_ADDR=HERE), n, "") for n in range(most)]
    before = len(mail.outbox), User.objects.count()
    refused = Client(REMOTE_ADDR=HERE)
    assert ask(refused, most, "") == 429
    # Nobody chooses their address by a header that no proxy has set.
    assert ask(refused, most, THERE) == 429
    assert (len(mail.outbox), User.objects.count()) == before
    assert ask(Client(REMOTE_ADDR=THERE), most + 1, "") != 429


@pytest.mark.parametrize(("ask", "most"), WAYS)
def test_behind_a_proxy_what_the_proxy_added_counts(ask: Ask, most: int, settings: Settings) -> None:
    settings.SIGN_UP_OPEN, settings.BEHIND_PROXY = True, True
    proxy = {"REMOTE_ADDR": "127.0.0.1"}
    assert 429 not in [ask(Client(**proxy), n, f"198.51.100.{n}, {HERE}") for n in range(most)]
    assert ask(Client(**proxy), most, f"{THERE}, {HERE}") == 429
    assert ask(Client(**proxy), most, f"{HERE}, {THERE}") != 429


def test_the_addresses_of_one_ipv6_network_ask_as_one() -> None:
    assert 429 not in [ask_for_a_password(Client(REMOTE_ADDR=f"2001:db8::{n:x}"), n, "") for n in range(20)]
    assert ask_for_a_password(Client(REMOTE_ADDR="2001:db8::ffff"), 20, "") == 429
    assert ask_for_a_password(Client(REMOTE_ADDR="2001:db8:0:1::1"), 21, "") == 302


def test_who_is_refused_is_told_when_to_try_again() -> None:
    for n in range(20):
        ask_for_a_password(Client(REMOTE_ADDR=HERE), n, "")
    told = Client(REMOTE_ADDR=HERE).post(reverse("account_reset_password"), {"email": "nobody@example.com"})
    assert "Please wait a quarter of an hour" in text_of(told)


def test_nobody_is_written_to_without_end(staff: User) -> None:
    for n in range(7):
        Client(REMOTE_ADDR=f"192.0.2.{n}").post(reverse("account_reset_password"), {"email": staff.email})
    assert len(mail.outbox) == 5


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five failures close the door to an address: tests need not wait for forty."""
    monkeypatch.setattr(throttle, "MOST_BY_ADDRESS", 5)


def test_passkeys_that_do_not_fit_close_the_door_to_passwords_from_there_too(staff: User, few: None) -> None:
    for n in range(throttle.MOST_BY_ADDRESS):
        try_a_passkey(Client(REMOTE_ADDR=HERE), n, "")
    given = {"username": staff.email, "password": PASSWORD}
    assert CLOSED in text_of(Client(REMOTE_ADDR=HERE).post(reverse("sign-in"), given))
    assert Client(REMOTE_ADDR=THERE).post(reverse("sign-in"), given).status_code == 302


@pytest.mark.parametrize("behind", [False, True])
def test_who_comes_back_from_the_provider_with_nothing_is_counted(
    staff: User, settings: Settings, few: None, *, behind: bool
) -> None:
    settings.BEHIND_PROXY = behind
    sender = {"REMOTE_ADDR": "127.0.0.1" if behind else HERE}
    back = reverse("openid_connect_callback", args=["sso"])
    with OidcProvider() as provider:
        settings.OIDC_SERVER_URL = provider.url
        app = {"provider_id": "sso", "name": "Partner", "client_id": "client", "secret": "s3cret"}
        apps = [{**app, "settings": {"server_url": provider.url}}]
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": apps}}
        for n in range(throttle.MOST_BY_ADDRESS):
            answer = Client(**sender).get(back, {"state": f"forged{n}", "code": "c"}, headers=claim(n))
            assert answer.headers["Location"] == reverse("sign-in")
        asked = len(provider.asked)
        closed = Client(**sender)
        closed.get(back, {"state": "forged", "code": "c"}, headers=claim(THERE))
        assert CLOSED in text_of(closed.get(reverse("sign-in"), headers=claim(THERE)))
        assert len(provider.asked) == asked
        given = {"username": staff.email, "password": PASSWORD}
        assert CLOSED in text_of(Client(**sender).post(reverse("sign-in"), given, headers=claim(THERE)))
        elsewhere = Client(REMOTE_ADDR=THERE).post("/sign-in/by/sso/", headers={"x-forwarded-for": THERE})
        assert elsewhere.headers["Location"].startswith(provider.url)


def claim(what: object) -> dict[str, str]:
    """A visitor's own entry before what a proxy adds."""
    return {"x-forwarded-for": f"{what}, {HERE}"}


# By account -----------------------------------------------------------------------------------------------------------


def half_way(user: User, address: str) -> Client:
    """A browser whose password was taken, and which is asked for the second factor."""
    browser = Client(REMOTE_ADDR=address)
    given = {"username": user.email, "password": PASSWORD}
    assert browser.post(reverse("sign-in"), given).headers["Location"] == reverse("mfa_authenticate")
    return browser


@pytest.mark.parametrize("right", ["code", "recovery code"])
@pytest.mark.parametrize("wrong", ["000000", "00000000"])
def test_codes_are_counted_for_the_person_over_sessions_and_addresses(
    staff: User, member: User, right: str, wrong: str
) -> None:
    for user in (staff, member):
        TOTP.activate(user, SECRET)
    kept = RecoveryCodes.activate(staff).get_unused_codes()
    for n in range(throttle.MOST_BY_ACCOUNT):
        assert CLOSED not in text_of(half_way(staff, f"192.0.2.{n}").get(reverse("mfa_authenticate")))
        half_way(staff, f"192.0.2.{n}").post(reverse("mfa_authenticate"), {"code": wrong})
    browser = half_way(staff, "192.0.2.200")
    shown = browser.post(reverse("mfa_authenticate"), {"code": kept[0] if right == "recovery code" else code_for()})
    assert CLOSED in text_of(shown) and "_auth_user_id" not in browser.session
    assert RecoveryCodes.activate(staff).get_unused_codes() == kept  # nothing is compared behind a closed door
    assert half_way(member, HERE).post(reverse("mfa_authenticate"), {"code": code_for()}).headers["Location"] == "/"


def test_a_password_typed_right_opens_no_door_that_wrong_codes_have_closed(staff: User) -> None:
    TOTP.activate(staff, SECRET)
    for n in range(throttle.MOST_BY_ACCOUNT):
        half_way(staff, f"192.0.2.{n}").post(reverse("mfa_authenticate"), {"code": "000000"})
        browser = half_way(staff, f"192.0.2.{n}")
    assert CLOSED in text_of(browser.post(reverse("mfa_authenticate"), {"code": code_for()}))


def test_codes_before_something_that_matters_are_the_same_persons(staff: User, customer: Customer) -> None:
    TOTP.activate(staff, SECRET)
    for n in range(throttle.MOST_BY_ACCOUNT):
        browser = Client(REMOTE_ADDR=f"192.0.2.{n}")
        browser.force_login(staff)
        browser.post(reverse("mfa_reauthenticate"), {"code": "000000"})
    assert CLOSED in text_of(browser.post(reverse("mfa_reauthenticate"), {"code": code_for()}))
    assert CLOSED in text_of(half_way(staff, HERE).post(reverse("mfa_authenticate"), {"code": code_for()}))


def test_a_password_given_once_more_counts_as_one_at_sign_in(staff: User) -> None:
    browser = Client(REMOTE_ADDR=HERE)
    browser.force_login(staff)
    for _ in range(throttle.MOST_BY_ACCOUNT):
        browser.post(reverse("account_reauthenticate"), {"password": "wrong"})
    assert CLOSED in text_of(browser.post(reverse("account_reauthenticate"), {"password": PASSWORD}))
    given = {"username": staff.email, "password": PASSWORD}
    assert CLOSED in text_of(Client(REMOTE_ADDR=THERE).post(reverse("sign-in"), given))


# At the same time -----------------------------------------------------------------------------------------------------

AT_ONCE = """
import threading, django
django.setup()
from django.core.management import call_command
from django.db import connection
from people import throttle
call_command("createcachetable", verbosity=0)
gate = threading.Barrier(8)
def fail():
    gate.wait()
    throttle.failed("staff@partner.example", "192.0.2.1")
    connection.close()
for total in (8, 16, 24):
    throttle.MOST_BY_ACCOUNT = total
    threads = [threading.Thread(target=fail) for _ in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    print(throttle.is_closed("staff@partner.example", ""), throttle.is_closed("", "192.0.2.1"))
"""


def test_of_guesses_at_the_same_moment_none_is_lost(kept_in: str, tmp_path: Path) -> None:
    env = {**os.environ, "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": "numbers"}
    env |= {"DATABASE_URL": f"sqlite:///{tmp_path}/panel.sqlite3", "DEBUG": "off"}
    if kept_in == "redis":
        where = configured.CACHES["default"]
        env |= {"REDIS_URL": where["LOCATION"], "REDIS_PREFIX": where["KEY_PREFIX"]}
    done = subprocess.run([sys.executable, "-c", AT_ONCE], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.stdout.split() == ["True", "False"] * 3, done.stderr
