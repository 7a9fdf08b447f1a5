"""Whether a prolongation in doubt took effect: what the number's end date shows of it."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from direct_numbers.models import Number
from direct_numbers.paid_until import PERIODS, RENEWS_SOON, is_near, months_later, read
from sync.kinds import Finding, Seen
from sync.models import Operation
from zadarma import Client, Refused
from zadarma import types as api_types


def look(api: Client, operation: Operation) -> Finding:
    """Look at the number's end date. Moved by the months paid for, it was done; where it stands as before, not."""
    number = Number.objects.get(pk=operation.object_id)
    try:
        row = api.number(number.number, number.type)
    except Refused:
        return Finding(Seen.CONFLICT, {"listed": False}, why="gone")
    before = operation.evidence.get("before", {})
    facts: dict[str, Any] = {
        "listed": True,
        "stop": row.stop_date_text,
        "status": row.status,
        "autorenew": row.autorenew,
    }
    seen, why = _judge(before, row, int(operation.params["months"]), timezone.now())
    answer = {
        "stop": row.stop_date_text,
        "stop_at": row.stop_date.isoformat() if row.stop_date else "",
        "amount": "",
        "currency": "",
    }
    if seen is Seen.CONFLICT:
        balance = api.balance()  # corroborates for a person's eyes; it never decides
        facts["balance"], facts["currency"] = str(balance.amount), balance.currency
    candidates = [{"value": row.stop_date_text, "answer": answer}] if row.stop_date else []
    return Finding(seen, facts, answer if seen is Seen.PRESENT else {}, why=why, candidates=candidates)


def _judge(before: dict[str, Any], row: api_types.Number, months: int, now: datetime) -> tuple[Seen, str]:
    then, stop = read(before.get("stop", "")), read(row.stop_date_text)
    if then is None or stop is None:
        return Seen.CONFLICT, "no date"
    ours = months_later(then, months)
    is_ours = is_near(stop, ours) or (
        before.get("status") == "parking" and ours <= stop <= months_later(_local(now, row), months)
    )
    renewed = _may_have_renewed(before, row, now)
    period = PERIODS.get(before.get("period", "month"), 1)
    if is_ours:
        return (Seen.CONFLICT, "autorenewal") if renewed and period == months else (Seen.PRESENT, "")
    if is_near(stop, then):
        return Seen.ABSENT, ""
    if renewed and is_near(stop, months_later(then, period)):
        return Seen.ABSENT, ""
    if renewed and is_near(stop, months_later(then, period + months)):
        return Seen.PRESENT, ""
    return Seen.CONFLICT, "moved"


def _local(now: datetime, row: api_types.Number) -> datetime:
    """`now` on the account's clock, without its zone."""
    zone = row.stop_date.tzinfo if row.stop_date else None
    return now.astimezone(zone).replace(tzinfo=None)


def _may_have_renewed(before: dict[str, Any], row: api_types.Number, now: datetime) -> bool:
    """Whether autorenewal can have moved the date meanwhile: it was on, or is, and the date was near."""
    stop_at = parse_datetime(before.get("stop_at", ""))
    is_on = before.get("autorenew") is not False or row.autorenew is not False
    return is_on and stop_at is not None and now >= stop_at - RENEWS_SOON
