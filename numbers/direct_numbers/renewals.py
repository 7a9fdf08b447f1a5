"""Paying numbers further: what it costs and until when, and planning it, once. The operation: `prolonging`."""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from direct_numbers import confirming, limits, prices
from direct_numbers.confirming import Sums
from direct_numbers.models import Charge, Number
from direct_numbers.paid_until import later_by, read, renews_soon
from direct_numbers.prolonging import PROLONG
from people.models import User
from people.permissions import May
from people.tenancy import Viewer
from sync import holds, operations
from sync.holds import Cost, TooDear
from sync.models import Operation

MOST_MONTHS = 36


class WrongMonths(ValueError):
    """Not a whole number of months from 1 to 36."""


class NotRenewable(Exception):
    """At least one of the numbers can't be paid further; `renewals` say which, and why."""

    def __init__(self, renewals: list["Renewal"]) -> None:
        super().__init__(", ".join(renewal.number.number for renewal in renewals))
        self.renewals = renewals


class CostsChanged(Exception):
    """The sums that the person confirmed (`then`) are no longer what it costs (`now`): amounts by currency.

    Digests where the person is shown no prices.
    """

    def __init__(self, then: Sums | str, now: Sums | str) -> None:
        super().__init__("the sums changed")
        self.then, self.now = then, now


class DatesChanged(Exception):
    """The end dates are no longer those that the person saw: somebody has paid, or a number has renewed itself."""


class OtherForm(Exception):
    """A form of this name was sent before, with other numbers or months: what is in it now was not confirmed."""


@dataclass(frozen=True)
class Renewal:
    """What paying `number` for `months` more means. `problem` says why it can't be done; "" where it can.

    `is_busy` tells that it is because of another payment that is not settled yet.
    """

    number: Number
    months: int
    cost: Decimal
    currency: str
    until: datetime | None
    problem: str = ""
    is_busy: bool = False

    @property
    def own_cost(self) -> Decimal:
        """What it costs the number's customer: each month's fee with the markup, rounded by itself."""
        return prices.fees(Decimal(0), self.number.monthly_fee or Decimal(0), self.number.customer).total(self.months)


def check_months(months: int) -> None:
    """Raise `WrongMonths` for anything but a whole number from 1 to 36."""
    if isinstance(months, bool) or not isinstance(months, int) or not 1 <= months <= MOST_MONTHS:
        raise WrongMonths(months)


def quote(numbers: Iterable[Number], months: int) -> list[Renewal]:
    """What it costs to pay `numbers` (with their `connection`) for `months` (1 to 36) more, as the mirror knows it.

    Raises `WrongMonths`.
    """
    check_months(months)
    rows, now = list(numbers), timezone.now()
    busy = _busy(rows)
    return [_renewal(row, months, now, busy.get(row.pk, "")) for row in rows]


def _busy(numbers: Iterable[Number]) -> dict[int, str]:
    """Those for which a paid operation is under way or in doubt, by primary key, with its state.

    Known by their digits: a number that was taken for gone meanwhile is another row, and the payment still its own.
    """
    keys = {(row.connection_id, paid_key(row)): row.pk for row in numbers}
    open_ones = Operation.objects.filter(state__in=Operation.OPEN, exclusive_key__in={key for _account, key in keys})
    found = open_ones.values_list("connection_id", "exclusive_key", "state")
    return {keys[account, key]: state for account, key, state in found if (account, key) in keys}


def _renewal(number: Number, months: int, now: datetime, under_way: str) -> Renewal:
    paid_until = read(number.stop_text)
    until = later_by(number.stop_at, number.stop_text, months)
    cost = (number.monthly_fee or Decimal(0)) * months
    problem = _problem(number, paid_until, now, under_way)
    return Renewal(number, months, cost, number.currency, until, problem, is_busy=bool(under_way))


