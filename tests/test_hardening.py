"""What every answer carries, and what no request can bring about: at every address of the project."""

import ast
import json
import os
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from people.models import Customer, User
from sync.models import Connection
from tests.support.isolation import GET, POST, Scene, address, make_scene, patterns
from tests.support.isolation_table import TABLE
from tests.support.mail import check_mail
from tests.support.reading import text_of

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "correct horse battery"
POLICY = {
    **dict.fromkeys(("default-src", "base-uri", "frame-ancestors"), "'none'"),
    **dict.fromkeys(("script-src", "style-src", "font-src", "connect-src", "manifest-src", "form-action"), "'self'"),
    "img-src": "'self' data:",
}
# A file that somebody uploaded may do nothing at all.
OF_A_FILE = {"default-src": "'none'", "sandbox": ""}
DEVICES = "camera=(), geolocation=(), microphone=(), payment=()"
# An address with a token in it is not told even to the panel's own pages.
QUIET = {("invitation-link", GET): ("no-referrer",)}
pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(customer: Customer, other_customer: Customer, offline: Connection, asks_once: None) -> Scene:
    """Rows of two customers and eight people."""
    return make_scene(customer, other_customer, offline)


# Headers -------------------------------------------------------------------------------------------------------------


def rules(answer: Any) -> dict[str, str]:
    """The policy of an answer."""
    parts = [rule.strip().partition(" ") for rule in answer.headers["Content-Security-Policy"].split(";")]
    return {name: value for name, _blank, value in parts if name}


def check_headers(answer: Any, referrer: str = "same-origin") -> None:
    """All that every page must carry, exactly."""
    is_file = answer.headers.get("Content-Disposition", "").startswith("attachment")
    assert rules(answer) in ([POLICY, OF_A_FILE] if is_file else [POLICY])
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == referrer
    assert answer.headers["Permissions-Policy"] == DEVICES
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Server" not in answer.headers and "X-Powered-By" not in answer.headers


@pytest.mark.parametrize("who", ["owner", "manager", "loner", "anonymous"])
def test_every_answer_forbids_frames_strange_scripts_and_shared_caches(scene: Scene, who: str) -> None:
    statuses = set()
    for name, row in TABLE.items():
        for method in (GET, POST):
            answer: Any = scene.ask(who, method, address(name, row.about, scene.second))
            statuses.add(answer.status_code)
            check_headers(answer, *QUIET.get((name, method), ()))
    assert statuses >= {"owner": {200, 302, 400, 405}, "manager": {200, 403, 404}}.get(who, {302})


@pytest.mark.urls("tests.panel.urls_with_mistakes")
@pytest.mark.parametrize(
    ("url", "status"),
    [("/mistake/", 500), ("/forbidden/", 403), ("/suspicious/", 400), ("/outage/", 503), ("/no-such-page/", 404)],
)
def test_what_goes_wrong_carries_the_same_headers(staff: User, url: str, status: int) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(staff)
    answer = client.get(url)
    assert answer.status_code == status
    check_headers(answer)


def test_a_form_without_its_token_and_a_strange_host_are_answered_with_the_same_headers(staff: User) -> None:
    client = Client(enforce_csrf_checks=True)
    for answer, status in (
        (client.post(reverse("sign-in")), 403),
        (client.get("/", headers={"host": "evil.example"}), 400),
    ):
        assert answer.status_code == status
        check_headers(answer)


@pytest.mark.parametrize("path", ["js/numberdesk.js", "img/logo.svg"])
def test_static_files_are_what_they_say_and_are_kept_within_the_panel(client: Client, path: str) -> None:
    answer = client.get(f"/static/{path}")
    assert answer.status_code == 200
    assert rules(answer) == POLICY
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Permissions-Policy"] == DEVICES


# In production -------------------------------------------------------------------------------------------------------

PRODUCTION = {
    "DATABASE_URL": "postgres://check@127.0.0.1/check",
    "REDIS_URL": "redis://127.0.0.1:6379/15",
    "SECRET_KEY": "only-for-this-check-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG",
    "ENCRYPTION_KEYS": "b25seS1mb3ItdGhpcy1jaGVjay1ub3QtYS1zZWNyZXQ=",
    "ALLOWED_HOSTS": "panel.example.com",
}
ASK = """
import json, logging, django
from django.conf import settings
django.setup()
logging.disable()
from django.test import Client
client = Client()
secure = client.get("/healthz", secure=True, headers={"host": "panel.example.com"})
plain = client.get("/", headers={"host": "panel.example.com"})
names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY",
         "CSRF_COOKIE_HTTPONLY", "DEBUG", "USE_X_FORWARDED_HOST", "SECURE_PROXY_SSL_HEADER")
print(json.dumps([secure.headers.get("Strict-Transport-Security"), plain.status_code, plain.headers.get("Location"),
                  {name: getattr(settings, name) for name in names}]))
"""


