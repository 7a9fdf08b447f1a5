"""The HTTP side: reads a request, checks key, signature and rate, lets the method or a fault happen, answers."""

from __future__ import annotations

import json
import math
import os
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import urlsplit

from . import bodies, control, routes, signing
from .calls import Call
from .faults import Fault
from .messages import Refused, text
from .simulation import Result, Simulation, error

_HTML = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
_NO_EFFECT = {"rate", "error", "error_in_200", "html_before", "reset_before"}


@dataclass(slots=True)
class Reply:
    """What goes onto the wire."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


class Server(ThreadingHTTPServer):
    """One thread a connection; none of them keeps the process alive."""

    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], simulation: Simulation) -> None:
        self.simulation = simulation
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        """Bind without the base class's look-up of the host's name, which may take long."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong, unless it is only that a client went away."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    server_version = "zadarma-simulator"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1

    @property
    def simulation(self) -> Simulation:
        return cast(Server, self.server).simulation

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the log of requests is under ``/__simulator__/requests``."""

    def _answer(self) -> None:
        target = urlsplit(self.path)
        try:
            body = bodies.read(self.headers, self.rfile)
        except Refused as refusal:
            self.close_connection = True
            self._send(_reply(error(refusal.status, refusal.message("en"))))
            return
        if target.path.startswith(control.PREFIX):
            if self._is_from_a_page():
                self._send(Reply(403, b'{"error": "control calls are not taken from web pages"}'))
                return
            status, answer = control.answer(self.simulation, self.command, target.path, target.query, body)
            self._send(Reply(status, json.dumps(answer).encode()))
            return
        self._answer_api(target.path, target.query, body)

    def _is_from_a_page(self) -> bool:
        """Whether a browser asks for a page of another origin, perhaps under a name that leads to this machine."""
        try:
            host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
        except ValueError:
            host = None
        return "Origin" in self.headers or host not in {"127.0.0.1", "localhost", "::1"}

    def _answer_api(self, path: str, query: str, body: bytes) -> None:
        entry = self.simulation.requests.begin(self.command, path)
        key, _ = signing.split_header(self.headers.get("Authorization", ""))
        secret = self.simulation.options.secrets.get(key)
        allowance = self.simulation.rates.count(key if secret is not None else "")
        headers = allowance.headers()
        entry["key"] = key if secret is not None else None
        try:
            pairs, upload = bodies.parameters(self.headers, body, query, self.command)
            entry["params"] = dict(pairs)
            if upload is not None:
                entry["params"][upload.field] = f"<{upload.name}, {len(upload.content)} bytes>"
            header = self.headers.get("Authorization", "")
            if secret is None or not signing.is_signed(header, path, pairs, secret):
                raise Refused("auth", 401)
            if not allowance.is_allowed:
                raise Refused("rate", 429)
            method, words = routes.find(self.command, path)
        except Refused as refusal:
            self._finish(entry, _reply(error(refusal.status, refusal.message("en")), headers))
            return
        simulation = self.simulation
        account = simulation.world.accounts[key]
        call = Call(simulation.world, account, dict(pairs), entry["n"], words, upload)
        fault = simulation.faults.draw(self.command, path, call.params)
        if fault is None:
            self._finish(entry, _reply(simulation.call(method, call), headers))
            return
        entry["fault"] = fault.kind
        if fault.kind == "reset_then_effect":
            simulation.call_later(fault.seconds, method, call)
            self._reset()
        elif fault.kind in _NO_EFFECT:
            self._spoil(entry, fault, Result(200), headers)
        else:
            if fault.kind == "latency_before":
                time.sleep(fault.seconds)
            self._spoil(entry, fault, simulation.call(method, call), headers)

    def _spoil(self, entry: dict[str, Any], fault: Fault, result: Result, headers: dict[str, str]) -> None:
        """Answer in the way that the fault wants; what took effect has done so already."""
        reply = _reply(result, headers)
        match fault.kind:
            case "reset_before" | "reset_after":
                self._reset()
                return
            case "rate":
                headers = {**headers, "X-RateLimit-Remaining": "0"}
                if fault.seconds:
                    headers["X-RateLimit-Reset"] = str(math.ceil(time.time() + fault.seconds))
                reply = _reply(error(429, text("rate", "en")), headers)
            case "error" | "error_after":
                reply = _reply(error(500, text("broken", "en")), headers)
            case "error_in_200":
                reply = _reply(error(200, text("broken", "en")), headers)
            case "html" | "html_before":
                reply = Reply(fault.status, _HTML, headers, "text/html")
            case "bad_json":
                reply.body = b'{"status":"success","number":'
            case "latency":
                time.sleep(fault.seconds)
        if fault.kind == "truncated":
            self._finish(entry, reply, cut_at=len(reply.body) // 2)
        else:
            self._finish(entry, reply, byte_every=fault.seconds if fault.kind == "slow_body" else 0.0)

    def _finish(self, entry: dict[str, Any], reply: Reply, *, cut_at: int | None = None, byte_every: float = 0) -> None:
        entry["status"] = reply.status
        self._send(reply, cut_at=cut_at, byte_every=byte_every)

    def _send(self, reply: Reply, *, cut_at: int | None = None, byte_every: float = 0.0) -> None:
        """Write the reply: whole, cut off after some bytes, or trickling with so many seconds between two bytes."""
        if cut_at is not None:
            self.close_connection = True
        try:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            if self.command == "HEAD":
                return
            if byte_every:
                self._trickle(reply.body, byte_every)
            else:
                self.wfile.write(reply.body[:cut_at])
            self.wfile.flush()
        except OSError:
            self.close_connection = True

    def _trickle(self, body: bytes, byte_every: float) -> None:
        for place in range(len(body)):
            time.sleep(byte_every)
            self.wfile.write(body[place : place + 1])
            self.wfile.flush()

    def _reset(self) -> None:
        """Close so that the client sees a reset connection rather than an orderly end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def finish(self) -> None:
        """End a connection, which may be gone."""
        try:
            super().finish()
        except OSError:
            self.close_connection = True


def _reply(result: Result, headers: dict[str, str] | None = None) -> Reply:
    return Reply(
        result.status, json.dumps(result.body, ensure_ascii=False, separators=(",", ":")).encode(), dict(headers or {})
    )


def serve(simulation: Simulation, address: tuple[str, int], stopped: threading.Event) -> None:
    """Answer requests at this address until ``stopped`` is set, then save everything. Prints one line when ready."""
    server = Server(address, simulation)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    print(f"simulator listening on http://{address[0]}:{server.server_port}", flush=True)
    stopped.wait()
    server.shutdown()
    simulation.stop()
    server.server_close()
