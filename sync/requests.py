"""What a person asks of sync: read now, switch an account on again."""

from django.db import transaction

from people.models import User
from sync import noting, operations
from sync.models import Connection, SyncRequest, SyncRun
from sync.waking import wake


def sync_now(connection: Connection, kind: str = "") -> None:
    """Ask for one kind to be read, or for all. Runs of a connection follow one another; none is doubled."""
    kinds = [kind] if kind else SyncRun.Kind.values
    SyncRequest.objects.bulk_create(
        [SyncRequest(connection=connection, kind=name) for name in kinds], ignore_conflicts=True
    )
    wake("sync.start_due_runs", connection.pk)


def resume(connection: Connection, actor: User | None = None) -> None:
    """Switch a paused account on again, read it at once, and send what waited for it."""
    rows = Connection.objects.filter(pk=connection.pk, state=Connection.State.PAUSED)
    with transaction.atomic():
        if not rows.update(state=Connection.State.ACTIVE, paused_because=""):
            return
        noting.switched(connection, "connection.resumed", actor)
        operations.go_on(connection)
        wake("sync.start_due_runs", connection.pk)
