"""What goes wrong is told in words, without a trace of what is inside."""

import sys

import pytest
from django.test import Client, RequestFactory
from django.utils.translation import override
from django.views.debug import get_exception_reporter_class
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from panel.errors import server_error
from people.models import User
from tests.support.reading import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.panel.urls_with_mistakes")]
INSIDE = ("Traceback", "hunter2", "LookupError", "PermissionDenied", "site-packages", "INSTALLED_APPS")


@pytest.fixture
def person(staff: User, settings: Settings) -> Client:
    """A browser that shows what the server answers, as in production."""
    settings.DEBUG = False
    client = Client(raise_request_exception=False)
    client.force_login(staff)
    return client


@pytest.mark.parametrize(
    ("url", "status", "words"),
    [
        ("/mistake/", 500, "Something went wrong on our side"),
        ("/forbidden/", 403, "Your role does not include this page."),
        ("/suspicious/", 400, ""),
        ("/outage/", 503, "Zadarma can't be reached right now."),
        ("/no-such-page/", 404, "There is nothing at this address"),
        ("/numbers/987654/", 404, "There is nothing at this address"),
        ("/orders/not-a-uuid/", 404, "There is nothing at this address"),
    ],
)
def test_it_says_what_happened_and_what_to_do(person: Client, url: str, status: int, words: str) -> None:
    answer = person.get(url)
    assert answer.status_code == status
    assert not [word for word in INSIDE if word in answer.content.decode()]
    assert words in text_of(answer)
    assert len(text_of(answer)) > 60
    assert 'href="/"' in answer.content.decode()


@pytest.mark.parametrize("limit", ["DATA_UPLOAD_MAX_MEMORY_SIZE", "DATA_UPLOAD_MAX_NUMBER_FIELDS"])
def test_too_much_at_once_is_told_apart_from_nonsense(person: Client, settings: Settings, limit: str) -> None:
    setattr(settings, limit, 1)
    answer = person.post("/language/", "one=1&two=2", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "More was sent than the panel takes with one form. Nothing was changed." in text_of(answer)


def test_the_page_of_a_mistake_needs_no_database(
    person: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert server_error(None).status_code == 500  # type: ignore[arg-type]


def test_somebody_elses_page_and_a_missing_one_look_alike_to_those_not_signed_in() -> None:
    assert Client().get("/numbers/987654/").headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("url", ["/mistake/", "/no-such-page/"])
def test_errors_are_told_in_the_readers_language(person: Client, url: str) -> None:
    person.cookies["django_language"] = "de"
    assert 'lang="de"' in person.get(url).content.decode()


def test_the_page_for_our_own_mistakes_needs_no_static_files(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise ValueError(f"Missing staticfiles manifest entry for {name!r}")

    monkeypatch.setattr("django.contrib.staticfiles.storage.staticfiles_storage.url", missing)
    with override("en"):
        answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "Something went wrong on our side" in text_of(answer)
    assert 'href="/"' in answer.content.decode()


def test_a_report_of_an_error_tells_no_value(rf: RequestFactory, settings: Settings) -> None:
    settings.DEBUG = True
    name = "aksla" + "woK"  # a report shows the lines of the code: what is looked for stands in none
    request = rf.post("/documents/new/", {"last_name": name[::-1], "document": "x"})

    def fails(secret: str) -> None:
        passport = secret[::-1]  # noqa: F841 - a variable that a report would tell
        raise LookupError("nothing to see")

    try:
        fails(name)
    except LookupError:
        kind, error, trace = sys.exc_info()
        reporter = get_exception_reporter_class(request)(request, kind, error, trace)
        texts = [reporter.get_traceback_html(), reporter.get_traceback_text()]
    for text in texts:
        assert "last_name" in text and "nothing to see" in text
        assert name[::-1] not in text
