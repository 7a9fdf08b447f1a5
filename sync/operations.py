"""How a change reaches Zadarma: planned, then sent once (docs/architecture.md). What is in doubt: `sync.settling`."""

import logging
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.db import connection as database
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from people.models import DataKey, User
from sync import budget, gateway, holds, noting, words
from sync.holds import Cost
from sync.kinds import Conflict, Kind, NotYet, Stop, kind_named, kind_of
from sync.models import Connection, Operation
from sync.moves import doubt, end, move, postpone, settle_done
from sync.pace import FRESH, LEASE, PAUSE, RETRY, STALE, WAIT, settle_after
from sync.waking import wake
from zadarma import BadCredentials, Client, Refused, Unavailable, ZadarmaError

log = logging.getLogger(__name__)
State, Waits = Operation.State, Operation.Waits

PERFORM = "sync.perform_operation"
SETTLE = "sync.settle_operation"
USABLE = {"state": Connection.State.ACTIVE, "is_hidden": False}
REPLACED = "a later change replaced it"
ENDED = "the process that sent it ended"
CONTRADICTS = "the answer contradicts the panel"
# An answer that the database did not take at once is written again after these pauses, in seconds.
KEEP_TRYING = (0.5, 2.0, 5.0)


class AlreadyOpen(Exception):
    """An operation with the same exclusive key is open, or this form was sent before: the change is under way."""


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
    batch: uuid.UUID | None = None,
    replaces: bool = True,
    data_key: int | None = None,
    customer_id: int | None = None,
) -> Operation:
    """Write an intended change down and wake its task after commit.

    `concerns` is (object type, local id); `actor` None means the schedule; `batch` names the form it came from.
    `previous` is the attempt that was not done: while it is open, or when it took effect, there is no other.
    `replaces`: a value that is set takes the place of one of its exclusive key that was not sent yet.
    `data_key`: the key of the person whose data it carries, with whom it is erased. `customer_id` is for the audit,
    where `params` have no "customer".
    Raises `AlreadyOpen` and `holds.TooDear`. Call it in the transaction that writes the local row it concerns.
    """
    with transaction.atomic():
        if previous and not Operation.objects.filter(pk=previous.pk, state__in=Operation.WITHOUT_EFFECT).exists():
            raise AlreadyOpen("previous")
        if replaces and kind_named(kind).repeatable and exclusive_key:
            _replace_earlier(kind, connection, exclusive_key, params)
        if cost:
            holds.check(connection, cost)
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
                    batch=batch,
                    data_key_id=data_key,
                    exclusive_key=exclusive_key,
                    serial_key=serial_key,
                    hold_amount=cost.amount if cost else None,
                    hold_currency=cost.currency if cost else "",
                )
        except IntegrityError:
            raise AlreadyOpen(exclusive_key) from None
        noting.planned(operation, actor, customer_id)
        wake(PERFORM, operation.pk)
    return operation


def _replace_earlier(kind: str, connection: Connection, exclusive_key: str, params: dict[str, Any]) -> None:
    """Whoever sets a value anew decides about the one before: not sent yet, in doubt for long, or a person's to settle.

    Not about one that is on its way, or that may still take effect: it would come after the new one.
    """
    rows = Operation.objects.filter(kind=kind, connection=connection, exclusive_key=exclusive_key)
    for operation in rows.filter(state__in=[State.PLANNED, *Operation.IN_DOUBT]):
        if operation.state == State.PLANNED:
            if operation.looks == 0 and operation.params != params:
                end(kind_of(operation), operation, [State.PLANNED], State.CANCELLED, error=REPLACED)
        elif operation.state == State.NEEDS_PERSON or last_moment_sent(operation) + settle_after() < timezone.now():
            end(kind_of(operation), operation, [operation.state], State.NOT_DONE, error=REPLACED)


def cancel(operation: Operation, actor: User | None = None) -> bool:
    """Cancel a planned operation. False when it was sent (or ended) meanwhile."""
    return end(kind_of(operation), operation, [State.PLANNED], State.CANCELLED, actor=actor)


def perform(operation_id: int) -> None:
    """Send a planned operation, once. Survives being called twice, at once, and after a crash."""
    operation = Operation.objects.select_related("connection", "actor").get(pk=operation_id)
    now = timezone.now()
    if operation.state != State.PLANNED or (operation.not_before and operation.not_before > now):
        return
    kind = kind_of(operation)
    if not _is_kept(operation):
        end(kind, operation, [State.PLANNED], State.CANCELLED)
        return
    if kind.paid and operation.created_at < now - STALE:
        end(kind, operation, [State.PLANNED], State.REFUSED, error=_stale(operation))
        return
    try:
        with gateway.client(
            operation.connection, budget.OPERATION, may_change=lambda: operation.state == State.SENT
        ) as api:
            if _checked(api, kind, operation):
                # counted from before the claim: a process that stands still after it must not send any more
                api.end_changes_by(time.monotonic() + gateway.CHANGE_DEADLINE)
                if _claim(operation):
                    _send(api, kind, operation)
    except gateway.NotUsable:
        postpone(operation, PAUSE, Waits.ACCOUNT)
    except Exception:  # a mistake of ours: don't try it every half minute
        postpone(operation, PAUSE, Waits.MISTAKE)
        raise