def in_production(tmp_path: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python with the settings of a production that does not exist."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {**kept, **PRODUCTION, "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_production_is_spoken_to_over_https_alone(tmp_path: Path) -> None:
    done = in_production(tmp_path, "-c", ASK)
    assert done.returncode == 0, done.stderr
    hsts, status, where, told = json.loads(done.stdout.splitlines()[-1])
    assert hsts == "max-age=31536000; includeSubDomains; preload"
    assert (status, where) == (301, "https://panel.example.com/")
    assert told == {
        **dict.fromkeys(("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE"), True),
        **dict.fromkeys(("SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY"), True),
        "DEBUG": False,
        "USE_X_FORWARDED_HOST": False,
        "SECURE_PROXY_SSL_HEADER": None,
    }


def test_django_finds_nothing_to_mend_in_production(tmp_path: Path) -> None:
    done = in_production(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr


# Requests that mean ill ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver@evil.example", "evil.example:80", "testserver.evil.example"]
)
def test_a_forged_host_is_refused_and_not_repeated(scene: Scene, host: str) -> None:
    for name, row in TABLE.items():
        for who in ("owner", "anonymous"):
            answer: Any = scene.ask(who, GET, address(name, row.about, scene.first), headers={"host": host})
            assert answer.status_code == 400
            assert "evil" not in answer.told


def test_a_host_that_a_visitor_says_was_forwarded_is_not_believed(scene: Scene) -> None:
    forged = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example", "x-forwarded-proto": "https"}
    for name, row in TABLE.items():
        for who in ("owner", "anonymous"):
            answer: Any = scene.ask(who, GET, address(name, row.about, scene.first), headers=forged)
            assert "evil.example" not in answer.told  # Libreville is a place


def unprotected(client: Client, rows: Any) -> list[str]:
    """The addresses that take a form without its token."""
    taken = []
    for name, row in TABLE.items():
        if client.post(address(name, row.about, rows)).status_code != 403:
            taken.append(name)
    return taken


def test_no_form_is_taken_without_its_token(scene: Scene, staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    assert unprotected(client, scene.first) == []
    assert unprotected(Client(enforce_csrf_checks=True), scene.first) == []
    exempt = [pattern.name for pattern in patterns() if getattr(pattern.callback, "csrf_exempt", False)]
    assert exempt == []
    assert getattr(csrf_exempt(lambda request: None), "csrf_exempt", False)  # this is how an exempt one looks


EVIL = ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "https:evil.example"]
WAYS = (
    "next",
    "redirect",
    "redirect_to",
    "redirect_url",
    "url",
    "back",
    "return",
    "return_to",
    "continue",
    "goto",
    "to",
)
LEADS_AWAY = re.compile(
    r"""(href|action|src|hx-get|hx-post|http-equiv)\s*=\s*["']?\s*((https?:)?[/\\]*evil|javascript:)"""
)


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("who", ["operator", "anonymous"])
def test_nobody_is_led_away_by_what_a_link_says(scene: Scene, evil: str, who: str) -> None:
    ways = dict.fromkeys(WAYS, evil)
    query = "&".join(f"{name}={evil}" for name in WAYS)
    for name, row in TABLE.items():
        if who == "anonymous" and not row.is_open:
            continue
        url = address(name, row.about, scene.first)
        for method in row.methods:
            asked = {"headers": {"referer": evil}}
            answer: Any
            if method == GET:
                answer = scene.ask(who, GET, url, ways, **asked)
            else:
                answer = scene.ask(who, POST, f"{url}?{query}", {**ways, "language": "de"}, **asked)
            where = answer.headers.get("Location", "")
            assert where == "" or re.match(r"/(?![/\\])|\?", where), (name, where)
            assert not LEADS_AWAY.search(answer.told), name


@pytest.mark.parametrize("evil", EVIL)
def test_nobody_is_led_away_by_signing_in(staff: User, evil: str) -> None:
    given = {"username": staff.email, "login": staff.email, "password": PASSWORD, "next": evil}
    answer = Client().post(f"{reverse('sign-in')}?next={evil}", given)
    assert answer.status_code == 302
    assert "evil" not in answer.headers["Location"] and "javascript" not in answer.headers["Location"]


class Endless:
    """A body that goes on for as long as somebody reads it, and counts what was read."""

    def __init__(self, head: bytes = b"") -> None:
        self.head, self.read_bytes = BytesIO(head), 0

    def read(self, size: int = -1) -> bytes:
        size = 65536 if size is None or size < 0 else min(size, 1 << 20)
        self.read_bytes += size
        assert self.read_bytes < 50 * 1024 * 1024, "it is read without end"
        return self.head.read(size) or b"a" * size

    def readline(self, size: int = -1) -> bytes:
        """No line ends."""
        return self.read(size)

    def close(self) -> None:
        """Nothing to close."""


FIELD = b'--cut\r\nContent-Disposition: form-data; name="note"\r\n\r\n'


@pytest.mark.parametrize(
    ("kind", "head"), [("application/x-www-form-urlencoded", b"a="), ("multipart/form-data; boundary=cut", FIELD)]
)
@pytest.mark.parametrize("name", ["sign-in", "group-search"])
def test_a_body_without_end_is_refused_with_a_sentence_and_not_kept(
    scene: Scene, name: str, kind: str, head: bytes
) -> None:
    body = Endless(head)
    client = scene.browsers["anonymous" if name == "sign-in" else "owner"]
    environment: dict[str, Any] = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(10**10), "wsgi.input": body}
    answer = client.generic("POST", reverse(name), b"", **environment)
    assert answer.status_code in (400, 413)
    assert len(text_of(answer)) > 60
    assert body.read_bytes < 8 * 1024 * 1024


