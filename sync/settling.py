"""What becomes of an operation in doubt: looks at the account, judged by strict rules, and what a person decides."""

import logging
from datetime import datetime, timedelta
from typing import Any, NoReturn

from django.db import transaction
from django.utils import timezone

from people.models import User
from sync import budget, gateway
from sync.kinds import Conflict, Finding, Kind, Seen, Verdict, kind_of
from sync.models import Operation
from sync.moves import end, move, settle_done
from sync.operations import PERFORM, REPLACED, last_moment_sent, note_balance_after
from sync.pace import LEASE, LOOK_AFTER, RETRY, settle_after
from sync.waking import wake
from zadarma import Client, Refused, ZadarmaError

log = logging.getLogger(__name__)
State = Operation.State
# So many looks are kept as evidence: the first ones and the last.
KEPT_LOOKS = 20
# After so long without a look a person is asked, and a person's "no" must do: their money can't be held for ever.
NO_LOOK_FOR = timedelta(days=1)
# While nothing can be seen the tries grow rarer up to this.
LONGEST_WAIT = timedelta(minutes=30)


class CannotDecide(Exception):
    """A person's decision is not taken; `reason` is a word for why: settled, present, early, candidate."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def settle(operation_id: int) -> None:
    """Look at what the API shows of an operation in doubt. Undecided looks again later, then asks a person."""
    operation = Operation.objects.select_related("connection", "actor").get(pk=operation_id)
    now = timezone.now()
    if operation.state != State.UNKNOWN or (operation.look_at and operation.look_at > now):
        return
    kind = kind_of(operation)
    if kind.repeatable:
        _repeat(operation)
        return
    # Whoever pushes the next look away looks: two at once must not count as the two looks that absence needs.
    mine = Operation.objects.filter(pk=operation.pk, state=State.UNKNOWN, look_at=operation.look_at)
    if not mine.update(look_at=now + LEASE):
        return
    try:
        _look(kind, operation, budget.OPERATION)
    except CannotDecide:  # settled meanwhile
        pass
    except Refused:  # asking again won't change that: a person at last
        _look_later(operation)
    except (ZadarmaError, gateway.NotUsable) as error:
        log.warning("operation %s: no look possible: %s", operation.pk, error)
        if getattr(error, "http_status", None) == 200:  # it answers, but nothing that can be read
            _look_later(operation)
            return
        _look_once_it_is_back(operation)
    except Exception:  # a mistake of ours: the next look comes later, and a person at last
        _look_later(operation)
        raise


def look_now(operation: Operation) -> Verdict:
    """Look for a person who asks: it does not count towards the panel's own looks, after which it asks a person.

    Raises `ZadarmaError`, `gateway.NotUsable`, and `CannotDecide` when it is settled.
    """
    if operation.state not in Operation.IN_DOUBT:
        raise CannotDecide("settled")
    return _look(kind_of(operation), operation, budget.CLICK, counts=False)


def _look(kind: Kind, operation: Operation, lane: str, *, counts: bool = True) -> Verdict:
    """One look: kept as evidence, judged by the moment at which it began, acted upon.

    Raises `CannotDecide` ("settled") where another process settled it meanwhile.
    """
    began = timezone.now()
    with gateway.client(operation.connection, lane) as api:
        finding = kind.settle(api, operation)
        if kind.paid:
            _add_balance(api, finding)
        verdict = judge(operation, finding, began)
        if not _note(operation, finding):
            _tell_that_it_is_settled(operation)
        verdict = _act_upon(kind, operation, finding, verdict)
        if verdict is Verdict.DONE and kind.paid:
            note_balance_after(api, operation)
    if verdict is Verdict.UNDECIDED and operation.state == State.UNKNOWN:
        if finding.seen is Seen.CONFLICT and is_late(operation, began):
            move(operation, [State.UNKNOWN], State.NEEDS_PERSON, looks=operation.looks + 1, look_at=None)
        elif counts:
            _look_later(operation)
    return verdict


def _add_balance(api: Client, finding: Finding) -> None:
    """What the balance is beside it: evidence for a person's eyes, by which nothing is judged."""
    if "balance" in finding.facts:
        return
    try:
        balance = api.balance()
    except ZadarmaError as error:
        log.warning("no balance beside what was seen: %s", error)
    else:
        finding.facts.update(balance=str(balance.amount), currency=balance.currency)


def _act_upon(kind: Kind, operation: Operation, finding: Finding, verdict: Verdict) -> Verdict:
    """Settle it where the verdict says so. Returns what holds then: one effect explains one operation."""
    settled = True
    if verdict is Verdict.DONE:
        try:
            settled = settle_done(operation, finding.answer)
        except Conflict as contradiction:
            log.warning("operation %s: %s", operation.pk, contradiction)
            verdict = Verdict.UNDECIDED
    elif verdict is Verdict.NOT_DONE:
        settled = end(kind, operation, Operation.IN_DOUBT, State.NOT_DONE)
    if not settled:
        _tell_that_it_is_settled(operation)
    return verdict


def _tell_that_it_is_settled(operation: Operation) -> NoReturn:
    operation.refresh_from_db(fields=["state", "evidence", "error", "answer"])
    raise CannotDecide("settled")


def judge(operation: Operation, finding: Finding, now: datetime) -> Verdict:
    """What `finding`, seen at `now`, means beside the looks before it.

    An effect that is there is done. Absence needs two complete looks, the later one long after the last moment at
    which the call can have left: a call that timed out may still take effect. All else is undecided.
    """
    if finding.seen is Seen.PRESENT:
        return Verdict.DONE
    # Zadarma said yes, and the panel could not believe or read the rest of it: then nothing proves the contrary.
    was_answered = "answer" in operation.evidence or "accepted" in operation.evidence
    if finding.seen is Seen.ABSENT and finding.is_complete and is_late(operation, now) and not was_answered:
        earlier = operation.evidence.get("looks", [])
        if any(look["seen"] == Seen.ABSENT and look["is_complete"] for look in earlier):
            return Verdict.NOT_DONE
    return Verdict.UNDECIDED


