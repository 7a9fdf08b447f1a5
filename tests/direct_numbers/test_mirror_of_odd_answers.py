"""Answers that are not as promised: a server of the test sends them, since the stand-in never would."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from direct_numbers.models import Number
from sync.models import Change, Connection
from tests.factories import NumberFactory
from tests.support.scenes import read

ANSWERS: dict[str, Any] = {
    "/v1/info/balance/": {"status": "success", "balance": 10, "currency": "EUR"},
    "/v1/info/timezone/": {
        "status": "success",
        "unixtime": 1772445600,
        "datetime": "2026-03-02 12:00:00",
        "timezone": "UTC+2",
    },
}


def row(number: str, **more: Any) -> dict[str, Any]:
    """A row of the listing as production sends it."""
    return {
        "number": number,
        "status": "on",
        "country": "United Kingdom",
        "description": "London",
        "number_name": None,
        "sip": "480011",
        "sip_name": None,
        "start_date": "2026-01-01 10:00:00",
        "stop_date": "2026-06-01 10:00:00",
        "monthly_fee": 2,
        "currency": "EUR",
        "channels": "2",
        "minutes": None,
        "autorenew": "true",
        "is_on_test": "false",
        "type": "common",
    } | more


Listed = Callable[..., Connection]


@pytest.fixture
def listed(db: None) -> Iterator[Listed]:
    """Makes an account whose listing holds the rows given."""
    answers = dict(ANSWERS)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(answers[self.path.partition("?")[0]]).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    account = Connection.objects.create(
        name="Odd", api_url=f"http://127.0.0.1:{server.server_port}", api_key="k", api_secret="s"
    )

    def answer(*rows: Any) -> Connection:
        answers["/v1/direct_numbers/"] = {"status": "success", "info": list(rows)}
        return account

    yield answer
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_row_that_cannot_be_read_is_set_aside_and_nothing_is_marked_missing(listed: Listed) -> None:
    account = listed(row("442030000001"), {"status": "on"})
    kept = NumberFactory(connection=account)
    (run,) = read(account, "numbers")
    assert (run.state, run.seen, run.rejected, run.created, run.gone) == ("done", 1, 1, 1, 0)
    kept.refresh_from_db()
    assert kept.gone_at is None
    listed(row("442030000001"))
    (run,) = read(account, "numbers")
    kept.refresh_from_db()
    assert (run.gone, kept.gone_at) == (1, run.started_at)


def test_an_unknown_status_and_unknown_fields_are_taken_as_they_come(listed: Listed) -> None:
    account = listed(row("442030000001", status="frozen", quantum={"spin": 1}))
    (run,) = read(account, "numbers")
    number = Number.objects.get()
    assert (run.rejected, number.status, number.get_status_display()) == (0, "frozen", "frozen")


def test_a_number_listed_twice_is_mirrored_once(listed: Listed) -> None:
    account = listed(row("442030000001"), row("442030000001", status="parking"))
    read(account, "numbers")
    assert [number.status for number in Number.objects.all()] == ["on"]


def test_an_empty_listing_that_is_complete_means_that_nothing_is_left(listed: Listed) -> None:
    account = listed()
    number = NumberFactory(connection=account)
    (run,) = read(account, "numbers")
    number.refresh_from_db()
    assert (run.seen, run.gone) == (0, 1)
    assert number.gone_at is not None


@pytest.mark.parametrize("month", ["2026-06-01 10:00:00", "0000-00-00 00:00:00", None])
def test_a_date_that_is_none_yet_is_no_reason_to_lose_the_number(listed: Listed, month: str | None) -> None:
    account = listed(row("442030000001", stop_date=month))
    (run,) = read(account, "numbers")
    number = Number.objects.get()
    assert run.rejected == 0
    assert (number.stop_at is None) == (month != "2026-06-01 10:00:00")
    read(account, "numbers")
    assert not Change.objects.exists()


def test_texts_longer_than_their_column_do_not_break_the_reading(listed: Listed) -> None:
    account = listed(row("442030000001", description="L" * 400, number_name="N" * 400, sip_name="S" * 400))
    (run,) = read(account, "numbers")
    assert (run.state, run.error) == ("done", "")
    assert Number.objects.get().description.startswith("LLL")
