"""From a `Connection` to a `zadarma.Client` that keeps to the shared budget."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from sync import budget
from sync.models import Connection
from zadarma import BadCredentials, Call, Client, Outcome, Refused, Unavailable, ZadarmaError

# Seconds a lane may wait for a call of the budget, and its deadline for a GET with all retries.
PATIENCE = {budget.CLICK: 3.0, budget.OPERATION: 20.0, budget.SYNC: 130.0}
GET_DEADLINE = {budget.CLICK: 12.0, budget.OPERATION: 40.0, budget.SYNC: 180.0}
# One total deadline for a changing call, in seconds: below half of the journal's lease.
CHANGE_DEADLINE = 30.0


class NotUsable(Exception):
    """The connection is paused or hidden: no call may be made with it."""


def client(connection: Connection, lane: str) -> Client:
    """A client for `connection`, whose calls come out of `lane` of its budget. Raises `NotUsable`.

    Use it as a context manager, never inside a transaction.
    """
    if not connection.usable:
        raise NotUsable(connection.name)

    def before_call(call: Call) -> None:
        missing = budget.wait_for(connection.pk, lane, PATIENCE[lane])
        if missing:
            raise Unavailable(
                "this minute's calls are used up", may_have_reached=False, rate_limited=True, retry_after=missing
            )

    def after_call(call: Call, outcome: Outcome) -> None:
        if outcome.http_status == 429:
            reset_at = outcome.rate_limit.reset_at if outcome.rate_limit else None
            budget.close(connection.pk, reset_at or timezone.now() + timedelta(seconds=10))

    return Client(
        connection.api_url,
        connection.api_key,
        connection.api_secret,
        zone=connection.zone or None,
        get_deadline=GET_DEADLINE[lane],
        change_deadline=CHANGE_DEADLINE,
        read_timeout=8.0 if lane == budget.CLICK else 25.0,
        before_call=before_call,
        after_call=after_call,
        loopback_only=settings.ZADARMA_LOOPBACK_ONLY,
    )


def explain(error: ZadarmaError | NotUsable) -> str:
    """Say to a person what went wrong and what to do, in their language."""
    match error:
        case NotUsable():
            return _("This Zadarma account is paused. Check its key pair, then switch it on again.")
        case BadCredentials():
            return _("Zadarma did not accept the key pair of this account. Check the key and the secret.")
        case Refused():
            return _("Zadarma answered: %(message)s") % {"message": error.message or _("no reason given")}
        case Unavailable(rate_limited=True):
            return _("This minute's calls to Zadarma are used up. Please try again in a minute.")
    return _("Zadarma can't be reached right now. What you see is the last known state; please try again in a minute.")


def pause(connection: Connection, because: str) -> None:
    """Stop calling with `connection`, for instance after `BadCredentials`; a person switches it on again."""
    Connection.objects.filter(pk=connection.pk, state=Connection.State.ACTIVE).update(
        state=Connection.State.PAUSED, paused_because=because[:200]
    )


def remember_balance(connection: Connection, api: Client) -> None:
    """Read balance and time zone and keep them with the connection."""
    balance = api.balance()
    zone = connection.zone or api.timezone().zone
    Connection.objects.filter(pk=connection.pk).update(
        balance=balance.amount, balance_currency=balance.currency, balance_at=timezone.now(), zone=zone
    )
    connection.balance, connection.balance_currency, connection.zone = balance.amount, balance.currency, zone
