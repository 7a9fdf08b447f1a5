"""Every page forbids scripts of its own, frames, and shared caches."""

import re

import pytest
from django.test import Client

PAGES = [
    "/",
    "/numbers/",
    "/orders/",
    "/documents/",
    "/activity/",
    "/customers/",
    "/orders/new/",
    "/styleguide/",
    "/papers/for/",
    "/papers/changed/",
]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("url", ["/sign-in/", "/healthz", "/no-such-page/", *PAGES])
def test_the_policy_allows_nothing_inline_and_no_frame(browser_of_staff: Client, url: str) -> None:
    answer = (Client() if url == "/sign-in/" else browser_of_staff).get(url)
    policy = answer.headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";") if rule.strip())
    assert rules["default-src"] == "'none'"
    assert (rules["script-src"], rules["style-src"]) == ("'self'", "'self'")
    assert (rules["frame-ancestors"], rules["form-action"], rules["base-uri"]) == ("'none'", "'self'", "'none'")
    assert "unsafe" not in policy and "*" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("url", PAGES)
def test_pages_of_a_person_are_kept_by_nobody(browser_of_staff: Client, url: str) -> None:
    kept = browser_of_staff.get(url).headers["Cache-Control"]
    assert "no-store" in kept and "private" in kept


@pytest.mark.parametrize("url", ["/sign-in/", *PAGES])
def test_pages_hold_nothing_that_the_policy_would_stop(browser_of_staff: Client, url: str) -> None:
    page = (Client() if url == "/sign-in/" else browser_of_staff).get(url).content.decode()
    assert not re.search(r"<style\b", page)
    assert not re.search(r"<script\b(?![^>]*\bsrc=)", page)
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page)
    assert not re.search(r"""<(?!a\b)[^>]+\s(src|href)=["']?(https?:)?//""", page)


def test_cookies_are_out_of_reach_of_scripts(client: Client, staff: object) -> None:
    client.get("/sign-in/")
    client.post("/sign-in/", {"username": "staff@partner.example", "password": "correct horse battery"})
    assert set(client.cookies) >= {"sessionid", "csrftoken"}
    for name in ("sessionid", "csrftoken"):
        assert client.cookies[name]["httponly"] and client.cookies[name]["samesite"] == "Lax"


def test_an_unknown_host_is_refused(client: Client) -> None:
    assert client.get("/sign-in/", headers={"host": "evil.example"}).status_code == 400
