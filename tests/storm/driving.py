"""Drives a storm: one intent after the other as fast as the workers take them, the weather and the kills between."""

import heapq
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count

from django.db.models import Q
from django.utils import timezone

from direct_numbers.models import Order
from people.models import User
from sync.models import Operation
from tests.storm.accounts import Scene, furnish
from tests.storm.audit import Violation
from tests.storm.broken import GUARDS_OF_ORDERING
from tests.storm.buying import Buyer
from tests.storm.clients import APPROVERS, furnish_clients
from tests.storm.crossing import Crossings
from tests.storm.figures import Figures, Watch
from tests.storm.hollow import of_storm
from tests.storm.office import Office
from tests.storm.plan import Intent, Size, intents, more
from tests.storm.processes import Workers
from tests.storm.reckoning import reckon
from tests.storm.reckoning_approvals import reckon_approvals
from tests.storm.weather import ON_PAID, Weather
from tests.support.panel import Panel
from tests.support.simulator import SimulatorProcess

#: No more operations than this wait for each worker, and no more wait for another operation.
BACKLOG, BLOCKED = 8, 60
#: A call should be out within so many seconds; it is killed anew so often where it was back too soon.
OUT_WITHIN, PATIENCE = 1.0, 5
#: What is planned for so many seconds waits for something that may not come, as for a person.
WAITS_LONG = 20
#: So many seconds after another what counts to the customers' limits is looked at.
LOOK_EVERY = 0.5
#: This part of the time is kept for settling.
SETTLING = 0.2
Act = Callable[[], None]
State = Operation.State


def rage_and_reckon(
    size: Size, simulator: SimulatorProcess, panel: Panel, figures: Figures, began: float, until: float
) -> None:
    """A whole storm from `began` to at most `until` (both monotonic); what came of it goes into `figures`."""
    watch = Watch(figures, began)
    if size.guard in GUARDS_OF_ORDERING:
        GUARDS_OF_ORDERING[size.guard]()
    scene = furnish(simulator, size)
    watch.note("opening")
    with Workers(panel, size.workers, size.guard) as workers, Office(panel, size.seed) as office:
        storm = Storm(size, simulator, scene, workers, office)
        storm.rage(until - SETTLING * (until - began))
        watch.note("storm")
        storm.clear_up(until)
        watch.note("settling")
    figures.worker_kills, figures.topped_up = workers.kills, storm.topped_up
    violations = []
    if storm.left:
        violations.append(Violation("open", f"there was no time for {storm.left} intents"))
    if workers.deaths:
        violations.append(Violation("died", f"{workers.deaths} times a worker ended by itself"))
    if storm.desk_deaths:
        violations.append(Violation("died", f"{storm.desk_deaths} times a desk's process ended by itself"))
    figures.desk_kills = office.kills
    violations += reckon_approvals(storm.buyer, office.acts(), simulator, figures)
    reckon(scene, storm.buyer, simulator, figures, violations)
    figures.count([*figures.violations, *of_storm(size, figures)])
    watch.note("reckoning")


