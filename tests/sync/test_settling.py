"""What is in doubt is settled by what looks show; a person decides only where they leave it open."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from people.models import User
from sync import gateway, kinds, moves, operations, pace, settling
from sync.kinds import Conflict, Finding, Kind, Seen, Verdict
from sync.models import Connection, Operation
from tests.factories import OperationFactory
from tests.support.made_up_account import Worlds, worlds
from zadarma import Refused, Unavailable

__all__ = ["worlds"]
State = Operation.State
ANSWER = {"name": "it"}
CANDIDATES = [{"value": "it", "answer": ANSWER}]
ABSENT = Finding(Seen.ABSENT, {"listed": 3})
UNREADABLE = Finding(Seen.ABSENT, {"unreadable": 1}, is_complete=False)
PRESENT = Finding(Seen.PRESENT, {"listed": 4}, ANSWER, candidates=CANDIDATES)
SEVERAL = Finding(Seen.CONFLICT, {"fits": 2}, why="several", candidates=CANDIDATES)
Sight = Finding | Exception | Callable[[Operation], Finding]


class Doubt:
    """An operation in doubt, and what looks at it show, one after the other (the last one for ever)."""

    def __init__(self, worlds: Worlds) -> None:
        self.worlds = worlds
        self.sights: list[Sight] = [ABSENT]
        self.looks = 0
        self.applied: list[dict[str, Any]] = []
        self.conflict = False
        kinds._kinds["doubt"] = Kind("doubt", lambda api, operation: {}, settle=self._see, apply=self._apply)
        now = timezone.now()
        connection = Connection.objects.get()
        look_at = now + pace.LOOK_AFTER[0]
        self.operation: Operation = OperationFactory(
            connection=connection, kind="doubt", state="unknown", sent_at=now, look_at=look_at
        )

    def _see(self, api: Any, operation: Operation) -> Finding:
        sight = self.sights.pop(0) if len(self.sights) > 1 else self.sights[0]
        self.looks += 1
        if isinstance(sight, Exception):
            raise sight
        return sight if isinstance(sight, Finding) else sight(operation)

    def _apply(self, operation: Operation) -> None:
        if self.conflict:
            raise Conflict("it explains another")
        self.applied.append(operation.answer)

    def shows(self, *sights: Sight) -> None:
        """What the next looks show."""
        self.sights = list(sights)

    def again(self) -> Operation:
        """The row as it stands."""
        return Operation.objects.get(pk=self.operation.pk)

    def wait_until_late(self) -> None:
        """Until absence may be believed."""
        self.worlds.account.pass_time(931)

    def settle(self) -> Operation:
        """The settler, when its next look is due."""
        look_at = self.again().look_at
        if look_at and look_at > timezone.now():
            self.worlds.account.pass_time((look_at - timezone.now()).total_seconds())
        settling.settle(self.operation.pk)
        return self.again()


@pytest.fixture
def doubt(worlds: Worlds) -> Doubt:
    """Sent just now, its answer lost."""
    return Doubt(worlds)


def decided(doubt: Doubt, actor: User, *, done: bool, candidate: str = "") -> Verdict:
    """A person decides, before a page that was loaded now."""
    return settling.decide(doubt.again(), done=done, candidate=candidate, note="I called them", actor=actor)


def refusal(doubt: Doubt, actor: User, *, done: bool, candidate: str = "") -> str:
    """Why the person's decision is not taken."""
    with pytest.raises(settling.CannotDecide) as refused:
        decided(doubt, actor, done=done, candidate=candidate)
    return refused.value.reason


# A person decides


@pytest.mark.parametrize("state", sorted(set(State) - set(Operation.IN_DOUBT)))
@pytest.mark.parametrize("done", [True, False])
def test_only_what_is_in_doubt_is_decided(doubt: Doubt, staff: User, state: str, done: bool) -> None:
    Operation.objects.filter(pk=doubt.operation.pk).update(state=state)
    assert refusal(doubt, staff, done=done, candidate="it") == "settled"
    assert (doubt.looks, doubt.again().state) == (0, state)


