"""One's own account: passwords and addresses by e-mail, second factors, sessions, and what the audit keeps of it."""

import re
from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import Resolver404, get_resolver, resolve, reverse
from pytest_django.fixtures import Settings

from people import factor_keys, keys, mfa_required, sessions, throttle
from people.models import AuditEntry, Session, User
from tests.support.reading import text_of
from tests.support.second_factors import code_for

PASSWORD, NEW = "correct horse battery", "another horse battery"
CLOSED = "Too many attempts."
ROOMS = ["number-list", "customer-list", "run-list", "order-new"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_kept(db: None) -> None:
    """No failures are remembered."""
    cache.clear()


def sign_in(client: Client, user: User, **fields: str) -> str:
    """Where a password leads; "" when it does not."""
    answer = client.post("/sign-in/", {"username": user.email, "password": PASSWORD, **fields})
    return answer.headers.get("Location", "")


def again(client: Client) -> None:
    """Give the password once more."""
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302


def with_app(client: Client, user: User) -> str:
    """Set up an authenticator app as `user`; returns its key. They are signed in afterwards."""
    sign_in(client, user)
    again(client)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    assert client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)}).status_code == 302
    cache.clear()  # a code is good once: the test need not wait for the next
    return str(secret)


def link_in(message: mail.EmailMessage) -> str:
    """The path of the link in an e-mail."""
    return re.search(r"https?://[^/\s]+(/\S+)", message.body)[1]  # type: ignore[index]


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


# Passwords and addresses --------------------------------------------------------------------------------------------


def test_a_password_is_reset_by_e_mail_and_ends_all_sessions(client: Client, staff: User) -> None:
    other = Client()
    sign_in(other, staff)
    assert other.get("/").status_code == 200
    client.post(reverse("account_reset_password"), {"email": staff.email.upper()})
    form = client.get(link_in(mail.outbox[0]), follow=True)
    answer = client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert answer.status_code == 302
    assert other.get("/").status_code == 302 and not Session.objects.filter(user=staff).exists()
    assert client.post("/sign-in/", {"username": staff.email, "password": NEW}).status_code == 302
    assert "account.password_reset" in actions()
    used = Client().get(link_in(mail.outbox[0]), follow=True)
    assert "used up" in text_of(used)


def test_nobody_learns_who_has_an_account(client: Client, staff: User) -> None:
    told = []
    for email in (staff.email, "nobody@example.com"):
        told.append(text_of(client.post(reverse("account_reset_password"), {"email": email}, follow=True)))
    assert told[0] == told[1]
    assert [message.to for message in mail.outbox] == [[staff.email], ["nobody@example.com"]]
    assert "/password/new/" not in mail.outbox[1].body


def test_an_e_mail_is_in_the_readers_language_and_leads_to_the_configured_host(
    client: Client, staff: User, settings: Settings
) -> None:
    settings.BASE_URL, settings.PARTNER_NAME = "https://numbers.partner.example", "Partner\r\nBcc: eve@evil.example"
    User.objects.filter(pk=staff.pk).update(language="de")
    client.post(reverse("account_reset_password"), {"email": staff.email}, headers={"host": "localhost"})
    (message,) = mail.outbox
    assert "https://numbers.partner.example/password/new/" in message.body
    assert "\n" not in message.subject and "Bcc" not in message.message()
    assert message.to == [staff.email] and not message.bcc
    refused = client.post(reverse("account_reset_password"), {"email": staff.email}, headers={"host": "evil.example"})
    assert refused.status_code == 400 and len(mail.outbox) == 1


def test_a_new_password_ends_the_other_sessions(client: Client, staff: User) -> None:
    other = Client()
    for browser in (client, other):
        sign_in(browser, staff)
    fields = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    client.post(reverse("account_change_password"), fields)
    assert client.get("/").status_code == 200
    assert other.get("/").status_code == 302
    assert Session.objects.filter(user=staff).count() == 1


