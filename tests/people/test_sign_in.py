"""Signing in and out, guessing slowed down, the language kept."""

import pytest
from django.core.cache import cache
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from people import throttle
from people.models import User
from tests.support.reading import form_of, text_of

PASSWORD = "correct horse battery"
WRONG = "This e-mail and password don't fit together."
CLOSED = "Too many attempts. Please wait a quarter of an hour, then try again."
URL = "/sign-in/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_failed_yet(db: None) -> None:
    """No failures are remembered."""
    cache.clear()


def test_the_form_of_the_page_signs_in_and_leads_home(client: Client, staff: User) -> None:
    fields = form_of(client.get(URL), "")
    answer = client.post(URL, {**fields, "username": staff.email, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("email", ["STAFF@PARTNER.EXAMPLE", "Staff@Partner.example", " staff@partner.example "])
def test_the_case_of_the_e_mail_does_not_matter(client: Client, staff: User, email: str) -> None:
    assert client.post(URL, {"username": email, "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize(("email", "password"), [("staff@partner.example", "wrong"), ("nobody@example.com", PASSWORD)])
def test_a_wrong_password_and_an_unknown_person_are_told_alike(
    client: Client, staff: User, email: str, password: str
) -> None:
    page = client.post(URL, {"username": email, "password": password})
    assert page.status_code == 200
    assert WRONG in text_of(page)
    assert "_auth_user_id" not in client.session


def test_the_case_of_the_password_does(client: Client, staff: User) -> None:
    assert WRONG in text_of(client.post(URL, {"username": staff.email, "password": PASSWORD.upper()}))


def test_a_person_switched_off_gets_in_no_more(client: Client, staff: User) -> None:
    client.force_login(staff)
    User.objects.update(is_active=False)
    assert client.get("/").status_code == 302
    assert client.post(URL, {"username": staff.email, "password": PASSWORD}).status_code == 200


def test_guessing_closes_the_door_for_that_account_even_to_the_right_password(
    client: Client, staff: User, member: User
) -> None:
    for _ in range(throttle.MOST_BY_ACCOUNT):
        client.post(URL, {"username": staff.email.upper(), "password": "wrong"})
    page = client.post(URL, {"username": staff.email, "password": PASSWORD})
    assert CLOSED in text_of(page)
    assert "_auth_user_id" not in client.session
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert CLOSED in text_of(elsewhere.post(URL, {"username": staff.email, "password": PASSWORD}))
    assert client.post(URL, {"username": member.email, "password": PASSWORD}).status_code == 302


def test_guessing_many_accounts_closes_the_door_for_that_address(client: Client, staff: User) -> None:
    for n in range(throttle.MOST_BY_ADDRESS):
        throttle.failed(f"person{n}@example.com", "127.0.0.1")
    assert CLOSED in text_of(client.post(URL, {"username": staff.email, "password": PASSWORD}))
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post(URL, {"username": staff.email, "password": PASSWORD}).status_code == 302


def test_what_succeeds_is_not_counted(client: Client, staff: User) -> None:
    for _ in range(throttle.MOST_BY_ACCOUNT + 1):
        assert client.post(URL, {"username": staff.email, "password": PASSWORD}).status_code == 302
        client.logout()


def test_after_signing_in_one_is_where_one_wanted_to_go(client: Client, staff: User) -> None:
    led = client.get("/numbers/?q=44").headers["Location"]
    fields = form_of(client.get(led), "")
    answer = client.post(led, {**fields, "username": staff.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/numbers/?q=44"


@pytest.mark.parametrize(
    "where", ["//evil.example", "https://evil.example/", "http:///evil.example", "/\\evil.example"]
)
def test_nobody_is_led_to_another_site(client: Client, staff: User, where: str) -> None:
    answer = client.post(URL, {"username": staff.email, "password": PASSWORD, "next": where})
    assert answer.headers["Location"] == "/"
    client.logout()
    answer = client.post(reverse("set_language"), {"language": "de", "next": where})
    assert "evil" not in answer.headers["Location"]


def test_the_language_chosen_is_kept_for_the_person(client: Client, staff: User) -> None:
    client.force_login(staff)
    client.post(reverse("set_language"), {"language": "de", "next": "/"})
    staff.refresh_from_db()
    assert staff.language == "de"
    other_browser = Client()
    other_browser.post(URL, {"username": staff.email, "password": PASSWORD})
    assert 'lang="de"' in other_browser.get("/").content.decode()


@pytest.mark.parametrize("language", ["xx", "", "../../etc"])
def test_a_language_that_is_none_is_not_kept(client: Client, staff: User, language: str) -> None:
    client.force_login(staff)
    client.post(reverse("set_language"), {"language": language, "next": "/"})
    staff.refresh_from_db()
    assert staff.language == ""


def test_signing_out_ends_it(browser_of_staff: Client) -> None:
    assert browser_of_staff.get(reverse("sign-out")).status_code == 405
    assert browser_of_staff.get("/").status_code == 200
    assert browser_of_staff.post(reverse("sign-out")).headers["Location"] == URL
    assert browser_of_staff.get("/").status_code == 302


def test_a_form_from_another_site_is_refused_in_words(staff: User) -> None:
    careful = Client(enforce_csrf_checks=True)
    answer = careful.post(URL, {"username": staff.email, "password": PASSWORD})
    assert answer.status_code == 403
    assert "Traceback" not in answer.content.decode()
    told = text_of(answer)
    assert "This form was too old" in told
    assert "Your role" not in told


def test_two_people_cannot_have_one_e_mail(staff: User) -> None:
    with pytest.raises(IntegrityError):
        User.objects.create(email=staff.email.upper())
