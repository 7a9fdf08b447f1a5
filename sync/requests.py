"""What a person asks of sync: read now, switch an account on again."""

from sync import schedule
from sync.models import Connection, SyncRun
from sync.waking import wake


def sync_now(connection: Connection, kind: str = "") -> None:
    """Wake the reading of one kind, or of all. A run under way is not doubled: the database allows one."""
    kinds = [kind] if kind else [kind for kind, _label in SyncRun.Kind.choices]
    for name in kinds:
        wake(schedule.task_of(name), connection.pk)


def resume(connection: Connection) -> None:
    """Switch a paused account on again, and read it at once."""
    rows = Connection.objects.filter(pk=connection.pk, state=Connection.State.PAUSED)
    if rows.update(state=Connection.State.ACTIVE, paused_because=""):
        wake("sync.start_due_runs", connection.pk)