def _stale(operation: Operation) -> str:
    with words.in_language_of(operation.actor):
        return gettext("It could not be sent to Zadarma for an hour, so it was given up: nothing was paid.")


def _checked(api: Client, kind: Kind, operation: Operation) -> bool:
    """Look before sending; True when it may be sent. An outage leaves it planned, a reason against it ends it."""
    try:
        if kind.paid:
            gateway.remember_balance(operation.connection, api)
            operation.balance_before = operation.connection.balance
            _check_balance(operation)
        operation.evidence = {"before": {"at": timezone.now().isoformat(), **kind.before(api, operation)}}
    except NotYet:
        postpone(operation, WAIT, Waits.OTHERS)
    except Stop as reason:
        _refuse(kind, operation, [State.PLANNED], str(reason))
    except Refused as error:
        _refuse(kind, operation, [State.PLANNED], error.message)
    except BadCredentials as error:
        gateway.pause(operation.connection, str(error))
        postpone_for_pair(operation)
    except ZadarmaError as error:
        log.warning("operation %s not sent: %s", operation.pk, error)
        postpone(operation, RETRY, Waits.OUTAGE)
    else:
        return True
    return False


def postpone_for_pair(operation: Operation) -> None:
    """A pair was not accepted: wait for a person, or only a moment where another has taken its place meanwhile."""
    if Connection.objects.filter(pk=operation.connection_id, state=Connection.State.ACTIVE).exists():
        postpone(operation, RETRY, Waits.OUTAGE)
    else:
        postpone(operation, PAUSE, Waits.ACCOUNT)


def go_on(connection: Connection) -> None:
    """In the transaction that switches an account on or gives it another pair: what waits for that is sent at once."""
    waiting = Operation.objects.filter(connection=connection, state=State.PLANNED, waits_for=Waits.ACCOUNT)
    pks = list(waiting.order_by("pk").values_list("pk", flat=True))
    waiting.filter(pk__in=pks).update(not_before=None)
    for pk in pks[:500]:
        wake(PERFORM, pk)


def _refuse(kind: Kind, operation: Operation, states: Iterable[str], reason: str) -> None:
    """It ends without effect, for a reason. Not so a value sent again: its first sending may have had effect."""
    if kind.repeatable and operation.looks:
        stopped = {**operation.evidence, "stopped": reason[:300]}
        move(operation, states, State.NEEDS_PERSON, error=reason[:300], evidence=stopped, look_at=None)
    else:
        end(kind, operation, states, State.REFUSED, error=reason[:300])


def _check_balance(operation: Operation) -> None:
    """Raise `Stop` where the balance just read does not pay this operation even if nothing else were under way."""
    balance, amount = operation.balance_before, operation.hold_amount
    currency = operation.hold_currency
    if amount is None or balance is None or operation.connection.balance_currency != currency or balance >= amount:
        return
    with words.in_language_of(operation.actor):
        raise Stop(
            gettext("The balance is %(balance)s; this costs %(amount)s. Nothing was paid.")
            % {"balance": words.money(balance, currency), "amount": words.money(amount, currency)}
        )


def _claim(operation: Operation) -> bool:
    """Make `operation` ours: planned → sent, by compare-and-set, committed before anything leaves."""
    now, because = timezone.now(), Waits.OTHERS
    try:
        with transaction.atomic():
            if not _is_kept(operation):
                return False
            if not holds.covers(operation):
                because = Waits.MONEY
            elif not Connection.objects.filter(pk=operation.connection_id, **USABLE).exists():
                because = Waits.ACCOUNT
            elif _is_stale_evidence(operation, now):
                because = Waits.OUTAGE
            elif _was_overtaken(operation):
                because = Waits.OTHERS
            elif kind_of(operation).may_go(operation):
                return move(
                    operation,
                    [State.PLANNED],
                    State.SENT,
                    sent_at=now,
                    lease_until=now + LEASE,
                    evidence=operation.evidence,
                    balance_before=operation.balance_before,
                    waits_for="",
                )
    except IntegrityError:  # another one of its serial key is out or in doubt
        pass
    postpone(operation, WAIT, because)
    return False


def _is_kept(operation: Operation) -> bool:
    """Whether what it carries can still be read: its person may have been erased since it was planned.

    Locked, so that a person is not erased between this and the claim.
    """
    if operation.data_key_id is None:
        return True
    with transaction.atomic():
        keys = DataKey.objects.select_for_update().filter(pk=operation.data_key_id)
        return keys.values_list("destroyed_at", flat=True).first() is None


def _is_stale_evidence(operation: Operation, now: datetime) -> bool:
    """Whether what was looked at before sending is too old: the process stood still since."""
    looked_at = parse_datetime(operation.evidence.get("before", {}).get("at", ""))
    return looked_at is not None and looked_at < now - FRESH


