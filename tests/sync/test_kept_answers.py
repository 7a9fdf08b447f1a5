"""What Zadarma answered is not lost: not to a database that is away for a moment, nor to others who were faster."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db import connection as database
from django.utils import timezone

from people.models import User
from sync import gateway, holds, kinds, moves, operations, pace, settling
from sync.models import Connection, Operation
from tests.support.made_up_account import NAME, PRICE, Script, Worlds, worlds

__all__ = ["worlds"]
State = Operation.State
ALWAYS = 1000


def planned(staff: User) -> Operation:
    """A paid one."""
    return operations.plan(
        NAME,
        Connection.objects.get(),
        ("order", 0),
        {"lane": "a", "target": "the number"},
        staff,
        cost=holds.Cost(PRICE, "EUR"),
    )


def meanwhile(worlds: Worlds, happens: Callable[[Operation], object]) -> None:
    """Let something happen between the moment at which the call left and the moment at which its answer is there."""
    kind = kinds.kind_named(NAME)

    def send(api: Any, operation: Operation) -> dict[str, Any]:
        try:
            return kind.send(api, operation)
        finally:
            happens(operation)

    kinds._kinds[NAME] = replace(kind, send=send)


class Outage:
    """A database that refuses to write operations, so many times."""

    def __init__(self) -> None:
        self.left = self.met = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.left and sql.startswith('UPDATE "sync_operation"'):
            self.left -= 1
            self.met += 1
            raise OperationalError("the database is away")
        return execute(sql, params, many, context)


@contextmanager
def outage(worlds: Worlds, times: int) -> Iterator[Outage]:
    """The database goes away just after the call has left."""
    away = Outage()
    meanwhile(worlds, lambda operation: setattr(away, "left", times))
    with database.execute_wrapper(away):
        yield away
        away.left = 0


def work(worlds: Worlds, operation: Operation, script: Script) -> Operation:
    """A worker's work, and the row after it."""
    with worlds.account.acting(script):
        operations.perform(operation.pk)
    return Operation.objects.get(pk=operation.pk)


def brought_to_an_end(worlds: Worlds, operation: Operation) -> Operation:
    """What sweeper and settler make of it in the course of an hour."""
    for _ in range(6):
        worlds.account.pass_time(600)
        operations.sweep(timezone.now())
        settling.settle(operation.pk)
    return Operation.objects.get(pk=operation.pk)


# fate of the call → the state that its answer leads to
ANSWERS = {"answered": "done", "refused": "refused", "unreached": "planned", "lost after the effect": "unknown"}


@pytest.mark.parametrize(("fate", "state"), ANSWERS.items())
@pytest.mark.parametrize("times", [1, 2, 3])
def test_an_answer_is_written_once_the_database_is_back(
    worlds: Worlds, staff: User, fate: str, state: str, times: int
) -> None:
    operation, began = planned(staff), timezone.now()
    with outage(worlds, times) as away:
        row = work(worlds, operation, Script(fate))
    assert (row.state, away.met) == (state, times)
    assert (timezone.now() - began).total_seconds() == sum(operations.KEEP_TRYING[:times])
    assert row.error == ("no" if fate == "refused" else row.error)
    assert sum(worlds.account.left.values()) == (fate != "unreached")


def test_it_is_not_waited_for_longer_than_the_lease_allows() -> None:
    longest = gateway.CHANGE_DEADLINE + sum(operations.KEEP_TRYING)
    assert longest < pace.LEASE.total_seconds() / 2


FOUND = {"answered": "done", "lost after the effect": "done", "late effect": "done"}
FOUND |= dict.fromkeys(["refused", "unreached", "rate", "lost"], "not_done")


@pytest.mark.parametrize(("fate", "state"), FOUND.items())
def test_an_answer_that_cannot_be_written_is_looked_for(worlds: Worlds, staff: User, fate: str, state: str) -> None:
    operation = planned(staff)
    with outage(worlds, ALWAYS) as away:
        row = work(worlds, operation, Script(fate, late=400))
    assert away.met > len(operations.KEEP_TRYING)
    assert (row.state, row.answer) == ("sent", {})
    row = work(worlds, operation, Script())  # the message comes again
    assert row.state == "sent"
    row = brought_to_an_end(worlds, operation)
    assert (row.state, len(worlds.account.effects)) == (state, int(state == "done"))
    assert sum(worlds.account.left.values()) <= 1
    assert holds.held(Connection.objects.get(), "EUR") == (PRICE if state == "done" else 0)  # until it is read again


