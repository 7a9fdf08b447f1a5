"""Everybody who touches the journal, in any order, with the truth known all the while: a state machine."""

import sys
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from people.models import User
from sync import gateway, holds, operations, settling
from sync.kinds import Verdict
from sync.models import Connection, Operation
from tests.support.made_up_account import (
    DEATHS,
    FATES,
    LISTINGS,
    LONGEST_LATE,
    NAME,
    PRICE,
    Script,
    Worlds,
)
from zadarma import Refused, Unavailable

State = Operation.State
FINAL = (State.DONE, State.REFUSED, State.NOT_DONE, State.CANCELLED)
CLOSED = (State.REFUSED, State.NOT_DONE, State.CANCELLED)
TAKEN = (State.DONE, *Operation.OPEN)
MOST_INTENTS = 5
NO_LOOK = (settling.CannotDecide, gateway.NotUsable, Unavailable, Refused)

indices = st.integers(0, 9)
rarely = st.sampled_from([False, False, False, True])
unclear = ("lost", "lost after the effect", "late effect")
listings = st.sampled_from(["clear", "clear", "clear", *LISTINGS])
solo = st.builds(
    Script,
    fate=st.sampled_from([*FATES, *unclear]),
    dies=st.sampled_from(["", "", "", "", *DEATHS]),
    stalls=st.sampled_from([0, 0, 0, 0, 29, 31, 200, 2000]),
    late=st.integers(1, LONGEST_LATE),
    overdue=st.sampled_from([0, 0, 0, 0, 150, 1200, 10_000]),
    fails=st.sampled_from([0, 0, 0, 0, 1, 9]),
    redelivered=rarely,
    listing=listings,
    overtaken=rarely,
)
scripts = st.builds(lambda one, twin: replace(one, twin=twin), solo, st.one_of(st.none(), st.none(), solo))
deaths_in_looks = st.sampled_from(["", "", "answer", "apply", "ended"])
looks = st.builds(Script, listing=listings, overtaken=rarely, dies=deaths_in_looks)
wishes = st.tuples(st.sampled_from("aab"), st.sampled_from([True, False, False]))
whens = st.sampled_from(["now", "due", "late"])


def often(times: int, name: str, **given: st.SearchStrategy[Any]) -> list[st.SearchStrategy[Any]]:
    """A thing that may happen, so many times as likely as another."""
    return [st.tuples(st.just(name), st.fixed_dictionaries(given)) for _ in range(times)]


events = st.one_of(
    *often(8, "work", which=indices, script=scripts, again=rarely, paused=rarely, later=st.lists(whens, max_size=3)),
    *often(3, "settle", which=indices, when=whens, script=solo),
    *often(3, "decide", which=indices, says_done=st.booleans(), how=looks, lies=st.booleans(), late=st.booleans()),
    *often(3, "try_again", which=indices),
    *often(1, "plan", wish=wishes),
    *often(1, "look", which=indices, how=looks),
    *often(2, "sweep", script=solo, seconds=st.sampled_from([0, 1, 31, 121, 301, 1000, 4000])),
    *often(1, "interfere", which=indices, what=st.sampled_from(["cancel", "cancel late", "try again too early"])),
)


