"""Walking the chain of the audit: is every row where it was, as it was? In constant memory, whatever its length."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from people.audit_models import AuditChain, AuditEntry
from people.audit_sealing import HEX, Stored, hash_of, stored

# So many rows are read at once.
CHUNK = 2000
# Beat wakes the sealer every minute: what is not sealed after this tells that it does not run.
PATIENCE = timedelta(minutes=10)


class Broken(Exception):
    """The chain does not hold. The message is a sentence that names the first place."""


@dataclass(frozen=True)
class Head:
    """How far the chain is: the place of its last row and its hash, as kept elsewhere: `12:9f86d0…`."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """`SEQ:HASH`. Raises `ValueError`."""
        seq, _colon, digest = text.strip().partition(":")
        if not (
            seq.isascii() and seq.isdigit() and len(digest) == HEX and set(digest.lower()) <= set("0123456789abcdef")
        ):
            raise ValueError("A head is the number of a row, a colon and 64 hexadecimal digits.")
        return cls(int(seq), digest.lower())


@dataclass(frozen=True)
class Checked:
    """What was found whole: so many rows, as far as `head`."""

    rows: int
    head: Head


def head() -> Head:
    """How far the chain is now."""
    found = AuditChain.objects.filter(pk=AuditChain.ONLY).first()
    return Head(found.last_seq, found.last_hash) if found else Head(0, "")


def check(now: datetime, *, from_seq: int = 1, expected: Head | None = None) -> Checked:
    """Walk the chain from row `from_seq` to its end. Raises `Broken` at the first place that does not hold.

    `expected` is a head that was kept elsewhere: only with it can it be told that the end of the chain was cut off and
    chained anew. Rows sealed while it walks are walked, too.
    """
    if expected:
        _check_kept(expected)
    noted = head()
    before = _before(from_seq)
    last, rows = Head(from_seq - 1, before), 0
    for row in _walk(from_seq):
        last, rows = _follows(row, last), rows + 1
        if row.seq == noted.seq and row.hash != noted.hash:
            raise Broken(f"Row {row.seq} is not the one that was sealed last: its end was chained anew.")
    if last.seq < noted.seq:
        raise Broken(f"Row {last.seq + 1} is missing, and all after it: {noted.seq} were sealed.")
    if last.seq > head().seq:
        raise Broken(f"Row {noted.seq + 1} was not put there by the sealer: it had sealed {noted.seq}.")
    _check_waiting(now)
    return Checked(rows, last)


def _check_kept(expected: Head) -> None:
    found = AuditEntry.objects.filter(seq=expected.seq).values_list("hash", flat=True).first()
    if found is None:
        raise Broken(f"Row {expected.seq}, whose hash was kept, is missing: the chain was cut off before it.")
    if found != expected.hash:
        raise Broken(f"Row {expected.seq} does not have the hash that was kept: it, or one before it, was changed.")


def _before(from_seq: int) -> str:
    """The hash before row `from_seq`, as it stands."""
    if from_seq <= 1:
        return ""
    found = AuditEntry.objects.filter(seq=from_seq - 1).values_list("hash", flat=True).first()
    if found is None:
        raise Broken(f"Row {from_seq - 1} is missing.")
    return found


def _walk(from_seq: int) -> Iterator[Stored]:
    next_seq = from_seq if from_seq > 1 else -(2**63)  # rows before the first would be none of the sealer's
    while True:
        chunk = list(stored(AuditEntry.objects.filter(seq__gte=next_seq).order_by("seq")[:CHUNK]))
        yield from chunk
        if len(chunk) < CHUNK:
            return
        assert chunk[-1].seq is not None
        next_seq = chunk[-1].seq + 1


def _follows(row: Stored, last: Head) -> Head:
    """The head after `row`. Raises `Broken` where it is not the one that came after `last`."""
    seq = row.seq or 0
    if seq < last.seq + 1:
        raise Broken(f"Row {seq} stands before the first one: it was not put there by the sealer.")
    if seq > last.seq + 1:
        raise Broken(f"Row {last.seq + 1} is missing.")
    if row.hash != hash_of(row, seq, last.hash):
        raise Broken(
            f"Row {seq} (of {row.at:%Y-%m-%d %H:%M:%S} UTC, {row.action!r}) does not follow from the one before it: "
            "it was changed, put in or moved, or the one before it was."
        )
    return Head(seq, row.hash)


def _check_waiting(now: datetime) -> None:
    waiting = AuditEntry.objects.filter(seq=None)
    if hashed := waiting.exclude(hash="").order_by("pk").first():
        raise Broken(f"Entry {hashed.pk} has a hash and no place in the chain: it was taken out.")
    late = waiting.filter(at__lt=now - PATIENCE)
    if oldest := late.order_by("at", "pk").first():
        raise Broken(
            f"{late.count()} entries wait to be sealed, the oldest since {oldest.at:%Y-%m-%d %H:%M:%S} UTC (entry "
            f"{oldest.pk}). The rest of the chain is whole. Do beat and a worker run?"
        )
