"""From a signed request to the JSON object of a success, or to the error that says what may have happened."""

from __future__ import annotations

import http.client
import ipaddress
import logging
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from tenacity import RetryCallState, Retrying, retry_if_exception, wait_exponential_jitter
from urllib3.filepost import encode_multipart_formdata

from zadarma.deadline import Attempt, DeadlineAdapter, NotSent
from zadarma.errors import Unavailable, ZadarmaError
from zadarma.reading import RawAnswer, rate_limit, read_answer
from zadarma.signing import authorization, encode_query, text_params

log = logging.getLogger(__name__)

GET_ATTEMPTS = 5
_CHUNK = 64 * 1024
_LOST = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError)


@dataclass(frozen=True)
class Call:
    """An attempt about to be made: HTTP method, path with placeholders (no ids in it), whether it changes anything, and
    its count from 1."""

    method: str
    path: str
    changing: bool
    attempt: int = 1


@dataclass(frozen=True)
class RateLimit:
    """The allowance as the API last stated it: calls a minute, calls left, and when it is full again (aware, UTC)."""

    limit: int | None
    remaining: int | None
    reset_at: datetime | None


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt: HTTP status (None without an answer), allowance, seconds it took, and the error if
    any.
    """

    http_status: int | None
    rate_limit: RateLimit | None
    elapsed: float
    error: ZadarmaError | None = None


@dataclass(frozen=True)
class File:
    """The unsigned part of an upload."""

    name: str
    content: bytes
    content_type: str


BeforeCall = Callable[[Call], None]
AfterCall = Callable[[Call, Outcome], None]


class Transport:
    """Signs, sends, and reads. Arguments as for `zadarma.Client`."""

    def __init__(
        self,
        base_url: str,
        key: str,
        secret: str,
        *,
        connect_timeout: float,
        read_timeout: float,
        get_deadline: float,
        change_deadline: float,
        before_call: BeforeCall | None,
        after_call: AfterCall | None,
        loopback_only: bool,
        max_answer_bytes: int,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        self.base_url = checked_base_url(base_url, loopback_only=loopback_only)
        if not re.fullmatch(r"[!-~]+", key) or not secret:
            raise ValueError("the key must be printable ASCII without spaces, and the secret not empty")
        self._key, self._secret = key, secret
        self._connect_timeout, self._read_timeout = connect_timeout, read_timeout
        self._get_deadline, self._change_deadline = get_deadline, change_deadline
        self._before_call, self._after_call = before_call, after_call
        self._max_answer_bytes = max_answer_bytes
        self._sleep, self._clock, self._now = sleep, clock, now
        self._session = _Session()
        self._changes_end = math.inf

    def end_changes_by(self, ends: float) -> None:
        """Begin no changing call after `ends` (of the clock), however much of its own deadline is left."""
        self._changes_end = ends

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()

    def get(self, call: Call, path: str, params: Mapping[str, str | int]) -> dict[str, Any]:
        """The answer of a GET, asked again after Unavailable as far as the deadline allows."""
        ends = self._clock() + self._get_deadline
        backoff = wait_exponential_jitter(multiplier=0.5, max=8, jitter=0.5)

        def pause(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.retry_after if isinstance(error, Unavailable) else None
            return max(asked or 0.0, backoff(state))

        def out_of_time(state: RetryCallState) -> bool:
            return state.attempt_number >= GET_ATTEMPTS or self._clock() + state.upcoming_sleep >= ends

        for attempt in Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, Unavailable) and error.worth_repeating),
            wait=pause,
            stop=out_of_time,
            sleep=self._sleep,
            reraise=True,
        ):
            with attempt:
                numbered = Call(call.method, call.path, False, attempt.retry_state.attempt_number)
                return self._once(numbered, self._prepared("GET", path, params), ends)
        raise AssertionError("unreachable")  # pragma: no cover

    def change(
        self, call: Call, path: str, params: Mapping[str, str | int], file: File | None = None
    ) -> dict[str, Any]:
        """The answer of a POST, PUT or DELETE, which is sent at most once, on a connection of its own."""
        ends = min(self._clock() + self._change_deadline, self._changes_end)
        return self._once(call, self._prepared(call.method, path, params, file), ends)

    def _prepared(
        self, method: str, path: str, params: Mapping[str, str | int], file: File | None = None
    ) -> requests.PreparedRequest:
        query = encode_query(params)
        headers = {
            "Authorization": authorization(path, params, self._key, self._secret),
            "Accept": "application/json",
            "User-Agent": "Numberdesk",
        }
        body: bytes | None = None
        if file is not None:
            parts: dict[str, Any] = {**text_params(params), "file": (file.name, file.content, file.content_type)}
            body, headers["Content-Type"] = encode_multipart_formdata(parts)
        elif method != "GET":
            body = query.encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        prepared = requests.Request(method, self.base_url + path, headers=headers, data=body).prepare()
        if method == "GET":
            # requests would decode %7E on the way, and the signature would no longer fit
            prepared.url = f"{self.base_url}{path}?{query}"
        return prepared

    def _once(self, call: Call, request: requests.PreparedRequest, ends: float) -> dict[str, Any]:
        name = f"{call.method} {call.path}"
        if self._before_call is not None:
            try:
                self._before_call(call)
            except Unavailable as refusal:
                refusal.worth_repeating = False  # the budget has decided; asking it again is its owner's business
                refusal.may_have_reached = False
                raise
        began = self._clock()
        answer: RawAnswer | None = None
        error: ZadarmaError | None = None
        payload: dict[str, Any] = {}
        with Attempt(max(ends - began, 0.0), self._connect_timeout, fresh=call.changing) as attempt:
            try:
                answer = self._exchange(request, attempt)
            except NotSent as reason:
                error = Unavailable(str(reason), may_have_reached=False, call=name)
            except _LOST as lost:
                error = Unavailable(_how_lost(lost, attempt), may_have_reached=attempt.request_begun, call=name)
        limit = None
        if answer is not None:
            limit = RateLimit(*parsed) if (parsed := rate_limit(answer.headers)) else None
            secrets = (self._secret, self._key, str(request.headers["Authorization"]))
            result = read_answer(answer, name, secrets, self._now())
            if isinstance(result, ZadarmaError):
                error = result
            else:
                payload = result
        self._report(call, Outcome(answer.status if answer else None, limit, self._clock() - began, error))
        if error is not None:
            raise error
        return payload

    def _exchange(self, request: requests.PreparedRequest, attempt: Attempt) -> RawAnswer:
        response = self._session.send(
            request,
            timeout=(self._connect_timeout, self._read_timeout),
            stream=True,
            allow_redirects=False,
            verify=True,
        )
        chunks: list[bytes] = []
        size = 0
        problem: str | None = None
        final = False
        try:
            for chunk in response.iter_content(_CHUNK):
                size += len(chunk)
                if size > self._max_answer_bytes:
                    problem, final = "the answer is too large", True
                    break
                chunks.append(chunk)
        except _LOST as lost:
            problem = _how_lost(lost, attempt)
        finally:
            response.close()
        if attempt.expired:
            problem = problem or "the deadline passed before the whole answer was there"
        return RawAnswer(response.status_code, response.headers, b"".join(chunks), problem, final)

    def _report(self, call: Call, outcome: Outcome) -> None:
        if self._after_call is None:
            return
        try:
            self._after_call(call, outcome)
        except Exception:
            # the outcome of a call that may have cost money must not be lost to its bookkeeping
            log.exception("the after_call hook failed for %s %s", call.method, call.path)


class _Session(requests.Session):
    """A session that takes nothing from the environment, keeps no cookies, and sees no redirects."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = DeadlineAdapter()
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


