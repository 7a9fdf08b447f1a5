"""What people do in a storm: they click, some twice; they see what was not done, and try that again."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from celery import current_app

from direct_numbers import orders, renewals
from direct_numbers.models import Number, Order
from people.models import User
from sync.holds import TooDear
from sync.models import Operation
from sync.operations import PERFORM, AlreadyOpen
from tests.simulator.api import Api
from tests.storm.accounts import Scene
from tests.storm.plan import MIXED, Handling, Intent, OrderIntent, ProlongIntent
from tests.storm.stage import LOOKER
from tests.support.simulator import SimulatorProcess

#: So often a person tries what turned out not to have been done.
MOST_ATTEMPTS = 4
State = Operation.State


@dataclass
class Bought:
    """An intent that reached the journal: its order or its number, and the operations that it led to."""

    intent: Intent
    order: Order | None = None
    number: Number | None = None
    operations: list[int] = field(default_factory=list)


@dataclass
class Buyer:
    """Somebody of the staff who carries out intents. `later` is called with seconds and what to do then."""

    scene: Scene
    simulator: SimulatorProcess
    actor: User
    dice: random.Random
    later: Callable[[float, Callable[[], None]], None]
    bought: list[Bought] = field(default_factory=list)
    refused_clicks: int = 0
    stolen: int = 0
    _wanted: set[str] = field(default_factory=set)
    _looker: Api | None = None

    def carry_out(self, intent: Intent) -> bool:
        """Click. False when it must be tried again later: something of the same number is under way."""
        if isinstance(intent, OrderIntent):
            return self._order(intent)
        return self._prolong(intent)

    def try_again(self) -> int:
        """Act as people do who see that something was not done. Returns how many new attempts were made."""
        last = {one.operations[-1]: one for one in self.bought if 0 < len(one.operations) < MOST_ATTEMPTS}
        not_done = Operation.objects.filter(state=State.NOT_DONE)
        ids = [pk for pk in not_done.values_list("pk", flat=True) if pk in last]
        return sum(self._again(last[pk]) for pk in ids)

    def _again(self, one: Bought) -> bool:
        """Whether there is another attempt now."""
        before = len(one.operations)
        if one.order is None:
            self._pay(one)
        elif orders.reopen(one.order):
            one.order.refresh_from_db()
            self._place(one)
        return len(one.operations) > before

    def _order(self, intent: OrderIntent) -> bool:
        account = self.scene.accounts[intent.account]
        direction = self.scene.directions[intent.direction]
        number_id, number = self._choose(intent.direction) if intent.is_chosen else ("", "")
        order = Order.objects.create(
            connection=account.connection,
            created_by=self.actor,
            country=direction.country,
            direction=direction,
            number_chosen=True,
            wanted_number_id=number_id,
            wanted_number=number,
            group=account.group,
        )
        one = Bought(intent, order=order)
        self.bought.append(one)
        return self._place(one)

    def _choose(self, direction: int) -> tuple[str, str]:
        """A number of those on offer that nobody here wants yet (or, rarely, one that somebody does)."""
        offered, free = self._offered(direction)
        if direction == MIXED and free and self.dice.random() < 0.5:
            row = free[0]  # perhaps the one that the operator is about to assign to somebody
        else:
            row = self.dice.choice(free if free and self.dice.random() < 0.98 else offered)
        self._wanted.add(row["id"])
        return row["id"], row["number"]

    def _offered(self, direction: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """What is on offer, and what of that nobody here has wanted."""
        if self._looker is None:
            self._looker = Api(self.simulator, *LOOKER)
        offered = self._looker.available(direction)
        return offered, [row for row in offered if row["id"] not in self._wanted]

    def unwanted(self, direction: int) -> str | None:
        """The id of a number on offer that nobody here has wanted or will want."""
        _, free = self._offered(direction)
        if not free:
            return None
        self._wanted.add(free[-1]["id"])
        return str(free[-1]["id"])

    def _place(self, one: Bought) -> bool:
        order, intent = one.order, one.intent
        assert order is not None and isinstance(intent, OrderIntent)
        offer = orders.offer_for(order)
        assert offer is not None
        order.period = intent.period
        given: dict[str, Any] = {
            "purpose": purpose_of(order),
            "receive_sms": False,
            "period": intent.period,
            "autorenew_period": "month",
            "confirmed": order.total_of(offer.connect_fee, offer.monthly_fee),
            "actor": self.actor,
        }
        second = Order.objects.get(pk=order.pk)
        placed: list[bool] = []
        try:
            self._click(intent.handling, lambda: placed.append(orders.place(order, **given)))
        except (AlreadyOpen, TooDear):  # somebody else is ordering this number
            self.refused_clicks += 1
            return True
        assert placed == [True]
        if intent.handling.clicks > 1:
            assert not orders.place(second, **given), "a double click was taken for two orders"
        order.refresh_from_db()
        assert order.operation_id is not None
        one.operations.append(order.operation_id)
        self._deliver(intent.handling, order.operation_id)
        if intent.stolen and len(one.operations) == 1:
            self._steal(one, intent)
        return True

    def _steal(self, one: Bought, intent: OrderIntent) -> None:
        """Somebody else orders the very number, in this account or in another."""
        order = one.order
        assert order is not None
        keys = [account.key for account in self.scene.accounts]
        key = keys[intent.account if intent.stolen == "here" else (intent.account + 1) % len(keys)]

        def take() -> None:
            try:
                self.simulator.order_outside(intent.direction, number_id=order.wanted_number_id, key=key)
            except ValueError:
                return  # too late
            self.stolen += 1

        self.later(self.dice.uniform(0, 1.5), take)

    def _prolong(self, intent: ProlongIntent) -> bool:
        number = self.scene.to_prolong[intent.place]
        one = Bought(intent, number=number)
        if not self._pay(one):
            return False
        self.bought.append(one)
        return True

    def _pay(self, one: Bought) -> bool:
        intent = one.intent
        assert one.number is not None and isinstance(intent, ProlongIntent)
        number = Number.objects.select_related("connection").get(pk=one.number.pk)
        confirmed = {number.currency: (number.monthly_fee or Decimal(0)) * intent.months}
        batch = uuid.uuid4()
        planned: list[Operation] = []

        def prolong() -> None:
            planned[:] = renewals.prolong([number], intent.months, confirmed=confirmed, batch=batch, actor=self.actor)

        try:
            self._click(intent.handling, prolong)
            (operation,) = planned
            if intent.handling.clicks > 1:
                prolong()
                assert [again.pk for again in planned] == [operation.pk], "a double click was taken for two payments"
        except AlreadyOpen:
            return self._hindered(number, True)
        except renewals.NotRenewable:
            return self._hindered(number, _is_under_way(number))
        one.operations.append(operation.pk)
        self._deliver(intent.handling, operation.pk)
        return True

    def _hindered(self, number: Number, is_under_way: bool) -> bool:
        """False where it can be tried again soon: another payment is under way, and no person is asked about it."""
        asked = Operation.objects.filter(object_id=number.pk, kind="prolong", state=State.NEEDS_PERSON)
        if is_under_way and not asked.exists():
            return False
        self.refused_clicks += 1
        return True

    def _click(self, handling: Handling, plan: Callable[[], object]) -> None:
        """Plan it; its message gets lost where the plan of the storm says so."""
        if handling.messages:
            plan()
        else:
            with patch("sync.waking._send"):
                plan()

    def _deliver(self, handling: Handling, operation_id: int) -> None:
        """Send the same message again, at once or a little later."""
        for copy in range(1, handling.messages):
            wait = 0.0 if copy == 1 else self.dice.uniform(0.5, 6)
            self.later(wait, lambda: _send(operation_id))


def purpose_of(order: Order) -> str:
    """What the order tells Zadarma, and by which the ledger can be read."""
    return f"storm {order.pk}"


def _is_under_way(number: Number) -> bool:
    """Whether a payment for it is open."""
    return Operation.objects.filter(object_id=number.pk, kind="prolong", state__in=Operation.OPEN).exists()


def _send(operation_id: int) -> None:
    current_app.send_task(PERFORM, args=[operation_id], retry=False)
