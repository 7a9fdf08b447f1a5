"""Drives the journal in the test process: what workers do when they are woken."""

from typing import Any

from django.utils import timezone

from direct_numbers import following, mirror
from direct_numbers.models import Number
from sync import operations, settling
from sync.models import Operation


def perform_planned(rounds: int = 3) -> None:
    """Perform what is planned, then refresh and follow what that brought, like a worker does."""
    for _ in range(rounds):
        planned = Operation.objects.filter(state=Operation.State.PLANNED, not_before=None).order_by("pk")
        ids = list(planned.values_list("pk", flat=True))
        if not ids:
            return
        for pk in ids:
            operations.perform(pk)
        for number in Number.objects.filter(refreshed_at=None, orders__state="placed").select_related("connection"):
            mirror.refresh_number(number)
            following.follow_orders(number.connection_id)


def look_now(operation: Operation) -> None:
    """Let the settler look at an operation in doubt at once."""
    Operation.objects.filter(pk=operation.pk).update(look_at=timezone.now())
    settling.settle(operation.pk)
    operation.refresh_from_db()


def facts_of(operation: Operation) -> dict[str, Any]:
    """What the last look at an operation in doubt showed."""
    facts: dict[str, Any] = operation.evidence["looks"][-1]["facts"]
    return facts
