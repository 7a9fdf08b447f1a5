"""Reads, at the end of a storm, what the panel's rows say, and hands it to the audit."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from direct_numbers.models import Number
from sync import holds
from sync.models import Operation, SyncRun
from sync.operations import ENDED
from tests.simulator.api import Api
from tests.storm import audit
from tests.storm.accounts import Account, Scene
from tests.storm.audit import UNDECIDED, Money, OrderOutcome, Violation
from tests.storm.audit_prolongs import Attempt, ProlongOutcome, of_prolongs, renewals_amid
from tests.storm.buying import Bought, Buyer, purpose_of
from tests.storm.figures import Figures
from tests.storm.ledger import Ledger
from tests.support.scenes import read
from tests.support.simulator import SimulatorProcess

State = Operation.State
_PAID: dict[str, Callable[[str, dict[str, str]], str]] = {
    "/v1/direct_numbers/order/": lambda key, params: params["purpose"],
    "/v1/direct_numbers/prolong/": lambda key, params: f"{params['number']} of {key}",
}


def reckon(
    scene: Scene, buyer: Buyer, simulator: SimulatorProcess, figures: Figures, violations: list[Violation]
) -> None:
    """Fill the figures in and audit everything, beside the violations known already. The workers have been stopped."""
    SyncRun.objects.filter(state="running").update(lease_until=timezone.now())  # of workers that were killed
    for account in scene.accounts:
        read(account.connection, "numbers")
    ledger = Ledger.of(simulator.ledger())
    calls = _calls(simulator)
    prolonged = _prolongs(buyer)
    figures.count(
        [
            *violations,
            *audit.of_orders(_orders(buyer, ledger), ledger),
            *of_prolongs(prolonged, ledger),
            *audit.of_money([_money(account, simulator) for account in scene.accounts], ledger),
            *audit.of_calls(*calls, _sent(buyer)),
            *_dates(scene, simulator),
        ]
    )
    figures.story = _story(buyer, ledger, figures.violations) if figures.violations else []
    states = Counter(Operation.objects.values_list("state", flat=True))
    figures.operations, figures.paid_calls = states.total(), calls[0].total()
    figures.intents, figures.refused_clicks = len(buyer.bought), buyer.refused_clicks
    sent = Counter(Operation.objects.exclude(sent_at=None).values_list("kind", flat=True))
    figures.orders_sent, figures.prolongs_sent = sent["order"], sent["prolong"]
    figures.done, figures.refused, figures.not_done = (states[name] for name in ("done", "refused", "not_done"))
    figures.undecided = sum(states[name] for name in UNDECIDED)
    figures.paid_faults, figures.look_faults = simulator.hits("POST"), simulator.hits("GET")
    figures.outside_orders, figures.autorenewals = ledger.kinds["order outside"], ledger.kinds["autorenew"]
    figures.taken_by_others, figures.charges = buyer.stolen, ledger.kinds["charge"]
    figures.renewed_amid_payments = sum(
        renewals_amid(one.attempts, ledger.renewals.get((one.key, one.number), [])) for one in prolonged
    )
    for operation in Operation.objects.iterator():
        looks = operation.evidence.get("looks", [])
        figures.in_doubt_on_the_way += bool(looks)
        figures.killed_in_flight += ENDED in (operation.error, operation.evidence.get("error"))
        if operation.state in UNDECIDED:
            why = _why(looks)
            figures.undecided_because[why] = figures.undecided_because.get(why, 0) + 1


def _story(buyer: Buyer, ledger: Ledger, violations: list[Violation]) -> list[str]:
    """How everything went that the violations name: for whoever has to find out why."""
    lines = []
    text = "\n".join(violation.text for violation in violations)
    for one in buyer.bought:
        if not re.search(rf"\b{re.escape(_name(one))}\b", text):
            continue
        entries = ledger.orders.get(purpose_of(one.order), []) if one.order else []
        lines.append(f"{_name(one)}: {[(entry['at'], entry['number'], entry['request']) for entry in entries]}")
        for row in Operation.objects.filter(pk__in=one.operations).order_by("pk"):
            lines.append(f"  {row} sent {row.sent_at}, settled {row.settled_at}: {row.error or '-'}")
            before = {name: value for name, value in row.evidence.get("before", {}).items() if name != "numbers"}
            lines.append(f"    before: {before}, in doubt: {row.evidence.get('error', '-')}")
            lines += [
                f"    {look['at']} {look['seen']} {look['why']} (complete: {look['is_complete']}) {look['facts']}"
                for look in row.evidence.get("looks", [])
            ]
    return lines[:80]


def _why(looks: list[dict[str, Any]]) -> str:
    return f"{looks[-1]['seen']} {looks[-1]['why']}".strip() if looks else "not looked at"


def _orders(buyer: Buyer, ledger: Ledger) -> list[OrderOutcome]:
    return [_order(one, ledger) for one in buyer.bought if one.order is not None]


def _order(one: Bought, ledger: Ledger) -> OrderOutcome:
    order = one.order
    assert order is not None
    order.refresh_from_db()
    if not one.operations:
        return OrderOutcome(purpose_of(order), "never")
    operation = Operation.objects.get(pk=one.operations[-1])
    looks = operation.evidence.get("looks", [])
    is_conflict = bool(looks) and looks[-1]["seen"] == "conflict"
    is_taken = (order.connection.name, order.wanted_number) in ledger.outside
    may_be = is_conflict and (not order.wanted_number or is_taken)
    state = operation.state
    if (state == State.DONE) != (order.state == "placed"):
        state = f"{state} and {order.state}"
    return OrderOutcome(purpose_of(order), state, order.number.number if order.number else "", may_be)


def _prolongs(buyer: Buyer) -> list[ProlongOutcome]:
    by_number: dict[int, list[Bought]] = defaultdict(list)
    for one in buyer.bought:
        if one.number is not None:
            by_number[one.number.pk].append(one)
    return [_prolong(bought) for bought in by_number.values()]


def _prolong(bought: list[Bought]) -> ProlongOutcome:
    number = bought[0].number
    assert number is not None
    rows = Operation.objects.filter(pk__in=[pk for one in bought for pk in one.operations])
    attempts = tuple(_attempt(row) for row in rows.order_by("pk"))
    return ProlongOutcome(number.connection.name, number.number, sum(bool(one.operations) for one in bought), attempts)


def _attempt(row: Operation) -> Attempt:
    looks = row.evidence.get("looks", [])
    why = looks[-1]["why"] if looks and looks[-1]["seen"] == "conflict" else ""
    return Attempt(row.state, int(row.params["months"]), row.sent_at, row.settled_at, why)


def _calls(simulator: SimulatorProcess) -> tuple[Counter[str], Counter[str]]:
    """The calls that the stand-in saw, and those of them that it sent away for the rate, by what they were for."""
    seen: Counter[str] = Counter()
    sent_away: Counter[str] = Counter()
    for entry in simulator.changing_requests():
        name = _PAID.get(entry["path"], lambda key, params: "")(entry["key"], entry["params"])
        if name:
            seen[name] += 1
            sent_away[name] += entry["status"] == 429
    return seen, sent_away


def _sent(buyer: Buyer) -> Counter[str]:
    """The attempts that left, by what they were for."""
    sent = set(Operation.objects.exclude(sent_at=None).values_list("pk", flat=True))
    found: Counter[str] = Counter()
    for one in buyer.bought:
        found[_name(one)] += sum(pk in sent for pk in one.operations)
    return found


def _name(one: Bought) -> str:
    """What a call was for: the order's purpose, or the number that was prolonged and its account."""
    if one.order is not None:
        return purpose_of(one.order)
    assert one.number is not None
    return f"{one.number.number} of {one.number.connection.name}"


