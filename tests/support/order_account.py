"""An account made up row by row, and orders sent into it: for tests of what a look at it means."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from direct_numbers import order_evidence
from direct_numbers.models import Direction, Order
from documents.models import DocumentGroup
from people.models import Customer
from sync import gateway
from sync.models import Connection, Operation
from tests.factories import (
    ConnectionFactory,
    DirectionFactory,
    DocumentGroupFactory,
    OperationFactory,
    OrderFactory,
)
from zadarma import types as api_types
from zadarma.types import Balance, Listing, Rejected

SENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
OLD, OURS, OTHER = "442030000001", "442030000002", "442030000003"


def row(number: str, **given: Any) -> api_types.Number:
    """A number of the account: of our direction and papers, begun when the order was sent."""
    values = {
        "number": number,
        "status": "on",
        "direction_id": "13755",
        "group_id": "1001",
        "start_date": SENT,
        "start_date_text": "2026-03-01 14:00:00",
        **given,
    }
    return api_types.Number.model_construct(**values)


class Account:
    """Stands where the client stands: what the account lists, and its balance."""

    def __init__(self) -> None:
        self.rows: list[api_types.Number] = []
        self.unreadable = 0
        self.amount = Decimal(8)

    def __enter__(self) -> "Account":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def numbers(self) -> Listing[api_types.Number]:
        """The listing."""
        return Listing(rows=self.rows, rejected=[Rejected(n, "odd") for n in range(self.unreadable)])

    def balance(self) -> Balance:
        """What is left."""
        return Balance(amount=self.amount, currency="EUR")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account with one older number, of which 2.00 were paid for the order."""
    found = Account()
    found.rows = [row(OLD, start_date=SENT - timedelta(days=90))]
    monkeypatch.setattr(gateway, "client", lambda *_args, **_given: found)
    return found


@pytest.fixture
def place(db: None) -> "Place":
    """A connection and a direction to order in."""
    return Place()


class Place:
    """Makes orders in doubt in one direction of one account."""

    def __init__(self) -> None:
        self.connection: Connection = ConnectionFactory()
        self.direction: Direction = DirectionFactory(remote_id="13755")
        self.group: DocumentGroup = DocumentGroupFactory(connection=self.connection, remote_id="1001")

    def order(self, wanted: str = "", *, state: str = "unknown", customer: Customer | None = None) -> Operation:
        """An order sent at noon whose answer was lost."""
        order_state = {"planned": "placing", "sent": "placing", "done": "placed"}.get(state, "in_doubt")
        order: Order = OrderFactory(
            connection=self.connection,
            direction=self.direction,
            group=self.group,
            wanted_number=wanted,
            wanted_number_id=f"id-{wanted}" if wanted else "",
            state=order_state,
            customer=customer,
            total=2,
            currency="EUR",
            monthly_fee=2,
        )
        operation: Operation = OperationFactory(
            connection=self.connection,
            kind="order",
            state=state,
            object_type="order",
            object_id=order.pk,
            params={"direction_id": "13755", "documents_group_id": "1001", "number": wanted},
            evidence={"before": {"at": SENT.isoformat(), "numbers": [OLD], "is_complete": True, "listed": 1}},
            sent_at=None if state == "planned" else SENT,
            hold_amount=2,
            hold_currency="EUR",
            balance_before=10,
        )
        Order.objects.filter(pk=order.pk).update(operation=operation)
        return operation


def look(account: Account, operation: Operation) -> tuple[str, str, bool]:
    """What a look shows: seen, why, whether it is complete."""
    found = order_evidence.look(account, operation)  # type: ignore[arg-type]
    return str(found.seen), found.why, found.is_complete


PRESENT, ABSENT = ("present", "", True), ("absent", "", True)
