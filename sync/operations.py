"""How a change reaches Zadarma: planned, sent once, settled by what the API then shows (docs/architecture.md)."""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext, override

from people.models import User
from sync import budget, gateway
from sync.kinds import Kind, NotYet, Stop, Verdict, kind_named, kind_of
from sync.models import Connection, Operation
from sync.waking import wake
from zadarma import BadCredentials, Client, Refused, ZadarmaError

log = logging.getLogger(__name__)
State = Operation.State

PERFORM = "sync.perform_operation"
SETTLE = "sync.settle_operation"
# A sent operation whose process ended is taken for unclear after this; the call's own deadline is below half of it.
LEASE = timedelta(seconds=120)
# A paid operation that could not be sent for so long is not sent any more: people have moved on.
STALE = timedelta(hours=1)
REPLACED = "a later change replaced it"
LOOK_AFTER = [timedelta(seconds=s) for s in (15, 60, 180, 600, 900, 1800, 3600, 7200)]


class AlreadyOpen(Exception):
    """An operation with the same exclusive key is open: the change is already under way."""


class TooDear(Exception):
    """The balance does not cover the amount beside what open operations hold."""

    def __init__(self, balance: Decimal, held: Decimal, currency: str) -> None:
        super().__init__("the balance does not cover it")
        self.balance, self.held, self.currency = balance, held, currency


@dataclass(frozen=True)
class Cost:
    """What a paid operation may cost at most."""

    amount: Decimal
    currency: str


def held(connection: Connection, currency: str, states: tuple[str, ...] = Operation.OPEN) -> Decimal:
    """The sum that paid operations of `connection` in `states` may still cost, in `currency`.

    With those done since the balance was read, which it may not show yet.
    """
    counts = Q(state__in=states)
    if connection.balance_at:
        counts |= Q(state=State.DONE, settled_at__gte=connection.balance_at)
    rows = Operation.objects.filter(counts, connection=connection, hold_currency=currency)
    return rows.aggregate(total=Sum("hold_amount"))["total"] or Decimal(0)


def _locked(connection_id: int) -> Connection:
    # Not its key: whoever settles adds a number to the connection, and must not wait for one who waits for a key's
    # other operation to be settled.
    return Connection.objects.select_for_update(no_key=True).get(pk=connection_id)


def plan(
    kind: str,
    connection: Connection,
    concerns: tuple[str, int],
    params: dict[str, Any],
    actor: User | None,
    *,
    cost: Cost | None = None,
    exclusive_key: str = "",
    serial_key: str = "",
    previous: Operation | None = None,
) -> Operation:
    """Write an intended change down and wake its task after commit.

    `concerns` is (object type, local id); `actor` None means the schedule. Raises `AlreadyOpen` and `TooDear`.
    Call it in the transaction that writes the local row it concerns.
    """
    with transaction.atomic():
        if kind_named(kind).repeatable:
            _replace_stuck(kind, connection, exclusive_key)
        if cost:
            locked = _locked(connection.pk)
            taken = held(connection, cost.currency)
            known = locked.balance if locked.balance_currency == cost.currency else None
            if known is not None and known < taken + cost.amount:
                raise TooDear(known, taken, cost.currency)
        try:
            with transaction.atomic():
                operation = Operation.objects.create(
                    kind=kind,
                    connection=connection,
                    object_type=concerns[0],
                    object_id=concerns[1],
                    params=params,
                    actor=actor,
                    previous=previous,
                    exclusive_key=exclusive_key,
                    serial_key=serial_key,
                    hold_amount=cost.amount if cost else None,
                    hold_currency=cost.currency if cost else "",
                )
        except IntegrityError:
            raise AlreadyOpen(exclusive_key) from None
        wake(PERFORM, operation.pk)
    return operation


def _replace_stuck(kind: str, connection: Connection, exclusive_key: str) -> None:
    """Whoever sets a value anew decides about the one before that waits for a person."""
    stuck = Operation.objects.filter(kind=kind, connection=connection, state=State.NEEDS_PERSON)
    for operation in stuck.filter(exclusive_key=exclusive_key).exclude(exclusive_key=""):
        _end(kind_of(operation), operation, [State.NEEDS_PERSON], State.NOT_DONE, error=REPLACED)


def cancel(operation: Operation) -> bool:
    """Cancel a planned operation. False when it was sent (or ended) meanwhile."""
    with transaction.atomic():
        if not _move(operation, [State.PLANNED], State.CANCELLED, settled_at=timezone.now()):
            return False
        kind_of(operation).ended(operation)
    return True


