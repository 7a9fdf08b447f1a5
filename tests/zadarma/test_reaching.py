"""What is known after a call that failed: which error, whether it may have reached the API, whether it acted."""

from __future__ import annotations

import pickle
import socket
import threading
import time
from collections.abc import Callable

import pytest

from tests.zadarma.conftest import KEY, SECRET
from tests.zadarma.servers import Respond, Server, answer, cut_short, hang_up, reset, silence, success, trickle
from zadarma import BadCredentials, Call, Client, Outcome, Refused, Unavailable, ZadarmaError

Connect = Callable[..., Client]
ERROR = {"status": "error", "message": "Check phone's number"}
NESTED = b'{"status": "success", "number": ' + b"[" * 100_000


def order(client: Client) -> None:
    client.order(direction_id="3766", documents_group_id="7", purpose="my own business")


@pytest.mark.parametrize(
    "respond",
    [
        pytest.param(reset, id="reset"),
        pytest.param(hang_up, id="closed"),
        pytest.param(cut_short, id="truncated"),
        pytest.param(answer(b"<html>Bad gateway</html>"), id="html"),
        pytest.param(answer(b""), id="empty"),
        pytest.param(answer(b"\xff\xfe"), id="not UTF-8"),
        pytest.param(answer(NESTED), id="nested without end"),
        pytest.param(answer([1]), id="a list"),
        pytest.param(answer({"number": "1"}), id="without status"),
        pytest.param(answer({"status": "maybe"}), id="unknown status"),
        pytest.param(answer(b'{"status": "success", "number": NaN}'), id="NaN"),
        pytest.param(answer(ERROR, 500), id="500"),
        pytest.param(answer({"status": "success"}, 502), id="502 with success"),
        pytest.param(answer(b"<html>", 403), id="403 in HTML"),
        pytest.param(answer(ERROR, 302, {"Location": "/v1/elsewhere/"}), id="redirect"),
    ],
)
def test_an_unclear_outcome_is_said_to_be_unclear_and_not_sent_again(connect: Connect, respond: Respond) -> None:
    with Server(respond) as server:
        with pytest.raises(Unavailable) as failed:
            order(connect(server.url))
        assert (failed.value.may_have_reached, failed.value.acted) == (True, None)
        assert not failed.value.rate_limited
        assert server.count == 1


def test_an_answer_of_another_shape_leaves_the_outcome_unclear(connect: Connect) -> None:
    respond = success(number="442037691880", stop_date="soon", total_paid=[])
    with Server(respond) as server, pytest.raises(Unavailable, match="the answer is not as promised") as failed:
        connect(server.url).prolong(number="442037691880", months=1)
    assert (failed.value.acted, failed.value.http_status) == (None, 200)


def test_a_refused_connection_is_known_not_to_have_reached(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unavailable, match="refused") as failed:
        order(connect(f"http://127.0.0.1:{port}"))
    assert (failed.value.may_have_reached, failed.value.acted) == (False, False)


def test_an_unknown_name_is_known_not_to_have_reached(connect: Connect) -> None:
    with pytest.raises(Unavailable, match="name has no address|name timed out") as failed:
        order(connect("https://nowhere.invalid", connect_timeout=2))
    assert failed.value.may_have_reached is False


def test_tls_that_does_not_come_about_is_known_not_to_have_reached(connect: Connect) -> None:
    def no_tls(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        connection.recv(1)
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=no_tls, args=(listening,), daemon=True).start()
        with pytest.raises(Unavailable) as failed:
            order(connect(f"https://127.0.0.1:{listening.getsockname()[1]}"))
    assert failed.value.may_have_reached is False


@pytest.mark.parametrize("status", [200, 400, 404, 405])
def test_the_body_says_no_whatever_the_http_status(connect: Connect, status: int) -> None:
    with Server(answer(ERROR, status)) as server:
        with pytest.raises(Refused) as failed:
            order(connect(server.url))
        assert server.count == 1
    assert failed.value.message == "Check phone's number"
    assert str(failed.value) == f"POST /v1/direct_numbers/order/: the API refused (HTTP {status})"
    assert (failed.value.may_have_reached, failed.value.acted, failed.value.took_effect) == (True, False, False)


def test_the_body_says_yes_whatever_the_http_status(connect: Connect) -> None:
    with Server(answer({"status": "success", "number": "+442037691880", "is_reserved": "true"}, 404)) as server:
        ordered = connect(server.url).order(direction_id="1", documents_group_id="0")
    assert (ordered.number, ordered.is_reserved, ordered.is_activated) == ("442037691880", True, False)