@pytest.mark.parametrize("state", Operation.IN_DOUBT)
def test_done_is_done_with_what_the_person_named(doubt: Doubt, staff: User, state: str) -> None:
    Operation.objects.filter(pk=doubt.operation.pk).update(state=state)
    doubt.shows(SEVERAL)
    assert decided(doubt, staff, done=True, candidate="it") is Verdict.DONE
    row = doubt.again()
    assert (row.state, row.answer, row.decided_by, row.look_at) == ("done", ANSWER, staff, None)
    assert doubt.applied == [ANSWER]
    assert row.evidence["decision"] | {"at": ""} == {"at": "", "verdict": "done", "note": "I called them"}
    assert [look["why"] for look in row.evidence["looks"]] == ["several"]


@pytest.mark.parametrize("sight", [SEVERAL, ABSENT, UNREADABLE])
@pytest.mark.parametrize("candidate", ["", "something else"])
def test_what_no_look_offers_is_not_taken_for_it(doubt: Doubt, staff: User, sight: Finding, candidate: str) -> None:
    doubt.shows(sight)
    assert refusal(doubt, staff, done=True, candidate=candidate) == "candidate"
    row = doubt.again()
    assert (row.state, row.decided_by, "decision" in row.evidence) == ("unknown", None, False)


@pytest.mark.parametrize("sight", [SEVERAL, UNREADABLE, ABSENT])
def test_not_done_is_taken_when_it_can_no_longer_take_effect(doubt: Doubt, staff: User, sight: Finding) -> None:
    doubt.shows(sight)
    assert refusal(doubt, staff, done=False) == "early"
    assert doubt.again().state == "unknown"
    doubt.shows(UNREADABLE if sight is ABSENT else sight)  # two absences would need no person
    doubt.wait_until_late()
    assert decided(doubt, staff, done=False) is Verdict.NOT_DONE
    row = doubt.again()
    assert (row.state, row.decided_by, row.evidence["decision"]["verdict"]) == ("not_done", staff, "not_done")
    assert len(row.evidence["looks"]) == 2


def test_a_decision_that_waited_for_its_look_is_no_later_for_that(doubt: Doubt, staff: User) -> None:
    def slowly(operation: Operation) -> Finding:
        doubt.worlds.account.pass_time(60)
        return SEVERAL

    doubt.shows(slowly)
    doubt.worlds.account.pass_time(900)
    assert refusal(doubt, staff, done=False) == "early"


def test_what_the_look_shows_as_done_is_done_whatever_was_said(doubt: Doubt, staff: User) -> None:
    doubt.shows(PRESENT)
    doubt.wait_until_late()
    assert refusal(doubt, staff, done=False) == "present"
    row = doubt.again()
    assert (row.state, row.answer, row.decided_by) == ("done", ANSWER, None)


def test_what_two_looks_show_as_not_done_is_not_done_whatever_was_said(doubt: Doubt, staff: User) -> None:
    doubt.settle()
    doubt.wait_until_late()
    assert refusal(doubt, staff, done=True, candidate="it") == "candidate"
    row = doubt.again()
    assert (row.state, row.decided_by) == ("not_done", None)


def test_a_person_without_a_look_decides_nothing(doubt: Doubt, staff: User) -> None:
    doubt.wait_until_late()
    doubt.shows(Unavailable("down"))
    with pytest.raises(Unavailable):
        decided(doubt, staff, done=False)
    Connection.objects.update(state=Connection.State.PAUSED)
    with pytest.raises(gateway.NotUsable):
        decided(doubt, staff, done=False)
    assert doubt.again().state == "unknown"


def test_a_kind_without_a_rule_goes_to_a_person_who_can_only_say_that_it_was_not_done(
    doubt: Doubt, staff: User
) -> None:
    kinds._kinds["doubt"] = Kind("doubt", lambda api, operation: {})
    for _ in range(len(pace.LOOK_AFTER)):
        doubt.settle()
    assert doubt.again().state == "needs_person"
    assert refusal(doubt, staff, done=True, candidate="it") == "candidate"
    assert decided(doubt, staff, done=False) is Verdict.NOT_DONE


# What looks show


def test_a_contradiction_is_looked_at_again_and_once_it_is_late_a_person_is_asked(doubt: Doubt) -> None:
    doubt.shows(SEVERAL)
    row = doubt.settle()
    assert (row.state, row.looks) == ("unknown", 1)
    doubt.wait_until_late()
    row = doubt.settle()
    assert (row.state, row.looks, row.look_at) == ("needs_person", 2, None)


