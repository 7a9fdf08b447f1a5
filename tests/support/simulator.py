"""The simulator as a real process for tests, and its control calls as methods."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

_ROOT = Path(__file__).resolve().parents[2]
_OPENER = build_opener(ProxyHandler({}))
_START_SECONDS = 30.0


class SimulatorProcess:
    """Starts ``python -m simulator`` on a free port, waits until it listens, and stops it by its own process id.

    A context manager. ``accounts`` are further (key, secret) pairs; ``rate`` is in calls a minute and key.
    """

    url: str

    def __init__(
        self,
        *,
        key: str = "test-key",
        secret: str = "test-secret",
        accounts: Sequence[tuple[str, str]] = (),
        numbers: int = 0,
        rate: int = 100_000,
        seed: int = 1,
        demo: bool = False,
        shape: str = "production",
        state: Path | None = None,
    ) -> None:
        self.key = key
        self.secret = secret
        self._command = [sys.executable, "-m", "simulator", "--port", "0", "--key", key, "--secret", secret]
        self._command += ["--numbers", str(numbers), "--rate", str(rate), "--seed", str(seed), "--shape", shape]
        for other_key, other_secret in accounts:
            self._command += ["--account", f"{other_key}:{other_secret}"]
        self._command += ["--demo"] if demo else []
        self._command += ["--state", str(state)] if state else []
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the process and wait for the line that says where it listens. RuntimeError if it never comes."""
        self._process = subprocess.Popen(self._command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
        watchdog = threading.Timer(_START_SECONDS, self._process.kill)
        watchdog.start()
        try:
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
        finally:
            watchdog.cancel()
        if "listening on " not in line:
            self.kill()
            raise RuntimeError(f"the simulator did not start: {line!r}")
        self.url = line.rsplit(" ", 1)[1].strip()

    @property
    def pid(self) -> int:
        """The process id while it runs."""
        assert self._process is not None
        return self._process.pid

    def stop(self) -> int:
        """Ask it to stop (SIGTERM), wait, and return its exit code."""
        if self._process is None:
            return 0
        self._process.terminate()
        return self._reap()

    def kill(self) -> None:
        """End it at once (SIGKILL), as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._reap()

    def _reap(self) -> int:
        assert self._process is not None
        process, self._process = self._process, None
        try:
            code = process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        if process.stdout is not None:
            process.stdout.close()
        return code

    def control(self, method: str, path: str, /, **payload: Any) -> dict[str, Any]:
        """One control call, ``path`` being what follows ``/__simulator__/``. ValueError says why it was refused."""
        body = json.dumps(payload).encode() if method != "GET" else None
        request = Request(f"{self.url}/__simulator__/{path.strip('/')}", data=body, method=method)
        try:
            with _OPENER.open(request, timeout=60) as answer:
                found: dict[str, Any] = json.load(answer)
        except HTTPError as refused:
            raise ValueError(refused.read().decode()) from refused
        return found

    def move_time(self, **delta: Any) -> dict[str, Any]:
        """Move simulated time forward by days, hours, minutes, seconds, or ``to`` an ISO moment."""
        return self.control("POST", "time", **delta)

    def verify(self, group_id: int, document_type: str, *, key: str | None = None) -> None:
        """Verify the newest document of this type in the group."""
        self._judge("verify", group_id, document_type, key)

    def reject(self, group_id: int, document_type: str, message: str, *, key: str | None = None) -> None:
        """Reject the newest document of this type; the type ``address`` rejects the group's address."""
        self._judge("reject", group_id, document_type, key, message=message)

    def _judge(self, verdict: str, group_id: int, document_type: str, key: str | None, **more: str) -> None:
        payload = {"verdict": verdict, "group_id": group_id, "document_type": document_type, **more}
        self.control("POST", "documents", **payload, **_named(key=key))

    def set_price(
        self, direction_id: int, *, connect_fee: float | str | None = None, monthly_fee: float | str | None = None
    ) -> None:
        """Change a direction's fees from now on, for new and existing numbers."""
        fees = _named(connect_fee=connect_fee, monthly_fee=monthly_fee)
        self.control("POST", "price", direction_id=direction_id, **fees)

    def set_requirements(self, direction_id: int, profile: str) -> None:
        """Let a direction ask for something else: none, passport, address, resident, local, identity, company …"""
        self.control("POST", "requirements", direction_id=direction_id, profile=profile)

    def top_up(self, amount: float | str, key: str | None = None) -> float:
        """Add to a balance (or, negative, charge it) and return what it is then."""
        balance: float = self.control("POST", "balance", amount=amount, **_named(key=key))["balance"]
        return balance

    def fault(
        self,
        kind: str,
        *,
        path: str = "",
        method: str = "*",
        count: int = 1,
        seconds: float = 0.0,
        probability: float = 1.0,
        **more: Any,
    ) -> None:
        """Order a fault for the next ``count`` calls (-1: all) whose path the regular expression finds."""
        payload = {"kind": kind, "path": path, "method": method, "count": count, "seconds": seconds}
        self.control("POST", "faults", **payload, probability=probability, **more)

    def faults(self) -> list[dict[str, Any]]:
        """The faults that are still to come."""
        found: list[dict[str, Any]] = self.control("GET", "faults")["faults"]
        return found

    def hits(self, method: str | None = None) -> dict[str, int]:
        """How many calls (by this method) each kind of fault has hit."""
        shown = self.control("GET", "faults")
        found: dict[str, int] = shown["hits"] if method is None else shown["hits_by_method"].get(method, {})
        return found

    def late_effects(self) -> int:
        """How many calls were reset and have their effect still before them."""
        return int(self.control("GET", "faults")["late_effects"])

    def clear_faults(self) -> None:
        """No more faults."""
        self.control("DELETE", "faults")

    def requests(self, path: str = "", *, method: str | None = None, key: str | None = None) -> list[dict[str, Any]]:
        """The API requests seen, oldest first, whose path contains ``path``."""
        seen = self.control("GET", "requests")["requests"]
        return [
            entry
            for entry in seen
            if path in entry["path"] and method in (None, entry["method"]) and key in (None, entry["key"])
        ]

    def request_totals(self) -> dict[str, int]:
        """How many changing calls came, by method and path, however many the log keeps."""
        found: dict[str, int] = self.control("GET", "requests/totals")["totals"]
        return found

    def changing_requests(self) -> list[dict[str, Any]]:
        """The requests seen that change something, oldest first: also those that many others came after."""
        found: list[dict[str, Any]] = self.control("GET", "requests/changing")["requests"]
        return found

    def clear_requests(self) -> None:
        """Forget the requests seen so far, and their totals."""
        self.control("DELETE", "requests")

    def ledger(self, kind: str | None = None, *, key: str | None = None) -> list[dict[str, Any]]:
        """Everything that took effect, in order, or only one kind of it."""
        entries = self.control("GET", "ledger")["ledger"]
        return [entry for entry in entries if kind in (None, entry["kind"]) and key in (None, entry["key"])]

    def state(self) -> dict[str, Any]:
        """A summary of all accounts."""
        return self.control("GET", "state")

    def reset(self) -> None:
        """Back to the start, by the seed."""
        self.control("POST", "reset")

    def set_rate(self, calls_a_minute: int) -> None:
        """Another rate for every key, whose minute begins anew."""
        self.control("POST", "rate", calls_a_minute=calls_a_minute)

    def set_secret(self, secret: str, *, key: str | None = None) -> None:
        """Another secret for a key, by default the main one; the one before is refused from now on."""
        self.control("POST", "secret", **_named(key=key), secret=secret)

    def set_shape(self, shape: str) -> None:
        """``production`` or ``description``."""
        self.control("POST", "shape", shape=shape)

    def remove_number(self, number: str) -> None:
        """Take a number away from its account, or from those on offer."""
        self.control("POST", "numbers/remove", number=number)

    def set_status(self, number: str, status: str) -> None:
        """Give a number of an account another status."""
        self.control("POST", "numbers/status", number=number, status=status)

    def add_numbers(self, count: int = 1, **more: Any) -> list[str]:
        """Give an account numbers: key, direction_id, status, number, autorenew, stop_in (seconds)."""
        found: list[str] = self.control("POST", "numbers/add", count=count, **more)["numbers"]
        return found

    def renew(self, number: str, *, key: str | None = None) -> None:
        """Let a number that autorenews and ends within a day renew itself now. ValueError where it can't."""
        self.control("POST", "numbers/renew", number=number, **_named(key=key))

    def order_outside(self, direction_id: int, **more: Any) -> str:
        """Order a number as if in the operator's own cabinet: key, number_id, documents_group_id, period."""
        return str(self.control("POST", "numbers/order", direction_id=direction_id, **more)["number"])


def _named(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
