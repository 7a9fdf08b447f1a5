"""Twenty orders at once in one account, at the rate that Zadarma really allows: all placed, and no call refused."""

import random
import time
from collections.abc import Callable
from dataclasses import replace

from people.models import User
from sync.models import Operation
from tests.storm.accounts import furnish
from tests.storm.audit import Violation
from tests.storm.buying import Buyer
from tests.storm.figures import Figures, Watch
from tests.storm.plan import CHOSEN, Handling, OrderIntent, Size
from tests.storm.processes import Workers
from tests.storm.reckoning import reckon
from tests.storm.stage import NO_LIMIT
from tests.support.panel import Panel
from tests.support.simulator import SimulatorProcess

RATE = 100


def at_the_real_rate(size: Size, simulator: SimulatorProcess, panel: Panel, figures: Figures, until: float) -> None:
    """Place the orders of `size` and wait until all are settled, no longer than `until` (monotonic)."""
    watch = Watch(figures, time.monotonic())
    scene = furnish(simulator, replace(size, accounts=1, prolongs=0))
    watch.note("opening")
    actor = User.objects.filter(staff_role="owner").first()
    assert actor is not None
    buyer = Buyer(scene, simulator, actor, random.Random(size.seed), _never)
    simulator.set_rate(RATE)
    with Workers(panel, 1):
        for place in range(size.orders):
            buyer.carry_out(OrderIntent(0, CHOSEN[place % len(CHOSEN)], True, "month", Handling()))
        while Operation.objects.filter(kind="order", state__in=Operation.OPEN).exists() and time.monotonic() < until:
            time.sleep(0.5)
    watch.note("orders")
    refused = [entry["path"] for entry in simulator.requests() if entry["status"] == 429]
    violations = [Violation("refused for the rate", path) for path in refused]
    simulator.set_rate(NO_LIMIT)
    reckon(scene, buyer, simulator, figures, violations)
    if figures.done != size.orders:
        figures.count([*figures.violations, Violation("open", f"{figures.done} of {size.orders} orders are done")])


def _never(seconds: float, act: Callable[[], None]) -> None:
    raise AssertionError("nothing is done later here")
