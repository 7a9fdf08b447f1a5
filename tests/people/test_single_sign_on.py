"""Single sign-on against a provider over real HTTP: who is let in, and who is not."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, build_opener

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from config.origins import oidc_origins
from people import checks, throttle
from people.models import Session, User
from tests.support.oidc_provider import OidcProvider
from tests.support.reading import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(db: None, settings: Settings) -> Iterator[OidcProvider]:
    """A provider, and the panel set up for it."""
    cache.clear()
    with OidcProvider() as provider:
        settings.OIDC_NAME, settings.OIDC_SERVER_URL = "Partner login", provider.url
        app = {"provider_id": "sso", "name": "Partner login", "client_id": "client", "secret": "s3cret"}
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [{**app, "settings": {"server_url": provider.url}}]}
        }
        yield provider


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


def come_by(client: Client, provider: OidcProvider, next_page: str = "", **claims: object) -> str:
    """Sign in by the provider, which claims this; returns where that leads."""
    provider.claims = {"sub": "4711", **claims}
    led = client.post("/sign-in/by/sso/", {"next": next_page} if next_page else {}).headers["Location"]
    assert led.startswith(provider.url)
    try:
        build_opener(ProxyHandler({}), _Stay()).open(led, timeout=5)
    except Exception as answer:  # noqa: BLE001 - a redirect that is not followed
        back = urlsplit(answer.headers["Location"])  # type: ignore[attr-defined]
    return str(client.get(f"{back.path}?{back.query}").headers["Location"])


def test_who_signs_in_here_already_comes_in(client: Client, staff: User, provider: OidcProvider) -> None:
    assert "Partner login" in text_of(client.get("/sign-in/"))
    assert come_by(client, provider, email="Staff@partner.example", email_verified=True) == "/"
    assert client.session["_auth_user_id"] == str(staff.pk)
    assert SocialAccount.objects.get().user == staff


def test_coming_by_the_provider_changes_the_key_of_the_session(
    client: Client, staff: User, provider: OidcProvider
) -> None:
    client.get("/sign-in/by/sso/done/?state=forged")  # what went wrong is said in a session that is kept
    known = client.session.session_key
    assert Session.objects.filter(pk=known).exists()
    come_by(client, provider, email=staff.email, email_verified=True)
    assert client.session["_auth_user_id"] and client.session.session_key != known
    assert not Session.objects.filter(pk=known).exists()


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "staff@partner.example", "email_verified": False},
        {"email": "staff@partner.example"},
        {"email": "nobody@example.com", "email_verified": True},
        {},
    ],
)
def test_nobody_else_does(client: Client, staff: User, provider: OidcProvider, claims: dict[str, object]) -> None:
    assert come_by(client, provider, **claims) == "/sign-in/"
    assert "Ask for access" in text_of(client.get("/sign-in/"))
    assert "_auth_user_id" not in client.session
    assert User.objects.count() == 1 and not SocialAccount.objects.exists()


def test_an_address_that_is_not_confirmed_here_is_not_connected(
    client: Client, staff: User, provider: OidcProvider
) -> None:
    EmailAddress.objects.update(verified=False)
    assert come_by(client, provider, email=staff.email, email_verified=True) == "/sign-in/"
    assert not SocialAccount.objects.exists()


def test_with_open_sign_up_a_confirmed_address_makes_a_person_without_a_role(
    client: Client, provider: OidcProvider, settings: Settings
) -> None:
    settings.SIGN_UP_OPEN = True
    assert come_by(client, provider, email="nobody@example.com", email_verified=False) == "/sign-in/"
    assert come_by(client, provider, email="new@example.com", email_verified=True, name="New Person") == "/"
    user = User.objects.get()
    assert (user.email, user.name, user.staff_role) == ("new@example.com", "New Person", "")


def test_who_is_switched_off_stays_out(client: Client, staff: User, provider: OidcProvider) -> None:
    User.objects.update(is_active=False)
    come_by(client, provider, email=staff.email, email_verified=True)
    assert "_auth_user_id" not in client.session


def test_without_the_setting_there_is_no_button_and_no_address(client: Client, db: None) -> None:
    assert "/sign-in/by/" not in client.get("/sign-in/").content.decode()
    assert client.post("/sign-in/by/sso/").status_code == 404


def test_going_to_the_provider_is_a_form_with_its_token(client: Client, provider: OidcProvider) -> None:
    assert client.get("/sign-in/by/sso/").status_code == 405
    assert 'action="/sign-in/by/sso/"' in client.get("/sign-in/").content.decode()
    assert Client(enforce_csrf_checks=True).post("/sign-in/by/sso/").status_code == 403
    assert provider.asked == []


def test_single_sign_on_asks_for_the_second_factor(client: Client, staff: User, provider: OidcProvider) -> None:
    TOTP.activate(staff, "JBSWY3DPEHPK3PXP")
    assert come_by(client, provider, email=staff.email, email_verified=True) == "/sign-in/second-factor/"
    assert "_auth_user_id" not in client.session and client.get("/").status_code == 302


@pytest.mark.parametrize(
    ("asked", "led"), [("/numbers/", "/numbers/"), ("https://evil.example/", "/"), ("//e.example", "/")]
)
def test_single_sign_on_leads_to_own_pages_only(
    client: Client, staff: User, provider: OidcProvider, asked: str, led: str
) -> None:
    assert come_by(client, provider, asked, email=staff.email, email_verified=True) == led


def test_attempts_by_the_provider_are_counted_by_address(client: Client, staff: User, provider: OidcProvider) -> None:
    for _ in range(throttle.MOST_BY_ADDRESS):
        throttle.failed("", "127.0.0.1")
    assert client.post("/sign-in/by/sso/").headers["Location"] == "/sign-in/"
    assert "Too many attempts" in text_of(client.get("/sign-in/"))
    elsewhere = Client(REMOTE_ADDR="192.0.2.7").post("/sign-in/by/sso/")
    assert elsewhere.headers["Location"].startswith(provider.url)


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("", True),
        ("https://login.example/realms/a", True),
        ("http://127.0.0.1:8080", True),
        ("http://login.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("login.example", False),
        ("https://", False),
        ("https://[", False),
    ],
)
def test_the_provider_is_asked_by_https_only(settings: Settings, url: str, fine: bool) -> None:
    settings.OIDC_SERVER_URL = url
    assert (checks.single_sign_on_is_encrypted() == []) is fine


@pytest.mark.parametrize(
    ("url", "origins"),
    [
        ("https://login.example:8443/realms/a", ["https://login.example:8443"]),
        ("", []),
        ("javascript:alert(1)", []),
        ("https://login.example;script-src", []),
        ("https://[", []),
    ],
)
def test_forms_may_lead_to_the_providers_origin_and_no_further(url: str, origins: list[str]) -> None:
    assert oidc_origins(url) == origins
