"""Reads, at the end of a storm, what was decided and what counts to limits, and hands it to the audit."""

from collections import Counter
from decimal import Decimal

from direct_numbers.models import Offer, Order
from people.models import AuditEntry
from sync.models import Operation
from tests.storm.audit import UNDECIDED, Violation
from tests.storm.audit_approvals import Decision, Spending, of_decisions, of_spending
from tests.storm.buying import Bought, Buyer, purpose_of
from tests.storm.clients import Client
from tests.storm.figures import Figures
from tests.storm.ledger import Ledger
from tests.storm.office import Act, happened
from tests.support.simulator import SimulatorProcess


def reckon_approvals(buyer: Buyer, acts: list[Act], simulator: SimulatorProcess, figures: Figures) -> list[Violation]:
    """Fill the figures in, and what is wrong with approvals and limits. Nobody works any more."""
    buyer.adopt()
    seen = happened(acts, buyer.own)
    figures.waited_for_approval, figures.limits_refused = buyer.waited, buyer.limits_refused
    figures.approved, figures.rejected, figures.cancelled = seen.approved, seen.rejected, seen.cancelled
    figures.approvals_raced, figures.decisions_raced = seen.approvals_raced, seen.decisions_raced
    figures.cancels_raced, figures.own_refused = seen.cancels_raced, seen.own_refused
    figures.killed_in_the_act, figures.desks_told = seen.killed_in_the_act, seen.hindered
    ledger = Ledger.of(simulator.ledger())
    theirs = [one for one in buyer.bought if one.client is not None]
    submitted, approved = _noted("order.submitted"), _noted("order.approved")
    told_approved = Counter(act.order for act in acts if act.does == "approve" and act.told == "True")
    cancelled = {act.order for act in acts if act.does == "cancel" and act.told == "True"}
    rejected = {act.order for act in acts if act.does == "reject" and act.told == "True"}
    approved |= told_approved  # the larger of both: what the audit notes, and what people were told
    decisions = [_decision(one, submitted, approved, cancelled, rejected) for one in theirs]
    spending = [_spending(client, theirs) for client in buyer.clients]
    return [*of_decisions(decisions, ledger), *of_spending(spending, ledger)]


def _noted(action: str) -> Counter[int]:
    """How often the audit notes it, by order."""
    return Counter(AuditEntry.objects.filter(action=action, object_type="order").values_list("object_id", flat=True))


def _decision(
    one: Bought, submitted: Counter[int], approved: Counter[int], cancelled: set[int], rejected: set[int]
) -> Decision:
    order, client = one.order, one.client
    assert order is not None and client is not None
    order.refresh_from_db()
    ended = ""
    if order.state == Order.State.CANCELLED or order.pk in cancelled:
        ended = "cancelled"
    elif order.is_approved is False or order.pk in rejected:
        ended = "rejected"
    return Decision(
        purpose_of(order),
        client.needs_approval(order),
        submitted[order.pk],
        approved[order.pk],
        len(one.operations),
        ended,
        is_own=bool(order.is_approved) and order.decided_by_id in (order.submitted_by_id, order.created_by_id),
        is_waiting=order.state == Order.State.APPROVAL,
    )


def _spending(client: Client, theirs: list[Bought]) -> Spending:
    orders = [one.order for one in theirs if one.client is client and one.order is not None and one.order.submitted_at]
    offers = {offer.direction_id: offer for offer in Offer.objects.filter(connection=client.account.connection)}
    price = {order.pk: client.price(order.period, offers[order.direction_id]) for order in orders}
    doubtful = Operation.objects.filter(object_type="order", object_id__in=price, state__in=UNDECIDED)
    in_doubt = sum((price[pk] for pk in doubtful.values_list("object_id", flat=True)), Decimal(0))
    return Spending(
        client.customer.name,
        client.counted(),
        client.most,
        client.limit,
        {purpose_of(order): price[order.pk] for order in orders},
        in_doubt,
    )
