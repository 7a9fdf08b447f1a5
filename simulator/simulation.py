"""The simulation as a whole: the world with its file, its faults, its rates and its log of requests."""

from __future__ import annotations

import sys
import threading
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from . import timeline
from .calls import Answer, Call, Method
from .faults import Faults
from .messages import Refused, text
from .opening import Opening, open_accounts
from .rates import Rates
from .request_log import RequestLog
from .storage import Store
from .world import SHAPES, Changes, World


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says. ``secrets`` maps keys to secrets, the first key being the main account's."""

    secrets: dict[str, str]
    numbers: int = 0
    rate: int = 100
    seed: int = 1
    shape: str = "production"
    is_demo: bool = False
    state: Path | None = None

    @property
    def opening(self) -> Opening:
        return Opening(tuple(self.secrets), self.numbers, self.is_demo)


@dataclass(frozen=True, slots=True)
class Result:
    """What a method came to: the HTTP status and the body."""

    status: int
    body: Answer = field(default_factory=dict)


def error(status: int, message: str) -> Result:
    """An answer that says no."""
    return Result(status, {"status": "error", "message": message})


class Simulation:
    """Everything that one simulator process holds."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.world = World(options.seed, options.shape)
        self.store = Store(options.state)
        self.faults = Faults(options.seed)
        self.rates = Rates(options.rate)
        self._late: set[threading.Timer] = set()
        self.store.load(self.world)
        self.requests = RequestLog(self.world.ledger)
        open_accounts(self.world, options.opening)
        timeline.settle_all(self.world)
        self.store.snapshot(self.world)

    def call(self, method: Method, call: Call) -> Result:
        """Let a method take effect, as a whole or not at all, and keep what changed before it is answered."""
        with self.world.lock:
            call.now = self.world.now()
            try:
                timeline.settle(self.world, call.account, call.now)
                return Result(200, {"status": "success", **method(call)})
            except Refused as refusal:
                return error(refusal.status, refusal.message(call.account.language))
            except Exception:  # noqa: BLE001  (a mistake of ours is a 500, and is printed)
                traceback.print_exc(file=sys.stderr)
                return error(500, text("broken", call.account.language))
            finally:
                self.store.commit(self.world)

    def call_later(self, seconds: float, method: Method, call: Call) -> None:
        """Let a method take effect after some real seconds, when nobody waits for its answer any more."""

        def take_effect() -> None:
            self.call(method, call)
            self._late.discard(timer)

        timer = threading.Timer(seconds, take_effect)
        timer.daemon = True
        self._late.add(timer)
        timer.start()

    @property
    def late_effects(self) -> int:
        """How many effects are still to come of calls whose connection was reset."""
        return len(self._late)

    def reset(self) -> None:
        """Back to how everything was at the first start, by the seed. The locks and the log's count stay."""
        for timer in list(self._late):
            timer.cancel()
        self._late.clear()
        self.faults.clear()
        self.faults.forget_hits()
        self.rates.set_limit(self.options.rate)
        self.requests.clear()
        with self.world.lock:
            fresh = World(self.options.seed, self.options.shape)
            open_accounts(fresh, self.options.opening)
            self.world.become(fresh)
            self.store.snapshot(self.world)

    def set_shape(self, shape: str) -> None:
        """Answer in production's shape or in the description's from now on."""
        if shape not in SHAPES:
            raise ValueError(f"shape is one of {', '.join(SHAPES)}")
        self.world.shape = shape

    def stop(self) -> None:
        """Save everything and let go of the file."""
        with self.world.lock:
            self.store.snapshot(self.world)
            self.store.close()
            self.world.changes = Changes(first_new_entry=len(self.world.ledger))