def test_a_new_address_counts_once_it_is_confirmed(client: Client, staff: User) -> None:
    sign_in(client, staff)
    url = reverse("account_email")
    assert (
        client.post(url, {"action_add": "1", "email": "new@partner.example"})
        .headers["Location"]
        .startswith(reverse("account_reauthenticate"))
    )
    again(client)
    mail.outbox.clear()
    page = client.post(url, {"action_add": "1", "email": "new@partner.example"}, follow=True)
    assert "We have sent you a link" in text_of(page)
    staff.refresh_from_db()
    assert staff.email == "staff@partner.example"
    assert mail.outbox[0].to == ["new@partner.example"]
    client.post(link_in(mail.outbox[0]))
    staff.refresh_from_db()
    assert staff.email == "new@partner.example"
    assert list(EmailAddress.objects.filter(user=staff).values_list("email", "verified")) == [(staff.email, True)]
    assert "account.email_changed" in actions()


def test_an_address_of_somebody_else_is_not_taken(client: Client, staff: User, member: User) -> None:
    sign_in(client, staff)
    again(client)
    mail.outbox.clear()
    client.post(reverse("account_email"), {"action_add": "1", "email": member.email})
    assert [message.to for message in mail.outbox] == [[member.email]]  # who has it is told, and nobody else
    answer = client.post(link_in(mail.outbox[0]), follow=True)
    assert "in use already" in text_of(answer)
    assert User.objects.get(pk=staff.pk).email == "staff@partner.example"
    assert EmailAddress.objects.get(email=member.email, verified=True).user == member


# Second factors -----------------------------------------------------------------------------------------------------


def test_signing_in_asks_for_the_code_and_the_key_is_sealed(client: Client, staff: User) -> None:
    secret = with_app(client, staff)
    assert secret not in str(Authenticator.objects.get(type="totp").data)
    browser = Client()
    assert sign_in(browser, staff) == reverse("mfa_authenticate")
    assert browser.get("/").status_code == 302
    assert "does not fit" in text_of(browser.post(reverse("mfa_authenticate"), {"code": "000000"}))
    assert browser.post(reverse("mfa_authenticate"), {"code": code_for(secret)}).headers["Location"] == "/"
    assert browser.get("/").status_code == 200
    entry = AuditEntry.objects.filter(action="session.signed_in").order_by("pk").last()
    assert entry and entry.detail["after"]["method"] == "password, totp"
    assert {"account.mfa_added", "account.recovery_codes", "session.failed"} <= set(actions())


def test_guessing_codes_closes_the_door_for_that_person_from_anywhere(client: Client, staff: User) -> None:
    secret = with_app(client, staff)
    for n in range(throttle.MOST_BY_ACCOUNT):
        browser = Client(REMOTE_ADDR=f"192.0.2.{n}")
        sign_in(browser, staff)
        browser.post(reverse("mfa_authenticate"), {"code": "000000"})
    browser = Client(REMOTE_ADDR="192.0.2.99")
    sign_in(browser, staff)
    answer = browser.post(reverse("mfa_authenticate"), {"code": code_for(secret)})
    assert CLOSED in text_of(answer)
    assert browser.get("/").status_code == 302
    assert actions().count("session.locked_out") == 1


def test_recovery_codes_are_shown_once_and_each_opens_once(client: Client, staff: User) -> None:
    with_app(client, staff)
    url = reverse("mfa_view_recovery_codes")
    for _again in range(2):  # looking at the page uses nothing up
        page = client.get(url)
        assert "Show the codes" in page.content.decode() and "unused_codes" not in page.context
    assert "account.recovery_codes_shown" not in actions()
    shown = client.post(url).context["unused_codes"]
    assert len(set(shown)) == 10
    for later in (client.get(url), client.post(url)):
        assert shown[0] not in later.content.decode() and "10 codes are left" in later.content.decode()
    assert actions().count("account.recovery_codes_shown") == 1
    for expected in ("/", ""):
        browser = Client()
        sign_in(browser, staff)
        answer = browser.post(reverse("mfa_authenticate"), {"code": shown[0]})
        assert answer.headers.get("Location", "") == expected