def test_an_unreadable_listing_proves_no_absence(doubt: Doubt) -> None:
    doubt.shows(ABSENT, UNREADABLE, UNREADABLE, ABSENT)
    doubt.settle()
    doubt.wait_until_late()
    assert [doubt.settle().state for _ in range(3)] == ["unknown", "unknown", "not_done"]
    doubt.operation = OperationFactory(connection=doubt.operation.connection, kind="doubt", state="unknown")
    Operation.objects.filter(pk=doubt.operation.pk).update(sent_at=timezone.now() - timedelta(days=1))
    doubt.shows(UNREADABLE, ABSENT, ABSENT)
    assert [doubt.settle().state for _ in range(3)] == ["unknown", "unknown", "not_done"]


def test_a_look_that_began_before_it_was_late_believes_no_absence(doubt: Doubt) -> None:
    doubt.settle()

    def slowly(operation: Operation) -> Finding:
        doubt.worlds.account.pass_time(40)
        return ABSENT

    doubt.shows(slowly)
    row = doubt.again()
    assert row.sent_at
    doubt.worlds.account.now = row.sent_at + timedelta(seconds=920)
    settling.settle(row.pk)
    assert doubt.again().state == "unknown"  # what it saw may be of the 920th second
    assert doubt.settle().state == "not_done"


def test_two_looks_at_the_same_time_are_not_the_two_that_absence_needs(doubt: Doubt) -> None:
    doubt.wait_until_late()

    def while_another_looks(operation: Operation) -> Finding:
        assert settling.look_now(doubt.again()) is Verdict.UNDECIDED
        settling.settle(operation.pk)  # its next look is not due while this one lasts
        return ABSENT

    doubt.shows(while_another_looks, ABSENT)
    settling.settle(doubt.operation.pk)
    row = doubt.again()
    assert (doubt.looks, row.state, len(row.evidence["looks"])) == (2, "unknown", 2)
    assert doubt.settle().state == "not_done"


def test_a_refused_look_counts_and_ends_with_a_person(doubt: Doubt) -> None:
    doubt.shows(Refused("no such method"))
    states = [doubt.settle().state for _ in range(len(pace.LOOK_AFTER))]
    assert states == ["unknown"] * (len(pace.LOOK_AFTER) - 1) + ["needs_person"]
    assert "looks" not in doubt.again().evidence


def test_a_look_that_nobody_answers_does_not_count(doubt: Doubt) -> None:
    doubt.shows(Unavailable("down"))
    for _ in range(20):
        row = doubt.settle()
        assert (row.state, row.looks) == ("unknown", 0)
        assert row.look_at and timezone.now() < row.look_at <= timezone.now() + settling.LONGEST_WAIT
    Connection.objects.update(state=Connection.State.PAUSED)
    assert (doubt.settle().looks, doubt.looks) == (0, 20)


def test_looks_that_a_person_asks_for_do_not_use_up_the_panels_own(doubt: Doubt) -> None:
    before = doubt.again()
    for _ in range(20):
        settling.look_now(doubt.again())
    after = doubt.again()
    assert (after.state, after.looks, after.look_at) == ("unknown", 0, before.look_at)
    assert len(after.evidence["looks"]) == settling.KEPT_LOOKS


def test_the_first_looks_and_the_last_are_kept_and_no_more(doubt: Doubt) -> None:
    def numbered(operation: Operation) -> Finding:
        return Finding(Seen.CONFLICT, {"n": doubt.looks}, why="several")

    doubt.shows(numbered)
    for _ in range(50):
        settling.look_now(doubt.again())
    kept = [look["facts"]["n"] for look in doubt.again().evidence["looks"]]
    assert kept == [*range(1, 11), *range(41, 51)]


def test_a_process_that_dies_while_it_looks_leaves_the_next_look_to_others(doubt: Doubt) -> None:
    kinds._kinds["doubt"] = Kind("doubt", lambda api, operation: {}, settle=_dies)
    with pytest.raises(KeyboardInterrupt):
        doubt.settle()
    row = doubt.again()
    assert (row.state, row.look_at) == ("unknown", timezone.now() + pace.LEASE)
    doubt.worlds.account.messages.clear()
    operations.sweep(timezone.now() + pace.LEASE)
    assert doubt.worlds.account.messages == [(operations.SETTLE, row.pk)]


def _dies(api: Any, operation: Operation) -> Finding:
    raise KeyboardInterrupt


