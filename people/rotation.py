"""Another key in `ENCRYPTION_KEYS`: what the keys before it sealed is sealed anew with the first one.

What a data key sealed needs only that key's own text sealed anew. Every value is written by itself, and only where it
still is what was read: the panel may run meanwhile, and the rotation may be interrupted and begun again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.apps import apps
from django.db import connection, models

from people import data_keys
from people.keys import Unreadable, is_sealed_with_first, seal_bytes, unseal_bytes
from people.vault import SealedBinaryField, SealedJSONField, SealedTextField

SEALED = (SealedTextField, SealedJSONField, SealedBinaryField)
# So many texts are read at once; contents of files (up to 10 MB each) one by one.
CHUNK = 200
# A data key's number and a colon fit in here; a token of ENCRYPTION_KEYS has no colon.
HEAD = 20
# Somebody who goes on writing with an older key is left to the examination that follows.
ATTEMPTS = 10


@dataclass(frozen=True)
class Column:
    """A column that holds ciphertext."""

    table: str
    name: str
    is_binary: bool = False


@dataclass(frozen=True)
class Value:
    """One ciphertext, and where it stands."""

    column: Column
    pk: int
    sealed: bytes

    def __str__(self) -> str:
        return f"{self.column.table}.{self.column.name} of row {self.pk}"


@dataclass(frozen=True)
class Step:
    """What else hangs on the first key: `behind()` counts what is not yet made with it, `run()` makes it anew."""

    name: str
    behind: Callable[[], int]
    run: Callable[[], int]


@dataclass
class Result:
    """What was found: how many values the first key reads, how many need another one, which nobody can read."""

    readable: int = 0
    behind: int = 0
    erased: int = 0
    unreadable: list[str] = field(default_factory=list)


_steps: list[Step] = []


def register(step: Step) -> None:
    """Called by the apps above in `AppConfig.ready`."""
    if step not in _steps:
        _steps.append(step)


def steps() -> list[Step]:
    """What was registered."""
    return list(_steps)


def columns() -> list[Column]:
    """Every column of the panel's models that holds ciphertext; the data keys' own texts first."""
    found = [Column(apps.get_model("people", "DataKey")._meta.db_table, "sealed")]
    for model in apps.get_models():
        for its in model._meta.local_fields:
            if isinstance(its, SEALED):
                assert its.column
                found.append(Column(model._meta.db_table, its.column, isinstance(its, models.BinaryField)))
    return found


def rotate() -> int:
    """Seal anew with the first key what an older one sealed. Returns how many values. What can't be read is left."""
    count = 0
    for column in columns():
        for value in _values(column, with_data_keys=False):
            count += _seal_anew(value)
    data_keys.forget()
    return count


def examine() -> Result:
    """Try to read everything with the first key alone, and what data keys sealed with those."""
    data_keys.forget()
    result = Result()
    for column in columns():
        for value in _values(column, with_data_keys=True):
            _examine(value, result)
    return result


def _examine(value: Value, result: Result) -> None:
    try:
        if b":" in value.sealed[:HEAD]:
            if data_keys.unseal_any(value.sealed) is None:
                result.erased += 1
            else:
                result.readable += 1
        elif is_sealed_with_first(value.sealed):
            result.readable += 1
        else:
            unseal_bytes(value.sealed)
            result.behind += 1
    except (Unreadable, ValueError):
        result.unreadable.append(str(value))


def _seal_anew(value: Value) -> bool:
    """Write `value` sealed with the first key, where it needs that. Whoever wrote another meanwhile is not undone."""
    for _attempt in range(ATTEMPTS):
        if is_sealed_with_first(value.sealed):
            return False
        try:
            again = seal_bytes(unseal_bytes(value.sealed))
        except Unreadable:
            return False
        if _replace(value, again):
            return True
        now = _read(value.column, value.pk)
        if not now or b":" in now[:HEAD]:
            return False
        value = Value(value.column, value.pk, now)
    return False


def _quoted(column: Column) -> tuple[str, str]:
    return connection.ops.quote_name(column.table), connection.ops.quote_name(column.name)


def _stored(column: Column, content: bytes) -> bytes | str:
    return content if column.is_binary else content.decode()


def _bytes(stored: object) -> bytes:
    return stored.encode() if isinstance(stored, str) else bytes(stored or b"")  # type: ignore[call-overload]


def _replace(value: Value, again: bytes) -> bool:
    """Compare-and-set of one value."""
    table, name = _quoted(value.column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {name} = %s WHERE id = %s AND {name} = %s",  # noqa: S608
            [_stored(value.column, again), value.pk, _stored(value.column, value.sealed)],
        )
        return bool(cursor.rowcount)


def _read(column: Column, pk: int) -> bytes:
    """What stands there now; nothing where the row is gone."""
    table, name = _quoted(column)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM {table} WHERE id = %s", [pk])  # noqa: S608
        row = cursor.fetchone()
    return _bytes(row[0]) if row else b""


def _values(column: Column, *, with_data_keys: bool) -> Iterator[Value]:
    """The ciphertexts of a column, by primary key; those that a data key sealed only where they are wanted."""
    table, name = _quoted(column)
    shown = f"substr({name}, 1, {HEAD})" if column.is_binary else name
    empty = _stored(column, b"")
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, {shown} FROM {table} WHERE id > %s AND {name} <> %s ORDER BY id LIMIT {CHUNK}",  # noqa: S608
                [last, empty],
            )
            rows = cursor.fetchall()
        for pk, stored in rows:
            sealed = _bytes(stored)
            if with_data_keys or b":" not in sealed[:HEAD]:
                sealed = _read(column, pk) if column.is_binary else sealed
                if sealed:
                    yield Value(column, pk, sealed)
        if len(rows) < CHUNK:
            return
        last = rows[-1][0]
