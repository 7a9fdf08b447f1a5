"""An account that exists only in Python, a paid kind of operation in it, and a clock that tests move.

What took effect stands in `Account.effects`, so that what the journal believes can be compared with what is true.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Self

import pytest
from django.db import OperationalError
from django.utils import timezone

from sync import gateway, kinds, operations, pace, settling, waking
from sync.kinds import Conflict, Finding, Kind, Seen
from sync.models import Connection, Operation
from zadarma import BadCredentials, Refused, Unavailable
from zadarma.types import Balance

NAME = "made_up"
PRICE = Decimal(2)
State = Operation.State
# Whatever became of the call, it certainly had no effect and may be made again.
HARMLESS = ("unreached", "rate", "credentials")
FATES = ("answered", "refused", *HARMLESS, "lost", "lost after the effect", "late effect", "mistake after the effect")
DEATHS = ("before", "claimed", "effect", "answer", "apply", "ended")
LISTINGS = ("clear", "outage", "refused", "unreadable")


class Killed(BaseException):
    """The process ended here."""


@dataclass
class Script:
    """What happens while one worker does its work.

    `dies` is where it is killed; `stalls` and `late` are seconds: it stands still between claim and call, and the
    effect comes after so long; `fails` is how often the database refuses what it writes at last; `twin` is another
    worker that read the operation as planned too and is faster; `overtaken` tells of a look that another one settles
    meanwhile.
    """

    fate: str = "answered"
    dies: str = ""
    stalls: int = 0
    late: int = 1
    overdue: int = 0
    fails: int = 0
    redelivered: bool = False
    overtaken: bool = False
    listing: str = "clear"
    twin: Script | None = None


@dataclass(frozen=True)
class Effect:
    """Something bought: its name, the lane (a direction) in which it was, and by which operation."""

    name: str
    lane: str
    operation: int


@dataclass
class Account:
    """What is true at the other end."""

    start: Decimal = Decimal(5)
    now: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)
    effects: list[Effect] = field(default_factory=list)
    pending: list[tuple[datetime, Effect]] = field(default_factory=list)
    left: Counter[int] = field(default_factory=Counter)
    messages: list[tuple[str, int]] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)

    @property
    def script(self) -> Script:
        """What happens to the worker that works now."""
        return self.scripts[-1] if self.scripts else Script()

    @contextmanager
    def acting(self, script: Script) -> Iterator[None]:
        """A worker with this script; a kill or a mistake ends it and nothing else."""
        self.scripts.append(replace(script))  # it is used up
        try:
            with suppress(Killed, OperationalError, LookupError):
                yield
        finally:
            self.scripts.pop()

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and late effects come."""
        self.now += timedelta(seconds=seconds)
        for due in [one for one in self.pending if one[0] <= self.now]:
            self.pending.remove(due)
            self.effects.append(due[1])

    def balance(self) -> Decimal:
        """What is left."""
        return self.start - PRICE * len(self.effects)

    def of(self, *operations: int) -> list[Effect]:
        """What operations have caused or will cause."""
        return [one for one in [*self.effects, *(later for _at, later in self.pending)] if one.operation in operations]

    def die_if(self, where: str) -> None:
        """The process is killed, or its database fails, where the script says so."""
        if self.script.dies == where:
            self.script.dies = ""
            raise Killed(where)

    def fail_to_write(self) -> None:
        """The database refuses what is written, as often as the script says."""
        if self.script.fails:
            self.script.fails -= 1
            raise OperationalError("the database is away")


class Api:
    """Stands where the client stands."""

    def __init__(self, account: Account) -> None:
        self.account, self.ends = account, 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def end_changes_by(self, ends: float) -> None:
        """As the client: no call begins after that."""
        self.ends = ends

    def balance(self) -> Balance:
        """What is left."""
        return Balance(amount=self.account.balance(), currency="EUR")


