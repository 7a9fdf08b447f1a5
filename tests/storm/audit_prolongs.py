"""Compares the prolongations that the panel believes in with those of the ledger, one with one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.storm.audit import NOTHING, UNDECIDED, Violation
from tests.storm.ledger import Entry, Ledger

#: The ledger tells its moments without the fractions of a second.
WHOLE_SECONDS = timedelta(seconds=1)


@dataclass(frozen=True)
class Attempt:
    """One attempt to prolong a number. `why`: what the last look found conflicting, "" where it did not."""

    state: str
    months: int
    sent_at: datetime | None
    settled_at: datetime | None
    why: str = ""

    def was_out_at(self, moment: datetime) -> bool:
        """Whether it may have taken effect then: after it was sent, and before its outcome was known."""
        if self.sent_at is None or moment < self.sent_at - WHOLE_SECONDS:
            return False
        return self.settled_at is None or moment <= self.settled_at

    def explains(self, entry: Entry) -> bool:
        """Whether `entry` of the ledger can be its effect."""
        return int(entry["months"]) == self.months and self.was_out_at(moment_of(entry))

    def __str__(self) -> str:
        return f"{self.state} {self.months} ({self.sent_at} to {self.settled_at}) {self.why}".strip()


@dataclass(frozen=True)
class ProlongOutcome:
    """What the panel says of all prolongations of one number."""

    key: str
    number: str
    intents: int
    attempts: tuple[Attempt, ...]


def moment_of(entry: Entry) -> datetime:
    """When it took effect."""
    return datetime.fromisoformat(entry["at"])


def renewals_amid(attempts: Iterable[Attempt], renewals: list[Entry]) -> int:
    """How many of a number's own `renewals` came while one of the `attempts` was out."""
    attempts = list(attempts)
    return sum(any(attempt.was_out_at(moment_of(entry)) for attempt in attempts) for entry in renewals)


def of_prolongs(outcomes: list[ProlongOutcome], ledger: Ledger) -> list[Violation]:
    """The prolongations that are done, and no others, stand in the ledger, with their months and at their time."""
    found = []
    for outcome in outcomes:
        found += _Comparison(outcome, ledger).violations()
    known = {(outcome.key, outcome.number) for outcome in outcomes}
    found += [Violation("invented", f"nobody prolonged {name}") for name in ledger.prolongs if name not in known]
    return found


class _Comparison:
    """One number's attempts beside its entries in the ledger."""

    def __init__(self, outcome: ProlongOutcome, ledger: Ledger) -> None:
        name = outcome.key, outcome.number
        self.outcome = outcome
        self.paid = sorted(ledger.prolongs.get(name, []), key=moment_of)
        self.renewed = ledger.renewals.get(name, [])
        self.switched_on = ledger.switched_on.get(name, [])
        self.left = list(self.paid)

    def violations(self) -> list[Violation]:
        """What is not as it must be. An attempt takes the first entry that it explains: only one is out at a time."""
        if len(self.paid) > self.outcome.intents:
            return [self._violation("doubled", f"{self.outcome.intents} wishes")]
        unpaid = [attempt for attempt in self._by_time() if not self._of_attempt(attempt)]
        found = [found for attempt in self._by_time() if (found := self._of_state(attempt))]
        for attempt in unpaid:
            others = [entry for entry in self.left if attempt.was_out_at(moment_of(entry))]
            if others:  # something was paid for then, but not this
                self.left.remove(others[0])
            found.append(self._violation("mistaken" if others else "invented", attempt))
        return found + [self._of_left(entry) for entry in self.left]

    def _by_time(self) -> list[Attempt]:
        """Those that were sent first; one that was not sent explains nothing."""
        return sorted(self.outcome.attempts, key=lambda attempt: (attempt.sent_at is None, attempt.sent_at))

    def _of_attempt(self, attempt: Attempt) -> bool:
        """Take the entry that it explains, if it has one. False where it is done without."""
        if attempt.state != "done" and attempt.state not in UNDECIDED:
            return True
        mine = next((entry for entry in self.left if attempt.explains(entry)), None)
        if mine is not None:
            self.left.remove(mine)
        return mine is not None or attempt.state != "done"

    def _of_state(self, attempt: Attempt) -> Violation | None:
        if attempt.state in UNDECIDED:
            return None if self._may_be_undecided(attempt) else self._violation("undecided", attempt)
        if attempt.state not in NOTHING and attempt.state != "done":
            return self._violation("open", attempt)
        return None

    def _may_be_undecided(self, attempt: Attempt) -> bool:
        """Whether the date tells nobody what moved it: autorenewal, by as many months, or this payment.

        Autorenewal did while it was out; or it was switched on meanwhile and would have, had the payment not taken
        effect. Where both moved it, the date tells.
        """
        paid = sum(attempt.explains(entry) for entry in self.paid)
        renewed = [entry for entry in self.renewed if attempt.was_out_at(moment_of(entry))]
        if attempt.why != "autorenewal" or paid + len(renewed) != 1:
            return False
        if renewed:
            return int(renewed[0]["months"]) == attempt.months
        return any(attempt.was_out_at(moment_of(entry)) for entry in self.switched_on)

    def _of_left(self, entry: Entry) -> Violation:
        done = [attempt for attempt in self.outcome.attempts if attempt.state == "done" and attempt.explains(entry)]
        return self._violation("doubled" if done else "lost", f"{entry['months']} months at {entry['at']}")

    def _violation(self, kind: str, what: object) -> Violation:
        told = "; ".join(str(attempt) for attempt in self.outcome.attempts)
        paid = ", ".join(f"{entry['months']} at {entry['at']}" for entry in self.paid)
        renewed = ", ".join(f"{entry['months']} at {entry['at']}" for entry in self.renewed)
        name = f"{self.outcome.number} of {self.outcome.key}"
        return Violation(kind, f"{name}: {what} [{told}], paid [{paid}], renewed [{renewed}]")