def test_a_commit_whose_own_answer_got_lost_settles_once(
    worlds: Worlds, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation, applied, lost = planned(staff), list[int](), list[bool]()
    kind = kinds.kind_named(NAME)
    kinds._kinds[NAME] = replace(kind, apply=lambda operation: applied.append(operation.pk))
    wrapper = type(connections[DEFAULT_DB_ALIAS])
    commit = wrapper._commit

    def lose_its_answer(self: Any) -> None:
        commit(self)
        if applied and not lost:
            lost.append(True)
            raise OperationalError("the connection was lost")

    monkeypatch.setattr(wrapper, "_commit", lose_its_answer)
    row = work(worlds, operation, Script())
    assert (row.state, row.answer, lost) == ("done", {"name": "the number"}, [True])
    assert applied == [operation.pk]


if database.vendor == "postgresql":

    @pytest.mark.parametrize(("fate", "state"), ANSWERS.items())
    def test_an_answer_is_written_over_a_new_connection_when_the_server_ended_the_old_one(
        worlds: Worlds, staff: User, fate: str, state: str
    ) -> None:
        operation = planned(staff)

        def end_the_connection(operation: Operation) -> None:
            with database.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                (pid,) = cursor.fetchone()
            other = database.copy()
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
            other.close()

        meanwhile(worlds, end_the_connection)
        assert work(worlds, operation, Script(fate)).state == state


# Others were faster


def test_a_refusal_is_clear_however_late_it_comes(worlds: Worlds, staff: User) -> None:
    operation = planned(staff)
    row = work(worlds, operation, Script("refused", overdue=150))
    assert (row.state, row.error, row.look_at) == ("refused", "no", None)
    assert row.evidence["looks"]  # it was in doubt meanwhile
    assert holds.held(Connection.objects.get(), "EUR") == 0


def test_a_refusal_is_clear_for_a_person_too(worlds: Worlds, staff: User) -> None:
    def given_to_a_person(operation: Operation) -> None:
        assert Operation.objects.filter(pk=operation.pk).update(state="needs_person")

    meanwhile(worlds, given_to_a_person)
    assert work(worlds, planned(staff), Script("refused")).state == "refused"


def test_a_success_is_clear_however_late_it_comes(worlds: Worlds, staff: User) -> None:
    def swept(operation: Operation) -> None:
        worlds.account.pass_time(pace.LEASE.total_seconds() + 1)
        operations.sweep(timezone.now())
        assert Operation.objects.get(pk=operation.pk).state == "unknown"

    meanwhile(worlds, swept)
    row = work(worlds, planned(staff), Script())
    assert (row.state, row.error, row.look_at) == ("done", "", None)


@pytest.mark.parametrize("fate", ["answered", "refused", "unreached", "lost"])
def test_an_answer_to_what_a_look_found_done_changes_nothing(worlds: Worlds, staff: User, fate: str) -> None:
    def found(operation: Operation) -> None:
        row = Operation.objects.get(pk=operation.pk)
        assert moves.settle_done(row, {"name": "found"})

    meanwhile(worlds, found)
    row = work(worlds, planned(staff), Script(fate))
    assert (row.state, row.answer, row.error) == ("done", {"name": "found"}, "")


def test_a_success_of_what_was_settled_as_not_done_is_kept_for_people_to_see(worlds: Worlds, staff: User) -> None:
    def given_up(operation: Operation) -> None:
        row = Operation.objects.get(pk=operation.pk)
        assert moves.end(kinds.kind_of(row), row, Operation.OUT, State.NOT_DONE, decided_by=staff)

    meanwhile(worlds, given_up)
    row = work(worlds, planned(staff), Script())
    assert (row.state, row.answer) == ("not_done", {})
    assert row.evidence["answer"] == {"name": "the number"}
    assert row.error.startswith("the answer contradicts the panel")
