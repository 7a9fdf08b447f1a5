"""The customers of a storm: whose orders need approval, who may spend how much, and who hands in and decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from direct_numbers.models import Charge, Offer, Order
from people.models import Customer, Membership, SpendingLimit, User
from sync.models import Operation
from tests.storm.accounts import Account, Scene
from tests.storm.plan import CLIENTS, Intent, OrderIntent

APPROVERS = ("approver-1", "approver-2")
CENT = Decimal("0.01")
Approval = Customer.Approval


@dataclass(frozen=True)
class Policy:
    """What a customer may do. `part` is how much of what it will want its monthly limit allows; None is no limit."""

    approval: str
    markup: Decimal = Decimal(0)
    above: Decimal | None = None
    part: Decimal | None = None


#: One a customer: the last of them orders without anybody's approval. Three months cost 6, one month 2.
POLICIES = (
    Policy(Approval.ALWAYS, markup=Decimal(10)),
    Policy(Approval.ABOVE, above=Decimal(4), part=Decimal("0.6")),
    Policy(Approval.ALWAYS, markup=Decimal("12.5"), part=Decimal("0.7")),
    Policy(Approval.NEVER, markup=Decimal(25), part=Decimal("0.6")),
)


@dataclass
class Client:
    """One customer, its account, and its manager. `most` is the highest sum that was ever seen to count."""

    customer: Customer
    manager: User
    account: Account
    policy: Policy
    limit: Decimal | None = None
    most: Decimal = Decimal(0)

    def needs_approval(self, order: Order) -> bool:
        """Whether the policy wants it: by what the order costs the customer."""
        if self.policy.approval != Approval.ABOVE:
            return self.policy.approval == Approval.ALWAYS
        assert self.policy.above is not None
        return self.price(order.period, Offer.objects.get(connection=order.connection, direction=order.direction)) > (
            self.policy.above
        )

    def price(self, period: str, offer: Offer) -> Decimal:
        """What such an order costs the customer: both fees with the markup, each in whole cents."""
        factor = 1 + self.policy.markup / 100
        connect, monthly = (
            (fee * factor).quantize(CENT, ROUND_HALF_UP) for fee in (offer.connect_fee, offer.monthly_fee)
        )
        return connect + monthly * (3 if period == "3month" else 1)

    def counted(self) -> Decimal:
        """What counts of its charges: not what was waived, or ended without effect."""
        rows = Charge.objects.filter(customer=self.customer, waived_at=None)
        rows = rows.exclude(operation__state__in=Operation.WITHOUT_EFFECT)
        return sum(rows.values_list("amount", flat=True), Decimal(0))

    def look(self) -> None:
        """See what counts now, amid everything."""
        self.most = max(self.most, self.counted())


def furnish_clients(scene: Scene, wanted: Iterable[Intent]) -> list[Client]:
    """Add the customers with their managers and the two who approve. The limits allow a part of what is `wanted`."""
    for name in APPROVERS:
        User.objects.create_user(f"{name}@partner.example", staff_role="operator")
    clients = [_client(place, policy, scene) for place, policy in enumerate(POLICIES[:CLIENTS])]
    wishes: list[list[OrderIntent]] = [[] for _ in clients]
    for intent in wanted:
        if isinstance(intent, OrderIntent) and intent.client is not None:
            wishes[intent.client].append(intent)
    for client, intents in zip(clients, wishes, strict=True):
        if client.policy.part is not None:
            _limit(client, scene, intents)
    return clients


def _client(place: int, policy: Policy, scene: Scene) -> Client:
    account = scene.accounts[place % len(scene.accounts)]
    currency = account.connection.balance_currency
    customer = Customer.objects.create(
        name=f"customer {place}",
        default_connection=account.connection,
        markup_percent=policy.markup,
        approval=policy.approval,
        approval_above=policy.above,
        approval_currency=currency if policy.above is not None else "",
    )
    manager = User.objects.create_user(f"manager-{place}@customer.example")
    Membership.objects.create(user=manager, customer=customer, role="manager")
    return Client(customer, manager, account, policy)


def _limit(client: Client, scene: Scene, intents: list[OrderIntent]) -> None:
    """Let it spend a part of what its orders cost, no less than one of them."""
    offers = {
        remote_id: Offer.objects.get(connection=client.account.connection, direction=direction)
        for remote_id, direction in scene.directions.items()
    }
    prices = [client.price(intent.period, offers[intent.direction]) for intent in intents]
    assert client.policy.part is not None
    total = (sum(prices, Decimal(0)) * client.policy.part).quantize(CENT)
    client.limit = max([total, *prices])
    currency = client.account.connection.balance_currency
    SpendingLimit.objects.create(customer=client.customer, currency=currency, amount=client.limit)
