"""E-mails with links: in the reader's language, plain text, to the host that is set, with no header of anybody else."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from people.models import Customer, User

NEW = "another horse battery"
EVIL = "Eve\r\nBcc: all@victim.example\n\n<b>x</b>"
HOST = "https://numbers.partner.example"
pytestmark = pytest.mark.django_db


def reset(reader: User, language: str) -> str:
    Client().post(reverse("account_reset_password"), {"email": reader.email})
    return "/password/new/"


def confirm(reader: User, language: str) -> str:
    browser = Client()
    browser.force_login(reader)
    browser.post(reverse("account_reauthenticate"), {"password": "correct horse battery"})
    mail.outbox.clear()
    browser.post(reverse("account_email"), {"action_add": "1", "email": "new@first.example"})
    return "/confirm-email/"


def sign_up(reader: User, language: str) -> str:
    fields = {"name": EVIL, "email": "eve@example.com", "password1": NEW, "password2": NEW}
    Client(headers={"accept-language": language}).post(reverse("account_signup"), fields)
    return "/confirm-email/"


def invite(reader: User, language: str) -> str:
    browser = Client()
    browser.force_login(reader)
    url = reverse("customer-invite", args=[reader.memberships.get().customer_id])
    browser.post(url, {"email": "new@first.example", "role": "viewer", "language": language})
    return "/invitation/"


SUBJECTS = {
    reset: {"en": "Choose a new password", "de": "Neues Passwort"},
    confirm: {"en": "Confirm your e-mail address", "de": "Bestätigen"},
    sign_up: {"en": "Confirm your e-mail address", "de": "Bestätigen"},
    invite: {"en": "Invitation to the phone numbers", "de": "Einladung"},
}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("occasion", SUBJECTS)
def test_an_e_mail_with_a_link(
    customer: Customer, manager: User, settings: Settings, occasion: object, language: str
) -> None:
    cache.clear()
    settings.BASE_URL, settings.SIGN_UP_OPEN, settings.PARTNER_NAME = HOST, True, EVIL
    Customer.objects.update(name=EVIL)
    User.objects.filter(pk=manager.pk).update(name=EVIL, language=language)
    leads = occasion(manager, language)  # type: ignore[operator]
    (sent,) = mail.outbox
    assert SUBJECTS[occasion][language] in sent.subject  # type: ignore[index]
    raw = sent.message()
    assert raw.get_content_type() == "text/plain" and not getattr(sent, "alternatives", [])
    assert set(raw.keys()) <= {
        "Content-Type", "MIME-Version", "Content-Transfer-Encoding", "Subject", "From", "To", "Date", "Message-ID"
    }  # fmt: skip
    assert not re.search(r"[\r\n]", sent.subject) and len(sent.recipients()) == 1
    assert re.findall(r"https?://[^\s/]+/[^\s/]+/", str(sent.body))[0].startswith(HOST)
    assert f"{HOST}{leads}" in str(sent.body)
