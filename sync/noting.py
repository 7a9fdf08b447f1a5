"""Operations in the audit: who wanted them and how they ended. Their parameters are personal and stay out of it."""

from typing import Any

from people import audit
from people.audit_models import AuditEntry
from people.models import User
from sync.models import Connection, Operation

State = Operation.State


def planned(operation: Operation, actor: User | None, customer_id: int | None) -> None:
    """In the transaction that plans it: one row, and nothing read where `actor` is known."""
    after: dict[str, Any] = {"operation": operation.pk, "kind": operation.kind}
    if operation.hold_amount is not None:
        after |= {"amount": str(operation.hold_amount), "currency": operation.hold_currency}
    customer = customer_id or _customer_in(operation)
    audit.record("operation.planned", actor, about=_about(operation), customer=customer, after=after)


def ended(operation: Operation, before: str, actor: User | None) -> None:
    """In the transaction that ends it, by a person (`actor`) or by what the account told. `before`: its state then."""
    action = "operation.ended"
    if operation.state == State.CANCELLED and actor:
        action = "operation.cancelled"
    elif actor:
        action = "operation.decided"
    after: dict[str, Any] = {"operation": operation.pk, "kind": operation.kind, "state": str(operation.state)}
    if operation.state == State.DONE and operation.paid_amount is not None:
        after |= {"amount": str(operation.paid_amount), "currency": operation.paid_currency}
    audit.record(
        action,
        actor,
        about=_about(operation),
        customer=_customer_in(operation) or _customer_noted(operation),
        before={"state": str(before)},
        after=after,
    )


def switched(connection: Connection, action: str, actor: User | None) -> None:
    """In the transaction that pauses an account or switches it on again."""
    audit.record(action, actor, about=("connection", connection.pk))


def _about(operation: Operation) -> tuple[str, int]:
    return operation.object_type, operation.object_id


def _customer_in(operation: Operation) -> int | None:
    """The customer for whom a number's operation was planned."""
    told = operation.params.get("customer")
    return told if isinstance(told, int) else None


def _customer_noted(operation: Operation) -> int | None:
    """The customer for whom it was noted when it was planned."""
    rows = AuditEntry.objects.filter(object_type=operation.object_type, object_id=operation.object_id)
    return rows.filter(action="operation.planned").order_by("-pk").values_list("customer_id", flat=True).first()
