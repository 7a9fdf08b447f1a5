"""How many calls a minute a key may make. Counted in real time: simulated time does not refill it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

_WINDOW = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a key's minute; ``reset`` is the Unix time at which the next one begins."""

    is_allowed: bool
    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """The headers that every answer carries."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }


class Rates:
    """One window of sixty seconds a key, beginning with its first call."""

    def __init__(self, calls_a_minute: int) -> None:
        self._lock = threading.Lock()
        self._limit = calls_a_minute
        self._windows: dict[str, tuple[float, int]] = {}

    def count(self, key: str) -> Allowance:
        """Count one call of this key."""
        now = time.time()
        with self._lock:
            start, calls = self._windows.get(key, (now, 0))
            if now >= start + _WINDOW:
                start, calls = now, 0
            calls += 1
            self._windows[key] = (start, calls)
            remaining = max(0, self._limit - calls)
            return Allowance(calls <= self._limit, self._limit, remaining, int(start + _WINDOW) + 1)

    def set_limit(self, calls_a_minute: int) -> None:
        """Another limit from now on; every key's minute begins anew."""
        with self._lock:
            self._limit = calls_a_minute
            self._windows.clear()
