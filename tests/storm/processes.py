"""The workers of a storm: real Celery processes, killed at random and started again."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tests.support.panel import ROOT, Panel


class Workers:
    """Some Celery workers and their beat. A context manager: ends what it started, by process id.

    `deaths` counts workers that ended though nobody killed them.
    """

    def __init__(self, panel: Panel, count: int, guard: str = "") -> None:
        self.panel = panel
        self.count = count
        self.guard = guard
        self.kills = 0
        self.deaths = 0
        self._running: list[subprocess.Popen[bytes]] = []
        self._started = 0

    def __enter__(self) -> Self:
        self.panel.start_beat()
        for _ in range(self.count):
            self._running.append(self._start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._running:
            _kill(worker)
        self._running.clear()

    def kill_one(self, dice: random.Random) -> None:
        """End one worker with all its processes at once (SIGKILL), whatever it is doing, and start another."""
        place = dice.randrange(len(self._running))
        _kill(self._running[place])
        self.kills += 1
        self._running[place] = self._start()

    def cut_the_power(self, was_out: Callable[[], bool]) -> bool:
        """End all workers at the same moment, and start others. What `was_out` tells while none of them runs."""
        for worker in self._running:
            _strike(worker)
        for worker in self._running:
            worker.wait(15)
        self.kills += 1
        told = was_out()
        self._running = [self._start() for _ in self._running]
        return told

    def restart_the_dead(self) -> None:
        """Start another worker for each that ended by itself."""
        for place, worker in enumerate(self._running):
            if worker.poll() is not None:
                self.deaths += 1
                self._running[place] = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        self._started += 1
        celery = ["-A", "config", "worker", "--concurrency", "2", "--loglevel", "WARNING"]
        celery += ["--hostname", f"storm{self._started}@127.0.0.1"]
        with (self.panel.folder / f"worker{self._started}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.storm.worker", self.guard or "-", *celery],
                cwd=ROOT,
                env=self.panel.env,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def _kill(worker: subprocess.Popen[bytes]) -> None:
    _strike(worker)
    worker.wait(15)


def _strike(worker: subprocess.Popen[bytes]) -> None:
    """The group is the worker's own, and is named by a process that has not been waited for."""
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
