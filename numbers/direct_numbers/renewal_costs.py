"""What paying several numbers further leaves on each account: balance now, what is held, balance after."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from direct_numbers import renewals
from direct_numbers.renewals import Renewal
from sync import budget, gateway, holds
from sync.models import Connection


@dataclass(frozen=True)
class AccountCost:
    """What `count` numbers of an account cost together, in `currency`; `balance` is None where it is not known."""

    connection: Connection
    currency: str
    count: int
    total: Decimal
    balance: Decimal | None
    held: Decimal

    @property
    def balance_after(self) -> Decimal | None:
        """What is left once this and everything under way is paid."""
        return None if self.balance is None else self.balance - self.held - self.total

    @property
    def is_covered(self) -> bool:
        """Whether the balance suffices, as far as it is known."""
        return self.balance_after is None or self.balance_after >= 0

    @property
    def shortfall(self) -> Decimal:
        """By how much the balance is too small, as far as it is known."""
        return Decimal(0) if self.balance_after is None else max(Decimal(0), -self.balance_after)


def by_account(rows: Iterable[Renewal]) -> list[AccountCost]:
    """The costs of those that can be done, a row for each account and currency."""
    rows = [row for row in rows if not row.problem]
    connections = {row.number.connection_id: row.number.connection for row in rows}
    found = []
    for connection in sorted(connections.values(), key=lambda account: (account.name, account.pk)):
        its_own = [row for row in rows if row.number.connection_id == connection.pk]
        for currency, total in sorted(renewals.totals(its_own).items()):
            found.append(
                AccountCost(
                    connection,
                    currency,
                    sum(row.currency == currency for row in its_own),
                    total,
                    connection.balance if connection.balance_currency == currency else None,
                    holds.held(connection, currency),
                )
            )
    return found


def look_at_balances(connections: Iterable[Connection]) -> None:
    """Ask for the balances now, for a person who waits: GET /v1/info/balance/. Raises `ZadarmaError`, `NotUsable`."""
    for connection in connections:
        with gateway.client(connection, budget.CLICK) as api:
            gateway.remember_balance(connection, api)
