"""How prolongations are told to people: each one's outcome, what was paid, and where that differs."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal

from django.utils import formats
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from direct_numbers import charged, prices
from direct_numbers.batch_showing import Counts, counted
from direct_numbers.models import Charge, Number
from direct_numbers.paid_until import is_near, months_later, read
from direct_numbers.renewals import Renewal
from people.tenancy import Viewer
from sync.models import Operation
from sync.showing import Told
from sync.words import money

State = Operation.State
FAILED = Operation.WITHOUT_EFFECT


@dataclass(frozen=True)
class Priced(Renewal):
    """A prolongation at the reader's price, which is `cost`; `monthly` is that of a month.

    `customers` is what the customer pays, told to staff where it has a markup.
    """

    monthly: Decimal | None = None
    customers: Decimal | None = None


def priced(row: Renewal, viewer: Viewer) -> Priced:
    """The prolongation as `viewer` may see it; at no price at all for those who are shown none."""
    number = row.number
    bought = number.monthly_fee or Decimal(0)
    monthly = prices.shown(bought, number.customer, viewer)
    theirs = prices.beside(bought, number.customer, viewer)
    return Priced(
        **{field.name: getattr(row, field.name) for field in fields(row) if field.name != "cost"},
        cost=(monthly or Decimal(0)) * row.months,
        monthly=monthly,
        customers=None if theirs is None else theirs * row.months,
    )


def hindered(row: Renewal, viewer: Viewer) -> Renewal:
    """One that can't be paid, with its reason as `viewer` is told it: that an account is paused is the staff's own."""
    if viewer.is_staff or row.number.gone_at or row.number.connection.usable:
        return row
    return replace(row, problem=_("This can't be paid right now. Please ask your provider's staff."))


@dataclass(frozen=True)
class Outcome:
    """What became of one number. `until` and `warning` only where it is paid; `later` is another attempt made since.

    `paid` is what the reader is told to have paid, in `currency`: staff what Zadarma told, customers their own price.
    """

    operation: Operation
    number: Number
    told: Told
    until: datetime | None = None
    warning: str = ""
    later: Operation | None = None
    paid: Decimal | None = None
    currency: str = ""

    @property
    def may_be_tried_again(self) -> bool:
        """Whether it was not paid, and nobody has tried again."""
        return self.operation.state in FAILED and self.later is None


def outcome(
    operation: Operation,
    number: Number,
    viewer: Viewer,
    later: Operation | None = None,
    charge: Charge | None = None,
) -> Outcome:
    """The outcome of a prolongation. Why one was refused may be the partner's balance: customers are not told."""
    told = _told(operation, viewer)
    if operation.state != State.DONE:
        return Outcome(operation, number, told, later=later)
    until = parse_datetime(operation.answer.get("stop_at", ""))
    warning = " ".join(
        part for part in (_other_sum(operation) if viewer.is_staff else "", _other_end(operation)) if part
    )
    paid, currency = operation.paid_amount, operation.paid_currency
    if not viewer.is_staff:
        paid = charged.of_operation(operation, charge, number.customer)
        currency = charge.currency if charge else operation.hold_currency or operation.paid_currency
        if not prices.are_shown(number.customer, viewer):
            paid = None
    return Outcome(operation, number, told, until, warning, later, paid, currency)


def _told(operation: Operation, viewer: Viewer) -> Told:
    match operation.state:
        case State.PLANNED if not operation.waits_for:
            return Told("waiting", _("waits its turn"))
        case State.PLANNED:
            text = _("It could not be sent yet and is tried again by itself. Nothing is paid so far.")
            return Told("waiting", _("not sent yet"), text)
        case State.SENT:
            return Told("waiting", _("on its way"))
        case State.DONE:
            return Told("active", _("paid"), "" if operation.paid_amount is not None else _found_done(operation))
        case State.UNKNOWN:
            text = _(
                "Zadarma's answer did not arrive. The panel looks at the end date until it is clear whether this was "
                "paid; it is not paid a second time."
            )
            return Told("waiting", _("in doubt"), text)
        case State.NEEDS_PERSON:
            text = _("The account does not show clearly whether this was paid. A person must look at it.")
            return Told("needs", _("needs a person"), text)
        case State.NOT_DONE:
            return Told("parked", _("not paid"), _not_done(operation))
        case State.CANCELLED:
            return Told("parked", _("stopped"), _("It was not sent. Nothing was paid."))
    return Told("needs", _("not paid"), _refusal(operation, viewer))


def _found_done(operation: Operation) -> str:
    if operation.decided_by_id:
        return _("Zadarma's answer did not arrive; a person found it paid by the end date.")
    return _("Zadarma's answer did not arrive; the end date shows that it was paid.")


def _not_done(operation: Operation) -> str:
    if operation.decided_by_id:
        return _("A person looked into it: nothing was paid.")
    return _("Zadarma's answer did not arrive; the end date shows that nothing was paid.")


def _refusal(operation: Operation, viewer: Viewer) -> str:
    if not viewer.is_staff or not operation.error:
        return _("Nothing was paid.")
    if operation.sent_at:
        reason = operation.error.rstrip(".")
        return _("Zadarma answered: “%(reason)s”. Nothing was paid.") % {"reason": reason}
    return operation.error


def _other_sum(operation: Operation) -> str:
    """Where what Zadarma charged is not what was confirmed: a sentence with both sums, for staff; else ""."""
    paid, confirmed = operation.paid_amount, operation.hold_amount
    if paid is not None and (paid, operation.paid_currency) != (confirmed, operation.hold_currency):
        return _("Zadarma charged %(paid)s; %(confirmed)s were confirmed.") % {
            "paid": money(paid, operation.paid_currency),
            "confirmed": money(confirmed, operation.hold_currency),
        }
    return ""


def _other_end(operation: Operation) -> str:
    """Where the date reached is not what was confirmed: a sentence with both dates; else ""."""
    then, stop = read(operation.evidence.get("before", {}).get("stop", "")), read(operation.answer.get("stop", ""))
    if then and stop and not operation.evidence.get("looks"):  # one that was in doubt may have been renewed as well
        expected = months_later(then, int(operation.params["months"]))
        if not is_near(expected, stop):
            return _("The number ends on %(now)s; %(then)s was expected.") % {
                "now": formats.date_format(stop),
                "then": formats.date_format(expected),
            }
    return ""


@dataclass(frozen=True)
class Summary(Counts):
    """All of a form's prolongations together. `paid` are the amounts told, by currency, of `told` numbers.

    `untold` is how many were paid without an amount told, and `untold_most` what was confirmed for these.
    """

    paid: dict[str, Decimal]
    told: int
    untold: int
    untold_most: dict[str, Decimal]


def summary(outcomes: Iterable[Outcome]) -> Summary:
    """Count the outcomes, and add up what was paid: amounts of different currencies are never added."""
    rows = list(outcomes)
    paid: dict[str, Decimal] = {}
    untold_most: dict[str, Decimal] = {}
    done = [row for row in rows if row.operation.state == State.DONE]
    for row in done:
        held, currency = row.operation.hold_amount, row.operation.hold_currency
        if row.paid is not None:
            paid[row.currency] = paid.get(row.currency, Decimal(0)) + row.paid
        elif held is not None:
            untold_most[currency] = untold_most.get(currency, Decimal(0)) + held
    return Summary(
        **counted(row.operation for row in rows),
        paid=dict(sorted(paid.items())),
        told=sum(row.paid is not None for row in done),
        untold=sum(row.paid is None for row in done),
        untold_most=dict(sorted(untold_most.items())),
    )
