"""Numbers that renew themselves while a payment for them is out, since somebody switched autorenewal on meanwhile.

The panel looked before it paid, and saw none. So payment and autorenewal move the same date.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from direct_numbers.models import Number
from sync.models import Operation
from tests.simulator.api import Api
from tests.storm.accounts import Scene
from tests.storm.buying import Buyer
from tests.storm.clock import LATEST_EFFECT_SECONDS
from tests.storm.plan import Handling, ProlongIntent, Size
from tests.support.simulator import SimulatorProcess

#: What befalls the payment, by turns: the panel knows nothing of it for seconds.
DOUBTS = (("reset_then_effect", LATEST_EFFECT_SECONDS), ("reset_before", 0.0), ("error", 0.0), ("error_after", 0.0))
#: Those that leave the date where it was. Such a payment is made anew until the number renewed itself amid it.
WITHOUT_EFFECT = ("reset_before", "error")
#: In this order, so that most could be either: autorenewal moves the date by a month.
MONTHS = (1, 1, 1, 3)
#: How often the driver looks whether a payment is out: well within the seconds for which it is in doubt.
OFTEN = 0.01


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
        """Plan one for each of the numbers that are near their end, at moments spread over the storm."""
        for turn, number in enumerate(self.scene.near_their_end):
            self.left += 1
            self._pay_later(turn, number, self.dice.uniform(3, 5 + self.size.intents / 15))

    def _pay_later(self, turn: int, number: Number, seconds: float) -> None:
        self.later(seconds, lambda: self._pay(turn, number))

    def _pay(self, turn: int, number: Number) -> None:
        kind, seconds = DOUBTS[turn % len(DOUBTS)]
        fate = {"params": {"number": number.number}, "method": "POST", "path": "prolong", "seconds": seconds}
        self.simulator.fault(kind, first=True, **fate)
        place = self.size.numbers + turn
        months = MONTHS[(turn // len(DOUBTS)) % len(MONTHS)]
        self.buyer.carry_out(ProlongIntent(place, months, Handling()))
        self._cross(turn, number)

    def _cross(self, turn: int, number: Number) -> None:
        """As soon as the panel has looked, and has sent the payment, let the number renew itself."""
        payment = Operation.objects.filter(object_id=number.pk, kind="prolong").latest("pk")
        if payment.state == Operation.State.PLANNED:
            self.later(OFTEN, lambda: self._cross(turn, number))
            return
        kind, _seconds = DOUBTS[turn % len(DOUBTS)]
        if payment.state in Operation.WITHOUT_EFFECT and kind in WITHOUT_EFFECT:  # settled before it was seen
            self._pay_later(turn, number, 1.0)
            return
        self.left -= 1
        if payment.state in Operation.OUT:
            self._renew(number)

    def _renew(self, number: Number) -> None:
        account = next(one for one in self.scene.accounts if one.key == number.connection.name)
        api = Api(self.simulator, account.key, account.secret)
        api.send("PUT", "/v1/direct_numbers/autoprolongation/", number=number.number, type=number.type, value="on")
        try:
            self.simulator.renew(number.number, key=account.key)
        except ValueError:
            return  # the payment has taken effect already: it would have renewed itself
