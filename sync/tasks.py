"""Celery tasks of the journal and of the schedule: take ids, delegate to one function, survive running twice."""

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from sync import importing, operations, schedule, settling
from sync.waking import wake


@shared_task(name="sync.perform_operation")
def perform_operation(operation_id: int) -> None:
    """Send a planned operation."""
    operations.perform(operation_id)


@shared_task(name="sync.settle_operation")
def settle_operation(operation_id: int) -> None:
    """Look for evidence of an operation in doubt."""
    settling.settle(operation_id)


@shared_task(name="sync.sweep_operations")
def sweep_operations() -> None:
    """Wake what a crash left."""
    operations.sweep(timezone.now())
    importing.sweep()


@shared_task(name="sync.import_accounts")
def import_accounts(import_id: int) -> None:
    """Test and add what a CSV file named."""
    importing.go_on(import_id)


@shared_task(name="sync.delete_old_imports")
def delete_old_imports() -> None:
    """Forget the results of imports that ended long ago."""
    importing.delete_old()


@shared_task(name="sync.start_due_runs")
def start_due_runs(connection_id: int | None = None) -> None:
    """Start the sync runs that are due."""
    schedule.start_due(timezone.now(), connection_id)


@worker_ready.connect
def look_at_once(**kwargs: object) -> None:
    """A worker that starts looks at what is due without waiting for beat's first minute."""
    wake("sync.start_due_runs")
    wake("sync.sweep_operations")
