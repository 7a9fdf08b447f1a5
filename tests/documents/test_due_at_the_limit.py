"""400 groups that something waits for, 5,000 others and 70 calls a minute: everything is still read in time.

The real schedule, the real order of groups and the real share of the calls, with a clock of their own.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from documents import due
from sync import budget, schedule
from sync.models import SyncRun

BEGAN = datetime(2026, 11, 28, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CALLS = {"numbers": 2, "catalog": 250}  # of a reading: the balance and one listing; countries in two languages
WRITING = timedelta(seconds=2)


@dataclass
class Account:
    """What the panel knows of an account, and when it last did what."""

    waiting: set[str] = field(repr=False)
    checked: dict[str, datetime | None] = field(repr=False)
    now: datetime = BEGAN
    call_takes: timedelta = timedelta(seconds=0.3)
    last: dict[str, SyncRun] = field(default_factory=dict, repr=False)
    used: int = 0
    asked: dict[str, datetime] = field(default_factory=dict, repr=False)
    unnoticed: dict[str, timedelta] = field(default_factory=dict, repr=False)
    started: dict[str, list[datetime]] = field(default_factory=dict, repr=False)

    def call(self, count: int = 1) -> None:
        """Make calls, each out of what background readings may use of a minute."""
        for _each in range(count):
            if self.used >= budget.limit(budget.SYNC):
                self._move_to(self.now.replace(second=0, microsecond=0) + MINUTE)
            self.used += 1
            self._move_to(self.now + self.call_takes)

    def _move_to(self, moment: datetime) -> None:
        if moment.replace(second=0, microsecond=0) != self.now.replace(second=0, microsecond=0):
            self.used = 0
        self.now = moment

    def run_until(self, end: datetime) -> None:
        """What the schedule starts, one after the other; where nothing is due beat looks again after a minute."""
        while self.now < end:
            kind = next((one.kind for one in schedule.by_urgency(self.last, self.now)), None)
            if kind is None:
                self._move_to(self.now + MINUTE)
                continue
            run = SyncRun(kind=kind, started_at=self.now, state=SyncRun.State.DONE)
            self.started.setdefault(kind, []).append(self.now)
            self.last[kind] = run
            if kind == "documents":
                self._read_documents(run)
            else:
                self.call(CALLS[kind])

    def _read_documents(self, run: SyncRun) -> None:
        self.call(2)  # the balance, the listing of groups
        wanted = due.due(self.checked, self.waiting, run.started_at)
        before = {}
        for one in wanted[: due.MOST_A_RUN]:
            before[one] = self.asked.get(one)
            self.asked[one] = self.now
            self.call(2)
            self.checked[one] = run.started_at
        run.left = len(wanted[due.MOST_A_RUN :])
        self._move_to(self.now + WRITING)
        for one, last in before.items():  # what changed right after the last look is known here now
            if last is not None:
                self.unnoticed[one] = max(self.unnoticed.get(one, MINUTE), self.now - last)

    def longest(self, *, waiting: bool) -> timedelta:
        """How long a change of a group of either sort went unnoticed at most, that of one never noticed included."""
        mine = self.waiting if waiting else self.checked.keys() - self.waiting
        never = {one: self.now - self.asked.get(one, BEGAN) for one in mine}
        return max(max(self.unnoticed.get(one, MINUTE), never[one]) for one in mine)

    def longest_between(self, kind: str) -> timedelta:
        """The longest time from one reading of a kind to the next."""
        times = [*self.started[kind], self.now]
        return max(later - earlier for earlier, later in zip(times, times[1:], strict=False))


def account(waiting: int, others: int, **more: timedelta) -> Account:
    """One that is read since a day: the groups were asked for one after the other."""
    names = {f"w{place}": timedelta(seconds=place * 2) for place in range(waiting)}
    names |= {f"o{place}": timedelta(days=1) * place / max(1, others) for place in range(others)}
    checked: dict[str, datetime | None] = {name: BEGAN - age for name, age in names.items()}
    made = Account({name for name in names if name.startswith("w")}, checked, **more)  # type: ignore[arg-type]
    made.asked = {name: moment for name, moment in checked.items() if moment}
    made.last = {
        kind: SyncRun(kind=kind, started_at=BEGAN - timedelta(minutes=4), state=SyncRun.State.DONE)
        for kind in ("numbers", "documents", "catalog")
    }
    return made


# How long a call takes: from at once to as long as the budget gives it.
MOMENTS = [timedelta(seconds=seconds) for seconds in (0.05, 0.3, 0.8)]


@pytest.mark.parametrize("call_takes", MOMENTS, ids=str)
@pytest.mark.parametrize("waiting", [1, 40, 100, 200, 300, 400])
def test_up_to_400_groups_that_something_waits_for_are_noticed_within_15_minutes(
    waiting: int, call_takes: timedelta
) -> None:
    seen = account(waiting, 5000, call_takes=call_takes)
    seen.run_until(BEGAN + timedelta(hours=3))
    assert seen.longest(waiting=True) <= timedelta(minutes=15)
    assert seen.longest_between("numbers") <= timedelta(minutes=7)


@pytest.mark.full
def test_the_5000_others_are_read_daily_beside_them_and_the_catalogue_is_not_forgotten() -> None:
    seen = account(400, 5000)
    seen.run_until(BEGAN + timedelta(days=3))
    assert seen.longest(waiting=False) <= timedelta(hours=25)
    assert seen.longest_between("catalog") <= timedelta(days=2, minutes=10)
    assert seen.longest(waiting=True) <= timedelta(minutes=20)  # once in two days the catalogue goes first


def test_a_first_reading_of_5000_groups_keeps_nothing_that_waits_from_being_asked_again() -> None:
    seen = account(100, 5000)
    seen.checked = dict.fromkeys(seen.checked)
    seen.asked, seen.last = {}, {}
    seen.run_until(BEGAN + timedelta(hours=2))
    assert seen.longest(waiting=True) <= timedelta(minutes=15)
    assert seen.started["catalog"][0] < BEGAN + timedelta(minutes=10)
    assert seen.longest_between("numbers") <= timedelta(minutes=12)  # the first catalogue takes four
