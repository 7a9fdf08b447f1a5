"""Whether an order in doubt took effect: what the account's numbers show of it."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

from direct_numbers.models import Number, Order
from sync.kinds import Finding, Seen
from sync.models import Operation
from zadarma import Client
from zadarma import types as api_types

# A start that is earlier than the order by more than this is another order's: clocks and zones never differ so much.
CLOCKS_DIFFER = timedelta(hours=26)
# Between two clocks that are right.
CLOCKS_STRAY = timedelta(minutes=2)


def may_be_in(row: api_types.Number, direction_id: str) -> bool:
    """Whether a number is of the direction, or the listing does not say of which it is."""
    return row.direction_id in (None, "", direction_id)


def look(api: Client, operation: Operation) -> Finding:
    """Look for the order's number among the account's. A chosen number is it or is not; without one, a single new
    number of the direction that nothing else explains is.
    """
    listing = api.numbers()
    if operation.params["number"]:
        return _chosen(operation, listing)
    return _anyones(api, operation, listing)


def _chosen(operation: Operation, listing: api_types.Listing[api_types.Number]) -> Finding:
    row = next((row for row in listing.rows if row.number == operation.params["number"]), None)
    facts: dict[str, Any] = {"listed": len(listing.rows), "unreadable": len(listing.rejected)}
    if row is None:
        return Finding(Seen.ABSENT, facts, is_complete=_is_whole(operation, listing))
    facts["number"] = _told_of(row)
    if others_since(operation).filter(number__number=row.number, number__gone_at=None).exists():
        # The operator assigned it to another order of ours: sold once, it is not this one's.
        return Finding(Seen.ABSENT, facts, is_complete=_is_whole(operation, listing), why="another order")
    candidates = [_candidate(row)]
    why = _misfit(row, operation)
    if why == "other papers":  # a number is sold once: somebody else has bought it, so this order can't have
        return Finding(Seen.ABSENT, facts, is_complete=_is_whole(operation, listing), why=why, candidates=candidates)
    if why:
        return Finding(Seen.CONFLICT, facts, why=why, candidates=candidates)
    return Finding(Seen.PRESENT, facts, _answer_from(row), candidates=candidates)


def _anyones(api: Client, operation: Operation, listing: api_types.Listing[api_types.Number]) -> Finding:
    before = operation.evidence.get("before", {})
    known = {*before.get("numbers", []), *_explained(operation)}
    new = [row for row in listing.rows if row.number not in known]
    near = [row for row in new if may_be_in(row, operation.params["direction_id"])]
    fits = [row for row in near if not _misfit(row, operation)]
    facts: dict[str, Any] = {
        "listed": len(listing.rows),
        "unreadable": len(listing.rejected),
        "fits": [_told_of(row) for row in fits],
        "others": [_told_of(row) for row in near if row not in fits][:20],
    }
    candidates = [_candidate(row) for row in near]
    if not fits:
        if any(_misfit(row, operation) == "older" for row in near):  # a clock is wrong, theirs or ours
            return Finding(Seen.CONFLICT, facts, why="older", candidates=candidates)
        return Finding(Seen.ABSENT, facts, is_complete=_is_whole(operation, listing), candidates=candidates)
    why = _doubtful(api, operation, fits, facts)
    if why:
        return Finding(Seen.CONFLICT, facts, why=why, candidates=candidates)
    return Finding(Seen.PRESENT, facts, _answer_from(fits[0]), candidates=candidates)


def _is_whole(operation: Operation, listing: api_types.Listing[api_types.Number]) -> bool:
    """Whether a listing left nothing out: one that lacks what stood there before may lack the order's number too."""
    before = operation.evidence.get("before", {})
    listed = {row.number for row in listing.rows}
    if listing.rejected or not before.get("is_complete"):
        return False
    return listed >= set(before.get("numbers", [])) and len(listed) >= before.get("listed", 0)