def test_bodies_fields_and_files_have_a_limit() -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE <= 4 * 1024 * 1024
    assert settings.DATA_UPLOAD_MAX_NUMBER_FIELDS <= 1000
    assert settings.DATA_UPLOAD_MAX_NUMBER_FILES <= 100
    assert 0 < settings.UPLOAD_MAX_MB <= 50
    assert settings.FILE_UPLOAD_HANDLERS == ["documents.upload_handler.InMemoryUploadHandler"]


# Nothing is asked of an address that somebody wrote -------------------------------------------------------------------


def imports_of(path: Path) -> set[str]:
    """What a module imports, with what of it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {f"{node.module}.{name.name}" for name in node.names} | {str(node.module)}
    return found


LIBRARIES = ("requests", "urllib.request", "urllib3", "http.client", "httpx", "aiohttp", "socket", "ftplib")
REACHES_OUT = tuple(f"{name}." for name in LIBRARIES)
# Asks itself whether it has come up; no address of anybody's.
ASKS_ITSELF = {"config/start.py"}


def test_only_the_client_of_zadarma_reaches_out() -> None:
    found = {}
    for folder in ("config", "panel", "people", "sync", "documents", "notices", "numbers"):
        for path in (ROOT / folder).rglob("*.py"):
            names = {name for name in imports_of(path) if f"{name}.".startswith(REACHES_OUT)}
            if names and str(path.relative_to(ROOT)) not in ASKS_ITSELF:
                found[str(path.relative_to(ROOT))] = names
    assert found == {}
    assert "requests" in imports_of(ROOT / "zadarma/transport.py")


def every_form() -> list[type[forms.BaseForm]]:
    """Every form of the project that was imported, which the views' are."""
    found, todo = [], [forms.BaseForm]
    while todo:
        form = todo.pop()
        todo += form.__subclasses__()
        if form.__module__.partition(".")[0] in ("people", "sync", "documents", "direct_numbers", "notices", "panel"):
            found.append(form)
    return found


def test_no_form_takes_the_address_of_an_api() -> None:
    list(patterns())  # the views, and with them their forms, are imported
    assert len(every_form()) > 10
    assert apps.get_model("sync", "Connection")._meta.get_field("api_url")
    for form in every_form():
        named = getattr(form, "base_fields", {})
        assert "api_url" not in named, form
        assert not [name for name, one in named.items() if isinstance(one, forms.URLField)], form


# E-mail --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        EmailMessage("Hello\nBcc: evil@evil.example", "text", "a@b.example", ["c@d.example"]),
        EmailMessage("Hello", "text", "a@b.example", ["c@d.example\r\nBcc: evil@evil.example"]),
        EmailMessage("Hello", "text", "a@b.example", ["c@d.example, evil@evil.example"]),
        EmailMessage("Hello", "text", "a@b.example", ["c@d.example"], headers={"X-Name": "a\nBcc: b"}),
    ],
)
def test_a_header_that_somebody_else_began_is_noticed(message: EmailMessage) -> None:
    with pytest.raises(AssertionError):
        check_mail([message])
    check_mail([EmailMessage("Hello", "one\ntwo", "a@b.example", ["c@d.example"])])
