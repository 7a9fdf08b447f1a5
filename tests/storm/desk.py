"""Somebody who decides about orders that wait for approval: `python -m tests.storm.desk NAME FATES LOG`.

Two of the staff approve or reject, and the customers cancel, each in a process of their own. What happens to an order
was dealt before it was handed in, and is done by all whom it concerns at the same moment, some time after. Each notes
what they begin and what they are told, so that a process that is killed leaves a beginning without an end.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from direct_numbers.models import Order

#: So long after it was handed in all those whom it concerns act.
AFTER = timedelta(seconds=1)
#: Whoever was told that it can't be done now tries again so much later; and looks so often what is there to decide.
AGAIN, OFTEN = timedelta(seconds=1.5), 0.1
#: What can't be approved as it stands is rejected.
CANT = ("Hindered", "PriceRose", "CountryNotAllowed", "OverLimit")

#: Who does what: so many in each deck of what is dealt, then the acts of both approvers and of the customer. Whoever
#: hands one of their own in is the first approver, and is refused before the other one comes.
FATES: dict[str, tuple[int, tuple[str, str, str]]] = {
    "both approve": (8, ("approve", "approve", "")),
    "approved twice": (3, ("approve twice", "", "")),
    "both reject": (2, ("reject", "reject", "")),
    "of two minds": (3, ("approve", "reject", "")),
    "approved or cancelled": (3, ("approve", "", "cancel")),
    "rejected or cancelled": (1, ("", "reject", "cancel")),
    "cancelled": (1, ("", "", "cancel")),
    "own": (2, ("approve", "approve later", "")),
}
NAMES = ("approver-1", "approver-2", "customer")


class Fates:
    """What is dealt to the orders that wait for approval, in shuffled decks that hold each fate; kept in a file."""

    def __init__(self, file: Path, seed: int = 0) -> None:
        self.file = file
        self._dice = random.Random(f"fates {seed}")
        self._deck: list[str] = []
        self._known: dict[str, str] = {}

    def deal(self, order_id: int) -> str:
        """What shall happen to this order."""
        if not self._deck:
            self._deck = [name for name, (count, _acts) in FATES.items() for _ in range(count)]
            self._dice.shuffle(self._deck)
        fate = self._deck.pop()
        with self.file.open("a") as file:
            file.write(f"{order_id} {fate}\n")
        return fate

    def of(self, order_id: int) -> str:
        """What was dealt to it. KeyError where nothing was."""
        if str(order_id) not in self._known:
            self._known = dict(line.split(" ", 1) for line in self.file.read_text().splitlines())
        return self._known[str(order_id)]


class Desk:
    """One person's desk."""

    def __init__(self, name: str, fates: Fates, log: Path) -> None:
        from people.models import User

        self.place = NAMES.index(name)
        self.fates = fates
        self.log = log
        self.staff = User.objects.filter(email=f"{name}@partner.example").first()
        self._not_before: dict[tuple[int, datetime], datetime] = {}

    def work(self) -> None:
        """Decide what there is to decide."""
        from django.utils import timezone

        from direct_numbers.models import Order

        waiting = Order.objects.filter(state=Order.State.APPROVAL).exclude(submitted_at=None)
        for order_id, submitted_at in waiting.order_by("submitted_at", "pk").values_list("pk", "submitted_at"):
            _weight, acts = FATES[self.fates.of(order_id)]
            key, act, now = (order_id, submitted_at), acts[self.place], timezone.now()
            due = self._not_before.get(key, submitted_at + AFTER * (2 if act == "approve later" else 1))
            if not act or due > now + timedelta(seconds=OFTEN):
                continue
            time.sleep(max(0.0, (due - now).total_seconds()))
            self._not_before[key] = timezone.now() + AGAIN
            self._act(act, Order.objects.get(pk=order_id))

    def _act(self, act: str, order: "Order") -> None:
        from direct_numbers import approving, orders

        assert act == "cancel" or self.staff is not None
        todo: dict[str, Callable[[], object]] = {
            "approve": lambda: approving.approve(order.pk, self.staff),
            "approve later": lambda: approving.approve(order.pk, self.staff),
            "reject": lambda: approving.reject(order.pk, self.staff, word="not this one"),
            "cancel": lambda: orders.give_up(order),
        }
        for word in ("approve", "approve") if act == "approve twice" else (act,):
            told = self._noted(order.pk, word, todo[word])
            if told in CANT:
                self._noted(order.pk, "reject", todo["reject"])

    def _noted(self, order_id: int, word: str, do: Callable[[], object]) -> str:
        """Do it, and note what was told: true, false, or the exception's name."""
        does = word.split()[0]
        self._note(order=order_id, does=does, told=None)
        try:
            told = str(bool(do()))
        except Exception as hindered:  # noqa: BLE001 - what it means is for whoever reads the notes
            told = type(hindered).__name__
        self._note(order=order_id, does=does, told=told)
        return told

    def _note(self, **what: object) -> None:
        with self.log.open("a") as log:
            log.write(json.dumps({"who": NAMES[self.place], "at": time.time(), **what}) + "\n")


def main() -> None:
    """Set the project up, and work until killed."""
    name, fates, log = sys.argv[1:]
    import django

    django.setup()
    from django.db import OperationalError

    desk = Desk(name, Fates(Path(fates)), Path(log))
    while True:
        try:
            desk.work()
        except OperationalError:  # the database was busy with the others
            continue
        finally:
            time.sleep(OFTEN)


if __name__ == "__main__":
    main()
