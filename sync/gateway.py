"""From a `Connection` to a `zadarma.Client` that keeps to the shared budget."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sync import budget, noting
from sync.models import Connection
from sync.waking import wake
from zadarma import BadCredentials, Call, Client, Outcome, Refused, Unavailable, ZadarmaError
from zadarma.fields import read_zone

# Seconds a lane may wait for a call of the budget, and its deadline for a GET with all retries.
PATIENCE = {budget.CLICK: 3.0, budget.OPERATION: 20.0, budget.SYNC: 130.0}
GET_DEADLINE = {budget.CLICK: 8.0, budget.OPERATION: 40.0, budget.SYNC: 180.0}
# For so long after an outage was met, clicks are told without trying.
DOWN_SECONDS = 15
# With no more calls than this left of the API's own minute none is made before the next: some may be under way.
SPARE_CALLS = 3
# One total deadline for a changing call, in seconds: below half of the journal's lease.
CHANGE_DEADLINE = settings.CHANGE_SECONDS


class NotUsable(Exception):
    """The connection is paused or hidden: no call may be made with it."""


def _never() -> bool:
    return False


def client(
    connection: Connection,
    lane: str,
    deadline: float | None = None,
    *,
    patience: float | None = None,
    may_change: Callable[[], bool] = _never,
) -> Client:
    """A client for `connection`, whose calls come out of `lane` of its budget. Raises `NotUsable`.

    `deadline` is the seconds a GET may take with all its retries, and `patience` how long it may wait for the budget,
    where they shall be less than the lane's.
    While the API is down, clicks are told so at once instead of each waiting for it. Only the journal may pass
    `may_change`, which is asked at each changing call whether it is allowed now: for all others, and before the claim,
    such a call is a `RuntimeError`. Use it as a context manager, never inside a transaction.
    """
    if not connection.usable:
        raise NotUsable(connection.name)
    down = f"api-down:{connection.pk}"

    def before_call(call: Call) -> None:
        if call.changing and not may_change():
            raise RuntimeError("only the journal may change something at Zadarma")
        if lane == budget.CLICK and call.attempt == 1 and cache.get(down):
            raise Unavailable("the API was down a moment ago", may_have_reached=False)
        missing = budget.wait_for(connection.pk, lane, PATIENCE[lane] if patience is None else patience)
        if missing:
            raise Unavailable(
                "this minute's calls are used up", may_have_reached=False, rate_limited=True, retry_after=missing
            )

    def after_call(call: Call, outcome: Outcome) -> None:
        if outcome.http_status is None or outcome.http_status >= 500:
            cache.set(down, True, DOWN_SECONDS)
        elif lane != budget.CLICK or call.attempt > 1:  # a click's first attempt is made only while nothing is noted
            cache.delete(down)
        if outcome.http_status == 401:  # whoever called: a click, a reading, an operation
            pause(connection, "Zadarma did not accept the key pair")
        told = outcome.rate_limit
        if outcome.http_status == 429:
            reset_at = told.reset_at if told else None
            budget.close(connection.pk, reset_at or timezone.now() + timedelta(seconds=10))
        elif told and told.reset_at and told.limit and told.limit > 10 and (told.remaining or 0) <= SPARE_CALLS:
            # The API's minute need not begin with the clock's: what it says is left of it counts.
            budget.close(connection.pk, told.reset_at)

    return Client(
        connection.api_url,
        connection.api_key,
        connection.api_secret,
        zone=_zone(connection),
        get_deadline=deadline or GET_DEADLINE[lane],
        change_deadline=CHANGE_DEADLINE,
        read_timeout=6.0 if lane == budget.CLICK else 25.0,
        before_call=before_call,
        after_call=after_call,
        loopback_only=settings.ZADARMA_LOOPBACK_ONLY,
    )


def client_for_pair(api_url: str, api_key: str, api_secret: str) -> Client:
    """A client that tests a key pair which is not (yet) an account's. It only looks; `api_url` is one of the settings.

    All processes together test so many pairs a minute as an account has calls: `Unavailable` (rate_limited) beyond.
    """

    def before_call(call: Call) -> None:
        if call.changing:
            raise RuntimeError("a pair that is only tested changes nothing")
        minute = f"pair-tests:{int(timezone.now().timestamp() // 60)}"
        cache.add(minute, 0, 120)
        if cache.incr(minute) > settings.ZADARMA_CALLS_A_MINUTE:
            raise Unavailable(
                "this minute's calls are used up", may_have_reached=False, rate_limited=True, retry_after=60
            )

    return Client(
        api_url,
        api_key,
        api_secret,
        get_deadline=GET_DEADLINE[budget.CLICK],
        change_deadline=CHANGE_DEADLINE,
        read_timeout=6.0,
        before_call=before_call,
        loopback_only=settings.ZADARMA_LOOPBACK_ONLY,
    )


def _zone(connection: Connection) -> str | None:
    """The account's zone where it is known. One that nobody knows must stop dates from being read, and nothing else."""
    try:
        read_zone(connection.zone)
    except ValueError:
        return None
    return connection.zone


