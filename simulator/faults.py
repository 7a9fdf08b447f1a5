"""Faults that were ordered: what shall go wrong, with which calls, how often."""

from __future__ import annotations

import random
import re
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any

#: What goes wrong, and what becomes of the call's effect.
KINDS = {
    "latency": "the effect happens at once, the answer comes after `seconds`",
    "latency_before": "the effect happens after `seconds`, then the answer comes",
    "rate": "429, no effect; calls are welcome again after `seconds`, where given",
    "error": "500, no effect",
    "error_in_200": "an error in a body with HTTP status 200, no effect",
    "error_after": "the effect, then 500",
    "truncated": "the effect, then half of the body",
    "html": "the effect, then a page of HTML (`status`, 502 unless given)",
    "html_before": "a page of HTML (`status`, 502 unless given), no effect",
    "bad_json": "the effect, then a body that is no JSON",
    "slow_body": "the effect, then the body byte by byte, one each `seconds`",
    "reset_before": "the connection is reset, no effect",
    "reset_after": "the effect, then the connection is reset",
    "reset_then_effect": "the connection is reset, the effect happens `seconds` later",
}


@dataclass(slots=True)
class Fault:
    """One order of faults. ``left`` counts down per call it hits; -1 never ends. ``params`` must be the call's."""

    kind: str
    method: str
    path: re.Pattern[str]
    left: int
    seconds: float
    probability: float
    status: int
    params: dict[str, str]

    def fits(self, method: str, path: str, params: dict[str, str]) -> bool:
        """Whether it is meant for this call."""
        if self.method not in ("*", method) or not self.path.search(path):
            return False
        return self.params.items() <= params.items()

    def shown(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "kind": self.kind,
            "method": self.method,
            "path": self.path.pattern,
            "count": self.left,
            "seconds": self.seconds,
            "probability": self.probability,
            "status": self.status,
            "params": self.params,
        }


class Faults:
    """The faults that are still to come, in the order in which they were ordered. Draws by its own seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._ordered: list[Fault] = []
        self._hits: Counter[tuple[str, str]] = Counter()

    def order(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Order a fault as the control call describes it, with ``first`` before those ordered already.

        ValueError says what is wrong with it.
        """
        if wanted.get("kind") not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        fault = Fault(
            kind=str(wanted["kind"]),
            method=str(wanted.get("method", "*")).upper(),
            path=re.compile(str(wanted.get("path", ""))),
            left=int(wanted.get("count", 1)),
            seconds=float(wanted.get("seconds", 0)),
            probability=float(wanted.get("probability", 1)),
            status=int(wanted.get("status", 502)),
            params={str(name): str(value) for name, value in dict(wanted.get("params", {})).items()},
        )
        if fault.left == 0 or fault.left < -1 or fault.seconds < 0 or not 0 <= fault.probability <= 1:
            raise ValueError("count is -1 or at least 1, seconds at least 0, probability between 0 and 1")
        with self._lock:
            self._ordered.insert(0 if wanted.get("first") else len(self._ordered), fault)
        return fault.shown()

    def draw(self, method: str, path: str, params: dict[str, str]) -> Fault | None:
        """The fault that hits this call, if one does: the first that fits and whose die falls so."""
        with self._lock:
            for fault in self._ordered:
                if not fault.fits(method, path, params):
                    continue
                if fault.probability < 1 and self._random.random() >= fault.probability:
                    continue
                if fault.left > 0:
                    fault.left -= 1
                    if fault.left == 0:
                        self._ordered.remove(fault)
                self._hits[method, fault.kind] += 1
                return fault
        return None

    def shown(self) -> list[dict[str, Any]]:
        """What remains."""
        with self._lock:
            return [fault.shown() for fault in self._ordered]

    def hits(self) -> dict[str, int]:
        """How many calls each kind has hit since the start."""
        found: Counter[str] = Counter()
        for hits in self.hits_by_method().values():
            found.update(hits)
        return dict(found)

    def hits_by_method(self) -> dict[str, dict[str, int]]:
        """The same, apart for each method of the calls."""
        found: dict[str, dict[str, int]] = {}
        with self._lock:
            for (method, kind), times in self._hits.items():
                found.setdefault(method, {})[kind] = times
        return found

    def forget_hits(self) -> None:
        """Count the hits anew."""
        with self._lock:
            self._hits.clear()

    def clear(self) -> None:
        """Forget all that remain and begin the dice anew."""
        with self._lock:
            self._ordered.clear()
            self._random = random.Random(self._seed)
