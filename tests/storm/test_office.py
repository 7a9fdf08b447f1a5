"""What the desks noted is read as it happened."""

from collections import Counter
from pathlib import Path

from tests.storm.desk import FATES, Fates
from tests.storm.office import Act, _acts, happened


def act(who: str, does: str, began: float, ended: float, told: str | None = "True", order: int = 1) -> Act:
    """Something that somebody tried."""
    return Act(who, order, does, began, ended, told)


def test_only_what_overlaps_was_a_race() -> None:
    apart = [act("approver-1", "approve", 0, 1), act("approver-2", "approve", 2, 3, "False")]
    assert happened(apart, set()).approvals_raced == 0
    assert happened([*apart, act("approver-2", "approve", 0.5, 3, "False")], set()).approvals_raced == 1
    assert happened([apart[0], act("approver-1", "approve", 0.5, 3, "False")], set()).approvals_raced == 0
    assert happened([apart[0], act("approver-2", "approve", 0.5, 3, order=2)], set()).approvals_raced == 0


def test_races_are_told_apart() -> None:
    first = act("approver-1", "approve", 0, 1)
    minds = happened([first, act("approver-2", "reject", 0.5, 2, "False")], set())
    assert (minds.approvals_raced, minds.decisions_raced, minds.cancels_raced) == (0, 1, 0)
    cancel = happened([first, act("customer", "cancel", 0.5, 2, "False")], set())
    assert (cancel.approvals_raced, cancel.decisions_raced, cancel.cancels_raced) == (0, 0, 1)


def test_what_was_told() -> None:
    seen = happened(
        [
            act("approver-1", "approve", 0, 1, "NotTheirs", order=1),
            act("approver-2", "approve", 0, 1, "True", order=1),
            act("approver-1", "approve", 2, 3, "Unavailable", order=2),
            act("approver-1", "approve", 4, 4, None, order=2),
            act("approver-2", "reject", 4, 5, "True", order=2),
            act("customer", "cancel", 4, 5, "False", order=2),
        ],
        own={1},
    )
    assert (seen.approved, seen.rejected, seen.cancelled) == (1, 1, 0)
    assert (seen.own_refused, seen.killed_in_the_act) == (1, 1)
    assert seen.hindered == {"NotTheirs": 1, "Unavailable": 1}


def test_a_beginning_without_an_end_was_killed() -> None:
    begun = {"who": "customer", "at": 1.0, "order": 7, "does": "cancel", "told": None}
    assert _acts([begun, begun | {"at": 2.0, "told": "True"}, begun | {"at": 3.0}]) == [
        act("customer", "cancel", 1.0, 2.0, order=7),
        act("customer", "cancel", 3.0, 3.0, None, order=7),
    ]


def test_every_deck_holds_each_fate(tmp_path: Path) -> None:
    fates = Fates(tmp_path / "fates", seed=1)
    size = sum(count for count, _acts in FATES.values())
    for deck in range(2):
        dealt = [fates.deal(deck * size + place) for place in range(size)]
        assert Counter(dealt) == {name: count for name, (count, _acts) in FATES.items()}
        assert [Fates(fates.file).of(deck * size + place) for place in range(size)] == dealt
