"""`manage.py sync`: read from Zadarma now, in the foreground."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from direct_numbers import catalog, following
from documents import mirror as documents
from sync import runs
from sync.models import Connection, SyncRun

WORK: dict[str, Callable[..., None]] = {
    SyncRun.Kind.NUMBERS.value: following.sync_and_follow,
    SyncRun.Kind.DOCUMENTS.value: partial(documents.sync_documents, everything=True),
    SyncRun.Kind.CATALOG.value: catalog.sync_catalog,
}


class Command(BaseCommand):
    """Does what the tasks do, with progress."""

    help = "Read numbers, documents and the catalogue of every account from Zadarma, now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", choices=list(WORK), help="only this")
        parser.add_argument("--json", action="store_true", help="print one JSON object a run instead of progress")

    def handle(self, *args: Any, **options: Any) -> None:
        connections = [c for c in Connection.objects.filter(is_hidden=False) if c.usable]
        if not connections:
            raise CommandError("There is no account to read: set ZADARMA_API_KEY and ZADARMA_API_SECRET.")
        kinds = [options["only"]] if options["only"] else list(WORK)
        results = [self._run(c, kind, as_json=options["json"]) for c in connections for kind in kinds]
        if not all(results):
            raise CommandError("Not everything could be read.")

    def _run(self, connection: Connection, kind: str, *, as_json: bool) -> bool:
        def progress(run: SyncRun) -> None:
            if not as_json:
                self.stdout.write(
                    f"\r{connection} {kind}: {run.steps_done}/{run.steps_total} {run.step:<20}", ending=""
                )
                self.stdout.flush()

        run = runs.perform(connection, kind, lambda run, api: WORK[kind](run, api, progress))
        told: dict[str, Any] = {"connection": connection.name, "kind": kind, "state": run.state if run else "busy"}
        if run:
            counts = {name: getattr(run, name) for name in ("seen", "created", "updated", "gone", "rejected")}
            told |= {**counts, "seconds": run.duration, "error": run.error}
        if as_json:
            self.stdout.write(json.dumps(told))
        else:
            words = ", ".join(f"{name} {value}" for name, value in told.items() if name not in ("connection", "kind"))
            self.stdout.write(f"\r{connection} {kind}: {words}{'':<20}")
        return bool(run and run.state == SyncRun.State.DONE)
