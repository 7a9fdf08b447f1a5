"""Small HTTP servers on real sockets, for answers that no well-behaved server gives."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Seen:
    """A request as it arrived, and which connection (from 0) it came on."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The signed text as it went over the wire."""
        return self.target.partition("?")[2] if self.method == "GET" else self.body.decode()

    @property
    def params(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True, strict_parsing=True))


Respond = Callable[["Server", socket.socket, Seen], None]


class Server:
    """Answers the n-th request with the n-th of `responses`, the last of them from then on."""

    def __init__(self, *responses: Respond) -> None:
        self.seen: list[Seen] = []
        self.over = threading.Event()
        self._responses = responses
        self._connections: list[socket.socket] = []

    def __enter__(self) -> Server:
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._listening.close()
        for connection in self._connections:
            connection.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    @property
    def count(self) -> int:
        return len(self.seen)

    def _accept(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection, len(self._connections) - 1), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        reader = connection.makefile("rb")
        try:
            while line := reader.readline():
                method, target, _ = line.decode().split(" ", 2)
                headers: dict[str, str] = {}
                while (header := reader.readline().strip()) != b"":
                    name, _, value = header.decode().partition(":")
                    headers[name.lower()] = value.strip()
                body = reader.read(int(headers.get("content-length", 0)))
                seen = Seen(method, target, headers, body, number)
                self.seen.append(seen)
                self._responses[min(self.count, len(self._responses)) - 1](self, connection, seen)
        except OSError:
            pass  # the client went away, as some tests want it to


def answer(
    payload: Any, status: int = 200, headers: dict[str, str] | None = None, *, keep_open: bool = True
) -> Respond:
    """An HTTP answer with a JSON payload (or bytes as they are)."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()

    def respond(_: Server, connection: socket.socket, __: Seen) -> None:
        lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        if not keep_open:
            connection.shutdown(socket.SHUT_RDWR)

    return respond


def success(**fields: Any) -> Respond:
    return answer({"status": "success", **fields})


def reset(_: Server, connection: socket.socket, __: Seen) -> None:
    """Read the request, then reset the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RD)
    connection.close()


def hang_up(_: Server, connection: socket.socket, __: Seen) -> None:
    """Close without a word."""
    connection.shutdown(socket.SHUT_RDWR)


def cut_short(_: Server, connection: socket.socket, __: Seen) -> None:
    """Promise more than is sent."""
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"status": "success", "bal')
    connection.shutdown(socket.SHUT_RDWR)


def silence(server: Server, _: socket.socket, __: Seen) -> None:
    """Never answer."""
    server.over.wait(30)


def trickle(head: bytes) -> Respond:
    """Send `head`, then a byte every 20 milliseconds without end."""

    def respond(server: Server, connection: socket.socket, _: Seen) -> None:
        connection.sendall(head)
        while not server.over.wait(0.02):
            connection.sendall(b" ")

    return respond
