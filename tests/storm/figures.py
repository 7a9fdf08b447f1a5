"""The figures of a storm, as a table for people and as JSON for tests."""

import json
import time
from collections import Counter
from dataclasses import asdict, dataclass, field

from tests.storm.audit import Violation


@dataclass
class Figures:
    """What happened, in the order in which it is told."""

    backend: str
    seed: int
    workers: int
    guard: str = ""
    intents: int = 0
    topped_up: int = 0
    refused_clicks: int = 0
    operations: int = 0
    orders_sent: int = 0
    prolongs_sent: int = 0
    paid_calls: int = 0
    done: int = 0
    refused: int = 0
    not_done: int = 0
    undecided: int = 0
    doubled: int = 0
    lost: int = 0
    otherwise_wrong: int = 0
    in_doubt_on_the_way: int = 0
    worker_kills: int = 0
    killed_in_flight: int = 0
    paid_faults: dict[str, int] = field(default_factory=dict)
    look_faults: dict[str, int] = field(default_factory=dict)
    outside_orders: int = 0
    taken_by_others: int = 0
    autorenewals: int = 0
    renewed_amid_payments: int = 0
    charges: int = 0
    waited_for_approval: int = 0
    approved: int = 0
    rejected: int = 0
    cancelled: int = 0
    approvals_raced: int = 0
    decisions_raced: int = 0
    cancels_raced: int = 0
    own_refused: int = 0
    desk_kills: int = 0
    killed_in_the_act: int = 0
    limits_refused: int = 0
    desks_told: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, int] = field(default_factory=dict)
    undecided_because: dict[str, int] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    story: list[str] = field(default_factory=list)

    def count(self, violations: list[Violation]) -> None:
        """Take the audit's result over."""
        self.violations = violations
        kinds = Counter(violation.kind for violation in violations)
        self.doubled, self.lost = kinds.pop("doubled", 0), kinds.pop("lost", 0)
        self.otherwise_wrong = kinds.total()

    def shown(self) -> str:
        """A line a figure, then what is wrong."""
        lines = []
        for name, value in asdict(self).items():
            if name in ("violations", "story") or value in ("", {}):
                continue
            text = ", ".join(f"{kind} {n}" for kind, n in sorted(value.items())) if isinstance(value, dict) else value
            lines.append(f"{name.replace('_', ' '):<24}{text}")
        lines += [f"  {violation.kind}: {violation.text}" for violation in self.violations[:40]]
        if len(self.violations) > 40:
            lines.append(f"  and {len(self.violations) - 40} more")
        return "\n".join(lines + self.story)

    def packed(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))


@dataclass
class Watch:
    """Notes how long each part of a storm took, from `since` (monotonic) on."""

    figures: Figures
    since: float

    def note(self, part: str) -> None:
        """The part ends now."""
        now = time.monotonic()
        self.figures.seconds[part] = round(now - self.since)
        self.since = now