def explain(error: ZadarmaError | NotUsable, *, to_staff: bool = True) -> str:
    """Say to a person what went wrong and what to do, in their language.

    What state the account is in, and how many calls are left, is the staff's own.
    """
    match error:
        case NotUsable() if to_staff:
            return _("This Zadarma account is paused. Check its key pair, then switch it on again.")
        case BadCredentials() if to_staff:
            return _("Zadarma did not accept the key pair of this account. Check the key and the secret.")
        case Refused() if not to_staff:
            return _("Zadarma did not accept this. Please ask the people who run this panel.")
        case Refused():
            return _("Zadarma answered: %(message)s") % {"message": error.message or _("no reason given")}
        case Unavailable(rate_limited=True) if not to_staff:
            return _("Too much is being asked at the moment. Please try again in a minute.")
        case Unavailable(rate_limited=True):
            return _("This minute's calls to Zadarma are used up. Please try again in a minute.")
    return _("Zadarma can't be reached right now. What you see is the last known state; please try again in a minute.")


def pause(connection: Connection, because: str) -> None:
    """Stop calling with `connection`, for instance after `BadCredentials`; a person switches it on again."""
    rows = Connection.objects.filter(pk=connection.pk, state=Connection.State.ACTIVE)
    # A call that left with an earlier pair says nothing of the one that stands there now.
    rows = rows.filter(pair_number=connection.pair_number)
    with transaction.atomic():
        if rows.update(state=Connection.State.PAUSED, paused_because=because[:200]):
            noting.switched(connection, "connection.paused", None)
            wake("notices.scan")  # it writes to those who can put it right


def remember_balance(connection: Connection, api: Client) -> None:
    """Read the balance (GET /v1/info/balance/) and keep it with the connection, unless a later reading is there.

    It is true as of the moment before it was asked: what was spent since may be missing from it.
    """
    now = timezone.now()
    balance = api.balance()
    told = {"balance": balance.amount, "balance_currency": balance.currency, "balance_at": now}
    later = Q(balance_at__gt=now, balance_at__lt=now + timedelta(minutes=5))  # further ahead a clock was wrong
    if not Connection.objects.filter(pk=connection.pk).exclude(later).update(**told):
        connection.refresh_from_db(fields=list(told))
        return
    for field, value in told.items():
        setattr(connection, field, value)


def know_zone(connection: Connection) -> None:
    """Ask for the account's time zone where it is not known, or not since an hour: `UTC+2` moves with the season.

    GET /v1/info/timezone/. Raises `ZadarmaError`.
    """
    now = timezone.now()
    if connection.zone_at and connection.zone_at > now - timedelta(hours=1):
        return
    with client(connection, budget.SYNC) as api:
        connection.zone, connection.zone_at = api.timezone().zone, now
    Connection.objects.filter(pk=connection.pk).update(zone=connection.zone, zone_at=now)
