"""Asks Zadarma which directions a document group suits: in the background for all, at once for one or a page."""

import math
import time
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import uuid4

from django.db.models import Q, QuerySet
from django.utils import timezone

from direct_numbers import suitability
from direct_numbers.models import Asking, Direction
from documents import queries as document_queries
from documents import validity
from documents.models import DocumentGroup, GroupValidity
from sync import budget, gateway
from sync.gateway import NotUsable
from sync.waking import wake
from zadarma import BadCredentials, Unavailable, ZadarmaError

TASK = "numbers.ask_validity"
# Nobody else asks for a group while this lasts; it is renewed at each question, whose own deadline is far below it.
LEASE = timedelta(minutes=2)
QUESTION_SECONDS = 40.0
# So many questions without an answer, one after the other, are an outage; one alone may be that direction's trouble.
MOST_FAILURES = 2
# A person does not wait longer than this for the groups of a page.
CLICK_SECONDS = 15.0
DEFAULT_WAIT = 30.0


class _TakenOver(Exception):
    """Another task holds the lease now."""


def minutes_for(questions: int) -> int:
    """About how many minutes so many questions take in the background."""
    return math.ceil(questions / budget.limit(budget.SYNC))


def start(group: DocumentGroup, now: datetime | None = None) -> int:
    """Have everything asked that is not known of a group. Returns how many questions that is; 0: nothing is asked.

    Asked for twice it is done once. Raises `NotUsable` for an account that is paused.
    """
    now = now or timezone.now()
    if not group.connection.usable:
        raise NotUsable(group.connection.name)
    count = len(suitability.questions(group, now)) if suitability.is_usable(group) else 0
    if not count:
        return 0
    fresh = {
        "state": Asking.State.OPEN,
        "problem": Asking.Problem.NONE,
        "questions": count,
        "refused": [],
        "began_at": now,
        "ended_at": None,
        "not_before": None,
        "lease_until": None,
        "holder": "",
    }
    _row, is_new = Asking.objects.get_or_create(group=group, defaults=fresh)
    if not is_new:
        Asking.objects.filter(group=group).exclude(state=Asking.State.OPEN).update(**fresh)
    wake(TASK, group.pk)
    return count


def go_on(group_id: int) -> None:
    """Ask what is still to be asked for a group, unless another task is at it, or its time has not come.

    Each answer is kept as it comes. Without calls left it goes on by itself later; in an outage it stops and says so.
    """
    now, holder = timezone.now(), uuid4().hex
    if not _due(now).filter(group_id=group_id).update(lease_until=now + LEASE, holder=holder):
        return
    mine = Asking.objects.filter(group_id=group_id, state=Asking.State.OPEN, holder=holder)
    group = DocumentGroup.objects.select_related("connection").get(pk=group_id)
    try:
        problem = _ask_all(group, mine)
    except _TakenOver:
        return
    except NotUsable:
        problem = Asking.Problem.PAUSED
    except BadCredentials as error:
        gateway.pause(group.connection, str(error))
        problem = Asking.Problem.CREDENTIALS
    except Unavailable as error:
        if error.rate_limited:
            _wait(mine, group_id, error.retry_after or DEFAULT_WAIT)
            return
        problem = Asking.Problem.OUTAGE
    except Exception:
        _end(mine, Asking.Problem.MISTAKE)
        raise
    _end(mine, problem)


def sweep(now: datetime) -> None:
    """Wake what a crash, or a broker that was down, left open."""
    for group_id in _due(now).values_list("group_id", flat=True):
        wake(TASK, group_id)


def ask_now(
    groups: Collection[DocumentGroup], direction: Direction, *, seconds: float = CLICK_SECONDS
) -> dict[int, GroupValidity]:
    """Ask for these groups and this direction while a person waits, at most so long. Returns what was answered.

    Raises `ZadarmaError`, `NotUsable`; what was answered before is kept.
    """
    until = time.monotonic() + seconds
    by_connection: dict[int, list[DocumentGroup]] = {}
    for group in groups:
        if suitability.is_usable(group):
            by_connection.setdefault(group.connection_id, []).append(group)
    told: dict[int, GroupValidity] = {}
    for some in by_connection.values():
        told |= validity.check(some, direction.remote_id, requirement=direction.requirement, again=True, until=until)
    return told


def without_answer(groups: Collection[DocumentGroup], direction: Direction, now: datetime) -> list[DocumentGroup]:
    """Those of `groups` that have no answer of their own for this direction which can be relied on."""
    answers = document_queries.answers_among(groups, [direction.remote_id])
    return [
        group
        for group in groups
        if (answer := answers[group.pk].get(direction.remote_id)) is None
        or suitability.is_outdated(answer, group, direction.requirement, now)
    ]


def explain(problem: str, *, to_staff: bool = True) -> str:
    """Why the asking stopped or waits, and what to do, in the reader's language; "" where nothing is wrong."""
    errors: dict[str, ZadarmaError | NotUsable] = {
        Asking.Problem.PAUSED: NotUsable(""),
        Asking.Problem.CREDENTIALS: BadCredentials(),
        Asking.Problem.OUTAGE: Unavailable(),
        Asking.Problem.BUDGET: Unavailable(rate_limited=True),
    }
    if problem == Asking.Problem.MISTAKE:
        return str(Asking.Problem.MISTAKE.label)
    return gateway.explain(errors[problem], to_staff=to_staff) if problem in errors else ""


def _due(now: datetime) -> QuerySet[Asking]:
    """What is open, held by nobody, and whose time has come."""
    is_free = Q(lease_until=None) | Q(lease_until__lt=now)
    is_time = Q(not_before=None) | Q(not_before__lte=now)
    return Asking.objects.filter(is_free, is_time, state=Asking.State.OPEN)


def _ask_all(group: DocumentGroup, mine: QuerySet[Asking]) -> Asking.Problem:
    """Ask one direction of each class. Returns what hindered it at some of them."""
    refused = list(mine.values_list("refused", flat=True).get())
    failures, problem = 0, Asking.Problem.NONE
    if not suitability.is_usable(group):
        return problem
    with gateway.client(group.connection, budget.SYNC, QUESTION_SECONDS, patience=0.0) as api:
        for direction in suitability.questions(group, timezone.now()):
            if direction.remote_id in refused:
                continue
            if not mine.update(lease_until=timezone.now() + LEASE, problem=Asking.Problem.NONE):
                raise _TakenOver
            try:
                answer = validity.ask(api, group, direction.remote_id, direction.requirement)
            except Unavailable as error:
                failures += 1
                if error.rate_limited or failures >= MOST_FAILURES:
                    raise
                problem = Asking.Problem.OUTAGE
                continue
            failures = 0
            if answer is None:
                refused.append(direction.remote_id)
                mine.update(refused=refused)
    return problem


def _wait(mine: QuerySet[Asking], group_id: int, seconds: float) -> None:
    """Let go of the lease, and go on once there are calls again."""
    not_before = timezone.now() + timedelta(seconds=seconds)
    if mine.update(not_before=not_before, lease_until=None, problem=Asking.Problem.BUDGET):
        wake(TASK, group_id, after=seconds + 0.5)


def _end(mine: QuerySet[Asking], problem: Asking.Problem) -> None:
    state = Asking.State.STOPPED if problem else Asking.State.DONE
    mine.update(state=state, problem=problem, ended_at=timezone.now(), lease_until=None)
