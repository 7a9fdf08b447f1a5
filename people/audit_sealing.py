"""The sealer of the audit: gives each row that was committed its place in the chain, and its hash.

A row's hash is SHA-256 over the hash of the one before and the row as it is stored, `detail` as ciphertext: erasing
who did it changes nothing of it. Rows are taken in the order of their keys once they are committed; one committed late
comes later in the chain, whatever its key. Whoever seals holds the lock of the chain's one row, so it never forks.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast

from people import data_keys
from people.audit_models import AuditChain, AuditEntry
from people.waking import send

SEAL = "people.seal_audit"
# So many rows are sealed in one transaction: nobody waits long for the lock.
BATCH = 500
# A process wakes the sealer no oftener than this, in seconds; what it leaves out, beat's sweep sees.
WAKE_EVERY = 1.0
HEX = 64


class Stored(NamedTuple):
    """A row as it is stored. `hash` covers all of it but `seq`, under which it is chained, and itself."""

    pk: int
    at: datetime
    actor_id: int | None
    action: str
    object_type: str
    object_id: int | None
    customer_id: int | None
    data_key_id: int | None
    ciphertext: str
    seq: int | None
    hash: str


def stored(rows: "QuerySet[AuditEntry]") -> Iterator[Stored]:
    """`rows` as they are stored, nothing unsealed."""
    ciphertext = rows.annotate(ciphertext=Cast(F("detail"), TextField()))
    for values in ciphertext.values_list(*Stored._fields):
        yield Stored(*values)


def hash_of(row: Stored, seq: int, before: str) -> str:
    """The hash of `row` at place `seq` behind a row whose hash is `before`: 64 hexadecimal digits."""
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    encoded = json.dumps([1, before, seq, row.pk, at, *row[2:9]], ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(encoded.encode()).hexdigest()


def seal() -> int:
    """Seal everything that is committed and not sealed yet. Returns how many rows. Safe to run twice, and at once."""
    count = 0
    while True:
        sealed = _seal_some()
        count += sealed
        if sealed < BATCH:
            return count


def chain() -> AuditChain:
    """The chain's one row; made where it is missing."""
    found = AuditChain.objects.filter(pk=AuditChain.ONLY).first()
    if found is None:
        with transaction.atomic():
            (made,) = data_keys.make()
            found, _is_new = AuditChain.objects.get_or_create(pk=AuditChain.ONLY, defaults={"data_key_id": made})
    return found


def _seal_some() -> int:
    chain()
    with transaction.atomic():
        head = AuditChain.objects.select_for_update().get(pk=AuditChain.ONLY)
        sealed = []
        for row in stored(AuditEntry.objects.filter(seq=None).order_by("pk")[:BATCH]):
            head.last_seq += 1
            head.last_hash = hash_of(row, head.last_seq, head.last_hash)
            sealed.append((head.last_seq, head.last_hash, row.pk))
        if sealed:
            table = connection.ops.quote_name(AuditEntry._meta.db_table)
            with connection.cursor() as cursor:
                cursor.executemany(f"UPDATE {table} SET seq = %s, hash = %s WHERE id = %s", sealed)  # noqa: S608
            head.save(update_fields=["last_seq", "last_hash"])
    return len(sealed)


# Waking ---------------------------------------------------------------------------------------------------------------

_woken_at = -WAKE_EVERY


def _wake() -> None:
    """Not oftener than every second: a thousand rows a second need no thousand messages."""
    global _woken_at
    now = time.monotonic()
    if now - _woken_at >= WAKE_EVERY:
        _woken_at = now
        send(SEAL)


def wake() -> None:
    """Wake the sealer once the transaction under way (if any) has committed."""
    transaction.on_commit(_wake, robust=True)
