"""The desks at which orders are approved, rejected and cancelled: their processes, and what they noted."""

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.storm.desk import NAMES, Fates
from tests.support.panel import ROOT, Panel

Note = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """One thing that somebody tried with an order. `told` None: the process was killed before it knew."""

    who: str
    order: int
    does: str
    began: float
    ended: float
    told: str | None


@dataclass(frozen=True)
class Happened:
    """What the desks did, as far as it shows that there was something to go wrong."""

    approvals_raced: int
    decisions_raced: int
    cancels_raced: int
    approved: int
    rejected: int
    cancelled: int
    own_refused: int
    killed_in_the_act: int
    hindered: dict[str, int]


class Office:
    """One process a desk. A context manager: ends what it started, by process id."""

    def __init__(self, panel: Panel, seed: int) -> None:
        self.panel = panel
        self.fates = Fates(panel.folder / "fates", seed)
        self.kills = 0
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._noted: list[Path] = []

    def __enter__(self) -> Self:
        for name in NAMES:
            self._start(name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self._running):
            self._kill(name)

    def kill_one(self, dice: random.Random) -> None:
        """End one of the desks that approve, whatever it is doing, and let somebody sit down there anew."""
        name = dice.choice(NAMES[:2])
        self._kill(name)
        self.kills += 1
        self._start(name)

    def kill_in_the_act(self, dice: random.Random, seconds: float) -> bool:
        """End one that approves while it decides. False where none did within so long."""
        name = dice.choice(NAMES[:2])
        log, give_up_at = self._log(name), time.monotonic() + seconds
        while time.monotonic() < give_up_at:
            if _is_in_the_act(log):
                self._running[name].send_signal(signal.SIGSTOP)  # so that it is still true when it ends
                is_caught = _is_in_the_act(log)
                if is_caught:
                    self._kill(name)
                    self.kills += 1
                    self._start(name)
                    return True
                self._running[name].send_signal(signal.SIGCONT)
            time.sleep(0.002)
        return False

    def restart_the_dead(self) -> int:
        """Start another for each that ended by itself. Returns how many did."""
        dead = [name for name, process in self._running.items() if process.poll() is not None]
        for name in dead:
            self._start(name)
        return len(dead)

    def acts(self) -> list[Act]:
        """All that was tried, by the notes."""
        return [act for log in self._noted for act in _acts(json.loads(line) for line in _lines(log))]

    def _log(self, name: str) -> Path:
        return next(log for log in reversed(self._noted) if log.name.startswith(f"{name}."))

    def _start(self, name: str) -> None:
        log = self.panel.folder / f"{name}.{len(self._noted)}.notes"
        self._noted.append(log)
        with (self.panel.folder / f"{name}.log").open("ab") as output:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", "tests.storm.desk", name, str(self.fates.file), str(log)],
                cwd=ROOT,
                env=self.panel.env,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _kill(self, name: str) -> None:
        process = self._running.pop(name)
        process.kill()
        process.wait(15)


def _lines(log: Path) -> list[str]:
    """The notes that were written to their end."""
    text = log.read_text() if log.exists() else ""
    return text[: text.rfind("\n") + 1].splitlines()


def _is_in_the_act(log: Path) -> bool:
    lines = _lines(log)
    return bool(lines) and json.loads(lines[-1])["told"] is None


def _acts(notes: Iterable[Note]) -> list[Act]:
    """Each beginning with its end; a process does one thing after the other."""
    found, begun = [], None
    for note in notes:
        if note["told"] is None:
            begun = note
        elif begun is not None:
            found.append(Act(begun["who"], begun["order"], begun["does"], begun["at"], note["at"], note["told"]))
            begun = None
    if begun is not None:
        found.append(Act(begun["who"], begun["order"], begun["does"], begun["at"], begun["at"], None))
    return found


def happened(acts: list[Act], own: set[int]) -> Happened:
    """Count it. `own` are the orders that the first approver handed in."""
    by_order: dict[int, list[Act]] = defaultdict(list)
    for act in acts:
        by_order[act.order].append(act)
    raced = Counter(kind for of_one in by_order.values() for kind in _races(of_one))
    true = Counter(act.does for act in acts if act.told == "True")
    refused = sum(
        act.order in own and act.who == NAMES[0] and act.does == "approve" and act.told not in ("True", None)
        for act in acts
    )
    hindered = Counter(act.told for act in acts if act.told not in ("True", "False", None))
    return Happened(
        approvals_raced=raced["approve"],
        decisions_raced=raced["of two minds"],
        cancels_raced=raced["cancel"],
        approved=true["approve"],
        rejected=true["reject"],
        cancelled=true["cancel"],
        own_refused=refused,
        killed_in_the_act=sum(act.told is None for act in acts),
        hindered=dict(hindered),
    )


def _races(acts: list[Act]) -> set[str]:
    """The kinds of what two people did with one order at the same time."""
    found = set()
    for place, one in enumerate(acts):
        for other in acts[place + 1 :]:
            if one.who == other.who or one.ended < other.began or other.ended < one.began:
                continue
            kinds = {one.does, other.does}
            found.add("cancel" if "cancel" in kinds else "approve" if kinds == {"approve"} else "of two minds")
    return found
