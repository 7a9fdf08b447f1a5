"""Celery tasks of documents."""

import logging

from celery import shared_task
from django.utils import timezone

from documents import mirror, refreshing, retention
from documents.models import DocumentGroup
from sync import budget, runs
from sync.gateway import NotUsable
from sync.models import Connection, SyncRun
from sync.waking import wake
from zadarma import Refused, Unavailable

log = logging.getLogger(__name__)


@shared_task(name="documents.sync_documents")
def sync_documents(connection_id: int) -> None:
    """Mirror the document groups of a connection."""
    connection = Connection.objects.get(pk=connection_id)
    if connection.usable and runs.perform(connection, SyncRun.Kind.DOCUMENTS, mirror.sync_documents):
        wake("sync.start_due_runs", connection_id)
        wake("notices.scan")


@shared_task(name="documents.refresh_group", autoretry_for=(Unavailable,), retry_backoff=5, max_retries=3)
def refresh_group(group_id: int) -> None:
    """Look at one group's files and verdicts."""
    group = DocumentGroup.objects.select_related("connection").get(pk=group_id)
    try:
        refreshing.refresh_group(group, budget.OPERATION)
    except (NotUsable, Refused):  # the next reading tells
        return


@shared_task(name="documents.delete_old_files")
def delete_old_files() -> None:
    """Delete the content of files that need not be kept any longer."""
    count = retention.delete_old(timezone.now())
    if count:
        log.info("deleted the content of %d files", count)
