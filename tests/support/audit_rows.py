"""Rows of the audit for tests, and changes of them that only somebody with the whole database could make."""

from typing import Any

from django.db import connection as database

from people import audit, audit_sealing
from people.audit_models import AuditChain, AuditEntry
from people.models import User
from tests.support.append_only import lifted

TABLE = "people_auditentry"
# A value of each column that no row of these tests has.
OTHER: dict[str, Any] = {
    "id": 987654,
    "at": "2001-02-03 04:05:06+00:00" if database.vendor == "postgresql" else "2001-02-03 04:05:06",
    "actor_id": 4711,
    "action": "order.approved",
    "object_type": "order",
    "object_id": 4712,
    "customer_id": 4713,
    "detail": "1:gAAAAother",
    "hash": "0" * 64,
}


def noted(count: int, actor: User | None = None, address: str = "192.0.2.77") -> list[AuditEntry]:
    """So many rows, by somebody from an address."""
    token = audit.address.set(address)
    try:
        return [
            audit.record(
                "member.role_changed",
                actor,
                about=("user", number + 1),
                before={"role": "viewer"},
                after={"role": "manager"},
            )
            for number in range(count)
        ]
    finally:
        audit.address.reset(token)


def sealed(count: int, actor: User | None = None) -> list[AuditEntry]:
    """So many rows in the chain."""
    noted(count, actor)
    audit_sealing.seal()
    return list(AuditEntry.objects.order_by("seq"))


def write(statement: str, *values: Any) -> None:
    """As somebody with the whole database in their hands."""
    with lifted(), database.cursor() as cursor:
        cursor.execute(statement, values)


def change(seq: int, column: str, value: Any) -> None:
    """Change one column of one row."""
    write(f"UPDATE {TABLE} SET {column} = %s WHERE seq = %s", value, seq)  # noqa: S608


def take_out(seq: int) -> None:
    """Delete a row."""
    write(f"DELETE FROM {TABLE} WHERE seq = %s", seq)  # noqa: S608


def shift(from_seq: int, by: int) -> None:
    """Move a row and all behind it by so many places."""
    write(f"UPDATE {TABLE} SET seq = -seq WHERE seq >= %s", from_seq)  # noqa: S608
    write(f"UPDATE {TABLE} SET seq = -seq + %s WHERE seq < 0", by)  # noqa: S608


def chain_anew(from_seq: int) -> None:
    """Compute every hash from a row on anew, and the head: a forger who knows how."""
    rows = list(audit_sealing.stored(AuditEntry.objects.exclude(seq=None).order_by("seq")))
    before, last = "", 0
    for row in rows:
        assert row.seq is not None
        if row.seq >= from_seq:
            digest = audit_sealing.hash_of(row, row.seq, before)
            change(row.seq, "hash", digest)
            before = digest
        else:
            before = row.hash
        last = row.seq
    AuditChain.objects.update(last_seq=last, last_hash=before)