@dataclass
class Storm:
    """A storm that is under way.

    `left` is how many intents there was no time for, `topped_up` how many came for those that were refused.
    """

    size: Size
    simulator: SimulatorProcess
    scene: Scene
    workers: Workers
    office: Office
    buyer: Buyer = field(init=False)
    weather: Weather = field(init=False)
    crossings: Crossings = field(init=False)
    left: int = 0
    topped_up: int = 0
    desk_deaths: int = 0

    def __post_init__(self) -> None:
        actor = User.objects.filter(staff_role="owner").first()
        assert actor is not None
        dice = self._dice("buyer")
        self.buyer = Buyer(self.scene, self.simulator, actor, dice, self._later)
        self.buyer.clients = furnish_clients(self.scene, intents(self.size))
        self.buyer.approver = User.objects.get(email=f"{APPROVERS[0]}@partner.example")
        self.buyer.is_own = lambda order_id: self.office.fates.deal(order_id) == "own"
        self.weather = Weather(self.simulator, self.scene, self._dice("weather"), self.buyer.unwanted, self.size.guard)
        self.crossings = Crossings(
            self.size, self.scene, self.simulator, self.buyer, self._later, self._dice("crossings")
        )
        self._due: list[tuple[float, int, Act]] = []
        self._order = count()
        self._look_at = 0.0

    def _dice(self, name: str) -> random.Random:
        return random.Random(f"{name} {self.size.seed}")

    def _later(self, seconds: float, act: Act) -> None:
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), act))

    def rage(self, until: float) -> None:
        """Carry all intents out amid faults, kills and what others do, no longer than `until` (monotonic)."""
        self.weather.begin()
        self.crossings.begin()
        waiting: list[Intent] = intents(self.size)
        events = self._events(len(waiting))
        done = 0
        while time.monotonic() < until:
            self._tick()
            if not waiting:
                if self._is_enough():
                    break
                waiting += self._more()
            if not waiting or not self._has_room():
                continue
            intent = waiting.pop(0)
            if not self.buyer.carry_out(intent):
                waiting.append(intent)  # its number is busy: others first
                continue
            done += 1
            for act in events.get(done, ()):
                act()
        self.left = len(waiting)

    def _is_enough(self) -> bool:
        """Whether all that was wanted of the storm has been sent to Zadarma."""
        return (
            not self.crossings.left
            and self._sent("order") >= self.size.orders
            and self._sent("prolong") >= self.size.prolongs
        )

    def _more(self) -> list[Intent]:
        """Intents for those that were refused before they were sent, and for those that wait for long already."""
        lately = timezone.now() - timedelta(seconds=WAITS_LONG)
        planned = Operation.objects.filter(state=State.PLANNED, created_at__gt=lately)
        waiting = Order.objects.filter(state=Order.State.APPROVAL).count()
        short = [
            max(0, wanted - self._sent(kind) - planned.filter(kind=kind).count() - others)
            for kind, wanted, others in (("order", self.size.orders, waiting), ("prolong", self.size.prolongs, 0))
        ]
        found = more(self.size, self.topped_up, *short)
        self.topped_up += len(found)
        return found

    def _sent(self, kind: str) -> int:
        return Operation.objects.filter(kind=kind).exclude(sent_at=None).count()

    def clear_up(self, until: float) -> None:
        """The weather ends; people try again what was not done, until nothing is open but what needs a person."""
        self.weather.end()
        open_ones = Operation.objects.filter(state__in=[State.PLANNED, State.SENT, State.UNKNOWN])
        waiting = Order.objects.filter(state=Order.State.APPROVAL)
        while (
            self._due
            or self.simulator.late_effects()
            or self.buyer.try_again()
            or waiting.exists()  # looked at before what approving it leads to
            or open_ones.exists()
        ):
            if time.monotonic() > until:
                return  # the audit tells what is still open
            self._tick(0.25)

    def _tick(self, seconds: float = 0.03) -> None:
        self.workers.restart_the_dead()
        self.desk_deaths += self.office.restart_the_dead()
        if self._look_at <= time.monotonic():
            self._look_at = time.monotonic() + LOOK_EVERY
            for client in self.buyer.clients:
                client.look()
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
        if size.is_big:  # each kind of fault hits a call that spends money at least once
            for kind, _probability, seconds in ON_PAID:
                spread(1, partial(weather.strike, kind, seconds))
        for kill in range(1, size.kills + 1):  # evenly, each at a random moment of its part
            share = intents / (size.kills + 1)
            place = int(kill * share + dice.uniform(-0.3, 0.3) * share)
            events.setdefault(max(1, place), []).append(self._kill_in_flight if kill % 2 else self._kill_soon)
        spread(size.kills, self._kill_deciding)
        spread(size.kills // 2, weather.cut_off)
        return events

    def _kill_deciding(self, tries: int = PATIENCE * 4) -> None:
        """Kill somebody who approves while they do; again where nobody was."""
        dice = self._dice(f"desk {self.office.kills}")
        if self.office.kill_in_the_act(dice, OUT_WITHIN / 4):
            return
        if tries > 1:
            self._later(1, lambda: self._kill_deciding(tries - 1))

    def _look_what_was_not_done(self) -> None:
        self.buyer.try_again()

    def _kill_soon(self) -> None:
        dice = self._dice(f"kill {self.workers.kills}")
        self._later(dice.uniform(0, 1), lambda: self.workers.kill_one(dice))

    def _kill_in_flight(self, tries: int = PATIENCE) -> None:
        """Kill at the moment at which a call is out; again where it was back before the worker was dead."""
        out = Operation.objects.filter(state=State.SENT)
        give_up_at = time.monotonic() + OUT_WITHIN
        while not (is_out := out.exists()) and time.monotonic() < give_up_at:
            time.sleep(0.001)
        if (is_out or tries == 1) and self.workers.cut_the_power(out.exists):
            return
        if tries > 1:
            self._later(2, lambda: self._kill_in_flight(tries - 1))
