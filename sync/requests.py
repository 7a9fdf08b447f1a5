"""What a person asks of sync: read now, switch an account on again."""

from sync.models import Connection, SyncRequest, SyncRun
from sync.waking import wake


def sync_now(connection: Connection, kind: str = "") -> None:
    """Ask for one kind to be read, or for all. Runs of a connection follow one another; none is doubled."""
    kinds = [kind] if kind else SyncRun.Kind.values
    SyncRequest.objects.bulk_create(
        [SyncRequest(connection=connection, kind=name) for name in kinds], ignore_conflicts=True
    )
    wake("sync.start_due_runs", connection.pk)


def resume(connection: Connection) -> None:
    """Switch a paused account on again, and read it at once."""
    rows = Connection.objects.filter(pk=connection.pk, state=Connection.State.PAUSED)
    if rows.update(state=Connection.State.ACTIVE, paused_because=""):
        wake("sync.start_due_runs", connection.pk)
