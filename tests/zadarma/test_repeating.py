"""What is asked again, when, and for how long; on a clock that only sleeping moves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.zadarma.conftest import Clock
from tests.zadarma.servers import Respond, Server, answer, cut_short, hang_up, reset, success
from zadarma import Call, Client, Refused, Unavailable

Connect = Callable[..., Client]
BALANCE = success(balance=18.1636, currency="EUR")
LIMIT = {"status": "error", "message": "You exceeded the rate limit"}


@pytest.mark.parametrize(
    "failure", [reset, hang_up, cut_short, answer(b"<html>"), answer({"status": "error"}, 503), answer(LIMIT, 429)]
)
def test_a_get_is_asked_again_with_growing_pauses(connect: Connect, clock: Clock, failure: Respond) -> None:
    calls: list[Call] = []
    with Server(failure, failure, failure, BALANCE) as server:
        balance = connect(server.url, clock=clock, before_call=calls.append).balance()
        assert server.count == 4
    assert str(balance.amount) == "18.1636"
    assert [call.attempt for call in calls] == [1, 2, 3, 4]
    assert [low <= pause <= low + 0.5 for pause, low in zip(clock.slept, (0.5, 1, 2), strict=True)] == [True] * 3


def test_a_get_is_given_up_after_five_times(connect: Connect, clock: Clock) -> None:
    with Server(hang_up) as server:
        with pytest.raises(Unavailable):
            connect(server.url, clock=clock).balance()
        assert server.count == 5


def test_a_get_is_given_up_at_its_deadline(connect: Connect, clock: Clock) -> None:
    with Server(hang_up) as server:
        with pytest.raises(Unavailable):
            connect(server.url, clock=clock, get_deadline=3.0).balance()
        assert server.count == 3
    assert sum(clock.slept) < 3.0


def test_a_refusal_is_not_asked_again(connect: Connect, clock: Clock) -> None:
    with Server(answer({"status": "error", "message": "no"}, 400), BALANCE) as server:
        with pytest.raises(Refused):
            connect(server.url, clock=clock).balance()
        assert server.count == 1


@pytest.mark.parametrize(
    "headers",
    [{"X-RateLimit-Reset": "5012"}, {"Retry-After": "12"}, {"Retry-After": "Thu, 01 Jan 1970 01:23:32 GMT"}],
)
def test_a_get_waits_until_the_allowance_returns(connect: Connect, clock: Clock, headers: dict[str, str]) -> None:
    with Server(answer(LIMIT, 429, headers), BALANCE) as server:
        connect(server.url, clock=clock, now=lambda: 5000.0).balance()
        assert server.count == 2
    assert clock.slept == [12.0]


def test_an_allowance_that_returns_too_late_is_not_waited_for(connect: Connect, clock: Clock) -> None:
    with Server(answer(LIMIT, 429, {"X-RateLimit-Reset": "5046"}), BALANCE) as server:
        with pytest.raises(Unavailable) as failed:
            connect(server.url, clock=clock, now=lambda: 5000.0).balance()
        assert server.count == 1
    assert clock.slept == []
    assert (failed.value.retry_after, failed.value.rate_limited) == (46.0, True)


@pytest.mark.parametrize("reset_at", ["4000", "soon", "-1", "9" * 40])
def test_a_reset_that_makes_no_sense_leaves_the_usual_pause(connect: Connect, clock: Clock, reset_at: str) -> None:
    with Server(answer(LIMIT, 429, {"X-RateLimit-Reset": reset_at}), BALANCE) as server:
        connect(server.url, clock=clock, now=lambda: 5000.0).balance()
    (pause,) = clock.slept
    assert 0.5 <= pause <= 1.0


CHANGES: list[Callable[[Client], object]] = [
    lambda client: client.order(direction_id="1", documents_group_id="0"),
    lambda client: client.prolong(number="442037691880", months=1),
    lambda client: client.set_autoprolongation(number="442037691880", number_type="common", on=True),
    lambda client: client.set_caller_name(number="442037691880", number_type="common", caller_name=""),
    lambda client: client.set_sip_id(number="442037691880", number_type="common", sip_id="123456"),
    lambda client: client.set_receive_sms(number="442037691880", on=True),
    lambda client: client.set_incoming_channels(number="442037691880", channels=4),
    lambda client: client.create_document_group({"first_name": "A"}),
    lambda client: client.update_document_group("7", {"first_name": "A"}),
    lambda client: client.upload_document(
        group_id="7", document_type="passport", content=b"1", filename="a.pdf", content_type="application/pdf"
    ),
    lambda client: client.set_webhook_url("https://example.org/"),
    lambda client: client.delete_webhook_url(),
    lambda client: client.set_webhook_hooks({"sms": True}),
]


@pytest.mark.parametrize("failure", [reset, hang_up, answer({"status": "error"}, 503), answer(LIMIT, 429)])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_never_sent_twice(
    connect: Connect, clock: Clock, failure: Respond, change: Callable[[Client], object]
) -> None:
    with Server(failure) as server:
        with pytest.raises(Unavailable):
            change(connect(server.url, clock=clock))
        assert server.count == 1
    assert clock.slept == []


def test_the_zone_is_asked_for_once_and_only_for_dates(connect: Connect) -> None:
    timezone = success(unixtime=1483228800, datetime="2017-01-01 03:00:00", timezone="UTC+3")
    number = success(info={"number": "442037691880", "status": "on", "stop_date": "2021-01-01 00:00:00"})
    with Server(BALANCE, timezone, number) as server:
        client = connect(server.url, zone=None)
        client.balance()
        stops = [client.number("442037691880", "common").stop_date for _ in range(2)]
        assert [seen.path for seen in server.seen] == [
            "/v1/info/balance/",
            "/v1/info/timezone/",
            *["/v1/direct_numbers/number/"] * 2,
        ]
    assert [stop.isoformat() if stop else None for stop in stops] == ["2021-01-01T00:00:00+03:00"] * 2


def test_prolonging_without_a_known_zone_sends_nothing_when_the_zone_cannot_be_had(
    connect: Connect, clock: Clock
) -> None:
    with Server(hang_up) as server:
        with pytest.raises(Unavailable) as failed:
            connect(server.url, zone=None, clock=clock).prolong(number="442037691880", months=1)
        assert {seen.path for seen in server.seen} == {"/v1/info/timezone/"}
    assert (failed.value.may_have_reached, failed.value.acted) == (False, False)