def _money(account: Account, simulator: SimulatorProcess) -> Money:
    connection = account.connection
    connection.refresh_from_db()
    paid = Operation.objects.filter(connection=connection).exclude(hold_amount=None)

    def total(*states: str) -> Decimal:
        return paid.filter(state__in=states).aggregate(sum=Sum("hold_amount"))["sum"] or Decimal(0)

    shown = next(row for row in simulator.state()["accounts"] if row["key"] == account.key)
    held = holds.held(connection, connection.balance_currency)
    opening, closing = (Decimal(str(value)) for value in (account.opening_balance, shown["balance"]))
    return Money(account.key, total("done"), total(*UNDECIDED), held, opening, closing)


def _dates(scene: Scene, simulator: SimulatorProcess) -> list[Violation]:
    mirror = {
        (row.connection.name, row.number): row.stop_text
        for row in Number.objects.filter(gone_at=None).select_related("connection")
    }
    account = {
        (one.key, str(row["number"])): str(row["stop_date"])
        for one in scene.accounts
        for row in Api(simulator, one.key, one.secret).numbers()
    }
    # What an order in doubt may explain is not in the mirror before that is settled.
    doubtful = Operation.objects.filter(state__in=UNDECIDED, kind="order").values_list("connection__name", flat=True)
    for name in [name for name in account if name not in mirror and name[0] in set(doubtful)]:
        del account[name]
    return audit.of_dates(mirror, account)