def _doubtful(api: Client, operation: Operation, fits: list[api_types.Number], facts: dict[str, Any]) -> str:
    """Why numbers that fit don't tell clearly that one of them is this order's; "" where one does."""
    if len(fits) > 1:
        return "several"
    if not operation.evidence.get("before", {}).get("is_complete") or not fits[0].direction_id:
        return "unsure"
    balance = api.balance()
    facts["balance"], facts["currency"] = str(balance.amount), balance.currency
    if balance.currency != operation.hold_currency or operation.balance_before is None or not operation.hold_amount:
        return ""
    # The balance never decides; but a number of which nothing was paid is more likely somebody else's.
    is_paid = not fits[0].status.startswith("reserved_")
    return "unpaid" if is_paid and balance.amount >= operation.balance_before else ""


def _misfit(row: api_types.Number, operation: Operation) -> str:
    """What of a number contradicts this order: another direction, other papers, or that it is older; "" if nothing."""
    params = operation.params
    if not may_be_in(row, params["direction_id"]):
        return "other direction"
    if row.group_id not in (None, "", params["documents_group_id"]):
        return "other papers"
    began = looked_at(operation)
    if row.start_date and began and row.start_date < began - CLOCKS_DIFFER:
        return "older"
    return ""


def looked_at(operation: Operation) -> datetime | None:
    """When the account was last looked at before it was sent."""
    return parse_datetime(operation.evidence.get("before", {}).get("at", ""))


def others_since(operation: Operation) -> QuerySet[Order]:
    """Other orders of its direction that were sent since it looked and might be taken for it, or have got its number.

    One that chose another number can't have got the number that this one chose.
    """
    order = Order.objects.get(pk=operation.object_id)
    others = Order.objects.filter(connection=order.connection_id, direction=order.direction_id).exclude(pk=order.pk)
    if order.wanted_number:
        others = others.filter(wanted_number="")
    moment = looked_at(operation)
    return others.filter(operation__sent_at__gte=moment) if moment else others.none()


def appeared(operation: Operation, listing: api_types.Listing[api_types.Number]) -> bool:
    """Whether a number that this order may have brought stands in the account before it is sent (again).

    A backup put back, or a disk that lost what was written last, forgets that an order was sent.
    """
    explained, asked_at = _explained(operation), _first_attempt(operation).created_at - CLOCKS_STRAY
    known = Number.objects.filter(connection=operation.connection, gone_at=None, first_seen__lt=asked_at)
    older = set(known.values_list("number", flat=True))  # was here before; paid only now, it begins anew
    return any(
        row.number not in explained
        and row.number not in older
        and row.direction_id == operation.params["direction_id"]
        and row.group_id == operation.params["documents_group_id"]
        and row.start_date is not None
        and row.start_date >= asked_at
        for row in listing.rows
    )


def _first_attempt(operation: Operation) -> Operation:
    """The first of the attempts that led to this one: each of them may have brought a number after all."""
    while operation.previous is not None:
        operation = operation.previous
    return operation


def _told_of(row: api_types.Number) -> dict[str, Any]:
    """What the receipt shows of a number: no personal datum."""
    return {
        "number": row.number,
        "status": row.status,
        "direction_id": row.direction_id or "",
        "group_id": row.group_id or "",
        "start": row.start_date_text,
        "start_at": row.start_date.isoformat() if row.start_date else "",
    }


def _candidate(row: api_types.Number) -> dict[str, Any]:
    return {"value": row.number, "answer": _answer_from(row), "told": _told_of(row)}


def _explained(operation: Operation) -> set[str]:
    """Numbers that another order of this account got and still has, or may have got because it chose them.

    Not one that waits to be sent: the operator may have assigned the number that it chose.
    """
    others = Order.objects.filter(connection=operation.connection).exclude(pk=operation.object_id)
    got = others.filter(number__isnull=False, number__gone_at=None).values_list("number__number", flat=True)
    chosen = others.exclude(wanted_number="").filter(state__in=[Order.State.PLACING, Order.State.IN_DOUBT])
    chosen = chosen.exclude(operation__state=Operation.State.PLANNED)
    return {*got, *chosen.values_list("wanted_number", flat=True)}


def _answer_from(row: api_types.Number) -> dict[str, Any]:
    return {
        "number": row.number,
        "is_reserved": row.status.startswith("reserved_"),
        "is_activated": row.status == Number.Status.ON,
    }
