"""Numbers whose end comes while a payment for them is out, and whose autorenewal somebody switches on meanwhile.

The panel looked before it paid, and saw none. So payment and autorenewal move the same date.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from direct_numbers.models import Number
from sync.models import Operation
from tests.simulator.api import Api
from tests.storm.accounts import Scene
from tests.storm.buying import Buyer
from tests.storm.clock import LATEST_EFFECT_SECONDS
from tests.storm.plan import Handling, ProlongIntent, Size
from tests.support.simulator import SimulatorProcess

#: So long before a number's end it is paid for.
BEFORE_THE_END = 3.0
#: Nobody switches autorenewal on so shortly before the end, or after it: it comes too late, and the number is parked.
TOO_LATE = 0.5
#: What befalls the payment, by turns: nothing is known of it when the end comes.
DOUBTS = (("reset_then_effect", LATEST_EFFECT_SECONDS), ("reset_before", 0.0), ("error", 0.0), ("error_after", 0.0))
#: In this order, so that most could be either: autorenewal moves the date by a month.
MONTHS = (1, 1, 1, 3)


@dataclass
class Crossings:
    """All that are still to come. `later` is called with seconds and what to do then."""

    size: Size
    scene: Scene
    simulator: SimulatorProcess
    buyer: Buyer
    later: Callable[[float, Callable[[], None]], None]
    dice: random.Random
    left: int = 0

    def begin(self) -> None:
        """Plan one for each of the numbers that are near their end."""
        for turn, number in enumerate(self.scene.near_their_end):
            assert number.stop_at is not None
            self.left += 1
            self._plan(turn, number, number.stop_at)

    def _plan(self, turn: int, number: Number, end: datetime) -> None:
        wait = (end - timezone.now()).total_seconds() - BEFORE_THE_END
        self.later(max(0.0, wait), lambda: self._pay(turn, number))

    def _pay(self, turn: int, number: Number) -> None:
        kind, seconds = DOUBTS[turn % len(DOUBTS)]
        fate = {"params": {"number": number.number}, "method": "POST", "path": "prolong", "seconds": seconds}
        self.simulator.fault(kind, **fate)
        place = self.size.numbers + turn
        months = MONTHS[(turn // len(DOUBTS)) % len(MONTHS)]
        self.buyer.carry_out(ProlongIntent(place, months, Handling()))
        self._switch_on(number)

    def _switch_on(self, number: Number) -> None:
        """As soon as the panel has looked, and has sent the payment."""
        if Operation.objects.filter(object_id=number.pk, kind="prolong", state=Operation.State.PLANNED).exists():
            self.later(0.0, lambda: self._switch_on(number))
            return
        self.left -= 1
        assert number.stop_at is not None
        if (number.stop_at - timezone.now()).total_seconds() < TOO_LATE:
            return
        account = next(one for one in self.scene.accounts if one.key == number.connection.name)
        api = Api(self.simulator, account.key, account.secret)
        api.send("PUT", "/v1/direct_numbers/autoprolongation/", number=number.number, type=number.type, value="on")
