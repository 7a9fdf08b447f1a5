"""Drives a storm: one intent after the other as fast as the workers take them, the weather and the kills between."""

import heapq
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from django.db.models import Q
from django.utils import timezone

from people.models import User
from sync.models import Operation
from tests.storm.accounts import Scene, furnish
from tests.storm.audit import Violation
from tests.storm.buying import Buyer
from tests.storm.figures import Figures, Watch
from tests.storm.plan import Intent, Size, intents
from tests.storm.processes import Workers
from tests.storm.reckoning import reckon
from tests.storm.weather import Weather
from tests.support.panel import Panel
from tests.support.simulator import SimulatorProcess

#: No more operations than this wait for each worker, and no more wait for another operation.
BACKLOG, BLOCKED = 8, 60
Act = Callable[[], None]
State = Operation.State


def rage_and_reckon(
    size: Size, simulator: SimulatorProcess, panel: Panel, figures: Figures, began: float, until: float
) -> None:
    """A whole storm from `began` to at most `until` (both monotonic); what came of it goes into `figures`."""
    watch = Watch(figures, began)
    scene = furnish(simulator, size.accounts, size.numbers, size.seed)
    watch.note("opening")
    with Workers(panel, size.workers, size.guard) as workers:
        storm = Storm(size, simulator, scene, workers)
        storm.rage(until)
        watch.note("storm")
        storm.clear_up(until)
        watch.note("settling")
    figures.worker_kills = workers.kills
    violations = []
    if storm.left:
        violations.append(Violation("open", f"there was no time for {storm.left} intents"))
    if workers.deaths:
        violations.append(Violation("died", f"{workers.deaths} times a worker ended by itself"))
    reckon(scene, storm.buyer, simulator, figures, violations)
    watch.note("reckoning")


@dataclass
class Storm:
    """A storm that is under way. `left` is how many intents there was no time for."""

    size: Size
    simulator: SimulatorProcess
    scene: Scene
    workers: Workers
    buyer: Buyer = field(init=False)
    weather: Weather = field(init=False)
    left: int = 0

    def __post_init__(self) -> None:
        actor = User.objects.filter(is_staff=True).first()
        assert actor is not None
        dice = self._dice("buyer")
        self.buyer = Buyer(self.scene, self.simulator, actor, dice, self._later)
        self.weather = Weather(self.simulator, self.scene, self._dice("weather"), self.buyer.unwanted, self.size.guard)
        self._due: list[tuple[float, int, Act]] = []
        self._order = count()

    def _dice(self, name: str) -> random.Random:
        return random.Random(f"{name} {self.size.seed}")

    def _later(self, seconds: float, act: Act) -> None:
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), act))

    def rage(self, until: float) -> None:
        """Carry all intents out amid faults, kills and what others do, no longer than `until` (monotonic)."""
        self.weather.begin()
        waiting: list[Intent] = intents(self.size)
        events = self._events(len(waiting))
        done = 0
        while waiting and time.monotonic() < until:
            self._tick()
            if not self._has_room():
                continue
            intent = waiting.pop(0)
            if not self.buyer.carry_out(intent):
                waiting.append(intent)  # its number is busy: others first
                continue
            done += 1
            for act in events.get(done, ()):
                act()
        self.left = len(waiting)

    def clear_up(self, until: float) -> None:
        """The weather ends; people try again what was not done, until nothing is open but what needs a person."""
        self.weather.end()
        open_ones = Operation.objects.filter(state__in=[State.PLANNED, State.SENT, State.UNKNOWN])
        while self._due or self.simulator.late_effects() or self.buyer.try_again() or open_ones.exists():
            if time.monotonic() > until:
                return  # the audit tells what is still open
            self._tick(0.25)

    def _tick(self, seconds: float = 0.03) -> None:
        self.workers.restart_the_dead()
        while self._due and self._due[0][0] <= time.monotonic():
            heapq.heappop(self._due)[2]()
        time.sleep(seconds)

    def _has_room(self) -> bool:
        planned = Operation.objects.filter(state=State.PLANNED)
        if planned.count() >= BLOCKED * self.size.workers:
            return False
        ready = planned.filter(Q(not_before=None) | Q(not_before__lte=timezone.now()))
        return ready.count() < BACKLOG * self.size.workers

    def _events(self, intents: int) -> dict[int, list[Act]]:
        """What happens after how many intents."""
        dice, size, weather = self._dice("events"), self.size, self.weather
        events: dict[int, list[Act]] = {}

        def spread(times: int, act: Act) -> None:
            for _ in range(times):
                events.setdefault(dice.randint(1, intents), []).append(act)

        spread(size.outside, weather.order_outside)
        spread(size.charges, weather.charge)
        spread(max(1, intents // 12), weather.list_numbers)
        spread(max(1, intents // 10), self._look_what_was_not_done)
        for kill in range(1, size.kills + 1):  # evenly, each at a random moment of its part
            share = intents / (size.kills + 1)
            place = int(kill * share + dice.uniform(-0.3, 0.3) * share)
            events.setdefault(max(1, place), []).append(self._kill_soon)
        return events

    def _look_what_was_not_done(self) -> None:
        self.buyer.try_again()

    def _kill_soon(self) -> None:
        dice = self._dice(f"kill {self.workers.kills}")
        self._later(dice.uniform(0, 1), lambda: self.workers.kill_one(dice))