def _how_lost(lost: Exception, attempt: Attempt) -> str:
    """Why there is no answer, without the exception's own text: it holds the parameters."""
    if attempt.expired or not attempt.remaining() > 0:  # the socket's own timeout may fire just before the watchdog
        return "the deadline passed before the whole answer was there"
    if isinstance(lost, requests.exceptions.SSLError):
        return "no secure connection to the API could be made"
    if isinstance(lost, (requests.Timeout, TimeoutError)):
        return "the API took too long to answer" if attempt.request_begun else "connecting to the API timed out"
    if attempt.request_begun:
        return "the connection was lost before the whole answer was there"
    return "no connection to the API could be made"


def checked_base_url(base_url: str, *, loopback_only: bool) -> str:
    """`base_url` without a trailing slash. ValueError unless https://host[:port], or http:// to this machine."""
    parts = urlsplit(base_url.strip())
    try:
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("the API's address has no valid port") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError("the API's address must begin with https:// and name a host")
    if parts.username is not None or parts.query or parts.fragment or parts.path not in {"", "/"}:
        raise ValueError("the API's address is a scheme, a host and a port, nothing else")
    if not is_loopback(host):
        if loopback_only:
            raise ValueError("only an API address on this machine (loopback) is allowed here")
        if parts.scheme == "http":
            raise ValueError("plain http:// is allowed for loopback only; use https://")
    return f"{parts.scheme}://{parts.netloc}"


def is_loopback(host: str) -> bool:
    """Whether `host` (a name or an address) is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