def perform(operation_id: int) -> None:
    """Send a planned operation, once. Survives being called twice, at once, and after a crash."""
    operation = Operation.objects.select_related("connection", "actor").get(pk=operation_id)
    now = timezone.now()
    if operation.state != State.PLANNED or (operation.not_before and operation.not_before > now):
        return
    kind = kind_of(operation)
    if kind.paid and operation.created_at < now - STALE:
        _end(kind, operation, [State.PLANNED], State.REFUSED, error=_stale(operation))
        return
    try:
        with gateway.client(operation.connection, budget.OPERATION) as api:
            if _checked(api, kind, operation):
                # counted from before the claim: a process that stands still after it must not send any more
                api.end_changes_by(time.monotonic() + gateway.CHANGE_DEADLINE)
                if _claim(operation):
                    _send(api, kind, operation)
    except gateway.NotUsable:
        _postpone(operation, timedelta(minutes=5))
    except Exception:  # a mistake of ours: don't try it every half minute
        _postpone(operation, timedelta(minutes=5))
        raise


def _stale(operation: Operation) -> str:
    with override((operation.actor.language if operation.actor else "") or "en"):
        return gettext("It could not be sent to Zadarma for an hour, so it was given up: nothing was paid.")


def _checked(api: Client, kind: Kind, operation: Operation) -> bool:
    """Look before sending; True when it may be sent. An outage leaves it planned, a reason against it ends it."""
    try:
        kind.before(api, operation)
        if kind.paid:
            gateway.remember_balance(operation.connection, api)
            operation.balance_before = operation.connection.balance
    except NotYet:
        _postpone(operation, timedelta(seconds=20))
    except Stop as reason:
        _end(kind, operation, [State.PLANNED], State.REFUSED, error=str(reason)[:300])
    except Refused as error:
        _end(kind, operation, [State.PLANNED], State.REFUSED, error=error.message[:300])
    except BadCredentials as error:
        gateway.pause(operation.connection, str(error))
        _postpone(operation, timedelta(minutes=5))
    except ZadarmaError as error:
        log.warning("operation %s not sent: %s", operation.pk, error)
        _postpone(operation, timedelta(seconds=30))
    else:
        return True
    return False


def _claim(operation: Operation) -> bool:
    """Make `operation` ours: planned → sent, by compare-and-set, committed before anything leaves."""
    now = timezone.now()
    try:
        with transaction.atomic():
            if operation.hold_amount is None or _is_covered(operation, operation.hold_amount):
                return _move(
                    operation,
                    [State.PLANNED],
                    State.SENT,
                    sent_at=now,
                    lease_until=now + LEASE,
                    evidence=operation.evidence,
                    balance_before=operation.balance_before,
                )
    except IntegrityError:  # another one of its serial key is out or in doubt
        pass
    _postpone(operation, timedelta(seconds=20))
    return False


def _is_covered(operation: Operation, amount: Decimal) -> bool:
    """Whether the balance pays `operation` beside what is out and in doubt. Locks the connection."""
    connection = _locked(operation.connection_id)
    if connection.balance is None or connection.balance_currency != operation.hold_currency:
        return True
    return connection.balance >= held(connection, operation.hold_currency, Operation.OUT) + amount


def _send(api: Client, kind: Kind, operation: Operation) -> None:
    if transaction.get_connection().in_atomic_block:
        raise RuntimeError("a changing call must not be made inside a transaction")
    try:
        answer = kind.send(api, operation)
    except Refused as error:
        _end(kind, operation, [State.SENT], State.REFUSED, error=error.message[:300])
    except ZadarmaError as error:
        if isinstance(error, BadCredentials):
            gateway.pause(operation.connection, str(error))
        if error.acted is False:
            log.warning("operation %s did not leave: %s", operation.pk, error)
            _move(operation, [State.SENT], State.PLANNED, sent_at=None, lease_until=None)
            _postpone(operation, timedelta(seconds=30))
        else:
            log.warning("operation %s is in doubt: %s", operation.pk, error)
            doubt(operation, str(error))
    else:
        if not settle_done(operation, answer):
            log.error("operation %s: its answer came when it was settled already", operation.pk)
        elif kind.paid:
            _note_balance_after(api, operation)


def _note_balance_after(api: Client, operation: Operation) -> None:
    """What is left after a paid call: kept with the connection too, so that the next order reckons with it."""
    try:
        gateway.remember_balance(operation.connection, api)
    except ZadarmaError as error:
        log.warning("operation %s: the balance after it is not known: %s", operation.pk, error)
    else:
        Operation.objects.filter(pk=operation.pk).update(balance_after=operation.connection.balance)


def settle_done(operation: Operation, answer: dict[str, Any]) -> bool:
    """Record that it took effect and write the local rows. False when it was settled already."""
    with transaction.atomic():
        if not _move(operation, Operation.OUT, State.DONE, answer=answer, error="", settled_at=timezone.now()):
            return False
        kind_of(operation).apply(operation)
    return True


