"""Celery tasks of numbers: take ids, delegate to one function."""

from celery import shared_task
from django.utils import timezone

from direct_numbers import asking, catalog, following, mirror
from direct_numbers.models import Number
from sync import runs
from sync.gateway import NotUsable
from sync.models import Connection, SyncRun
from sync.waking import wake
from zadarma import Refused, Unavailable


@shared_task(name="numbers.sync_numbers")
def sync_numbers(connection_id: int) -> None:
    """Mirror the numbers of a connection, then follow up its orders."""
    connection = Connection.objects.get(pk=connection_id)
    if connection.usable and runs.perform(connection, SyncRun.Kind.NUMBERS, following.sync_and_follow):
        wake("sync.start_due_runs", connection_id)
        wake("notices.scan")


@shared_task(name="numbers.sync_catalog")
def sync_catalog(connection_id: int) -> None:
    """Mirror the catalogue of a connection."""
    connection = Connection.objects.get(pk=connection_id)
    if connection.usable and runs.perform(connection, SyncRun.Kind.CATALOG, catalog.sync_catalog):
        wake("sync.start_due_runs", connection_id)
        wake("notices.scan")


@shared_task(name="numbers.refresh_number", autoretry_for=(Unavailable,), retry_backoff=5, max_retries=3)
def refresh_number(number_id: int) -> None:
    """Look at one number again, then follow up its orders."""
    number = Number.objects.select_related("connection").get(pk=number_id)
    if not number.connection.usable:
        return
    try:
        mirror.refresh_number(number)
    except (NotUsable, Refused):  # the next listing tells
        return
    following.follow_orders(number.connection_id)


@shared_task(name="numbers.ask_validity")
def ask_validity(group_id: int) -> None:
    """Ask which directions a document group suits."""
    asking.go_on(group_id)


@shared_task(name="numbers.sweep_askings")
def sweep_askings() -> None:
    """Go on with what a crash left half asked."""
    asking.sweep(timezone.now())
