"""The log of the requests that were seen. It holds keys but no secret, signature or content of a file."""

from __future__ import annotations

import threading
from collections import Counter, deque
from datetime import UTC, datetime
from typing import Any

_KEPT = 20_000


class RequestLog:
    """The last 20,000 API requests, numbered in the order of their arrival, after those that a ledger names already.

    Beside them the last 20,000 of those that change something.
    """

    def __init__(self, ledger: list[dict[str, Any]]) -> None:
        self._lock = threading.Lock()
        self._count = max((entry["request"] or 0 for entry in ledger), default=0)
        self._entries: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._changing: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._totals: Counter[str] = Counter()

    def begin(self, method: str, path: str) -> dict[str, Any]:
        """Note a request at its arrival. The entry is filled in as more gets known of it."""
        with self._lock:
            self._count += 1
            entry: dict[str, Any] = {
                "n": self._count,
                "time": datetime.now(UTC).isoformat(),
                "method": method,
                "path": path,
                "key": None,
                "params": {},
                "status": None,
                "fault": None,
            }
            self._entries.append(entry)
            if method != "GET":
                self._changing.append(entry)
                self._totals[f"{method} {path}"] += 1
            return entry

    def shown(self) -> list[dict[str, Any]]:
        """All entries, oldest first. ``status`` is null for a call that got no answer (yet)."""
        with self._lock:
            return [dict(entry) for entry in self._entries]

    def changing(self) -> list[dict[str, Any]]:
        """The entries of changing calls, oldest first."""
        with self._lock:
            return [dict(entry) for entry in self._changing]

    def totals(self) -> dict[str, int]:
        """How many changing calls came by method and path, those that the log has dropped meanwhile included."""
        with self._lock:
            return dict(self._totals)

    def clear(self) -> None:
        """Forget entries and totals; the numbering goes on, since the ledger refers to it."""
        with self._lock:
            self._entries.clear()
            self._changing.clear()
            self._totals.clear()
