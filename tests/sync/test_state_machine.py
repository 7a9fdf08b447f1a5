"""No sequence of claims, crashes, answers, looks and sweeps sends a paid operation twice, loses it, or misjudges it.

The machine (`tests.support.journal_machine`) is itself put to the test: with any one guard of the journal taken away
a short story must break it, and left to itself it must find such a story.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from sync import holds, operations, settling
from sync.kinds import Finding, Seen, Verdict, kind_of
from sync.models import Operation
from sync.moves import end
from tests.support.journal_machine import Journal
from tests.support.made_up_account import Api, Script, Worlds, worlds
from zadarma import Unavailable

__all__ = ["worlds"]
State = Operation.State
QUICK = settings(
    max_examples=60,
    stateful_step_count=16,
    derandomize=True,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def run(worlds: Worlds, how: settings) -> None:
    """Let the machine try its luck."""
    machine = type("JournalHere", (Journal,), {"worlds": worlds})
    run_state_machine_as_test(machine, settings=how)


def test_the_journal_holds(worlds: Worlds) -> None:
    run(worlds, QUICK)


@pytest.mark.full
def test_the_journal_holds_for_long(worlds: Worlds) -> None:
    run(worlds, settings(QUICK, max_examples=400, stateful_step_count=40, derandomize=False))


# With a guard taken away

Patch = pytest.MonkeyPatch


def claim_without_comparing(patch: Patch) -> None:
    """Whoever wants to send sends."""

    def move(operation: Operation, states: Any, to: str, **fields: Any) -> bool:
        Operation.objects.filter(pk=operation.pk).update(state=to, **fields)
        return True

    patch.setattr(operations, "move", move)


def believe_the_first_absence(patch: Patch) -> None:
    """Not there means not done."""

    def judge(operation: Operation, finding: Finding, now: datetime) -> Verdict:
        return Verdict.DONE if finding.seen is Seen.PRESENT else Verdict.NOT_DONE

    patch.setattr(settling, "judge", judge)


def believe_absence_early(patch: Patch) -> None:
    """Two looks, however soon."""
    patch.setattr(settling, "is_late", lambda operation, now: True)


def plan_again_what_was_sent(patch: Patch) -> None:
    """A sweeper that takes a lost answer for a lost message."""
    sweep = operations.sweep

    def sweep_all(now: datetime) -> None:
        Operation.objects.filter(state=State.SENT, lease_until__lt=now).update(state=State.PLANNED)
        sweep(now)

    patch.setattr(operations, "sweep", sweep_all)


def take_silence_for_refusal(patch: Patch) -> None:
    """A timeout as if nothing had left."""
    patch.setattr(Unavailable, "acted", False)


def let_two_be_in_doubt(patch: Patch) -> None:
    """Without the key that lets only one of a lane be out."""
    plan = operations.plan
    patch.setattr(operations, "plan", lambda *args, **given: plan(*args, **(given | {"serial_key": ""})))


def hold_nothing(patch: Patch) -> None:
    """Two may spend the same money."""
    patch.setattr(holds, "covers", lambda operation: True)
    patch.setattr(holds, "check", lambda connection, cost: None)


def believe_the_person(patch: Patch) -> None:
    """Without looking first."""
    patch.setattr(settling, "look_now", lambda operation: Verdict.UNDECIDED)
    patch.setattr(settling, "is_late", lambda operation, now: True)


def try_again_at_once(patch: Patch) -> None:
    """Another attempt whatever became of the last."""
    patch.setattr(Operation, "WITHOUT_EFFECT", tuple(State))


def send_after_a_long_stop(patch: Patch) -> None:
    """A process that stood still goes on as if nothing had been."""
    patch.setattr(Api, "end_changes_by", lambda self, ends: setattr(self, "ends", float("inf")))


def cancel_what_was_sent(patch: Patch) -> None:
    """As long as no answer is there."""
    patch.setattr(
        operations, "cancel", lambda operation: end(kind_of(operation), operation, Operation.OPEN, State.CANCELLED)
    )


def forget_what_cannot_be_written(patch: Patch) -> None:
    """An answer that was lost on the way to the database is taken for none."""

    def keep(write: Callable[[], Any]) -> Any:
        Operation.objects.filter(state=State.SENT).update(state=State.REFUSED)

    patch.setattr(operations, "_keep", keep)


Event = tuple[str, dict[str, Any]]
ANY, CHOSEN = ("a", False), ("a", True)


def works(fate: str, **more: Any) -> Event:
    """The first planned one is sent, with this fate."""
    return "work", {"which": 0, "script": Script(fate, **more), "again": False, "paused": False, "later": []}


def is_looked_at(when: str) -> Event:
    """The settler looks at the first that is in doubt."""
    return "settle", {"which": 0, "when": when, "script": Script()}


def is_swept_after(seconds: int) -> Event:
    """Time passes, and the sweeper comes."""
    return "sweep", {"script": Script(), "seconds": seconds}


def tries(what: str) -> Event:
    """A person interferes."""
    return "interfere", {"which": 0, "what": what}


LIE: Event = "decide", {"which": 0, "says_done": False, "how": Script(), "lies": True, "late": False}
# Of each guard: what is wanted, how much money is there, and what happens.
STORIES: list[tuple[Callable[[Patch], None], list[tuple[str, bool]], int, list[Event]]] = [
    (claim_without_comparing, [ANY], 9, [works("answered", twin=Script())]),
    (believe_the_first_absence, [ANY], 9, [works("late effect", late=100), is_looked_at("due")]),
    (believe_absence_early, [ANY], 9, [works("late effect", late=100), is_looked_at("due"), is_looked_at("due")]),
    (plan_again_what_was_sent, [CHOSEN], 9, [works("answered", dies="effect"), is_swept_after(121)]),
    (take_silence_for_refusal, [CHOSEN], 9, [works("lost after the effect")]),
    (let_two_be_in_doubt, [ANY, ANY], 9, [works("lost"), works("lost after the effect"), is_looked_at("due")]),
    (hold_nothing, [CHOSEN, CHOSEN], 3, [works("late effect", late=800), works("answered")]),
    (believe_the_person, [ANY], 9, [works("late effect", late=800), LIE]),
    (try_again_at_once, [ANY], 9, [works("lost"), tries("try again too early")]),
    (send_after_a_long_stop, [CHOSEN], 9, [works("answered", stalls=2000)]),
    (cancel_what_was_sent, [ANY], 9, [works("late effect", late=800), tries("cancel late")]),
    (forget_what_cannot_be_written, [ANY], 9, [works("lost after the effect")]),
]
NAMES = [guard.__name__ for guard, *_story in STORIES]


def tell(worlds: Worlds, wishes: list[tuple[str, bool]], start: int, events: list[Event]) -> None:
    """Let just this happen, looking at everything after each step."""
    machine = type("JournalHere", (Journal,), {"worlds": worlds})()
    machine.begin(wishes, start)
    machine.all_is_well()
    for name, given in events:
        getattr(machine, name)(**given)
        machine.all_is_well()
    machine.teardown()


@pytest.mark.parametrize(("guard", "wishes", "start", "events"), STORIES, ids=NAMES)
def test_a_guard_taken_away_is_missed_at_once(
    worlds: Worlds,
    monkeypatch: pytest.MonkeyPatch,
    guard: Callable[[Patch], None],
    wishes: list[tuple[str, bool]],
    start: int,
    events: list[Event],
) -> None:
    tell(worlds, wishes, start, events)  # with the guard all is well
    guard(monkeypatch)
    with pytest.raises(AssertionError):
        tell(worlds, wishes, start, events)


@pytest.mark.full
@pytest.mark.parametrize("guard", [guard for guard, *_story in STORIES], ids=NAMES)
def test_the_machine_finds_by_itself_what_a_guard_prevents(
    worlds: Worlds, monkeypatch: pytest.MonkeyPatch, guard: Callable[[Patch], None]
) -> None:
    guard(monkeypatch)
    with pytest.raises(AssertionError):
        run(worlds, settings(QUICK, max_examples=1500, phases=[Phase.generate]))
