"""Accounts managed in the panel: a key pair is tested, then kept; changed, made the default, paused.

No function here takes an address: calls go to the one of the settings. No exception, log line or note of the audit
holds anything of a key pair.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from people import audit
from people.keys import Unreadable
from people.models import User
from sync import gateway, operations
from sync.key_digest import digest_of, pair_mark
from sync.models import Connection
from sync.waking import wake
from zadarma.types import Balance


class SameKey(Exception):
    """Another account has this key."""


class OtherAccount(Exception):
    """The pair works, but seems to be another account's than the one whose pair is to be changed."""


@dataclass(frozen=True)
class Tested:
    """A key pair that Zadarma accepted a moment ago, and what the account said of itself."""

    api_url: str
    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    zone: str
    balance: Balance
    at: datetime


def api_url() -> str:
    """Where new accounts are called: the API of the settings, or the simulated one while the panel runs on that."""
    on_simulator = bool(settings.SIMULATOR_URL) and not settings.ZADARMA_API_KEY
    return str(settings.SIMULATOR_URL if on_simulator else settings.ZADARMA_API_URL)


def holder_of(api_key: str, *, apart_from: Connection | None = None) -> Connection | None:
    """The account that has this key, hidden and simulated ones too."""
    rows = Connection.objects.exclude(pk=apart_from.pk) if apart_from else Connection.objects.all()
    return next((row for row in _readable(rows) if row.api_key == api_key), None)


def _readable(rows: QuerySet[Connection]) -> list[Connection]:
    """The accounts whose key pair can be read: one that was sealed with a lost key must not hold up the others."""
    try:
        return list(rows)
    except Unreadable:
        found = []
        for pk in list(rows.values_list("pk", flat=True)):
            with suppress(Unreadable):
                found += list(rows.filter(pk=pk))
        return found


def examine(api_key: str, api_secret: str, url: str = "") -> Tested:
    """Ask for balance and time zone with this pair. GET /v1/info/balance/, GET /v1/info/timezone/.

    Raises `ZadarmaError`: `BadCredentials` where the pair is not accepted.
    """
    url, now = url or api_url(), timezone.now()
    with gateway.client_for_pair(url, api_key, api_secret) as api:
        balance = api.balance()
        return Tested(url, api_key, api_secret, api.timezone().zone, balance, now)


def add(name: str, api_key: str, api_secret: str, actor: User | None) -> Connection:
    """Test a pair, then keep it as an account. Raises `SameKey`, `ZadarmaError`; nothing is kept then."""
    if holder_of(api_key):
        raise SameKey
    return keep(name, examine(api_key, api_secret), actor)


def keep(name: str, tested: Tested, actor: User | None) -> Connection:
    """A tested pair becomes an account, the default one where there is none. Raises `SameKey`."""
    if holder_of(tested.api_key):
        raise SameKey
    try:
        with transaction.atomic():
            made = Connection.objects.create(
                name=name,
                api_url=tested.api_url,
                api_key=tested.api_key,
                api_secret=tested.api_secret,
                key_digest=digest_of(tested.api_key),
                zone=tested.zone,
                zone_at=tested.at,
                balance=tested.balance.amount,
                balance_currency=tested.balance.currency,
                balance_at=tested.at,
                is_default=not Connection.objects.filter(is_default=True).exists(),
            )
            audit.record("connection.added", actor, about=("connection", made.pk))
            wake("sync.start_due_runs", made.pk)
    except IntegrityError:  # somebody else was faster
        raise SameKey from None
    return made


