"""What goes wrong in a storm, and what others do meanwhile in the same accounts."""

import random
from collections.abc import Callable

from sync.waking import wake
from tests.storm.accounts import OUTSIDERS_GROUP, Scene
from tests.storm.clock import CHANGE_SECONDS, LATEST_EFFECT_SECONDS
from tests.storm.plan import CHOSEN, MIXED, UNLISTED
from tests.support.simulator import SimulatorProcess

PAID = r"^/v1/direct_numbers/(order|prolong)/"
LOOKS = r"^/v1/(direct_numbers/($|number/|country/)|info/balance/|documents/groups/valid/)"
#: The first that is looked up before a number is ordered, or an order approved; and how many such calls an outage hits.
ASKED_FIRST, OUTAGE = r"^/v1/direct_numbers/country/", 12
TOO_LONG = CHANGE_SECONDS * 1.5

#: Kind, probability and seconds of what befalls a call that spends money.
ON_PAID = (
    ("latency", 0.012, TOO_LONG),
    ("latency_before", 0.012, TOO_LONG),
    ("reset_before", 0.025, 0.0),
    ("reset_after", 0.025, 0.0),
    ("reset_then_effect", 0.03, LATEST_EFFECT_SECONDS),
    ("error", 0.015, 0.0),
    ("error_after", 0.015, 0.0),
    ("error_in_200", 0.01, 0.0),
    ("truncated", 0.015, 0.0),
    ("html", 0.015, 0.0),
    ("html_before", 0.015, 0.0),
    ("bad_json", 0.01, 0.0),
    ("slow_body", 0.01, 0.1),
    ("rate", 0.006, 2.0),
)
#: The same for calls that look.
ON_LOOKS = (
    ("error", 0.002, 0.0),
    ("truncated", 0.002, 0.0),
    ("html", 0.002, 0.0),
    ("reset_after", 0.002, 0.0),
    ("latency", 0.002, 0.3),
    ("rate", 0.001, 2.0),
)

#: What comes more often where the workers lack this guard: the faults against which it stands.
AGAINST = {"absence": (("reset_then_effect", 0.25, LATEST_EFFECT_SECONDS),)}


class Weather:
    """Faults, outside orders, charged calls and listings. `unwanted` finds a number on offer that nobody wants here."""

    def __init__(
        self,
        simulator: SimulatorProcess,
        scene: Scene,
        dice: random.Random,
        unwanted: Callable[[int], str | None],
        guard: str = "",
    ) -> None:
        self.simulator = simulator
        self.scene = scene
        self.dice = dice
        self.unwanted = unwanted
        self.guard = guard

    def begin(self) -> None:
        """Order the faults: from now on calls fail."""
        for kind, probability, seconds in (*AGAINST.get(self.guard, ()), *ON_PAID):
            self._fault(kind, PAID, "POST", probability, seconds)
        for kind, probability, seconds in ON_LOOKS:
            self._fault(kind, LOOKS, "GET", probability, seconds)

    def strike(self, kind: str, seconds: float) -> None:
        """This befalls the next call that spends money, for certain."""
        self.simulator.fault(kind, path=PAID, method="POST", seconds=seconds)

    def cut_off(self) -> None:
        """The API is down for a while for whoever looks before they order or approve."""
        self.simulator.fault("reset_before", path=ASKED_FIRST, method="GET", count=OUTAGE, first=True)

    def _fault(self, kind: str, path: str, method: str, probability: float, seconds: float) -> None:
        self.simulator.fault(kind, path=path, method=method, count=-1, seconds=seconds, probability=probability)

    def end(self) -> None:
        """The faults cease; what they left behind comes still."""
        self.simulator.clear_faults()

    def order_outside(self) -> None:
        """Somebody orders in the operator's own cabinet, mostly with other papers and whatever number comes first.

        With the panel's papers only a number that nobody wants here: two orders that differ in nothing that the API
        shows can't be told apart by anybody.
        """
        account = self.dice.choice(self.scene.accounts)
        direction = self.dice.choice((UNLISTED, MIXED, *CHOSEN))
        payload = {"documents_group_id": OUTSIDERS_GROUP}
        if direction in CHOSEN and self.dice.random() < 0.5 and (unwanted := self.unwanted(direction)):
            payload = {"documents_group_id": account.group.remote_id, "number_id": unwanted}
        self.simulator.order_outside(direction, key=account.key, **payload)

    def charge(self) -> None:
        """A call is charged, at times by exactly what an order costs."""
        account = self.dice.choice(self.scene.accounts)
        self.simulator.top_up(-self.dice.choice((0.02, 0.37, 1.5, 2, 2, 6)), key=account.key)

    def list_numbers(self) -> None:
        """Somebody has an account's numbers read again."""
        wake("numbers.sync_numbers", self.dice.choice(self.scene.accounts).connection.pk)
