"""The operation that pays a number further: checked just before, sent once, settled by what the account shows."""

from decimal import Decimal
from typing import Any

from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from direct_numbers import assigning, renewal_evidence
from direct_numbers.models import Number
from direct_numbers.paid_until import is_near, read, renews_soon
from sync.kinds import Kind, Stop
from sync.models import Operation
from sync.waking import wake
from sync.words import in_language_of, money
from zadarma import Client, Refused
from zadarma import types as api_types


def _number(operation: Operation) -> Number:
    return Number.objects.get(pk=operation.object_id)


def _before(api: Client, operation: Operation) -> dict[str, Any]:
    """Look at the number again: what was confirmed must still be true; until when it is paid is evidence."""
    number = _number(operation)
    assigning.check_hands(operation, number)
    with in_language_of(operation.actor):
        try:
            return _look_first(api, operation, number)
        except Stop:
            wake("numbers.refresh_number", number.pk)  # whoever tries again sees what stands there now
            raise


def _look_first(api: Client, operation: Operation, number: Number) -> dict[str, Any]:
    try:
        row = renewal_evidence.find(api, number)
    except Refused as error:
        told = {"reason": error.message.rstrip(".")}
        raise Stop(_("Zadarma does not find this number: “%(reason)s”. Nothing was paid.") % told) from None
    renews = row.autorenew
    if renews is None:
        renews = api.autoprolongation(number.number, row.type or number.type)
    fee = row.monthly_fee if row.monthly_fee is not None else number.monthly_fee
    _check(operation, row, fee, renews=renews)
    return {
        "stop": row.stop_date_text,
        "stop_at": row.stop_date.isoformat() if row.stop_date else "",
        "status": row.status,
        "autorenew": renews,
        "period": row.autorenew_period or number.autorenew_period or "month",
        "fee": str(fee),
        "currency": row.currency or number.currency,
    }


def _check(operation: Operation, row: api_types.Number, fee: Decimal | None, *, renews: bool) -> None:
    """Raise `Stop` where paying now would not bring what was confirmed."""
    if row.status.startswith("reserved_"):
        raise Stop(_("The number is only reserved: it must be paid first. Nothing was paid."))
    if row.stop_date is None:
        raise Stop(_("Zadarma tells no end date of this number. Nothing was paid."))
    if renews and row.status != Number.Status.PARKING and renews_soon(row.stop_date, timezone.now()):
        raise Stop(_("The number renews itself within two days; paying now as well could pay twice. Nothing was paid."))
    planned, stop = read(operation.params.get("stop", "")), read(row.stop_date_text)
    if planned and stop and not is_near(planned, stop):
        raise Stop(
            _("The number now ends on %(now)s instead of %(then)s. Please confirm the new date. Nothing was paid.")
            % {"now": formats.date_format(stop), "then": formats.date_format(planned)}
        )
    currency, confirmed = row.currency or operation.hold_currency, operation.hold_amount
    cost = (fee or Decimal(0)) * int(operation.params["months"])
    if fee is None or confirmed is None or currency != operation.hold_currency or cost > confirmed:
        raise Stop(
            _("The price is now %(now)s instead of %(then)s. Please confirm the new price. Nothing was paid.")
            % {"now": money(cost, currency), "then": money(confirmed, operation.hold_currency)}
        )


def _send(api: Client, operation: Operation) -> dict[str, Any]:
    told = api.prolong(number=operation.params["number"], months=operation.params["months"])
    return {
        "stop": told.stop_date_text,
        "stop_at": told.stop_date.isoformat(),
        "amount": str(told.amount),
        "currency": told.currency,
    }


def _answered(answer: dict[str, Any]) -> tuple[Decimal, str] | None:
    return (Decimal(answer["amount"]), answer["currency"]) if answer.get("amount") else None


def _apply(operation: Operation) -> None:
    """The new end date stands in the mirror at once; what else changed with it is looked at again."""
    number = Number.objects.select_for_update().get(pk=operation.object_id)
    answer = operation.answer
    stop_at = parse_datetime(answer["stop_at"])
    number.confirm(timezone.now(), stop_at=stop_at, stop_text=answer["stop"])
    wake("numbers.refresh_number", number.pk)


PROLONG = Kind(
    "prolong",
    _send,
    before=_before,
    may_go=assigning.is_theirs,
    apply=_apply,
    settle=renewal_evidence.look,
    answered=_answered,
    paid=True,
)