def _problem(number: Number, paid_until: datetime | None, now: datetime, under_way: str) -> str:
    if number.gone_at is not None:
        return _("Zadarma no longer lists this number.")
    if not number.connection.usable:
        return _("The Zadarma account of this number is paused.")
    if under_way in Operation.IN_DOUBT:
        return _("Another payment for this number is in doubt. It must be settled first.")
    if under_way:
        return _("A payment for this number is under way already.")
    if number.waits_for_payment:
        return _("It is only reserved: once the balance suffices Zadarma takes the first payment itself.")
    if paid_until is None or number.stop_at is None:
        return _("Zadarma has told no end date of this number yet.")
    if number.monthly_fee is None or not number.currency:
        return _("Zadarma has told no fee of this number yet.")
    # A parked number was not renewed when its date came: it may be saved at any time.
    if number.autorenew and number.status != Number.Status.PARKING and renews_soon(number.stop_at, now):
        return _("It renews itself within two days. Paying now as well could pay twice.")
    return ""


def totals(renewals: Iterable[Renewal]) -> dict[str, Decimal]:
    """The sums by currency of those that can be done: amounts of different currencies are never added."""
    sums: dict[str, Decimal] = {}
    for renewal in renewals:
        if not renewal.problem:
            sums[renewal.currency] = sums.get(renewal.currency, Decimal(0)) + renewal.cost
    return sums


def own_totals(renewals: Iterable[Renewal]) -> Sums:
    """The same at the customers' own prices."""
    sums: Sums = {}
    for renewal in renewals:
        if not renewal.problem:
            sums[renewal.currency] = sums.get(renewal.currency, Decimal(0)) + renewal.own_cost
    return sums


def to_confirm(renewals: Iterable[Renewal], viewer: Viewer) -> Sums | str:
    """What a form carries of the sums that `viewer` confirms (see `confirming`)."""
    rows = [renewal for renewal in renewals if not renewal.problem]
    customers = {renewal.number.customer for renewal in rows}
    return confirming.for_sums(totals(rows), own_totals(rows), customers, [row.number.pk for row in rows], viewer)


def ends(renewals: Iterable[Renewal]) -> str:
    """The end dates as they stand, short enough for a form: what was confirmed against others is not paid."""
    rows = sorted(f"{renewal.number.pk} {renewal.number.stop_text}" for renewal in renewals if not renewal.problem)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


def prolong(
    numbers: Iterable[Number],
    months: int,
    *,
    confirmed: Sums | str,
    batch: uuid.UUID,
    actor: User,
    seen: str | None = None,
) -> list[Operation]:
    """Plan POST /v1/direct_numbers/prolong/ for each of `numbers`: all of them, or none.

    `confirmed` is what the form carries of the sums that the person saw (`to_confirm`), `seen` the end dates (see
    `ends`; None where nobody saw any); `batch` names the form, which plans only once however often it is sent. Raises
    `WrongMonths`, `NotRenewable`, `CostsChanged`, `DatesChanged`, `OtherForm`, `limits.NotAllowed`, and from the
    journal `AlreadyOpen` and `holds.TooDear`.
    """
    check_months(months)
    wanted = list(numbers)
    if sent := _sent_before(batch, wanted, months):
        return sent
    try:
        with transaction.atomic():
            return _plan_all(wanted, months, confirmed, seen, batch, actor)
    except (NotRenewable, CostsChanged, DatesChanged, limits.NotAllowed, TooDear, operations.AlreadyOpen):
        if sent := _sent_before(batch, wanted, months):  # sent twice at the same moment: the other one was faster
            return sent
        raise


def _sent_before(batch: uuid.UUID, numbers: list[Number], months: int) -> list[Operation]:
    """What this very form has planned already. Raises `OtherForm` where it was sent with something else in it."""
    sent = of_batch(batch)
    same = {(row.pk, months) for row in numbers}
    if sent and {(operation.object_id, operation.params["months"]) for operation in sent} != same:
        raise OtherForm
    return sent


