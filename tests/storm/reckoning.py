"""Reads, at the end of a storm, what the panel's rows say, and hands it to the audit."""

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from direct_numbers.models import Number
from sync import holds
from sync.models import Operation, SyncRun
from tests.simulator.api import Api
from tests.storm import audit
from tests.storm.accounts import Account, Scene
from tests.storm.audit import UNDECIDED, Money, OrderOutcome, ProlongOutcome, Violation
from tests.storm.buying import Bought, Buyer, purpose_of
from tests.storm.figures import Figures
from tests.storm.ledger import Ledger
from tests.support.scenes import read
from tests.support.simulator import SimulatorProcess

State = Operation.State


def reckon(
    scene: Scene, buyer: Buyer, simulator: SimulatorProcess, figures: Figures, violations: list[Violation]
) -> None:
    """Fill the figures in and audit everything, beside the violations known already. The workers have been stopped."""
    SyncRun.objects.filter(state="running").update(lease_until=timezone.now())  # of workers that were killed
    for account in scene.accounts:
        read(account.connection, "numbers")
    ledger = Ledger.of(simulator.ledger())
    posts = sum(simulator.request_totals().values()) - len(scene.accounts)  # one a group at the start
    hits = simulator.hits()
    sent = Operation.objects.exclude(sent_at=None).count()
    figures.count(
        [
            *violations,
            *audit.of_orders(_orders(buyer, ledger), ledger),
            *audit.of_prolongs(_prolongs(buyer), ledger),
            *audit.of_money([_money(account, simulator) for account in scene.accounts], ledger),
            *audit.of_calls(posts, sent, hits.get("rate", 0)),
            *_dates(scene, simulator),
        ]
    )
    figures.story = _story(buyer, ledger) if figures.violations else []
    states = Counter(Operation.objects.values_list("state", flat=True))
    figures.operations, figures.sent_calls = states.total(), posts
    figures.done, figures.refused, figures.not_done = (states[name] for name in ("done", "refused", "not_done"))
    figures.undecided = sum(states[name] for name in UNDECIDED)
    figures.faults = hits
    figures.outside_orders, figures.autorenewals = ledger.kinds["order outside"], ledger.kinds["autorenew"]
    figures.taken_by_others, figures.charges = buyer.stolen, ledger.kinds["charge"]
    for operation in Operation.objects.iterator():
        looks = operation.evidence.get("looks", [])
        figures.in_doubt_on_the_way += bool(looks)
        if operation.state in UNDECIDED:
            why = _why(looks)
            figures.undecided_because[why] = figures.undecided_because.get(why, 0) + 1


def _story(buyer: Buyer, ledger: Ledger) -> list[str]:
    """How the orders went that the ledger does not bear out: for whoever has to find out why."""
    lines = []
    for one in buyer.bought:
        entries = ledger.orders.get(purpose_of(one.order), []) if one.order else []
        if one.order is None or len(entries) == (_order(one, ledger).state == "done"):
            continue
        lines.append(
            f"{purpose_of(one.order)}: {[(entry['at'], entry['number'], entry['request']) for entry in entries]}"
        )
        for row in Operation.objects.filter(pk__in=one.operations).order_by("pk"):
            looks = [(look["at"], look["seen"], look["why"]) for look in row.evidence.get("looks", [])]
            lines.append(f"  {row} sent {row.sent_at}, settled {row.settled_at}: {row.error or '-'} {looks}")
    return lines[:40]


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
    attempts = tuple((row.state, int(row.params["months"])) for row in rows.order_by("pk"))
    return ProlongOutcome(number.connection.name, number.number, len(bought), attempts)


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
