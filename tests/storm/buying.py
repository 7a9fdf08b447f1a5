"""What people do in a storm: they click, some twice; they see what was not done, and try that again."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any
from unittest.mock import patch

from celery import current_app

from direct_numbers import limits, orders, renewals
from direct_numbers.models import Number, Order
from people.models import User
from sync.holds import TooDear
from sync.models import Operation
from sync.operations import PERFORM, AlreadyOpen
from tests.simulator.api import Api
from tests.storm.accounts import Scene
from tests.storm.at_once import at_once
from tests.storm.clients import Client
from tests.storm.plan import MIXED, Handling, Intent, OrderIntent, ProlongIntent
from tests.storm.stage import LOOKER
from tests.support.simulator import SimulatorProcess

#: So often a person tries what turned out not to have been done.
MOST_ATTEMPTS = 4
State = Operation.State


@dataclass
class Bought:
    """An intent that was carried out: its order (with whose it is, if a customer's) or its number, and the operations.

    `actor` is who wants it.
    """

    intent: Intent
    actor: User
    order: Order | None = None
    number: Number | None = None
    client: Client | None = None
    operations: list[int] = field(default_factory=list)


@dataclass
class Buyer:
    """Those who carry out intents: `actor` of the staff, the customers' managers, and for some of these `approver`.

    `later` is called with seconds and what to do then; `is_own` with the id of an order that needs approval: whether
    it is one that the approver hands in, who then may not approve it.
    """

    scene: Scene
    simulator: SimulatorProcess
    actor: User
    dice: random.Random
    later: Callable[[float, Callable[[], None]], None]
    clients: list[Client] = field(default_factory=list)
    approver: User | None = None
    is_own: Callable[[int], bool] = lambda order_id: False
    bought: list[Bought] = field(default_factory=list)
    own: set[int] = field(default_factory=set)
    waited: int = 0
    limits_refused: int = 0
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
        self.adopt()
        last = {one.operations[-1]: one for one in self.bought if 0 < len(one.operations) < MOST_ATTEMPTS}
        not_done = Operation.objects.filter(state=State.NOT_DONE)
        ids = [pk for pk in not_done.values_list("pk", flat=True) if pk in last]
        return sum(self._again(last[pk]) for pk in ids)

    def adopt(self) -> None:
        """See to which operations those led that others approved."""
        rows = Operation.objects.filter(object_type="order").order_by("pk").values_list("object_id", "pk")
        of_order: dict[int, list[int]] = {}
        for order_id, pk in rows:
            of_order.setdefault(order_id, []).append(pk)
        for one in self.bought:
            if one.order is not None:
                one.operations = of_order.get(one.order.pk, [])

    def _again(self, one: Bought) -> bool:
        """Whether there is another attempt now, or one that waits for approval. What was rejected stays so."""
        if one.order is None:
            before = len(one.operations)
            self._pay(one)
            return len(one.operations) > before
        one.order.refresh_from_db()
        if one.order.is_approved is False or not orders.reopen(one.order):
            return False
        one.order.refresh_from_db()
        return self._place(one) > 0

    def _order(self, intent: OrderIntent) -> bool:
        ones = [self._draft(intent) for _ in range(1 + intent.is_paired)]
        self.bought += ones
        self._place(*ones)
        return True

    def _draft(self, intent: OrderIntent) -> Bought:
        account = self.scene.accounts[intent.account]
        client = None if intent.client is None else self.clients[intent.client]
        direction = self.scene.directions[intent.direction]
        number_id, number = self._choose(intent.direction) if intent.is_chosen else ("", "")
        order = Order.objects.create(
            connection=account.connection,
            customer=client.customer if client else None,
            created_by=client.manager if client else self.actor,
            country=direction.country,
            direction=direction,
            number_chosen=True,
            wanted_number_id=number_id,
            wanted_number=number,
            group=account.group,
            period=intent.period,
        )
        actor = order.created_by
        if client and self.approver and client.needs_approval(order) and self.is_own(order.pk):
            actor = self.approver
            self.own.add(order.pk)
        assert actor is not None
        return Bought(intent, actor, order=order, client=client)

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

    def _place(self, *ones: Bought) -> int:
        """Click for all of these at the same moment, for some twice. Returns how many are under way then, or wait."""
        clicks = [one for one in ones for _ in range(_order_of(one).handling.clicks)]
        places = [partial(orders.place, Order.objects.get(pk=_pk(one)), **self._given(one)) for one in clicks]
        told: list[bool | Exception] = []
        self._click(_order_of(ones[0]).handling, lambda: told.extend(at_once(places)))
        for one in ones:
            self._placed(one, [answer for clicked, answer in zip(clicks, told, strict=True) if clicked is one])
        return sum(answer is True for answer in told)

    def _given(self, one: Bought) -> dict[str, Any]:
        """What the form holds: the sum among it, as whoever orders is shown it."""
        order, intent = one.order, _order_of(one)
        assert order is not None
        offer = orders.offer_for(order)
        assert offer is not None
        order.period = intent.period
        total = order.total_of(offer.connect_fee, offer.monthly_fee)
        return {
            "purpose": purpose_of(order),
            "receive_sms": False,
            "period": intent.period,
            "autorenew_period": "month",
            "confirmed": one.client.price(intent.period, offer) if one.client and not one.actor.is_staff else total,
            "actor": one.actor,
        }

    def _placed(self, one: Bought, told: list[bool | Exception]) -> None:
        """Take note of what the clicks on one order were told."""
        order, intent = one.order, _order_of(one)
        assert order is not None
        if True not in told:
            for hindered in told:
                if not isinstance(hindered, AlreadyOpen | TooDear | limits.OverLimit):
                    raise AssertionError(f"{purpose_of(order)} was answered with {told}") from (
                        hindered if isinstance(hindered, Exception) else None
                    )
            self.refused_clicks += 1
            self.limits_refused += isinstance(told[0], limits.OverLimit)
            return
        assert sorted(map(str, told)) == ["False"] * (len(told) - 1) + ["True"], f"clicks were answered with {told}"
        order.refresh_from_db()
        if order.state == Order.State.APPROVAL:
            self.waited += 1
        is_first = not one.operations
        if order.operation_id is not None and order.operation_id not in one.operations:
            one.operations.append(order.operation_id)
            self._deliver(intent.handling, order.operation_id)
        if intent.stolen and is_first:
            self._steal(one, intent)

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
        one = Bought(intent, self.actor, number=number)
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


def _order_of(one: Bought) -> OrderIntent:
    assert isinstance(one.intent, OrderIntent)
    return one.intent


def _pk(one: Bought) -> int:
    assert one.order is not None
    return one.order.pk


def purpose_of(order: Order) -> str:
    """What the order tells Zadarma, and by which the ledger can be read."""
    return f"storm {order.pk}"


def _is_under_way(number: Number) -> bool:
    """Whether a payment for it is open."""
    return Operation.objects.filter(object_id=number.pk, kind="prolong", state__in=Operation.OPEN).exists()


def _send(operation_id: int) -> None:
    current_app.send_task(PERFORM, args=[operation_id], retry=False)
