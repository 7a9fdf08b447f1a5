"""Links of e-mails: their secrets stand in no line of the log, whatever goes wrong and however much is logged."""

import logging
import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.views import View
from pytest_django.fixtures import Settings

from config.secret_links import hidden
from people.models import Customer, User
from tests.support.inviting import invited
from tests.support.isolation import patterns

NEW = "another horse battery"
pytestmark = pytest.mark.django_db


@pytest.fixture
def links(settings: Settings, customer: Customer, manager: User, staff: User) -> dict[str, str]:
    """The paths of an invitation, a new password, and an address to confirm, by the secret in each."""
    cache.clear()
    settings.SIGN_UP_OPEN = True
    Client().post(reverse("account_reset_password"), {"email": staff.email})
    fields = {"name": "Eve", "email": "eve@example.com", "password1": NEW, "password2": NEW}
    Client().post(reverse("account_signup"), fields)
    sent = [re.search(r"https?://[^/\s]+(/\S+)", str(message.body))[1] for message in mail.outbox]  # type: ignore[index]
    sent.append(invited(customer, manager))
    assert [path.split("/")[1] for path in sent] == ["password", "confirm-email", "invitation"]
    reset = sent[0].rstrip("/").rpartition("/")[2].partition("-")[2]
    return {reset: sent[0], **{path.split("/")[2]: path for path in sent[1:]}}


def everything(caplog: pytest.LogCaptureFixture) -> str:
    """All that was logged: lines, tracebacks, and what the lines were made of."""
    return caplog.text + "".join(f"{record.msg} {record.args}" for record in caplog.records)


@pytest.mark.parametrize("broken", ["view", "middleware", "nothing"])
@pytest.mark.parametrize("debug", [False, True])
def test_no_secret_of_a_link_is_logged(
    links: dict[str, str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    broken: str,
    *,
    debug: bool,
) -> None:
    settings.DEBUG = debug
    caplog.set_level(logging.DEBUG)

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("broken on purpose")

    if broken == "view":
        monkeypatch.setattr(View, "dispatch", fail)
        monkeypatch.setattr("people.invitations.usable", fail)
    if broken == "middleware":
        monkeypatch.setattr("people.middleware.throttle.address_of", fail)
    statuses = set()
    for secret, path in links.items():
        for way in (path, path.rstrip("/"), f"{path}more/", f"//x{path}"):
            client = Client(raise_request_exception=False)
            statuses.add(client.get(way, follow=broken == "nothing").status_code)
            statuses.add(client.post(way, {"password1": NEW, "password2": NEW}).status_code)
            statuses.add(Client(enforce_csrf_checks=True, raise_request_exception=False).post(way).status_code)
        assert secret not in everything(caplog)
    if broken != "nothing":
        assert 500 in statuses
        assert "broken on purpose" in caplog.text and "Internal Server Error: /invitation/" in caplog.text


def test_what_a_page_was_given_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    Template("{{ person.name.missing }}").render(Context({"person": {"name": {"last": "Berg"}}}))
    assert "Berg" not in everything(caplog)


def test_every_address_with_a_secret_is_known() -> None:
    found = {pattern.name for pattern in patterns() if {"token", "key"} & set(pattern.pattern.regex.groupindex)}
    assert found == {"invitation-link", "account_confirm_email", "account_reset_password_from_key", "calendar-feed"}
    for name, given in (
        ("invitation-link", ["s3cret-_x"]),
        ("account_confirm_email", ["s3cret:x-y_z"]),
        ("calendar-feed", ["s3cret-_x"]),
        ("account_reset_password_from_key", ["1a", "s3cret-x"]),
    ):
        assert "s3cret" not in hidden(f"Broken: {reverse(name, args=given)}")
    assert hidden("Broken: /numbers/12/") == "Broken: /numbers/12/"