def change_pair(
    connection: Connection, api_key: str, api_secret: str, actor: User | None, *, is_same_account: bool = False
) -> None:
    """Test a pair, then let it take the place of the account's own in one step; a paused account is switched on.

    What is under way goes on: each call is made with the pair it began with or with the new one. Raises `SameKey`,
    `ZadarmaError`, and `OtherAccount` unless a person said that it is the same account; nothing is changed then.
    """
    if holder_of(api_key, apart_from=connection):
        raise SameKey
    tested = examine(api_key, api_secret, connection.api_url)
    if not is_same_account and _seems_another(connection, tested):
        raise OtherAccount
    try:
        with transaction.atomic():
            row = Connection.objects.select_for_update().get(pk=connection.pk)
            was_paused = row.state == Connection.State.PAUSED
            marks = [*row.retired_pairs.get("marks", []), pair_mark(row.api_key, row.api_secret)]
            mine = pair_mark(api_key, api_secret)
            Connection.objects.filter(pk=row.pk).update(
                api_key=api_key,
                api_secret=api_secret,
                key_digest=digest_of(api_key),
                pair_number=row.pair_number + 1,
                retired_pairs={"marks": [mark for mark in dict.fromkeys(marks) if mark != mine][-20:]},
                zone=tested.zone,
                zone_at=tested.at,
                balance=tested.balance.amount,
                balance_currency=tested.balance.currency,
                balance_at=tested.at,
                state=Connection.State.ACTIVE,
                paused_because="",
            )
            audit.record("connection.key_changed", actor, about=("connection", row.pk))
            if was_paused:
                audit.record("connection.resumed", actor, about=("connection", row.pk))
            operations.go_on(row)
            wake("sync.start_due_runs", row.pk)
    except IntegrityError:
        raise SameKey from None


def _seems_another(connection: Connection, tested: Tested) -> bool:
    """Whether the pair shows another currency, or none of the numbers that are known of the account."""
    if connection.balance_currency and connection.balance_currency != tested.balance.currency:
        return True
    known = set(connection.numbers.filter(gone_at=None).values_list("number", flat=True))
    if not known:
        return False
    with gateway.client_for_pair(tested.api_url, tested.api_key, tested.api_secret) as api:
        return known.isdisjoint(number.number for number in api.numbers())


def rename(connection: Connection, name: str, actor: User | None) -> None:
    """Another name."""
    with transaction.atomic():
        if Connection.objects.filter(pk=connection.pk).exclude(name=name).update(name=name):
            audit.record("connection.changed", actor, about=("connection", connection.pk), after={"name": "changed"})


def make_default(connection: Connection, actor: User | None) -> None:
    """Orders go to this account where nothing else is said."""
    with transaction.atomic():
        list(Connection.objects.select_for_update().order_by("pk").values_list("pk"))
        before = Connection.objects.filter(is_default=True).exclude(pk=connection.pk).first()
        if before is None and Connection.objects.filter(pk=connection.pk, is_default=True).exists():
            return
        Connection.objects.filter(is_default=True).update(is_default=False)
        Connection.objects.filter(pk=connection.pk).update(is_default=True)
        audit.record("connection.changed", actor, about=("connection", connection.pk), after={"default": True})


def pause_by_hand(connection: Connection, actor: User | None) -> None:
    """Nothing is read or changed with the account until a person switches it on again."""
    with transaction.atomic():
        rows = Connection.objects.filter(pk=connection.pk, state=Connection.State.ACTIVE)
        if rows.update(state=Connection.State.PAUSED, paused_because=BY_HAND):
            audit.record("connection.paused", actor, about=("connection", connection.pk), after={"by": "hand"})


BY_HAND = "by hand"


def outdated_digests() -> int:
    """How many accounts' digests are not made with the first of `ENCRYPTION_KEYS`."""
    return sum(row.key_digest != digest_of(row.api_key) for row in _readable(Connection.objects.all()))


def digest_anew() -> int:
    """Make them with the first of `ENCRYPTION_KEYS`; of two accounts with one key the first keeps it. How many."""
    count = 0
    with transaction.atomic():
        taken: set[str] = set()
        rows = _readable(Connection.objects.select_for_update().order_by("pk"))
        for row in rows:
            digest = digest_of(row.api_key)
            if digest in taken or digest == row.key_digest:
                taken.add(digest)
                continue
            taken.add(digest)
            Connection.objects.filter(key_digest=digest).exclude(pk=row.pk).update(key_digest=None)
            count += Connection.objects.filter(pk=row.pk).update(key_digest=digest)
    return count