def doubt(operation: Operation, error: str) -> None:
    """The outcome is unclear: look for evidence soon. It is never sent again by itself."""
    look_at = timezone.now() + LOOK_AFTER[min(operation.looks, len(LOOK_AFTER) - 1)]
    with transaction.atomic():
        if _move(operation, [State.SENT], State.UNKNOWN, error=error[:300], look_at=look_at):
            kind_of(operation).doubted(operation)


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
    try:
        _look(kind, operation, now)
    except Exception:  # a mistake of ours: the next look comes later, and a person at last
        _look_later(operation, now)
        raise


def _look(kind: Kind, operation: Operation, now: datetime) -> None:
    try:
        with gateway.client(operation.connection, budget.OPERATION) as api:
            verdict, answer = kind.settle(api, operation)
    except (ZadarmaError, gateway.NotUsable) as error:
        log.warning("operation %s: no look possible: %s", operation.pk, error)
        Operation.objects.filter(pk=operation.pk).update(look_at=now + timedelta(seconds=60))
        return
    Operation.objects.filter(pk=operation.pk).update(evidence=operation.evidence)
    if verdict is Verdict.DONE:
        settle_done(operation, answer)
    elif verdict is Verdict.NOT_DONE:
        _end(kind, operation, [State.UNKNOWN], State.NOT_DONE)
    else:
        _look_later(operation, now)


def _look_later(operation: Operation, now: datetime) -> None:
    looks = operation.looks + 1
    if looks >= len(LOOK_AFTER):
        _move(operation, [State.UNKNOWN], State.NEEDS_PERSON, looks=looks, look_at=None)
    else:
        Operation.objects.filter(pk=operation.pk, state=State.UNKNOWN).update(
            looks=looks, look_at=now + LOOK_AFTER[looks]
        )


def _repeat(operation: Operation) -> None:
    """An unpaid PUT may be sent again, at growing intervals, unless a later operation touches the same thing."""
    later = Operation.objects.filter(
        kind=operation.kind, object_type=operation.object_type, object_id=operation.object_id, pk__gt=operation.pk
    )
    if later.exists():
        _end(kind_of(operation), operation, [State.UNKNOWN], State.NOT_DONE, error=REPLACED)
    elif operation.looks >= len(LOOK_AFTER):
        _move(operation, [State.UNKNOWN], State.NEEDS_PERSON, look_at=None)
    elif _move(operation, [State.UNKNOWN], State.PLANNED, looks=operation.looks + 1, look_at=None):
        wake(PERFORM, operation.pk)


def last_moment_sent(operation: Operation) -> datetime:
    """The last moment at which the request can have left: the end of the call's own deadline."""
    return (operation.sent_at or operation.created_at) + timedelta(seconds=gateway.CHANGE_DEADLINE)


def may_be_judged_absent(operation: Operation, now: datetime) -> bool:
    """Whether a look at `now` is late enough to conclude, from absence, that it was not done."""
    return now >= last_moment_sent(operation) + timedelta(seconds=settings.SETTLE_AFTER_SECONDS)


def sweep(now: datetime) -> None:
    """Wake what a crash left: planned ones not woken, sent ones past their lease, unclear ones whose look is due."""
    planned = Operation.objects.filter(state=State.PLANNED, created_at__lt=now - timedelta(seconds=20))
    due = Q(not_before=None) | Q(not_before__lte=now)
    for pk in planned.filter(due).order_by("pk").values_list("pk", flat=True)[:500]:
        wake(PERFORM, pk)
    for pk in Operation.objects.filter(state=State.UNKNOWN, look_at__lte=now).values_list("pk", flat=True)[:500]:
        wake(SETTLE, pk)
    for operation in Operation.objects.filter(state=State.SENT, lease_until__lt=now):
        try:
            doubt(operation, "the process that sent it ended")
        except Exception:  # the others must not wait for this one
            log.exception("operation %s can't be swept", operation.pk)


def _move(operation: Operation, states: Any, to: str, **fields: Any) -> bool:
    """Compare-and-set on the state. True when this call made the move; `operation` then shows it."""
    with transaction.atomic():
        moved = Operation.objects.filter(pk=operation.pk, state__in=list(states)).update(state=to, **fields)
    if moved:
        operation.state = to
        for name, value in fields.items():
            setattr(operation, name, value)
    return bool(moved)


def _end(kind: Kind, operation: Operation, states: list[str], to: str, **fields: Any) -> None:
    with transaction.atomic():
        if _move(operation, states, to, settled_at=timezone.now(), **fields):
            kind.ended(operation)


def _postpone(operation: Operation, wait: timedelta) -> None:
    Operation.objects.filter(pk=operation.pk, state=State.PLANNED).update(not_before=timezone.now() + wait)
