"""What a client accepts, shows, and keeps to itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.zadarma.conftest import KEY, SECRET
from tests.zadarma.servers import Server, answer
from zadarma import Client
from zadarma.document_calls import safe_filename
from zadarma.fields import read_date, read_zone


@pytest.mark.parametrize(
    "url",
    ["ftp://api.zadarma.com", "api.zadarma.com", "https://", "http://api.zadarma.com", "https://u:p@api.zadarma.com"]
    + ["https://api.zadarma.com/v1", "https://api.zadarma.com?a=1", "https://api.zadarma.com:port"],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="address|http"):
        Client(url, KEY, SECRET)


@pytest.mark.parametrize("url", ["https://api.zadarma.com", "https://10.0.0.1", "https://localhost.example.org"])
def test_loopback_only_refuses_every_other_machine(url: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        Client(url, KEY, SECRET, loopback_only=True)
    Client(url, KEY, SECRET)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8100", "http://localhost:8100/", "http://[::1]:8100", "https://127.1.2.3"]
)
def test_loopback_is_allowed_in_plain_http(url: str) -> None:
    Client(url, KEY, SECRET, loopback_only=True)


@pytest.mark.parametrize(
    ("key", "secret"), [("", SECRET), ("a key", SECRET), ("key\n", SECRET), ("schlüssel", SECRET), (KEY, "")]
)
def test_a_key_pair_that_cannot_be_sent_is_refused_without_being_shown(key: str, secret: str) -> None:
    with pytest.raises(ValueError, match="^the key must be printable ASCII") as failed:
        Client("https://api.zadarma.com", key, secret)
    assert SECRET not in str(failed.value)


def test_a_client_shows_no_secret() -> None:
    client = Client("https://api.zadarma.com", KEY, SECRET)
    assert repr(client) == str(client) == "<Client https://api.zadarma.com>"


def test_nothing_is_taken_from_the_environment(connect: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    body = {"status": "success", "balance": 1, "currency": "EUR"}
    with Server(answer(body, headers={"Set-Cookie": "PHPSESSID=1; Path=/"})) as server:
        client = connect(server.url)
        client.balance()
        client.balance()
        assert ["cookie" in seen.headers for seen in server.seen] == [False, False]


@pytest.mark.parametrize(
    ("name", "offset"),
    [("UTC+2", "+02:00"), ("UTC-3", "-03:00"), ("UTC+05:30", "+05:30"), ("UTC", "+00:00"), ("UTC+0", "+00:00")]
    + [("GMT+12", "+12:00"), ("+0545", "+05:45"), ("Europe/Berlin", "+02:00")],
)
def test_zones_by_offset_and_by_name(name: str, offset: str) -> None:
    read = read_date("2026-07-01 12:00:00", read_zone(name))
    assert isinstance(read, datetime)
    assert read.isoformat() == f"2026-07-01T12:00:00{offset}"


@pytest.mark.parametrize("name", ["", "UTC+24", "UTC+1:75", "Mars/Olympus", "../../etc/passwd", "UTC+two"])
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="zone"):
        Client("https://api.zadarma.com", KEY, SECRET, zone=name)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("passport.jpg", "passport.jpg"),
        ("C:\\scans\\pass port.PDF", "pass_port.PDF"),
        ("../../.htaccess", "document.htaccess"),
        ("паспорт.png", "document.png"),
        ("", "document"),
        ("a" * 300 + ".jpeg", "a" * 95 + ".jpeg"),
        ('x"; filename="y\r\n.jpg', "x_filename_y_.jpg"),
    ],
)
def test_file_names_are_sent_plain(given: str, sent: str) -> None:
    assert safe_filename(given) == sent
    assert len(sent) <= 100


@pytest.mark.parametrize("content_type", ["image/jpeg\r\nX: 1", "jpeg", ""])
def test_a_content_type_that_is_none_is_refused(connect: Callable[..., Client], content_type: str) -> None:
    with Server(answer({"status": "success"})) as server:
        with pytest.raises(ValueError, match="MIME"):
            connect(server.url).upload_document(
                group_id="0", document_type="passport", content=b"", filename="a", content_type=content_type
            )
        assert server.count == 0


SENT: list[tuple[Callable[[Client], object], str]] = [
    (
        lambda client: client.order(
            direction_id="1", documents_group_id="0", number_id="2p", receive_sms=True, autorenew_period="year"
        ),
        "autorenew_period=year&direction_id=1&documents_group_id=0&format=json&number_id=2p&receive_sms=1",
    ),
    (
        lambda client: client.order(direction_id="1", documents_group_id="0", receive_sms=False, user_id="9"),
        "direction_id=1&documents_group_id=0&format=json&receive_sms=0&user_id=9",
    ),
    (lambda client: client.prolong(number="49", months=3), "format=json&months=3&number=49"),
    (
        lambda client: client.set_autoprolongation(number="49", number_type="common", on=False),
        "format=json&number=49&type=common&value=off",
    ),
    (
        lambda client: client.set_sip_id(number="49", number_type="common", sip_id="1@a.com", test_mode=True),
        "format=json&number=49&sip_id=1%40a.com&test_mode=on&type=common",
    ),
    (
        lambda client: client.set_caller_name(number="49", number_type="order", caller_name=""),
        "caller_name=&format=json&number=49&type=order",
    ),
    (
        lambda client: client.set_receive_sms(number="49", on=True, documents_group_id="0"),
        "documents_group_id=0&format=json&number=49&value=on",
    ),
    (lambda client: client.set_incoming_channels(number="49", channels=4), "channels=4&format=json&number=49"),
    (lambda client: client.set_webhook_hooks({"sms": True, "document": False}), "document=false&format=json&sms=true"),
    (lambda client: client.delete_webhook_url(), "format=json"),
]


@pytest.mark.parametrize(("call", "query"), SENT, ids=[query for _, query in SENT])
def test_what_each_change_sends(connect: Callable[..., Client], call: Callable[[Client], object], query: str) -> None:
    taken = {"number": "49", "autoprolongation": "off", "sip_id": "1@a.com", "caller_name": None, "receive_sms": "on"}
    paid = {"stop_date": "2026-01-01 00:00:00", "total_paid": {"amount": "2", "currency": "EUR"}}
    with Server(answer({"status": "success", **taken, **paid})) as server:
        call(connect(server.url))
        assert [seen.query for seen in server.seen] == [query]
