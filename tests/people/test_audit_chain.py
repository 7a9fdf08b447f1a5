"""The chain of the audit: whatever is changed, put in, moved or taken out is found, and what was not is not."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from people import audit, audit_checking, audit_sealing
from people.audit_checking import Broken, Head
from people.audit_models import AuditChain, AuditEntry
from people.models import User
from tests.support.audit_rows import OTHER, chain_anew, change, noted, sealed, shift, take_out, write

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 5


def check(**arguments: Any) -> audit_checking.Checked:
    """Walk the chain now."""
    return audit_checking.check(timezone.now(), **arguments)


def verify(*arguments: str) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command("verify_audit", *arguments, stdout=out)
    return out.getvalue()


def test_an_empty_audit_holds() -> None:
    assert check() == audit_checking.Checked(0, Head(0, ""))
    audit_sealing.seal()
    assert check().rows == 0


def test_rows_are_chained_in_the_order_of_their_keys(staff: User) -> None:
    rows = sealed(ROWS, staff)
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5]
    assert [row.pk for row in rows] == sorted(row.pk for row in rows)
    assert len({row.hash for row in rows}) == ROWS
    assert check() == audit_checking.Checked(ROWS, Head(ROWS, rows[-1].hash))


def test_a_row_committed_later_comes_later_whatever_its_key() -> None:
    early, late = noted(2)
    write("UPDATE people_auditentry SET id = %s WHERE id = %s", 10_000, early.pk)
    audit_sealing.seal()
    write("UPDATE people_auditentry SET id = 10001, seq = NULL, hash = '' WHERE id = 10000")
    AuditChain.objects.update(last_seq=1, last_hash=AuditEntry.objects.get(pk=late.pk).hash)
    write("UPDATE people_auditentry SET id = 1 WHERE id = 10001")
    audit_sealing.seal()
    assert list(AuditEntry.objects.order_by("seq").values_list("pk", flat=True)) == [late.pk, 1]
    assert check().rows == 2


@pytest.mark.parametrize("column", list(OTHER))
@pytest.mark.parametrize("seq", [1, 3, ROWS])
def test_a_changed_column_is_found(staff: User, column: str, seq: int) -> None:
    sealed(ROWS, staff)
    change(seq, column, OTHER[column])
    with pytest.raises(Broken, match=f"Row {seq} "):
        check()


@pytest.mark.parametrize("seq", [1, 3, ROWS])
def test_another_data_key_is_found(staff: User, operator: User, seq: int) -> None:
    sealed(ROWS, staff)
    change(seq, "data_key_id", operator.data_key_id)
    with pytest.raises(Broken, match=f"Row {seq} "):
        check()


def test_every_column_is_covered() -> None:
    columns = {field.column for field in AuditEntry._meta.fields}
    assert columns == {*OTHER, "data_key_id", "seq"}


@pytest.mark.parametrize("seq", [1, 3, ROWS])
def test_a_missing_row_is_found(staff: User, seq: int) -> None:
    sealed(ROWS, staff)
    take_out(seq)
    with pytest.raises(Broken, match=f"Row {seq} is missing"):
        check()


@pytest.mark.parametrize("seq", [1, 3, 4])
def test_a_missing_row_is_found_where_the_others_closed_up(staff: User, seq: int) -> None:
    sealed(ROWS, staff)
    take_out(seq)
    shift(seq + 1, -1)
    with pytest.raises(Broken, match=f"Row {seq} .* does not follow"):
        check()


@pytest.mark.parametrize("seq", [1, 3, ROWS, ROWS + 1])
def test_a_row_put_in_is_found(staff: User, seq: int) -> None:
    sealed(ROWS, staff)
    shift(seq, 1)
    forged = noted(1, staff)[0]
    write("UPDATE people_auditentry SET seq = %s, hash = %s WHERE id = %s", seq, "a" * 64, forged.pk)
    with pytest.raises(Broken, match=f"Row {seq} "):
        check()


def test_a_row_put_in_at_the_end_is_found_even_when_it_fits(staff: User) -> None:
    last = sealed(ROWS, staff)[-1]
    forged = noted(1, staff)[0]
    (row,) = audit_sealing.stored(AuditEntry.objects.filter(pk=forged.pk))
    digest = audit_sealing.hash_of(row, ROWS + 1, last.hash)
    write("UPDATE people_auditentry SET seq = %s, hash = %s WHERE id = %s", ROWS + 1, digest, forged.pk)
    with pytest.raises(Broken, match="Row 6 was not put there by the sealer"):
        check()


@pytest.mark.parametrize("seq", [0, -3])
def test_a_row_before_the_first_is_found(staff: User, seq: int) -> None:
    sealed(2, staff)
    forged = noted(1, staff)[0]
    write("UPDATE people_auditentry SET seq = %s, hash = %s WHERE id = %s", seq, "a" * 64, forged.pk)
    with pytest.raises(Broken, match="before the first"):
        check()


@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 4), (4, 5), (1, 5)])
@pytest.mark.parametrize("with_hash", [True, False])
def test_rows_that_changed_places_are_found(staff: User, one: int, other: int, *, with_hash: bool) -> None:
    rows = {row.seq: row for row in sealed(ROWS, staff)}
    write("UPDATE people_auditentry SET seq = NULL WHERE seq = %s", one)
    change(other, "seq", one)
    write("UPDATE people_auditentry SET seq = %s WHERE seq IS NULL", other)
    if not with_hash:
        change(one, "hash", rows[one].hash)
        change(other, "hash", rows[other].hash)
    with pytest.raises(Broken, match=f"Row {one} "):
        check()


@pytest.mark.parametrize("seq", [2, 4])
def test_a_forger_who_chains_anew_is_found_by_a_kept_head(staff: User, seq: int) -> None:
    kept = Head(ROWS, sealed(ROWS, staff)[-1].hash)
    change(seq, "object_id", 4712)
    chain_anew(seq)
    assert check().rows == ROWS  # nothing here alone tells it
    with pytest.raises(Broken, match="does not have the hash that was kept"):
        check(expected=kept)


def test_a_tail_that_was_cut_off_is_found(staff: User) -> None:
    kept = Head(ROWS, sealed(ROWS, staff)[-1].hash)
    take_out(ROWS)
    with pytest.raises(Broken, match="Row 5 is missing"):
        check()
    chain_anew(1)
    assert check().rows == ROWS - 1
    with pytest.raises(Broken, match="cut off"):
        check(expected=kept)


def test_a_kept_head_of_a_longer_chain_now_is_there_still(staff: User) -> None:
    kept = Head(ROWS, sealed(ROWS, staff)[-1].hash)
    sealed(2, staff)
    assert check(expected=kept).rows == ROWS + 2
    assert check(expected=kept, from_seq=kept.seq + 1).rows == 2


def test_a_walk_from_the_middle_minds_nothing_before(staff: User) -> None:
    sealed(ROWS, staff)
    change(2, "object_id", 4712)
    assert check(from_seq=4).rows == 2
    with pytest.raises(Broken, match="Row 2 "):
        check(from_seq=2)
    with pytest.raises(Broken, match="Row 98 is missing"):
        check(from_seq=99)


def test_an_entry_that_waits_for_long_is_told(staff: User) -> None:
    sealed(1, staff)
    late = noted(1, staff)[0]
    assert check().rows == 1
    with pytest.raises(Broken, match=f"1 entries wait .*entry {late.pk}"):
        audit_checking.check(timezone.now() + timedelta(minutes=11))


def test_an_entry_that_was_taken_out_of_the_chain_and_left_is_told(staff: User) -> None:
    sealed(ROWS, staff)
    write("UPDATE people_auditentry SET seq = NULL WHERE seq = %s", ROWS)
    AuditChain.objects.update(last_seq=ROWS - 1, last_hash=AuditEntry.objects.get(seq=ROWS - 1).hash)
    with pytest.raises(Broken, match="has a hash and no place"):
        check()


def test_what_was_rolled_back_leaves_no_row_and_no_gap(staff: User) -> None:
    noted(2, staff)
    with pytest.raises(RuntimeError), transaction.atomic():
        noted(3, staff)
        raise RuntimeError
    noted(1, None)
    audit_sealing.seal()
    assert AuditEntry.objects.count() == 3 == check().rows


def test_a_key_made_in_a_transaction_that_was_rolled_back_seals_nothing_later() -> None:
    person = User.objects.create_user("late@partner.example")
    User.objects.filter(pk=person.pk).update(data_key=None)
    person.refresh_from_db()
    with pytest.raises(RuntimeError), transaction.atomic():
        noted(1, person)
        raise RuntimeError
    other = User.objects.create_user("other@partner.example")  # may take the number of the key that was rolled back
    entry = noted(1, person)[0]
    assert entry.data_key_id not in (None, other.data_key_id)
    assert User.objects.get(pk=person.pk).data_key_id == entry.data_key_id
    assert AuditEntry.objects.get(pk=entry.pk).detail["from"] == "192.0.2.77"


def test_a_sealer_killed_between_two_batches_goes_on_where_it_was(staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_sealing, "BATCH", 2)
    noted(ROWS, staff)
    some, runs = audit_sealing._seal_some, []

    def killed() -> int:
        if runs:
            raise KeyboardInterrupt
        runs.append(some())
        return runs[0]

    monkeypatch.setattr(audit_sealing, "_seal_some", killed)
    with pytest.raises(KeyboardInterrupt):
        audit_sealing.seal()
    assert AuditEntry.objects.exclude(seq=None).count() == 2
    monkeypatch.setattr(audit_sealing, "_seal_some", some)
    assert audit_sealing.seal() == 3
    assert check().rows == ROWS
    assert audit_sealing.seal() == 0


def test_a_sealer_killed_within_a_batch_has_done_nothing(staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    noted(ROWS, staff)

    def killed(*arguments: object, **named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(AuditChain, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            audit_sealing.seal()
    assert not AuditEntry.objects.exclude(seq=None).exists()
    assert audit_sealing.seal() == ROWS
    assert check().rows == ROWS


@pytest.mark.parametrize("chunk", [1, 2, ROWS, ROWS + 1])
def test_the_walk_is_the_same_in_pieces(staff: User, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    sealed(ROWS, staff)
    monkeypatch.setattr(audit_checking, "CHUNK", chunk)
    assert check().rows == ROWS
    change(4, "object_id", 4712)
    with pytest.raises(Broken, match="Row 4 "):
        check()


def test_the_command_tells_how_many_rows_and_the_head(staff: User) -> None:
    last = sealed(ROWS, staff)[-1]
    assert verify() == f"The audit holds: 5 rows checked. Last one: 5:{last.hash}\n"
    assert verify("--head") == f"5:{last.hash}\n"
    assert "5 rows" in verify("--expect", f"5:{last.hash}")
    assert "1 rows" in verify("--from-seq", "5")


@pytest.mark.parametrize("wrong", ["5", "x:y", f"5:{'g' * 64}", f"5:{'a' * 63}", f"-1:{'a' * 64}"])
def test_the_command_wants_a_head_that_can_be_one(wrong: str) -> None:
    with pytest.raises(CommandError, match="A head is"):
        verify(f"--expect={wrong}")


def test_the_command_fails_where_the_chain_does_not_hold(staff: User) -> None:
    sealed(ROWS, staff)
    take_out(2)
    with pytest.raises(CommandError, match=r"The audit does not hold\. Row 2 is missing"):
        verify()


def test_noting_costs_one_statement(staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.support.queries import sent_to_the_database

    noted(1, staff)
    with transaction.atomic(), sent_to_the_database() as sent:
        audit.record("order.approved", staff, about=("order", 1))
    assert sent.count == 1, sent.statements


def test_a_thousand_rows_wake_the_sealer_once(staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(audit_sealing, "send", sent.append)
    monkeypatch.setattr(audit_sealing, "_woken_at", float("-inf"))
    monkeypatch.setattr(audit_sealing, "WAKE_EVERY", 3600.0)
    noted(20, staff)
    assert sent == ["people.seal_audit"]


def test_nothing_is_sealed_with_the_keys_that_rotate() -> None:
    noted(1)
    with database.cursor() as cursor:
        cursor.execute("SELECT detail, data_key_id FROM people_auditentry")
        detail, key = cursor.fetchone()
    assert detail.startswith(f"{AuditChain.objects.get().data_key_id}:") and key == AuditChain.objects.get().data_key_id