@pytest.mark.parametrize("body", [{"status": "error", "message": "Auth error"}, b"<html>"])
def test_401_is_the_key_pair(connect: Connect, body: object) -> None:
    with Server(answer(body, 401)) as server:
        with pytest.raises(BadCredentials) as failed:
            connect(server.url).balance()
        assert server.count == 1
    assert (failed.value.may_have_reached, failed.value.acted) == (True, False)


def test_429_is_a_spent_allowance_that_had_no_effect(connect: Connect) -> None:
    headers = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "5030"}
    with Server(answer(ERROR, 429, headers)) as server:
        with pytest.raises(Unavailable) as failed:
            order(connect(server.url, now=lambda: 5000.0))
        assert server.count == 1
    assert failed.value.rate_limited
    assert (failed.value.may_have_reached, failed.value.acted, failed.value.retry_after) == (True, False, 30.0)


def test_a_redirect_is_not_followed_by_get_either(connect: Connect) -> None:
    with Server(success(balance=1, currency="EUR")) as elsewhere:
        location = {"Location": f"{elsewhere.url}/v1/info/balance/"}
        with Server(answer(b"", 307, location)) as server, pytest.raises(Unavailable, match="redirect"):
            connect(server.url).balance()
        assert (server.count, elsewhere.count) == (1, 0)


def test_an_answer_too_large_is_given_up(connect: Connect) -> None:
    with Server(success(padding="x" * 200_000)) as server:
        with pytest.raises(Unavailable, match="too large"):
            connect(server.url, max_answer_bytes=100_000).balance()
        assert server.count == 1


# Deadlines


