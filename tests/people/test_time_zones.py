"""Dates are told in the time zone of who reads them; what a month is does not depend on who asks."""

from datetime import UTC, datetime

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from direct_numbers import limits
from people import time_zones
from people.middleware import TimeZoneMiddleware
from people.models import User
from sync.models import Connection
from tests import factories
from tests.support.reading import text_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)


def shown(client: Client, number: object) -> str:
    """A number's page."""
    return client.get(reverse("number", args=[number.pk])).content.decode()  # type: ignore[attr-defined]


def test_everybody_reads_dates_in_their_own_time_zone(
    client: Client, offline: Connection, staff: User, operator: User
) -> None:
    number = factories.NumberFactory(connection=offline, stop_at=NOON)
    client.force_login(staff)
    form = {"name": "Ada", "language": "en", "time_zone": "Asia/Tokyo"}
    assert client.post(reverse("account"), form).status_code == 302
    assert "2026-03-07T21:00:00+09:00" in shown(client, number)
    # The same process answers the next person in theirs, which is the panel's own.
    client.force_login(operator)
    assert "2026-03-07T13:00:00+01:00" in shown(client, number)
    assert timezone.get_current_timezone_name() == "Europe/Berlin"


def test_an_answer_that_is_made_while_it_is_sent_is_in_that_zone_too(staff: User) -> None:
    staff.time_zone = "Asia/Tokyo"
    request = RequestFactory().get("/")
    request.user = staff

    def view(request: object) -> StreamingHttpResponse:
        return StreamingHttpResponse(f"{timezone.localtime(NOON):%H:%M}" for _once in range(1))

    def answer(request: object) -> HttpResponse:
        middleware.process_view(request, view, (), {})  # type: ignore[arg-type]
        return view(request)  # type: ignore[return-value]

    middleware = TimeZoneMiddleware(answer)  # type: ignore[arg-type]
    answered = middleware(request)
    assert answered.getvalue() == b"21:00"
    answered.close()
    assert timezone.get_current_timezone_name() == "Europe/Berlin"


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../../etc/passwd", "posixrules", "Etc/GMT+3"])
def test_only_zones_that_are_offered_are_taken(client: Client, staff: User, zone: str) -> None:
    client.force_login(staff)
    page = client.post(reverse("account"), {"name": "", "language": "en", "time_zone": zone})
    assert page.status_code == 422
    assert "Your profile" in text_of(page)
    staff.refresh_from_db()
    assert staff.time_zone == ""


def test_a_zone_that_is_no_more_is_read_as_the_panels(client: Client, offline: Connection, staff: User) -> None:
    User.objects.filter(pk=staff.pk).update(time_zone="Europe/Atlantis")
    client.force_login(staff)
    assert client.get("/").status_code == 200
    staff.refresh_from_db()
    assert time_zones.of(staff).key == "Europe/Berlin"


def test_the_month_of_a_limit_is_the_panels_whoever_asks() -> None:
    eve = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)  # already December in Tokyo
    with timezone.override("Asia/Tokyo"):
        first, after = limits.month_of(eve)
    assert (first.isoformat(), after.isoformat()) == ("2026-11-01T00:00:00+01:00", "2026-12-01T00:00:00+01:00")