def _plan_all(
    numbers: list[Number],
    months: int,
    confirmed: Sums | str,
    seen: str | None,
    batch: uuid.UUID,
    actor: User,
) -> list[Operation]:
    """Quote again with the customers and then the accounts locked.

    Always in the same order, so that no two forms wait for each other.
    """
    pks = [number.pk for number in numbers]
    customers = limits.locked(Number.objects.filter(pk__in=pks).values_list("customer_id", flat=True))
    for connection_id in sorted({number.connection_id for number in numbers}):
        holds.locked(connection_id)
    # First what is under way, then the dates: a payment settled in between shows in one of them.
    busy, now = _busy(numbers), timezone.now()
    rows = Number.objects.filter(pk__in=pks).select_related("connection", "customer")
    renewals = [_renewal(row, months, now, busy.get(row.pk, "")) for row in rows.order_by("connection_id", "pk")]
    if hindered := [renewal for renewal in renewals if renewal.problem]:
        raise NotRenewable(hindered)
    if any(row.number.customer_id and row.number.customer_id not in customers for row in renewals):
        raise NotRenewable(renewals)  # given to somebody else at this moment
    viewer = User.objects.get(pk=actor.pk).viewer()
    if not viewer.is_staff and not all(_may_pay(row.number, viewer) for row in renewals):
        raise NotRenewable(renewals)  # the same, or the person was taken away or has another role
    wanted = to_confirm(renewals, viewer)
    if wanted != confirmed:
        raise CostsChanged(confirmed, wanted)
    if seen is not None and seen != ends(renewals):
        raise DatesChanged
    if not viewer.is_staff:  # staff are never hindered, and counted all the same
        _check_limits(renewals, now)
    _check_balances(renewals)
    last = _last_prolongations(numbers)
    planned = []
    for renewal in renewals:
        planned.append(_plan(renewal, batch, actor, last.get(renewal.number.pk)))
        if customer := renewal.number.customer:
            own, markup = renewal.own_cost, customer.markup_percent
            Charge.objects.create(
                customer=customer,
                operation=planned[-1],
                amount=own,
                currency=renewal.currency,
                markup_percent=markup,
                at=now,
            )
    return planned


def _may_pay(number: Number, viewer: Viewer) -> bool:
    """Whether people of a customer may pay it: numbers of nobody have no limits that would hold."""
    return number.customer_id is not None and viewer.may(May.PAY, number.customer_id)


def _check_limits(renewals: list[Renewal], now: datetime) -> None:
    """Raise `limits.NotAllowed` where a customer's rules do not allow its sum of the form, whose row is locked."""
    for customer in {row.number.customer for row in renewals if row.number.customer}:
        limits.check_access(customer)
        for currency, amount in own_totals(row for row in renewals if row.number.customer == customer).items():
            if limits.needs_approval(customer, amount, currency):
                raise limits.NeedsApproval
            limits.check(customer, amount, currency, now)


def _check_balances(renewals: list[Renewal]) -> None:
    """Raise `TooDear` where a balance does not cover all of them together, before one of them is a hold itself."""
    connections = {renewal.number.connection for renewal in renewals}
    for connection in sorted(connections, key=lambda row: row.pk):
        for currency, amount in totals(row for row in renewals if row.number.connection == connection).items():
            holds.check(connection, Cost(amount, currency))


def of_batch(batch: uuid.UUID) -> list[Operation]:
    """What was planned with the form `batch`, in the order of planning."""
    return list(Operation.objects.filter(batch=batch, kind=PROLONG.name).order_by("pk"))


def _plan(renewal: Renewal, batch: uuid.UUID, actor: User, last: Operation | None) -> Operation:
    number = renewal.number
    was_not_done = last is not None and last.state in Operation.WITHOUT_EFFECT
    return operations.plan(
        PROLONG.name,
        number.connection,
        ("number", number.pk),
        {
            "number": number.number,
            "months": renewal.months,
            "stop": number.stop_text,
            "customer": number.customer_id,
        },
        actor,
        cost=Cost(renewal.cost, renewal.currency),
        exclusive_key=paid_key(number),
        previous=last if was_not_done else None,  # this one is another attempt
        batch=batch,
    )


def paid_key(number: Number) -> str:
    """One paid operation of a number may be open at a time in its account."""
    return f"paid:{number.number}"


def _last_prolongations(numbers: list[Number]) -> dict[int, Operation]:
    """The last prolongation of each number, by the number's primary key."""
    rows = Operation.objects.filter(
        kind=PROLONG.name, object_type="number", object_id__in=[number.pk for number in numbers]
    )
    return {row.object_id: row for row in rows.only("pk", "state", "object_id").order_by("created_at", "pk")}