@pytest.mark.parametrize(
    "respond",
    [
        pytest.param(silence, id="silence"),
        pytest.param(trickle(b""), id="trickling before the head"),
        pytest.param(trickle(b"HTTP/1.1 200 OK\r\nX-Padding: "), id="trickling head"),
        pytest.param(trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{"), id="trickling body"),
        pytest.param(trickle(b'HTTP/1.1 200 OK\r\n\r\n{"status": "success"}'), id="whole but never ending"),
    ],
)
def test_a_change_ends_at_its_deadline_however_slowly_the_api_answers(connect: Connect, respond: Respond) -> None:
    outcomes: list[Outcome] = []
    with Server(respond) as server:
        client = connect(server.url, change_deadline=0.4, after_call=lambda _, outcome: outcomes.append(outcome))
        began = time.monotonic()
        with pytest.raises(Unavailable, match="deadline") as failed:
            order(client)
        assert 0.35 < time.monotonic() - began < 1.5
        assert server.count == 1
    assert (failed.value.may_have_reached, failed.value.acted) == (True, None)
    assert outcomes[0].error is failed.value


def test_a_server_that_does_not_read_cannot_hold_an_upload_past_its_deadline(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        client = connect(f"http://127.0.0.1:{deaf.getsockname()[1]}", change_deadline=0.4)
        with pytest.raises(Unavailable, match="deadline|too long") as failed:
            client.upload_document(
                group_id="7",
                document_type="passport",
                content=bytes(30_000_000),
                filename="a.pdf",
                content_type="application/pdf",
            )
    assert failed.value.may_have_reached is True


def test_tls_that_never_answers_ends_at_the_deadline_and_has_not_reached(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        client = connect(f"https://127.0.0.1:{deaf.getsockname()[1]}", change_deadline=0.4)
        with pytest.raises(Unavailable) as failed:
            order(client)
    assert failed.value.may_have_reached is False


def test_a_deadline_that_passes_before_the_request_is_written_stops_it(connect: Connect) -> None:
    clock = [100.0]

    def hook(_: Call) -> None:
        clock[0] += 31  # the hook waited for longer than the whole call may take

    with Server(success(number="1")) as server:
        with pytest.raises(Unavailable) as failed:
            order(connect(server.url, before_call=hook, clock=lambda: clock[0]))
        assert server.count == 0
    assert (failed.value.may_have_reached, failed.value.acted) == (False, False)


def test_the_deadline_is_looked_at_again_on_a_connection_kept_open(connect: Connect) -> None:
    clock = [100.0]
    waits: list[float] = []

    def hook(_: Call) -> None:
        clock[0] += sum(waits)

    with Server(success(balance=1, currency="EUR")) as server:
        client = connect(server.url, before_call=hook, clock=lambda: clock[0])
        client.balance()
        waits.append(46)
        with pytest.raises(Unavailable) as failed:
            client.balance()
        assert server.count == 1
    assert failed.value.may_have_reached is False


# Connections


def test_a_change_uses_a_connection_of_its_own(connect: Connect) -> None:
    with Server(success(balance=1, currency="EUR", number="1")) as server:
        client = connect(server.url)
        client.balance()
        client.balance()
        order(client)
        order(client)
        assert [seen.connection for seen in server.seen] == [0, 0, 1, 2]


def test_a_connection_closed_meanwhile_does_not_make_an_order_unclear(connect: Connect) -> None:
    with Server(
        answer({"status": "success", "balance": 1, "currency": "EUR", "number": "1"}, keep_open=False)
    ) as server:
        client = connect(server.url)
        client.balance()
        order(client)
        assert server.count == 2


# Hooks


def test_the_budget_hook_stops_a_call_before_it_is_sent_and_is_not_asked_again(connect: Connect) -> None:
    asked: list[Call] = []

    def spent(call: Call) -> None:
        asked.append(call)
        raise Unavailable("the budget is spent", retry_after=1.0, rate_limited=True)

    with Server(success(balance=1, currency="EUR")) as server:
        for act in (order, lambda client: client.balance()):
            with pytest.raises(Unavailable, match="budget") as failed:
                act(connect(server.url, before_call=spent))
            assert (failed.value.may_have_reached, failed.value.acted) == (False, False)
        assert server.count == 0
    assert asked == [Call("POST", "/v1/direct_numbers/order/", True), Call("GET", "/v1/info/balance/", False)]


def test_the_outcome_hook_sees_the_allowance_and_cannot_lose_a_result(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    outcomes: list[tuple[Call, Outcome]] = []

    def note(call: Call, outcome: Outcome) -> None:
        outcomes.append((call, outcome))
        raise RuntimeError("the books are on fire")

    headers = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "42", "X-RateLimit-Reset": "1700000000"}
    with Server(answer({"status": "success", "number": "1"}, headers=headers)) as server:
        assert connect(server.url, after_call=note).order(direction_id="1", documents_group_id="0").number == "1"
    ((call, outcome),) = outcomes
    assert (call.method, call.changing, outcome.http_status, outcome.error) == ("POST", True, 200, None)
    assert outcome.rate_limit is not None
    assert outcome.rate_limit.reset_at is not None
    assert (outcome.rate_limit.limit, outcome.rate_limit.remaining) == (100, 42)
    assert outcome.rate_limit.reset_at.isoformat() == "2023-11-14T22:13:20+00:00"
    assert "after_call hook failed" in caplog.text


# What errors show


def chain(error: BaseException | None) -> str:
    """Everything a crash reporter would see of an error and what led to it."""
    shown = ""
    while error is not None:
        shown += f"{error!r} {error!s} {error.args} {vars(error)}\n"
        error = error.__cause__ or error.__context__
    return shown


@pytest.mark.parametrize(
    "respond", [reset, cut_short, answer(b"<html>", 500), answer(b"[]"), answer({"status": "success"})]
)
def test_no_error_holds_a_secret_or_a_parameter(connect: Connect, respond: Respond) -> None:
    with Server(respond) as server:
        client = connect(server.url)
        errors: list[ZadarmaError] = []
        for act in (
            lambda: client.autoprolongation("4930123456", "common"),
            lambda: client.create_document_group({"first_name": "Johanna"}),
            lambda: client.document_group("4711"),
        ):
            with pytest.raises(ZadarmaError) as failed:
                act()
            errors.append(failed.value)
        signatures = [seen.headers["authorization"].partition(":")[2] for seen in server.seen]
    for error in errors:
        for hidden in (KEY, SECRET, "4930123456", "Johanna", "4711", *signatures):
            assert hidden not in chain(error)


def test_the_api_s_message_is_shown_without_the_key_pair(connect: Connect) -> None:
    respond = answer({"status": "error", "message": f"No\n user {KEY} with {SECRET}"}, 400)
    with Server(respond) as server, pytest.raises(Refused) as failed:
        connect(server.url).balance()
    assert failed.value.message == "No user … with …"
    assert KEY not in chain(failed.value)


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("gone", may_have_reached=False, retry_after=3.0, call="GET /v1/sip/"),
        Refused("Nein", http_status=400),
        BadCredentials("Auth error", http_status=401),
    ],
)
def test_errors_survive_being_handed_between_processes(error: ZadarmaError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), vars(copy), str(copy)) == (type(error), vars(error), str(error))