def the_kind(account: Account) -> Kind:
    """A paid kind: `params` are lane and target; an empty target lets the other end choose, as with orders."""

    def before(api: Any, operation: Operation) -> dict[str, Any]:
        if account.script.listing == "outage":
            raise Unavailable("no listing", may_have_reached=False)
        seen = [one.name for one in account.effects]
        twin, account.script.twin = account.script.twin, None
        if twin:
            with account.acting(twin):
                operations.perform(operation.pk)
        account.die_if("before")
        return {"names": seen}

    def may_go(operation: Operation) -> bool:
        if not operation.params["target"]:
            return True  # the serial key sees to that
        return not any(
            other.params["lane"] == operation.params["lane"] and not other.params["target"]
            for other in Operation.objects.filter(state__in=Operation.OUT).exclude(pk=operation.pk)
        )

    def send(api: Any, operation: Operation) -> dict[str, Any]:
        script = account.script
        account.die_if("claimed")
        _stand_still(account, script.stalls, operation)
        if account.now.timestamp() >= api.ends or script.fate == "unreached":
            raise Unavailable("not begun", may_have_reached=False)
        if script.fate == "rate":
            raise Unavailable("too many", rate_limited=True)
        if script.fate == "credentials":
            raise BadCredentials("who?")
        account.left[operation.pk] += 1
        name = operation.params["target"] or f"chosen-for-{operation.pk}-{account.left[operation.pk]}"
        effect = Effect(name, operation.params["lane"], operation.pk)
        if script.fate == "late effect":
            account.pending.append((account.now + timedelta(seconds=script.late), effect))
        elif script.fate not in ("refused", "lost"):
            account.effects.append(effect)
        _meanwhile(account, script, operation)
        account.die_if("effect")
        if script.fate == "refused":
            raise Refused("no", http_status=400)
        if script.fate == "mistake after the effect":
            raise LookupError("a mistake of ours")
        if script.fate != "answered":
            raise Unavailable("no answer")
        return {"name": name}

    def answered(answer: dict[str, Any]) -> None:
        account.die_if("answer")
        account.fail_to_write()

    def explained(operation: Operation) -> set[str]:
        others = Operation.objects.filter(state=State.DONE).exclude(pk=operation.pk)
        return {other.answer["name"] for other in others}

    def apply(operation: Operation) -> None:
        account.die_if("apply")
        if operation.answer["name"] in explained(operation):
            raise Conflict("explains another")

    def ended(operation: Operation) -> None:
        account.die_if("ended")
        account.fail_to_write()

    def settle(api: Any, operation: Operation) -> Finding:
        if account.script.listing == "outage":
            raise Unavailable("no listing")
        if account.script.listing == "refused":
            raise Refused("not now")
        whole = account.script.listing == "clear"
        listed = [one for one in account.effects if whole or one.operation != operation.pk]
        known = {*operation.evidence["before"]["names"], *explained(operation)}
        out = Operation.objects.filter(state__in=Operation.OUT).exclude(pk=operation.pk)
        known |= {other.params["target"] for other in out}
        if target := operation.params["target"]:
            fits = [one.name for one in listed if one.name == target]
        else:
            in_lane = [one.name for one in listed if one.lane == operation.params["lane"]]
            fits = [name for name in in_lane if name not in known]
        candidates = [{"value": name, "answer": {"name": name}} for name in fits]
        if account.script.overtaken:
            with account.acting(Script()):
                settling.look_now(Operation.objects.get(pk=operation.pk))
        if len(fits) == 1:
            return Finding(Seen.PRESENT, {}, {"name": fits[0]}, candidates=candidates)
        seen = Seen.CONFLICT if fits else Seen.ABSENT
        return Finding(seen, {}, is_complete=whole, candidates=candidates)

    return Kind(NAME, send, before, may_go, apply, ended, settle=settle, answered=answered, paid=True)


def _meanwhile(account: Account, script: Script, operation: Operation) -> None:
    """What others do while the answer is awaited: the message comes again; the lease runs out and it is looked for."""
    if script.redelivered:
        operations.perform(operation.pk)
    _stand_still(account, script.overdue, operation)


def _stand_still(account: Account, seconds: int, operation: Operation) -> None:
    """The process stands still; where that is long, others sweep and look meanwhile."""
    account.pass_time(seconds)
    if seconds > pace.LEASE.total_seconds():
        for wait in (0, 60, 60):
            account.pass_time(wait)
            with account.acting(Script()):
                operations.sweep(timezone.now())
                settling.settle(operation.pk)


class Worlds:
    """The account that the patched journal talks to: a new one for each example."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> tuple[Account, Connection]:
        """Forget the last account and what was planned in it."""
        Operation.objects.update(previous=None)
        Operation.objects.all().delete()
        Connection.objects.all().delete()
        self.account = Account()
        kinds._kinds[NAME] = the_kind(self.account)
        connection = Connection.objects.create(
            name="Made up", api_url="http://127.0.0.1:9", api_key="k", api_secret="s"
        )
        return self.account, connection

    def client(self, connection: Connection, *_: object, **__: object) -> Api:
        """As `gateway.client`."""
        connection.refresh_from_db(fields=["state"])
        if not connection.usable:
            raise gateway.NotUsable(connection.name)
        return Api(self.account)


@pytest.fixture
def worlds(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Worlds:
    """The journal, cut off from network, broker and clock."""
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    made_up = Worlds()
    clock = SimpleNamespace(
        monotonic=lambda: made_up.account.now.timestamp(), sleep=lambda seconds: made_up.account.pass_time(seconds)
    )
    monkeypatch.setattr(operations, "time", clock)
    monkeypatch.setattr(timezone, "now", lambda: made_up.account.now)
    monkeypatch.setattr(gateway, "client", made_up.client)
    # a task about no row (owners are told of a pause) is none of the journal's
    monkeypatch.setattr(
        waking, "_send", lambda task, ids: made_up.account.messages.extend((task, pk) for pk in ids[:1])
    )
    return made_up


# An effect later than this is beyond what the journal promises to find.
LONGEST_LATE = int(pace.settle_after().total_seconds()) - 1
