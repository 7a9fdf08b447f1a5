"""One total deadline for an attempt, and exact knowledge of whether its request was begun.

The timeouts of requests count each read, so a server that trickles bytes keeps a call open for ever. Here a watchdog
shuts the socket down when the deadline passes, whoever is reading or writing it; and the deadline is looked at once
more, in the same breath as the first byte of the request is released.
"""

from __future__ import annotations

import contextlib
import ipaddress
import queue
import socket
import threading
import time
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any, Self

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.retry import Retry

_Addresses = Sequence[tuple[Any, ...]]  # as socket.getaddrinfo gives them
_current: ContextVar[Attempt | None] = ContextVar("zadarma_attempt", default=None)


class NotSent(Exception):
    """The request was not begun: no byte of it was written. The text says why."""


class Attempt:
    """One request and its answer, under one deadline of `seconds` from now. A context manager.

    `fresh` asks for a connection of its own: on one kept open from before, a server that has just closed it would leave
    the outcome unclear.
    """

    def __init__(self, seconds: float, connect_timeout: float, *, fresh: bool) -> None:
        self.fresh = fresh
        self.request_begun = False
        self.expired = False
        self._seconds = seconds
        self._ends = time.monotonic() + seconds
        self._connect_ends = time.monotonic() + min(connect_timeout, seconds)
        self._watched: list[socket.socket] = []
        self._over = False
        self._lock = threading.Lock()
        self._watchdog = threading.Timer(max(seconds, 0), self._expire)
        self._watchdog.daemon = True

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        self._watchdog.start()
        return self

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)
        self._watchdog.cancel()
        with self._lock:
            self._over = True
            for watched in self._watched:
                watched.close()

    def remaining(self) -> float:
        """Seconds until the deadline, never below zero."""
        return max(self._ends - time.monotonic(), 0.0)

    def remaining_to_connect(self) -> float:
        """Seconds until a connection must stand, never below zero."""
        return max(self._connect_ends - time.monotonic(), 0.0)

    def watch(self, connected: socket.socket) -> None:
        """Let the watchdog shut this connection down. It holds a duplicate, since TLS takes the original over."""
        duplicate = socket.fromfd(connected.fileno(), connected.family, connected.type)
        with self._lock:
            self._watched.append(duplicate)
            if self.expired:
                _shut_down(duplicate)

    def begin_request(self) -> None:
        """Release the first byte of the request, or raise NotSent because the deadline has passed."""
        with self._lock:
            if self.expired or time.monotonic() >= self._ends:
                raise NotSent("the deadline passed before the request was sent")
            self.request_begun = True

    def _expire(self) -> None:
        with self._lock:
            if not self._over:
                self.expired = True
                for watched in self._watched:
                    _shut_down(watched)


class DeadlineAdapter(HTTPAdapter):
    """A requests adapter whose connections obey the attempt they are used in. It never repeats a request."""

    def __init__(self) -> None:
        super().__init__(max_retries=Retry(total=0, connect=0, read=False, redirect=0, status=0, other=0))

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class _Watched(HTTPConnection):
    """What the plain and the TLS connection share."""

    _attempt: Attempt | None = None

    def _new_conn(self) -> socket.socket:
        attempt = _current.get()
        if attempt is None:
            return super()._new_conn()
        connected = _connect(self._dns_host, self.port, self.socket_options or [], attempt)
        self._attempt = attempt
        attempt.watch(connected)
        connected.settimeout(attempt.remaining_to_connect() or 0.001)
        return connected

    def request(self, *args: Any, **kwargs: Any) -> None:
        attempt = _current.get()
        if attempt is not None and attempt.fresh and self._attempt is not attempt:
            self.close()
        super().request(*args, **kwargs)

    def send(self, data: Any) -> None:
        attempt = _current.get()
        if attempt is not None:
            if self.sock is None:
                self.connect()
            if not attempt.request_begun:
                if self._attempt is not attempt:
                    self._attempt = attempt
                    attempt.watch(self.sock)
                attempt.begin_request()
            self.sock.settimeout(attempt.remaining() or 0.001)
        super().send(data)


class _Connection(_Watched):
    pass


class _TlsConnection(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


def _connect(host: str, port: int, options: Any, attempt: Attempt) -> socket.socket:
    """A connected socket to the first address of `host` that answers in time. Raises NotSent."""
    reason = "the API's name has no address"
    for family, kind, protocol, _, address in _addresses(host, port, attempt.remaining_to_connect()):
        seconds = attempt.remaining_to_connect()
        if not seconds:
            raise NotSent("connecting to the API timed out")
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(seconds)
            for option in options:
                connection.setsockopt(*option)
            connection.connect(address)
            return connection
        except TimeoutError:
            reason = "connecting to the API timed out"
        except OSError:
            reason = "the connection to the API was refused"
        except BaseException:
            connection.close()
            raise
        connection.close()
    raise NotSent(reason)


def _addresses(host: str, port: int, seconds: float) -> _Addresses:
    """The addresses of `host`, looked up in a thread of its own: nothing else can put a limit on the look-up."""
    try:
        ipaddress.ip_address(host.strip("[]"))
        return socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except ValueError:
        pass  # a name
    found: queue.SimpleQueue[_Addresses] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            found.put([])

    threading.Thread(target=look_up, daemon=True).start()
    try:
        return found.get(timeout=seconds)
    except queue.Empty:
        pass
    raise NotSent("looking up the API's name timed out")


def _shut_down(watched: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the other side may be quicker
        watched.shutdown(socket.SHUT_RDWR)
