"""Money that open operations may still cost: held, so that two of them can't spend the same balance."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q, Sum

from sync.models import Connection, Operation

State = Operation.State


class TooDear(Exception):
    """The balance does not cover the amount beside what open operations hold."""

    def __init__(self, balance: Decimal, held: Decimal, currency: str) -> None:
        super().__init__("the balance does not cover it")
        self.balance, self.held, self.currency = balance, held, currency


@dataclass(frozen=True)
class Cost:
    """What a paid operation may cost at most."""

    amount: Decimal
    currency: str


def held(connection: Connection, currency: str, states: tuple[str, ...] = Operation.OPEN) -> Decimal:
    """The sum that paid operations of `connection` in `states` may still cost, in `currency`.

    With those done since the balance was read, which it may not show yet.
    """
    counts = Q(state__in=states)
    if connection.balance_at:
        counts |= Q(state=State.DONE, settled_at__gte=connection.balance_at)
    rows = Operation.objects.filter(counts, connection=connection, hold_currency=currency)
    return rows.aggregate(total=Sum("hold_amount"))["total"] or Decimal(0)


def held_by_account(connections: Collection[int]) -> dict[int, Decimal]:
    """The same for several accounts in one query, each in the currency of its balance; 0 is left out."""
    counts = Q(state__in=Operation.OPEN) | Q(state=State.DONE, settled_at__gte=F("connection__balance_at"))
    rows = Operation.objects.filter(
        counts, connection__in=connections, hold_currency=F("connection__balance_currency"), hold_amount__isnull=False
    )
    return dict(rows.order_by().values_list("connection").annotate(total=Sum("hold_amount")))


def locked(connection_id: int) -> Connection:
    """The connection, locked until the transaction ends, so that holds are counted one at a time.

    Not its key: whoever settles adds a number to the connection, and must not wait for one who waits for a key's
    other operation to be settled.
    """
    return Connection.objects.select_for_update(no_key=True).get(pk=connection_id)


def check(connection: Connection, cost: Cost) -> None:
    """Lock the connection and raise `TooDear` where its balance, as far as it is known, does not cover `cost`."""
    row = locked(connection.pk)
    taken = held(row, cost.currency)
    if row.balance is not None and row.balance_currency == cost.currency and row.balance < taken + cost.amount:
        raise TooDear(row.balance, taken, cost.currency)


def covers(operation: Operation) -> bool:
    """Whether the balance pays `operation` beside what is out and in doubt. Locks the connection."""
    if operation.hold_amount is None:
        return True
    row = locked(operation.connection_id)
    if row.balance is None or row.balance_currency != operation.hold_currency:
        return True
    return row.balance >= held(row, operation.hold_currency, Operation.OUT) + operation.hold_amount