@pytest.mark.parametrize("name", ["account_reauthenticate", "account_change_password"])
def test_where_a_password_is_asked_a_password_manager_learns_whose(client: Client, staff: User, name: str) -> None:
    sign_in(client, staff)
    page = client.get(reverse(name)).content.decode()
    assert re.search(rf'<input[^>]*value="{re.escape(staff.email)}"[^>]*autocomplete="username"', page)


@pytest.mark.parametrize(
    ("path", "leads_to"), [("/password/new/a-no-such/", "account_reset_password"), ("/confirm-email/a:b/", "sign-in")]
)
def test_a_dead_link_says_so_and_leads_on(client: Client, path: str, leads_to: str) -> None:
    page = client.get(path, follow=True)
    assert "This link doesn't work any more" in text_of(page)
    assert f'class="btn btn-primary w-100" href="{reverse(leads_to)}"' in page.content.decode()


def test_changing_factors_asks_who_it_is(client: Client, staff: User) -> None:
    with_app(client, staff)
    browser = Client()
    secret_page = reverse("mfa_deactivate_totp")
    browser.force_login(staff)
    for name in ("mfa_add_webauthn", "mfa_generate_recovery_codes", "mfa_deactivate_totp"):
        assert browser.post(reverse(name)).headers["Location"].startswith("/account/again/")
    assert browser.get(secret_page).status_code == 302
    assert Authenticator.objects.filter(user=staff).count() == 2


@pytest.mark.parametrize("htmx", [False, True])
def test_staff_without_a_second_factor_do_nothing_before_they_have_one(
    client: Client, staff: User, member: User, settings: Settings, htmx: bool
) -> None:
    settings.STAFF_MFA_REQUIRED = True
    headers = {"HX-Request": "true"} if htmx else {}
    client.force_login(staff)
    there = reverse("second-factor-required")
    for name in ("home", "number-list", "account", "account_email", "customer-new"):
        answer = client.get(reverse(name), headers=headers)
        assert (answer.headers.get("HX-Redirect") if htmx else answer.headers["Location"]) == there
    assert client.post(reverse("customer-new"), {"name": "New"}, headers=headers).status_code in (204, 302)
    assert client.get(there).status_code == 200
    assert client.get("/healthz").status_code == 200
    closed = client.get(reverse("account_reauthenticate")).content.decode()
    assert [url for url in ROOMS if f'href="{reverse(url)}"' in closed or f'action="{reverse(url)}"' in closed] == []
    with_app(client, staff)
    opened = client.get("/").content.decode()
    assert [url for url in ROOMS if f'href="{reverse(url)}"' in opened or f'action="{reverse(url)}"' in opened] == ROOMS
    client.force_login(member)
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("htmx", [False, True])
def test_every_other_address_leads_to_the_set_up(client: Client, staff: User, settings: Settings, htmx: bool) -> None:
    settings.STAFF_MFA_REQUIRED = True
    client.force_login(staff)
    headers = {"HX-Request": "true"} if htmx else {}
    there, walked = reverse("second-factor-required"), 0
    for name, forms in get_resolver().reverse_dict.lists():
        if not isinstance(name, str) or name in mfa_required.LET_THROUGH:
            continue
        for parts, *_rest in forms:
            path, parameters = parts[0]
            url = "/" + path % dict.fromkeys(parameters, "1")
            try:
                match = resolve(url)
            except Resolver404:
                continue
            if match.url_name in mfa_required.LET_THROUGH:
                continue
            for answer in (client.get(url, headers=headers), client.post(url, headers=headers)):
                led = answer.headers.get("HX-Redirect") if htmx else answer.headers.get("Location")
                assert (name, led) == (name, there)
            walked += 1
    assert walked > 60


def test_a_new_password_by_e_mail_still_asks_for_the_second_factor(client: Client, staff: User) -> None:
    with_app(client, staff)
    browser = Client()
    mail.outbox.clear()
    browser.post(reverse("account_reset_password"), {"email": staff.email})
    form = browser.get(link_in(mail.outbox[0]), follow=True)
    browser.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert "_auth_user_id" not in browser.session
    assert sign_in(browser, staff, password=NEW) == reverse("mfa_authenticate")
    assert "_auth_user_id" not in browser.session


# Sessions -----------------------------------------------------------------------------------------------------------


