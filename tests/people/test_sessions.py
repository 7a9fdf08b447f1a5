"""Sessions: a new key at every way in, ended by a new password; leading on to own pages only; the required set-up."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings as configured
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from people import invitations
from people.models import Customer, Session, User
from people.sessions import SessionStore
from tests.support.inviting import accept_as_new, invited, path_sent
from tests.support.reading import form_of, text_of
from tests.support.second_factors import SECRET, code_for

PASSWORD, NEW = "correct horse battery", "another horse battery"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept(db: None) -> None:
    """No failures and no used codes are remembered."""
    cache.clear()


def sign_in(browser: Client, user: User, password: str = PASSWORD, **fields: str) -> str:
    """Where a password leads; "" when it does not."""
    answer = browser.post(reverse("sign-in"), {"username": user.email, "password": password, **fields})
    return str(answer.headers.get("Location", ""))


def link_in(message: mail.EmailMessage) -> str:
    """The path of the link in an e-mail."""
    return re.search(r"https?://[^/\s]+(/\S+)", message.body)[1]  # type: ignore[index]


# A new key ------------------------------------------------------------------------------------------------------------


def planted(browser: Client) -> str:
    """The key of a session that is kept, and that somebody else knows; `browser` has it."""
    store = SessionStore()
    store["planted"] = True
    store.create()
    browser.cookies[configured.SESSION_COOKIE_NAME] = key = str(store.session_key)
    return key


def by_password(browser: Client, customer: Customer, manager: User) -> None:
    assert sign_in(browser, manager) == "/"


def by_code(browser: Client, customer: Customer, manager: User) -> None:
    TOTP.activate(manager, SECRET)
    sign_in(browser, manager)
    browser.post(reverse("mfa_authenticate"), {"code": code_for()})


def by_invitation(browser: Client, customer: Customer, manager: User) -> None:
    accept_as_new(browser, invited(customer, manager))


def by_invitation_with_an_account(browser: Client, customer: Customer, manager: User) -> None:
    other = Customer.objects.create(name="One more")
    path = invited(other, User.objects.create_user("o@partner.example", staff_role="owner"), manager.email)
    sign_in(browser, manager)
    first = browser.cookies[configured.SESSION_COOKIE_NAME].value
    browser.post(reverse("invitation"), form_of(browser.get(path, follow=True), ""))
    assert manager.memberships.count() == 2
    assert browser.cookies[configured.SESSION_COOKIE_NAME].value != first  # of that who was there before, more may see


WAYS_IN = [by_password, by_code, by_invitation, by_invitation_with_an_account]


@pytest.mark.parametrize("come_in", WAYS_IN)
def test_who_knows_the_key_from_before_is_not_signed_in_with_it(
    client: Client, customer: Customer, manager: User, come_in: Callable[[Client, Customer, User], None]
) -> None:
    key = planted(client)
    come_in(client, customer, manager)
    assert "_auth_user_id" in client.session
    assert client.cookies[configured.SESSION_COOKIE_NAME].value != key
    assert not Session.objects.filter(pk=key).exists()
    stranger = Client()
    stranger.cookies[configured.SESSION_COOKIE_NAME] = key
    assert stranger.get("/").headers["Location"].startswith(reverse("sign-in"))


def test_between_password_and_code_nobody_is_signed_in(client: Client, manager: User) -> None:
    TOTP.activate(manager, SECRET)
    key = planted(client)
    sign_in(client, manager)
    stranger = Client()
    stranger.cookies[configured.SESSION_COOKIE_NAME] = key
    for url in ("/", reverse("account"), reverse("mfa_view_recovery_codes"), reverse("mfa_deactivate_totp")):
        assert stranger.get(url).status_code == 302
    client.post(reverse("mfa_authenticate"), {"code": code_for()})
    assert "_auth_user_id" in client.session
    assert stranger.get(reverse("mfa_authenticate")).headers["Location"] == reverse("sign-in")


def test_nothing_of_who_was_there_before_goes_to_who_signs_in_next(client: Client, staff: User, manager: User) -> None:
    client.force_login(staff)
    session = client.session
    session["customer"] = 4711
    session.save()
    sign_in(client, manager)
    client.post(reverse("sign-out"))
    sign_in(client, manager)
    assert client.session["_auth_user_id"] == str(manager.pk) and "customer" not in client.session


# A new password -------------------------------------------------------------------------------------------------------


def test_a_first_password_ends_the_other_sessions(client: Client, staff: User) -> None:
    """Of who came by single sign-on until now: the way to it is a link by e-mail."""
    staff.set_unusable_password()
    staff.save()
    other = Client()
    for browser in (client, other):
        browser.force_login(staff)
    led = client.get(reverse("account_change_password"), follow=True)
    assert led.status_code == 200 and led.request["PATH_INFO"] == reverse("account_reset_password")
    client.post(reverse("account_reset_password"), {"email": staff.email})
    form = client.get(link_in(mail.outbox[-1]), follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert not Session.objects.filter(user=staff).exists()
    assert other.get("/").status_code == 302
    assert sign_in(client, staff, NEW) == "/"


def test_a_wrong_password_now_changes_nothing(client: Client, staff: User) -> None:
    client.force_login(staff)
    fields = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
    assert "not your password" in text_of(client.post(reverse("account_change_password"), fields))
    staff.refresh_from_db()
    assert staff.check_password(PASSWORD)


# Own pages only -------------------------------------------------------------------------------------------------------

EVIL = ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "https://testserver/"]
FORMS = {
    "account_reauthenticate": {"password": PASSWORD},
    "mfa_reauthenticate": {"code": ""},
    "account_change_password": {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
    "mfa_deactivate_totp": {},
    "mfa_generate_recovery_codes": {},
    "sign-out": {},
}


def code_in(fields: dict[str, str]) -> dict[str, str]:
    """With the code that counts now."""
    return {**fields, "code": code_for()} if "code" in fields else fields


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("where", [*EVIL, "/numbers/?q=44"])
def test_forms_of_ones_account_lead_to_own_pages_only(client: Client, staff: User, name: str, where: str) -> None:
    TOTP.activate(staff, SECRET)
    RecoveryCodes.activate(staff)
    client.force_login(staff)
    if name not in ("account_reauthenticate", "mfa_reauthenticate"):
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    answer = client.post(f"{reverse(name)}?next={where}", {**code_in(FORMS[name]), "next": where})
    assert answer.status_code == 302
    led = answer.headers["Location"]
    assert re.match(r"/(?![/\\])", led) and "evil" not in led
    if name not in ("mfa_generate_recovery_codes", "mfa_deactivate_totp"):  # these lead to what they made
        assert (led == where) is (where not in EVIL)


@pytest.mark.parametrize("where", [*EVIL, "/numbers/?q=44"])
def test_behind_the_second_factor_one_is_led_to_own_pages_only(client: Client, staff: User, where: str) -> None:
    TOTP.activate(staff, SECRET)
    assert sign_in(client, staff, next=where) == reverse("mfa_authenticate")
    answer = client.post(f"{reverse('mfa_authenticate')}?next={where}", {"code": code_for(), "next": where})
    assert answer.headers["Location"] == ("/" if where in EVIL else where)


# The set-up that is required ------------------------------------------------------------------------------------------


@pytest.fixture
def required(settings: Settings) -> None:
    """Staff need a second factor."""
    settings.STAFF_MFA_REQUIRED = True


@pytest.mark.parametrize("name", ["mfa_activate_totp", "mfa_add_webauthn"])
def test_the_pages_of_the_set_up_can_be_reached(client: Client, staff: User, required: None, name: str) -> None:
    client.force_login(staff)
    told = client.get(reverse("second-factor-required"))
    assert told.status_code == 200 and f'href="{reverse(name)}"' in told.content.decode()
    page = client.get(reverse(name), follow=True)
    assert page.request["PATH_INFO"] == reverse("account_reauthenticate")
    page = client.post(page.request["PATH_INFO"], {"password": PASSWORD, "next": reverse(name)}, follow=True)
    assert page.status_code == 200 and page.request["PATH_INFO"] == reverse(name)


def test_who_must_set_one_up_can_sign_out_instead(client: Client, staff: User, required: None) -> None:
    sign_in(client, staff)
    assert f'action="{reverse("sign-out")}"' in client.get(reverse("second-factor-required")).content.decode()
    assert client.post(reverse("sign-out")).headers["Location"] == reverse("sign-in")
    assert "_auth_user_id" not in client.session and not Session.objects.filter(user=staff).exists()


def test_who_has_no_password_either_gets_one_first(client: Client, staff: User, required: None) -> None:
    staff.set_unusable_password()
    staff.save()
    client.force_login(staff)
    page = client.get(reverse("mfa_activate_totp"), follow=True)
    assert page.status_code == 200 and page.request["PATH_INFO"] == reverse("account_reset_password")
    client.post(reverse("account_reset_password"), {"email": staff.email})
    form = client.get(link_in(mail.outbox[-1]), follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    assert sign_in(client, staff, NEW) == "/"
    assert client.get("/").headers["Location"] == reverse("second-factor-required")


def test_who_removes_their_last_factor_sets_up_another_first(client: Client, staff: User, required: None) -> None:
    TOTP.activate(staff, SECRET)
    RecoveryCodes.activate(staff)
    sign_in(client, staff)
    client.post(reverse("mfa_authenticate"), {"code": code_for()})
    assert client.get("/").status_code == 200
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=staff).exists()
    assert client.get("/").headers["Location"] == reverse("second-factor-required")


@pytest.mark.parametrize("who", ["manager", "member"])
def test_people_of_customers_are_not_concerned(
    client: Client, who: str, required: None, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))
    for name in ("home", "number-list", "account", "member-list"):
        assert client.get(reverse(name)).status_code == 200
    assert client.get(reverse("second-factor-required")).headers["Location"] == reverse("account")


# Invited --------------------------------------------------------------------------------------------------------------


def test_who_is_invited_to_the_staff_sets_one_up_first(client: Client, staff: User, required: None) -> None:
    invitations.invite("n@partner.example", by=staff, link=link_to, staff_role="operator")
    shown = accept_as_new(client, path_sent())
    assert client.session["_auth_user_id"] and "second factor" in shown
    assert client.get("/").headers["Location"] == reverse("second-factor-required")


def link_to(token: str) -> str:
    """As a view makes it."""
    return f"http://testserver{reverse('invitation-link', args=[token])}"


def test_an_account_that_comes_back_is_asked_for_its_second_factor(
    client: Client, customer: Customer, manager: User, staff: User
) -> None:
    former = User.objects.create_user("former@first.example", PASSWORD, name="Former")
    TOTP.activate(former, SECRET)
    User.objects.filter(pk=former.pk).update(is_active=False)
    assert "Please sign in" in accept_as_new(client, invited(customer, manager, former.email), password=NEW)
    assert "_auth_user_id" not in client.session
    assert sign_in(client, former, NEW) == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session and client.get("/").status_code == 302
    client.post(reverse("mfa_authenticate"), {"code": code_for()})
    assert client.session["_auth_user_id"] == str(former.pk)
    assert list(former.memberships.values_list("customer", "role")) == [(customer.pk, "viewer")]


def test_half_way_through_signing_in_nothing_is_accepted(
    client: Client, customer: Customer, manager: User, outsider: User
) -> None:
    TOTP.activate(outsider, SECRET)
    sign_in(client, outsider)
    path = invited(customer, manager, outsider.email)
    page = client.get(path, follow=True)
    assert "You have an account already" in text_of(page)
    client.post(reverse("invitation"), {"name": "Eve", "password": NEW, "again": NEW})
    assert not outsider.memberships.filter(customer=customer).exists()
    assert User.objects.get(pk=outsider.pk).check_password(PASSWORD)
    client.post(reverse("mfa_authenticate"), {"code": code_for()})
    client.post(reverse("invitation"), form_of(client.get(path, follow=True), ""))
    assert outsider.memberships.filter(customer=customer).exists()
