"""Celery tasks of documents."""

from celery import shared_task

from documents import mirror
from sync import runs
from sync.models import Connection, SyncRun
from sync.waking import wake


@shared_task(name="documents.sync_documents")
def sync_documents(connection_id: int) -> None:
    """Mirror the document groups of a connection."""
    connection = Connection.objects.get(pk=connection_id)
    if connection.usable and runs.perform(connection, SyncRun.Kind.DOCUMENTS, mirror.sync_documents):
        wake("sync.start_due_runs", connection_id)