def test_ones_own_sessions_are_listed_and_ended(client: Client, staff: User, member: User) -> None:
    other, theirs = Client(headers={"user-agent": "Other browser"}), Client()
    for browser, person in ((client, staff), (other, staff), (theirs, member)):
        sign_in(browser, person)
    page = client.get(reverse("account"))
    assert "Other browser" in text_of(page)
    (told,) = [told for told, is_here in page.context["sessions"] if not is_here]
    assert (text_of(page).count("Sign out there"), text_of(page).count("Sign out here")) == (1, 1)
    assert theirs.post(reverse("session-end", args=[told.pk])).status_code == 404
    assert other.get("/").status_code == 200
    assert client.post(reverse("session-end", args=[told.pk])).status_code == 302
    assert other.get("/").status_code == 302
    sign_in(other, staff)
    client.post(reverse("sessions-end"))
    assert other.get("/").status_code == 302
    assert client.get("/").status_code == 200 and theirs.get("/").status_code == 200


def test_ending_sessions_asks_the_database_no_more_with_many(
    client: Client, staff: User, django_assert_num_queries: Iterator[None]
) -> None:
    for _ in range(5):
        Client().force_login(staff)
    with django_assert_num_queries(4):  # type: ignore[operator]
        assert sessions.end([staff.pk]) == 5
    assert not Session.objects.exists()


# Sign-up and what a stranger is told --------------------------------------------------------------------------------


def test_there_is_no_sign_up_unless_a_setting_says_so(client: Client) -> None:
    answer = client.get(reverse("account_signup"))
    assert answer.status_code == 404 and "no sign-up here" in text_of(answer)
    fields = {"name": "Eve", "email": "eve@example.com", "password1": NEW, "password2": NEW}
    assert client.post(reverse("account_signup"), fields).status_code == 404
    assert not User.objects.exists()


def test_who_signs_up_confirms_their_address_and_sees_nothing_of_anybody(client: Client, settings: Settings) -> None:
    settings.SIGN_UP_OPEN = True
    fields = {"name": "Eve", "email": "Eve@Example.com", "password1": NEW, "password2": NEW, "staff_role": "owner"}
    assert client.post(reverse("account_signup"), fields).status_code == 302
    user = User.objects.get()
    assert (user.email, user.name, user.staff_role, user.memberships.count()) == ("eve@example.com", "Eve", "", 0)
    page = Client().post("/sign-in/", {"username": user.email, "password": NEW}, follow=True)
    assert text_of(page).count("sent you a link") == 1
    client.post(link_in(mail.outbox[0]))
    assert "account.email_confirmed" in actions() and "account.email_changed" not in actions()
    client.post("/sign-in/", {"username": user.email, "password": NEW})
    assert "You don't belong to a customer yet" in text_of(client.get("/"))


def test_signing_up_with_an_address_in_use_is_told_to_its_owner_only(
    client: Client, staff: User, settings: Settings
) -> None:
    settings.SIGN_UP_OPEN = True
    fields = {"name": "Eve", "email": staff.email, "password1": NEW, "password2": NEW}
    answer = client.post(reverse("account_signup"), fields)
    assert answer.headers["Location"] == reverse("account_email_verification_sent")
    assert User.objects.count() == 1
    assert "account with it already" in mail.outbox[0].body


def test_what_failed_keeps_no_address_that_nobody_has(client: Client, staff: User) -> None:
    for email in ("secret.person@example.com", staff.email):
        client.post("/sign-in/", {"username": email, "password": "wrong"})
    unknown, known = AuditEntry.objects.order_by("pk")
    assert (unknown.action, unknown.object_id, known.object_id) == ("session.failed", None, staff.pk)
    assert "secret" not in str(unknown.detail)


def test_the_keys_of_apps_follow_a_new_encryption_key(client: Client, staff: User, settings: Settings) -> None:
    secret = with_app(client, staff)
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.ENCRYPTION_KEYS]
    assert (factor_keys.outdated(), factor_keys.seal_anew(), factor_keys.outdated()) == (2, 2, 0)
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    assert keys.unseal(Authenticator.objects.get(type="totp").data["secret"]) == secret