def is_late(operation: Operation, now: datetime) -> bool:
    """Whether a look at `now` is late enough to conclude, from absence, that it was not done."""
    return now >= last_moment_sent(operation) + settle_after()


def _note(operation: Operation, finding: Finding) -> bool:
    """Keep what was seen. False when it was settled meanwhile."""
    look = {
        "at": timezone.now().isoformat(),
        "seen": str(finding.seen),
        "is_complete": finding.is_complete,
        "why": finding.why,
        "facts": finding.facts,
        "candidates": finding.candidates,
    }
    with transaction.atomic():  # a person's look and the panel's own, at once: both are kept
        rows = Operation.objects.select_for_update().filter(pk=operation.pk, state__in=Operation.IN_DOUBT)
        row = rows.first()
        if row is None:
            return False
        looks = [*row.evidence.get("looks", []), look]
        if len(looks) > KEPT_LOOKS:
            looks = looks[: KEPT_LOOKS // 2] + looks[-KEPT_LOOKS // 2 :]
        operation.evidence = {**row.evidence, "looks": looks}
        rows.update(evidence=operation.evidence)
    return True


def _look_later(operation: Operation) -> None:
    looks = operation.looks + 1
    if looks >= len(LOOK_AFTER):
        move(operation, [State.UNKNOWN], State.NEEDS_PERSON, looks=looks, look_at=None)
    else:
        rows = Operation.objects.filter(pk=operation.pk, state=State.UNKNOWN)
        rows.update(looks=looks, look_at=timezone.now() + LOOK_AFTER[looks])


def _look_once_it_is_back(operation: Operation) -> None:
    """No look was possible: try again, the rarer the longer that lasts; after a day a person must know."""
    now = timezone.now()
    if is_late(operation, now - NO_LOOK_FOR):
        move(operation, [State.UNKNOWN], State.NEEDS_PERSON, look_at=None)
        return
    wait = min(max(2 * RETRY, (now - last_moment_sent(operation)) / 4), LONGEST_WAIT)
    Operation.objects.filter(pk=operation.pk, state=State.UNKNOWN).update(look_at=now + wait)


def _repeat(operation: Operation) -> None:
    """An unpaid PUT may be sent again, at growing intervals, unless a later operation touches the same thing."""
    later = Operation.objects.filter(
        kind=operation.kind,
        connection=operation.connection_id,
        exclusive_key=operation.exclusive_key,
        pk__gt=operation.pk,
    )
    if later.exists():
        end(kind_of(operation), operation, [State.UNKNOWN], State.NOT_DONE, error=REPLACED)
    elif operation.looks >= len(LOOK_AFTER):
        move(operation, [State.UNKNOWN], State.NEEDS_PERSON, look_at=None)
    elif move(operation, [State.UNKNOWN], State.PLANNED, looks=operation.looks + 1, look_at=None):
        wake(PERFORM, operation.pk)


def decide(operation: Operation, *, done: bool, candidate: str, note: str, actor: User) -> Verdict:
    """Settle an operation in doubt as a person says, after one more look at the account.

    `candidate` names the effect where it was done (the `value` of one that this look offers). The evidence comes first:
    what the look shows as done is done, whatever was said. Raises `CannotDecide` (`settled`, `present`: it was done
    after all, `early`: it may still take effect, `candidate`: nothing such was seen), `ZadarmaError`,
    `gateway.NotUsable`.
    """
    began = timezone.now()
    try:
        verdict = look_now(operation)
    except (ZadarmaError, gateway.NotUsable):
        if done or not is_late(operation, began - NO_LOOK_FOR):
            raise
        verdict = Verdict.UNDECIDED
    decision = {
        "at": timezone.now().isoformat(),
        "verdict": "done" if done else "not_done",
        "note": note,
    }
    if verdict is not Verdict.UNDECIDED:  # the account told; what the person knew is kept beside it
        _keep_what_was_said(operation, {**decision, "by": actor.pk})
        if (verdict is Verdict.DONE) != done:
            raise CannotDecide("present" if verdict is Verdict.DONE else "candidate")
        return verdict
    evidence = {**operation.evidence, "decision": decision}
    if not done:
        if not is_late(operation, began):
            raise CannotDecide("early")
        told: dict[str, Any] = {"evidence": evidence, "decided_by": actor}
        if not end(kind_of(operation), operation, Operation.IN_DOUBT, State.NOT_DONE, **told):
            _tell_that_it_is_settled(operation)
        return Verdict.NOT_DONE
    offered = {entry["value"]: entry["answer"] for entry in operation.evidence["looks"][-1]["candidates"]}
    if candidate not in offered:
        raise CannotDecide("candidate")
    try:
        settled = settle_done(operation, offered[candidate], evidence=evidence, decided_by=actor)
    except Conflict:
        raise CannotDecide("candidate") from None
    if not settled:
        _tell_that_it_is_settled(operation)
    return Verdict.DONE


def _keep_what_was_said(operation: Operation, said: dict[str, Any]) -> None:
    """A person's words, where the last look settled it by itself."""
    with transaction.atomic():
        row = Operation.objects.select_for_update().get(pk=operation.pk)
        row.evidence = {**row.evidence, "said": said}
        row.save(update_fields=["evidence"])
