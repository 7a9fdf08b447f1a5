"""Whether a prolongation in doubt took effect: what the number's end date shows of it."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from direct_numbers.models import Number
from direct_numbers.paid_until import PERIODS, is_near, months_later, read, renews_soon
from sync.kinds import Finding, Seen
from sync.models import Operation
from zadarma import Client, Refused
from zadarma import types as api_types

# Nobody looks for longer than this many renewals.
MOST_RENEWALS = 24


def find(api: Client, number: Number) -> api_types.Number:
    """The number as the account has it now. Its type changes when it is connected, and the API wants the right one.

    Raises `Refused` where it is not there, and whatever the client raises.
    """
    try:
        return api.number(number.number, number.type)
    except Refused:
        other = "order" if number.type == "common" else "common"
        return api.number(number.number, other)


def look(api: Client, operation: Operation) -> Finding:
    """Look at the number's end date. Moved by the months paid for, it was done; where it stands as before, not."""
    number = Number.objects.get(pk=operation.object_id)
    try:
        row = find(api, number)
    except Refused:
        return Finding(Seen.CONFLICT, {"listed": False}, why="gone")
    before = operation.evidence.get("before", {})
    stop_at = row.stop_date.isoformat() if row.stop_date else ""
    facts: dict[str, Any] = {
        "listed": True,
        "stop": row.stop_date_text,
        "stop_at": stop_at,
        "status": row.status,
        "autorenew": row.autorenew,
    }
    seen, why = _judge(before, row, int(operation.params["months"]), timezone.now())
    answer = {
        "stop": row.stop_date_text,
        "stop_at": stop_at,
        "amount": "",
        "currency": "",
    }
    # A date that shows no payment can't be named as one.
    candidates = [{"value": row.stop_date_text, "answer": answer}] if row.stop_date and seen is not Seen.ABSENT else []
    return Finding(seen, facts, answer if seen is Seen.PRESENT else {}, why=why, candidates=candidates)


def _judge(before: dict[str, Any], row: api_types.Number, months: int, now: datetime) -> tuple[Seen, str]:
    """What can explain the date that stands there now: this payment, autorenewal, both, or something else."""
    then, stop = read(before.get("stop", "")), read(row.stop_date_text)
    if then is None or stop is None:
        return Seen.CONFLICT, "no date"
    period = PERIODS.get(before.get("period", "month"), 1)
    renewed = [period * count for count in range(_most_renewals(before, row, period, now) + 1)]
    with_it = any(is_near(stop, months_later(then, months + others)) for others in renewed)
    without = any(is_near(stop, months_later(then, others)) for others in renewed)
    if before.get("status") == "parking":  # its months may be counted from the day of the payment
        today = _local(now, row)
        with_it = with_it or months_later(then, months) <= stop <= months_later(today, months)
        without = without or any(
            months_later(then, others) <= stop <= months_later(today, others) for others in renewed if others
        )
    if with_it and without:
        return Seen.CONFLICT, "autorenewal"
    if with_it:
        return Seen.PRESENT, ""
    return (Seen.ABSENT, "") if without else (Seen.CONFLICT, "moved")


def _local(now: datetime, row: api_types.Number) -> datetime:
    """`now` on the account's clock, without its zone."""
    zone = row.stop_date.tzinfo if row.stop_date else None
    return now.astimezone(zone).replace(tzinfo=None)


def _most_renewals(before: dict[str, Any], row: api_types.Number, period: int, now: datetime) -> int:
    """How often autorenewal can have moved the date meanwhile: it was on, or is, and the date was near."""
    stop_at = parse_datetime(before.get("stop_at", ""))
    if stop_at is None or (before.get("autorenew") is False and row.autorenew is False):
        return 0
    count = 0
    while count < MOST_RENEWALS and renews_soon(months_later(stop_at, period * count), now):
        count += 1
    return count
