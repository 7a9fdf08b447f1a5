"""Keeps the mirror of an account's numbers true: one listing for all of them, two calls for a single one."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from direct_numbers.models import Direction, Number, Order
from sync import budget, gateway
from sync.compare import Differences, chunks, differences, fitting
from sync.models import Operation, SyncRun
from sync.runs import CHUNK, Progress, step
from zadarma import Client
from zadarma import types as api_types

# Written without a Change: links, and dates as parsed (a difference is judged on the text as sent).
SILENT = frozenset({"direction", "direction_id", "start_at", "stop_at", "country_name", "type"})


def _values(row: api_types.Number) -> dict[str, Any]:
    """What one row of the listing says, by the names of the mirror."""
    told = {
        "status": row.status,
        "country_name": row.country or "",
        "description": row.description or "",
        "number_name": row.name or "",
        "sip": row.sip or "",
        "sip_name": row.sip_name or "",
        "start_at": row.start_date,
        "start_text": row.start_date_text or "",
        "stop_at": row.stop_date,
        "stop_text": row.stop_date_text or "",
        "monthly_fee": row.monthly_fee,
        "currency": row.currency or "",
        "channels": row.channels,
        "minutes": row.minutes,
        "autorenew": row.autorenew,
        "is_on_test": row.is_on_test,
    }
    return fitting(Number, told | _where_told(row))


def _where_told(row: api_types.Number) -> dict[str, Any]:
    """Fields that the vendor's description leaves out: taken only from answers that have them."""
    told: dict[str, Any] = {}
    if row.type:
        told["type"] = row.type
    if row.direction_id is not None:
        told["direction_remote_id"] = row.direction_id
    if row.group_id is not None:
        told["group_remote_id"] = row.group_id
    if row.autorenew_period is not None:
        told["autorenew_period"] = row.autorenew_period
    if "receive_sms" in row.model_fields_set:
        told["receive_sms"] = row.receive_sms
    return told


def sync_numbers(run: SyncRun, api: Client, progress: Progress | None = None) -> list[Number]:
    """Mirror the account's numbers (GET /v1/direct_numbers/). Returns the numbers seen for the first time.

    Everything is fetched before anything is written; unchanged rows are not written; rows are marked gone last, and
    only when the listing was complete and every row of it could be read.
    """
    step(run, "listing", 0, 3, progress)
    listing = api.numbers()
    step(run, "comparing", 1, 3, progress)
    run.seen, run.rejected = len(listing.rows), len(listing.rejected)
    connection_id = run.connection_id
    rows = {row.number: row for row in Number.objects.filter(connection_id=connection_id, gone_at=None)}
    directions = dict(Direction.objects.values_list("remote_id", "pk"))
    found = Differences("number", run, SILENT)
    claimed = _claimed(connection_id)
    new: list[Number] = []
    listed = set()
    for listed_row in listing.rows:
        if listed_row.number in listed:
            continue
        listed.add(listed_row.number)
        values = _values(listed_row)
        if "direction_remote_id" in values:
            values["direction_id"] = directions.get(values["direction_remote_id"])
        row = rows.get(listed_row.number)
        if row is None:
            if not claimed(listed_row):
                new.append(Number(connection_id=connection_id, number=listed_row.number, **values))
        elif row.refreshed_at is None or row.refreshed_at < run.started_at:  # else it was asked for alone, later
            is_new = not row.start_text  # made from an order's answer
            changed = differences(row, values, _settled_since(row, run.started_at))
            found.add(row, changed, connection_id, first_time=is_new)
    step(run, "writing", 2, 3, progress)
    run.updated = found.write()
    run.created = len(_create(new))
    if not listing.rejected and not _is_suspect(run):
        run.gone = _mark_gone([row for number, row in rows.items() if number not in listed], run)
    step(run, "", 3, 3, progress)
    return new


def _claimed(connection_id: int) -> Callable[[api_types.Number], bool]:
    """Tells of a number that is new here whether an order under way or in doubt may explain it.

    Such a number is not adopted as nobody's: the order's settling adds it, or a later listing once that is settled.
    """
    out = Order.objects.filter(connection_id=connection_id, operation__state__in=Operation.OUT)
    pairs = list(out.values_list("wanted_number", "direction__remote_id"))
    wanted = {number for number, _direction in pairs if number}
    directions = {direction for number, direction in pairs if not number}

    def is_claimed(row: api_types.Number) -> bool:
        return row.number in wanted or row.direction_id in directions

    return is_claimed


def _settled_since(row: Number, moment: datetime) -> set[str]:
    """The fields that an operation settled after `moment`: a listing begun before must not overwrite them."""
    if row.confirmed_at is None or row.confirmed_at < moment:
        return set()
    return {field for field, text in row.confirmed.items() if (settled := parse_datetime(text)) and settled >= moment}


def _create(new: list[Number]) -> list[Number]:
    # A number that an order's answer adds meanwhile is not an error: it stays, and the next listing completes it.
    return Number.objects.bulk_create(new, batch_size=CHUNK, ignore_conflicts=True)


def _is_suspect(run: SyncRun) -> bool:
    """Whether this listing is empty, or less than half of the last: then a second one must agree before rows go."""
    done = SyncRun.objects.filter(connection=run.connection_id, kind=run.kind, state=SyncRun.State.DONE)
    last = done.order_by("-started_at").first()
    return bool(last and run.seen < last.seen / 2)


def _mark_gone(rows: Iterable[Number], run: SyncRun) -> int:
    gone = [row for row in rows if row.confirmed_at is None or row.confirmed_at < run.started_at]
    changes = Differences("number", run)
    for row in gone:
        changes.note(row.pk, "gone_at", "", run.started_at.isoformat(), run.connection_id)
    unsettled = Number.objects.filter(Q(confirmed_at=None) | Q(confirmed_at__lt=run.started_at))
    for ids in chunks([row.pk for row in gone]):
        unsettled.filter(pk__in=ids).update(gone_at=run.started_at)
    changes.write()
    return len(gone)


def refresh_number(number: Number) -> None:
    """Ask for one number and its autorenewal, for a person who waits.

    GET /v1/direct_numbers/number/ and /v1/direct_numbers/autoprolongation/. Raises `ZadarmaError`, `NotUsable`.
    """
    began = timezone.now()
    with gateway.client(number.connection, budget.CLICK) as api:
        row = api.number(number.number, number.type)
        values = _values(row) | {"autorenew": api.autoprolongation(number.number, number.type)}
    number.refresh_from_db()
    if values.get("direction_remote_id"):
        direction = Direction.objects.filter(remote_id=values["direction_remote_id"]).first()
        values["direction_id"] = direction.pk if direction else None
    found = Differences("number", None, SILENT)
    is_new = not number.start_text  # made from an order's answer
    changed = differences(number, values, _settled_since(number, began))
    found.add(number, changed, number.connection_id, first_time=is_new)
    found.write()
    Number.objects.filter(pk=number.pk).update(refreshed_at=began)
    number.refreshed_at = began
