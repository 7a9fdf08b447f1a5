"""Comparing a mirrored row with what the API says, and writing only what differs, in bulk."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import CharField, Model
from django.utils import timezone

from sync.models import Change, SyncRun
from sync.runs import CHUNK


def fitting(model: type[Model], values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with texts cut to what their columns hold: PostgreSQL refuses longer ones, and the reading with them."""
    lengths = {field.name: field.max_length for field in model._meta.fields if isinstance(field, CharField)}
    return {name: value[: lengths.get(name)] if isinstance(value, str) else value for name, value in values.items()}


def differences(row: Model, values: Mapping[str, Any], keep: Collection[str] = ()) -> dict[str, tuple[Any, Any]]:
    """Set on `row` those of `values` that differ, save the fields in `keep`. Returns field → (old, new)."""
    found = {}
    for field, new in values.items():
        old = getattr(row, field)
        if old != new and field not in keep:
            found[field] = (old, new)
            setattr(row, field, new)
    return found


def shown(value: Any) -> str:
    """A value as a `Change` keeps it."""
    return "" if value is None else str(value)[:200]


class Differences:
    """Collects the changed rows of one model and writes them with their `Change` rows, in chunks."""

    def __init__(self, object_type: str, run: SyncRun | None, silent: Collection[str] = ()) -> None:
        """`silent` fields are written but leave no `Change` (links and dates as parsed)."""
        self.object_type, self.run, self.silent = object_type, run, frozenset(silent)
        self.rows: list[Model] = []
        self.fields: set[str] = set()
        self.changes: list[Change] = []
        self.now = timezone.now()

    def add(
        self, row: Model, found: Mapping[str, tuple[Any, Any]], connection_id: int | None, *, first_time: bool = False
    ) -> None:
        """Remember what `differences` found for `row`; completing it for the `first_time` is no `Change`."""
        if not found:
            return
        self.rows.append(row)
        self.fields.update(found)
        for field, (old, new) in found.items():
            if field not in self.silent and not first_time:
                self.note(row.pk, field, shown(old), shown(new), connection_id)

    def note(self, object_id: int, field: str, old: str, new: str, connection_id: int | None) -> None:
        """Remember one `Change`."""
        self.changes.append(
            Change(
                connection_id=connection_id,
                run=self.run,
                object_type=self.object_type,
                object_id=object_id,
                field=field,
                old=old,
                new=new,
                seen_at=self.now,
            )
        )

    def write(self) -> int:
        """Write the rows and their changes. Returns how many rows were written."""
        written: set[int] = set()
        for start in range(0, len(self.rows), CHUNK):
            with transaction.atomic():
                rows = _untouched(self.rows[start : start + CHUNK])
                if rows:
                    type(rows[0])._default_manager.bulk_update(rows, sorted(self.fields))
            written.update(row.pk for row in rows)
        skipped = {row.pk for row in self.rows} - written
        Change.objects.bulk_create([c for c in self.changes if c.object_id not in skipped], batch_size=CHUNK)
        return len(written)


def _untouched(rows: Sequence[Model]) -> list[Model]:
    """Lock `rows` and leave out those of which an operation or a look at one alone has settled something meanwhile.

    A bulk write takes every changed field of every row, so it would undo that. The next reading sees them again.
    """
    model = type(rows[0])
    marks = [field.name for field in model._meta.fields if field.name in ("confirmed_at", "refreshed_at")]
    if not marks:
        return list(rows)
    locked = model._default_manager.select_for_update().filter(pk__in=[row.pk for row in rows])
    now = {pk: tuple(values) for pk, *values in locked.values_list("pk", *marks)}
    return [row for row in rows if now.get(row.pk) == tuple(getattr(row, mark) for mark in marks)]


def chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    """`ids` in pieces of at most `CHUNK`."""
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
