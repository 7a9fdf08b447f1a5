"""The client: one account of the Zadarma API, a method for each method of the API."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Self

from zadarma.account_calls import AccountCalls
from zadarma.document_calls import DocumentCalls
from zadarma.fields import read_zone
from zadarma.number_calls import NumberCalls
from zadarma.transport import AfterCall, BeforeCall, Call, Outcome, RateLimit, Transport

__all__ = ["Call", "Client", "Outcome", "RateLimit"]

MEBIBYTE = 1024 * 1024


class Client(AccountCalls, NumberCalls, DocumentCalls):
    """One account of the Zadarma API.

    GETs are asked again after `Unavailable`, with growing pauses, for `get_deadline` seconds in all and five times at
    most; a spent allowance is waited for if it returns within that time. Calls that change something are sent at most
    once, on a connection of their own, and end within `change_deadline` seconds, hooks included, however slowly the API
    answers.

    - `base_url`: `https://host[:port]`; `http://` only to this machine, and `loopback_only` allows nothing else.
    - `zone`: the account's zone (`UTC+2`, or an IANA name), in which the API's dates are; None asks the API once.
    - `connect_timeout`, `read_timeout`: seconds to connect, and between two reads of an answer.
    - `before_call`: called before each attempt; what it raises ends the call, and nothing was sent.
    - `after_call`: called after each attempt with its outcome; what it raises is logged.
    - `max_answer_bytes`: larger answers are Unavailable (100,000 numbers are about 50 MB).
    - `sleep` and `clock` (monotonic, seconds) and `now` (Unix time) are there for tests.

    A client may be shared by threads. Raises ValueError for a base URL or zone that is none.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        secret: str,
        *,
        zone: str | None = None,
        connect_timeout: float = 5.0,
        read_timeout: float = 20.0,
        get_deadline: float = 45.0,
        change_deadline: float = 30.0,
        before_call: BeforeCall | None = None,
        after_call: AfterCall | None = None,
        loopback_only: bool = False,
        max_answer_bytes: int = 256 * MEBIBYTE,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._given_zone = None if zone is None else read_zone(zone)
        self._transport = Transport(
            base_url,
            key,
            secret,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            get_deadline=get_deadline,
            change_deadline=change_deadline,
            before_call=before_call,
            after_call=after_call,
            loopback_only=loopback_only,
            max_answer_bytes=max_answer_bytes,
            sleep=sleep,
            clock=clock,
            now=now,
        )

    def __repr__(self) -> str:
        return f"<Client {self._transport.base_url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def end_changes_by(self, ends: float) -> None:
        """Let every changing call from now on end by `ends` (of `clock`), for a caller whose own time is limited."""
        self._transport.end_changes_by(ends)

    def close(self) -> None:
        """Close the connections kept open."""
        self._transport.close()