def test_why_it_was_in_doubt_stays_with_the_evidence_when_it_is_done(doubt: Doubt) -> None:
    kinds._kinds["doubt"] = replace(kinds._kinds["doubt"], paid=True, answered=lambda answer: (Decimal(2), "EUR"))
    Operation.objects.filter(pk=doubt.operation.pk).update(error="no answer in time")
    doubt.shows(PRESENT)
    row = doubt.settle()
    assert (row.state, row.error, row.paid_amount) == ("done", "", Decimal(2))
    assert (row.evidence["error"], len(row.evidence["looks"])) == ("no answer in time", 1)


# One effect explains one operation


def test_an_effect_that_explains_another_leaves_it_in_doubt_and_at_last_to_a_person(doubt: Doubt, staff: User) -> None:
    doubt.conflict = True
    doubt.shows(PRESENT)
    states = [doubt.settle().state for _ in range(len(pace.LOOK_AFTER))]
    assert (states[0], states[-1]) == ("unknown", "needs_person")
    row = doubt.again()
    assert (row.answer, row.settled_at) == ({}, None)
    assert refusal(doubt, staff, done=True, candidate="it") == "candidate"
    assert doubt.again().state == "needs_person"
    assert decided(doubt, staff, done=False) is Verdict.NOT_DONE


# Settled meanwhile


def by_its_answer(operation: Operation) -> None:
    """The answer was only late."""
    assert moves.settle_done(Operation.objects.get(pk=operation.pk), {"name": "the answer's"})


def by_its_refusal(operation: Operation) -> None:
    """The API said no, late."""
    row = Operation.objects.get(pk=operation.pk)
    assert moves.end(kinds.kind_of(row), row, Operation.OUT, State.REFUSED, error="no")


@pytest.mark.parametrize("sight", [PRESENT, SEVERAL, ABSENT], ids=lambda sight: str(sight.seen))
@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("looked_before", [True, False])
@pytest.mark.parametrize(("meanwhile", "state"), [(by_its_answer, "done"), (by_its_refusal, "refused")])
def test_what_was_settled_during_the_look_stays_and_the_person_is_told(
    doubt: Doubt,
    staff: User,
    sight: Finding,
    done: bool,
    looked_before: bool,
    meanwhile: Callable[[Operation], None],
    state: str,
) -> None:
    def overtaken(operation: Operation) -> Finding:
        meanwhile(operation)
        return sight

    if looked_before:
        doubt.settle()  # so that a second absence would settle it
    doubt.shows(overtaken)
    doubt.wait_until_late()
    assert refusal(doubt, staff, done=done, candidate="it") == "settled"
    row = doubt.again()
    assert (row.state, row.decided_by, "decision" in row.evidence) == (state, None, False)
    assert row.answer == ({"name": "the answer's"} if state == "done" else {})


@pytest.mark.parametrize("sight", [PRESENT, SEVERAL, ABSENT])
def test_the_settler_takes_it_calmly_that_it_was_settled_meanwhile(doubt: Doubt, sight: Finding) -> None:
    def overtaken(operation: Operation) -> Finding:
        by_its_answer(operation)
        return sight

    doubt.settle()
    doubt.shows(overtaken)
    doubt.wait_until_late()
    row = doubt.settle()
    assert (row.state, row.answer, row.look_at) == ("done", {"name": "the answer's"}, None)
    assert len(row.evidence["looks"]) == 1  # nothing is written into what is settled


def test_of_two_people_who_decide_at_once_the_first_is_taken(doubt: Doubt, staff: User, member: User) -> None:
    doubt.shows(SEVERAL)
    doubt.wait_until_late()

    def another_decides(operation: Operation) -> Finding:
        assert decided(doubt, member, done=True, candidate="it") is Verdict.DONE
        return SEVERAL

    doubt.shows(another_decides, SEVERAL)
    assert refusal(doubt, staff, done=False) == "settled"
    row = doubt.again()
    assert (row.state, row.decided_by, row.evidence["decision"]["verdict"]) == ("done", member, "done")


def test_what_nobody_can_look_at_for_a_day_is_put_to_a_person(doubt: Doubt) -> None:
    doubt.shows(Unavailable("down"))
    waits = []
    while (row := doubt.settle()).state == "unknown":
        assert row.look_at
        waits.append(row.look_at - timezone.now())
    assert (row.state, row.looks) == ("needs_person", 0)
    assert waits == sorted(waits) and waits[0] < waits[-1] <= settling.LONGEST_WAIT
    assert timedelta(hours=23) < timezone.now() - operations.last_moment_sent(row) < timedelta(hours=26)