def _was_overtaken(operation: Operation) -> bool:
    """Whether another one of its serial key was sent or settled since it looked: what it saw may lack that effect."""
    looked_at = parse_datetime(operation.evidence.get("before", {}).get("at", ""))
    if not operation.serial_key or looked_at is None:
        return False
    others = Operation.objects.filter(connection=operation.connection_id, serial_key=operation.serial_key)
    since = Q(sent_at__gte=looked_at) | Q(settled_at__gte=looked_at, sent_at__isnull=False)
    return others.filter(since).exclude(pk=operation.pk).exists()


def _send(api: Client, kind: Kind, operation: Operation) -> None:
    if database.in_atomic_block:
        raise RuntimeError("a changing call must not be made inside a transaction")
    if operation.sent_at and timezone.now() > last_moment_sent(operation):  # asleep since: others may have judged
        _keep(lambda: _put_back(operation))
        return
    try:
        answer = kind.send(api, operation)
    except Refused as error:
        refusal = error.message
        # The API said no, however late: that is clear even where the lease has run out meanwhile.
        _keep(lambda: _refuse(kind, operation, Operation.OUT, refusal))
    except ZadarmaError as error:
        if isinstance(error, BadCredentials):
            gateway.pause(operation.connection, str(error))
        if error.acted is False:
            log.warning("operation %s did not leave: %s", operation.pk, error)
            _keep(lambda: _put_back(operation))
        else:
            log.warning("operation %s is in doubt: %s", operation.pk, error)
            reason = str(error)
            if isinstance(error, Unavailable) and error.accepted:  # a yes, of which the rest can't be read
                _keep(lambda: _note_late_word(operation, {"accepted": True}))
            _keep(lambda: doubt(operation, reason))
    else:
        _settle_answered(api, kind, operation, answer)


def _put_back(operation: Operation) -> None:
    if move(operation, [State.SENT], State.PLANNED, sent_at=None, lease_until=None):
        postpone(operation, RETRY, Waits.OUTAGE)


def _settle_answered(api: Client, kind: Kind, operation: Operation, answer: dict[str, Any]) -> None:
    try:
        if not _keep(lambda: settle_done(operation, answer)):
            log.error("operation %s: its answer came when it was settled already", operation.pk)
            _keep(lambda: _note_late_word(operation, {"answer": answer}))
            return
    except Conflict as contradiction:
        log.error("operation %s: %s", operation.pk, contradiction)
        kept = {**operation.evidence, "answer": answer}
        Operation.objects.filter(pk=operation.pk).update(evidence=kept)
        doubt(operation, f"{CONTRADICTS}: {contradiction}")
        return
    if kind.paid:
        note_balance_after(api, operation)


def _note_late_word(operation: Operation, word: dict[str, Any]) -> None:
    """Keep what Zadarma said as evidence, however late it came and whatever others made of the operation meanwhile.

    Where it was settled as without effect, a person must see the contradiction beside the row.
    """
    with transaction.atomic():
        row = Operation.objects.select_for_update().get(pk=operation.pk)
        row.evidence = operation.evidence = {**row.evidence, **word}
        if row.state in Operation.WITHOUT_EFFECT:
            row.error = f"{CONTRADICTS}: it came when this was settled as without effect"
        row.save(update_fields=["evidence", "error"])


def _keep(write: Callable[[], Any]) -> Any:
    """Write what came back. The database may be down for a moment: what Zadarma answered must not be lost for that."""
    for pause in KEEP_TRYING:
        try:
            return write()
        except OperationalError as error:
            log.warning("the answer could not be written, trying again: %s", type(error).__name__)
            time.sleep(pause)
            database.close_if_unusable_or_obsolete()
    return write()


def note_balance_after(api: Client, operation: Operation) -> None:
    """What is left after a paid call: kept with the connection too, so that the next order reckons with it."""
    try:
        gateway.remember_balance(operation.connection, api)
    except ZadarmaError as error:
        log.warning("operation %s: the balance after it is not known: %s", operation.pk, error)
    else:
        Operation.objects.filter(pk=operation.pk).update(balance_after=operation.connection.balance)


def sweep(now: datetime) -> None:
    """Wake what a crash left: planned ones not woken, sent ones past their lease, unclear ones whose look is due."""
    planned = Operation.objects.filter(state=State.PLANNED, created_at__lt=now - WAIT)
    due = Q(not_before=None) | Q(not_before__lte=now)
    for pk in planned.filter(due).order_by("pk").values_list("pk", flat=True)[:500]:
        wake(PERFORM, pk)
    in_doubt = Operation.objects.filter(state=State.UNKNOWN, look_at__lte=now)
    for pk in in_doubt.order_by("look_at", "pk").values_list("pk", flat=True)[:500]:
        wake(SETTLE, pk)
    for operation in Operation.objects.filter(state=State.SENT, lease_until__lt=now):
        try:
            doubt(operation, ENDED)
        except Exception:  # the others must not wait for this one
            log.exception("operation %s can't be swept", operation.pk)


def last_moment_sent(operation: Operation) -> datetime:
    """The last moment at which the request can have left: the end of the call's own deadline."""
    return (operation.sent_at or operation.created_at) + timedelta(seconds=gateway.CHANGE_DEADLINE)