class Journal(RuleBasedStateMachine):
    """Everybody who touches the journal, in any order; what is true is known all the while."""

    worlds: Worlds

    def __init__(self) -> None:
        super().__init__()
        self.account, self.connection = self.worlds.begin()
        self.person = User.objects.get_or_create(email="person@partner.example")[0]
        self.intents: list[list[int]] = []  # of each wish its attempts, by primary key
        self.states: dict[int, str] = {}
        self.ended: dict[int, str] = {}

    # What people want

    @initialize(wishes=st.lists(wishes, min_size=2, max_size=MOST_INTENTS), start=st.sampled_from([3, 9]))
    def begin(self, wishes: list[tuple[str, bool]], start: int) -> None:
        """Some wishes at once, of which the money pays one or four."""
        self.account.start = Decimal(start)
        for lane, chosen in wishes:
            self._want(lane, chosen)

    @rule(event=events)
    def happens(self, event: tuple[str, dict[str, Any]]) -> None:
        """One of the things below."""
        name, given = event
        getattr(self, name)(**given)

    def plan(self, wish: tuple[str, bool]) -> None:
        """A new wish."""
        if len(self.intents) < MOST_INTENTS:
            self._want(*wish)

    def _want(self, lane: str, chosen: bool) -> None:
        """For a number of one's choice, or for any of a lane. A second click plans nothing more."""
        params = {"lane": lane, "target": f"number-{len(self.intents)}" if chosen else ""}
        operation = self._plan(params, f"wish:{len(self.intents)}", None)
        if operation:
            self.intents.append([operation.pk])
            with suppress(operations.AlreadyOpen):  # or None: there is not so much money
                assert self._plan(params, operation.exclusive_key, None) is None

    def _plan(self, params: dict[str, str], key: str, previous: Operation | None) -> Operation | None:
        serial = "" if params["target"] else f"any:{params['lane']}"
        cost = holds.Cost(PRICE, "EUR")
        try:
            return operations.plan(
                NAME,
                self.connection,
                ("order", 0),
                params,
                self.person,
                cost=cost,
                exclusive_key=key,
                serial_key=serial,
                previous=previous,
            )
        except holds.TooDear:
            return None

    def _in(self, *states: str) -> list[int]:
        return [pk for pk in sorted(self.states) if self.states[pk] in states]

    def _one(self, which: int, *states: str) -> Operation | None:
        """One of those in `states` (of all, where none are named), or None."""
        some = self._in(*states) if states else sorted(self.states)
        return Operation.objects.get(pk=some[which % len(some)]) if some else None

    def try_again(self, which: int) -> None:
        """Another attempt at something that certainly had no effect."""
        last = self._one(which, *CLOSED)
        attempts = next((attempts for attempts in self.intents if last and attempts[-1] == last.pk), None)
        if last and attempts and (again := self._plan(last.params, f"{last.exclusive_key}+", last)):
            attempts.append(again.pk)

    def interfere(self, which: int, what: str) -> None:
        """A person wants what can't be, or thinks better of it while it is still time."""
        states = {"cancel": [State.PLANNED], "cancel late": Operation.OUT, "try again too early": TAKEN}[what]
        operation = self._one(which, *states)
        if operation is None:
            return
        if what == "try again too early":
            with suppress(operations.AlreadyOpen):
                self._plan(operation.params, f"{operation.exclusive_key}+", operation)
                raise AssertionError("there are two attempts at once")
        else:
            assert operations.cancel(operation) == (what == "cancel")

    # What workers do

    def work(self, which: int, script: Script, again: bool, paused: bool, later: list[str]) -> None:
        """A worker is woken for what is planned, or once more for whatever it is; then the settler for what it left."""
        operation = None if again else self._one(which, State.PLANNED)
        operation = operation or self._one(which)
        assert operation is not None
        if not paused:
            Connection.objects.update(state=Connection.State.ACTIVE)
        if operation.not_before and operation.not_before > self.account.now:
            self.account.pass_time((operation.not_before - self.account.now).total_seconds())
        with self.account.acting(script):
            operations.perform(operation.pk)
        for when in later:
            self._settle(Operation.objects.get(pk=operation.pk), when, Script())

    def settle(self, which: int, when: str, script: Script) -> None:
        """The settler looks at what is in doubt."""
        if operation := self._one(which, *Operation.IN_DOUBT):
            self._settle(operation, when, script)

    def _settle(self, operation: Operation, when: str, script: Script) -> None:
        """When a message comes too early, when the next look is due, or so late that absence may be believed."""
        wait = 960.0 if when == "late" else 0.0
        if when == "due" and operation.look_at:
            wait = max((operation.look_at - self.account.now).total_seconds(), 0.0)
        self.account.pass_time(wait)
        with self.account.acting(script):
            settling.settle(operation.pk)

    def sweep(self, script: Script, seconds: int) -> None:
        """Time passes; the sweeper, and the messages that it sends."""
        self.account.pass_time(seconds)
        self.account.messages.clear()
        operations.sweep(timezone.now())
        messages, self.account.messages = self.account.messages, []
        for task, pk in messages:
            job = {operations.PERFORM: operations.perform, operations.SETTLE: settling.settle}[task]
            with self.account.acting(script):
                job(pk)

    # What a person decides

    def decide(self, which: int, says_done: bool, how: Script, lies: bool, late: bool) -> None:
        """A person decides. One who says what is not so is believed only where nothing can be seen."""
        operation = self._one(which, *Operation.IN_DOUBT)
        if operation is None:
            return
        self.account.pass_time(960 if late else 0)
        if not lies or how.listing == "unreadable":
            says_done = bool(self.account.of(operation.pk))
        names = [one.name for one in self.account.of(operation.pk)]
        candidate = (names or ["no such thing"])[0]
        with self.account.acting(how), suppress(*NO_LOOK):
            verdict = settling.decide(operation, done=says_done, candidate=candidate, note="", actor=self.person)
            operation.refresh_from_db()
            assert operation.state == {Verdict.DONE: State.DONE, Verdict.NOT_DONE: State.NOT_DONE}[verdict]

    def look(self, which: int, how: Script) -> None:
        """A person wants to know now."""
        if operation := self._one(which, *Operation.IN_DOUBT):
            with self.account.acting(how), suppress(*NO_LOOK):
                settling.look_now(operation)

    # What holds all the while

    @invariant()
    def all_is_well(self) -> None:
        """Looked at after every step."""
        rows = list(Operation.objects.defer("params", "evidence"))
        self.states = {operation.pk: operation.state for operation in rows}
        self.connection.refresh_from_db()
        self._nothing_is_sent_twice()
        self._what_the_journal_says_is_true(rows)
        self._money_is_held(rows)

    def _nothing_is_sent_twice(self) -> None:
        """Neither an operation nor, through another attempt, what it stands for."""
        assert all(count <= 1 for count in self.account.left.values()), self.account.left
        for attempts in self.intents:
            assert len(self.account.of(*attempts)) <= 1, attempts

    def _what_the_journal_says_is_true(self, rows: list[Operation]) -> None:
        """Done is done, once; what ended without effect had none and never will."""
        explained = []
        for operation in rows:
            caused = [one.name for one in self.account.of(operation.pk)]
            if operation.state == State.DONE:
                assert [operation.answer["name"]] == caused, operation
                explained += caused
            elif operation.state in (*CLOSED, State.PLANNED):
                assert caused == [], operation
            if operation.state in FINAL:
                assert self.ended.setdefault(operation.pk, operation.state) == operation.state
        assert len(explained) == len(set(explained))

    def _money_is_held(self, rows: list[Operation]) -> None:
        """What is open is held, with what was done since the balance was read; and no more is spent than was there."""
        since = self.connection.balance_at
        done = [row for row in rows if row.state == State.DONE and since and row.settled_at and row.settled_at >= since]
        opened = [row for row in rows if row.is_open]
        assert holds.held(self.connection, "EUR") == PRICE * len(done + opened)
        assert self.account.balance() - PRICE * len(self.account.pending) >= 0

    def teardown(self) -> None:
        """Nothing is lost: when the weather clears, time alone brings everything to an end, or before a person."""
        if sys.exc_info()[0] is not None:
            return
        for _ in range(60):
            if not Operation.objects.exclude(state__in=[*FINAL, State.NEEDS_PERSON]).exists():
                break
            Connection.objects.update(state=Connection.State.ACTIVE)
            self.sweep(Script(), 960)
        assert not Operation.objects.exclude(state__in=[*FINAL, State.NEEDS_PERSON]).exists()
        self.all_is_well()
