"""What a customer's own rules allow: countries, a sum a month, and which orders wait for approval.

They hold for every order for that customer, whoever places it. Amounts are at the customer's own price.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from direct_numbers.models import Charge, Country, Order
from people.models import Customer, SpendingLimit
from sync.models import Operation
from sync.words import money


class NotAllowed(Exception):
    """The customer's rules do not allow it."""


class AccessEnded(NotAllowed):
    """The customer's access was ended, or the customer was erased."""


class CountryNotAllowed(NotAllowed):
    """The customer may not order numbers of this country."""


class NeedsApproval(NotAllowed):
    """Somebody of the staff must pay this, by the customer's rules."""


class OverLimit(NotAllowed):
    """It would exceed what the customer may spend this month. `limit` None: nothing may be spent in this currency."""

    def __init__(self, amount: Decimal, spent: Decimal, limit: Decimal | None, currency: str) -> None:
        super().__init__("the monthly limit does not cover it")
        self.amount, self.spent, self.limit, self.currency = amount, spent, limit, currency


def locked(customer_ids: Iterable[int | None]) -> dict[int, Customer]:
    """The customers, locked until the transaction ends, so that what each spends is counted one at a time.

    Call it before any order and any account is locked (`holds.locked`): always in this order nobody waits for each
    other. Not their keys: a number that is settled for a customer must not wait for this.
    """
    pks = {pk for pk in customer_ids if pk is not None}
    rows = Customer.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=pks).order_by("pk")
    return {row.pk: row for row in rows}


# Countries and access


def allows_country(customer: Customer | None, country: Country | None) -> bool:
    """Whether numbers of `country` may be ordered for `customer`; an empty list allows all."""
    allowed = customer.allowed_countries if customer else []
    return not allowed or bool(country and country.iso.upper() in {str(iso).upper() for iso in allowed})


def allowed_countries(countries: QuerySet[Country], customer: Customer | None) -> QuerySet[Country]:
    """Those of `countries` in which numbers may be ordered for `customer`."""
    allowed = customer.allowed_countries if customer else []
    return countries.filter(iso__in=[str(iso).upper() for iso in allowed]) if allowed else countries


def check_country(customer: Customer | None, country: Country | None) -> None:
    """Raise `CountryNotAllowed`."""
    if not allows_country(customer, country):
        raise CountryNotAllowed


def check_access(customer: Customer | None) -> None:
    """Raise `AccessEnded`."""
    if customer and (customer.access_ended_at or customer.erased_at):
        raise AccessEnded


# Approval


def needs_approval(customer: Customer | None, amount: Decimal, currency: str) -> bool:
    """Whether an order of `amount` (at the customer's own price) waits for another person of the staff."""
    if customer is None or customer.approval == Customer.Approval.NEVER:
        return False
    if customer.approval == Customer.Approval.ABOVE:
        above = customer.approval_above
        return above is None or currency != customer.approval_currency or amount > above
    return True


# The month


def month_of(moment: datetime) -> tuple[datetime, datetime]:
    """The calendar month of `moment` in the panel's time zone: its beginning, and that of the next."""
    zone = timezone.get_default_timezone()  # whoever asks, wherever they are
    local = timezone.localtime(moment, zone)
    first = datetime(local.year, local.month, 1)  # noqa: DTZ001 - made aware below, at the offset of that day
    after = datetime(local.year + local.month // 12, local.month % 12 + 1, 1)  # noqa: DTZ001
    return timezone.make_aware(first, zone), timezone.make_aware(after, zone)


def counting() -> QuerySet[Charge]:
    """The charges that still count: not waived, and not of an operation that ended without effect."""
    ended = Q(operation__isnull=False, operation__state__in=Operation.WITHOUT_EFFECT)
    return Charge.objects.filter(waived_at=None).exclude(ended)


def spent(customer: Customer, currency: str, now: datetime, *, without: Order | None = None) -> Decimal:
    """What `customer` has spent in the month of `now` in `currency`, with what waits; the order `without` left out."""
    begins, ends = month_of(now)
    rows = counting().filter(customer=customer, currency=currency, at__gte=begins, at__lt=ends)
    if without is not None:
        rows = rows.exclude(order__isnull=False, order=without)
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def check(
    customer: Customer | None, amount: Decimal, currency: str, now: datetime, *, without: Order | None = None
) -> None:
    """Raise `OverLimit` where the month does not cover `amount` more. Lock the customer first (`locked`)."""
    if customer is None:
        return
    limits = dict(SpendingLimit.objects.filter(customer=customer).values_list("currency", "amount"))
    if not limits:
        return
    so_far, limit = spent(customer, currency, now, without=without), limits.get(currency)
    if limit is None or so_far + amount > limit:
        raise OverLimit(amount, so_far, limit, currency)


@dataclass(frozen=True)
class Month:
    """What a customer has spent this month in a currency, and what it may."""

    currency: str
    spent: Decimal
    limit: Decimal | None


def month(customer: Customer | None, currency: str, now: datetime) -> Month | None:
    """How far the customer's month is; None where nothing is limited."""
    if customer is None:
        return None
    limits = dict(SpendingLimit.objects.filter(customer=customer).values_list("currency", "amount"))
    return Month(currency, spent(customer, currency, now), limits.get(currency)) if limits else None


# In words


def explain(error: NotAllowed, *, with_sums: bool, to_staff: bool) -> str:
    """Why it is not allowed and what to do, in a sentence; sums only to those who are shown prices."""
    match error:
        case CountryNotAllowed():
            if to_staff:
                return _("The customer's settings don't allow numbers of this country. Please choose another one.")
            return _("Numbers of this country can't be ordered here. Please choose another one, or ask your provider.")
        case AccessEnded():
            return _("The access of this customer has been ended. Nothing can be ordered for it.")
        case NeedsApproval():
            return _("This sum needs the approval of your provider. Please ask them to pay these numbers further.")
        case OverLimit():
            return _over_limit(error, with_sums=with_sums, to_staff=to_staff)
    return _("The settings of this customer don't allow this.")


def _over_limit(error: OverLimit, *, with_sums: bool, to_staff: bool) -> str:
    if not with_sums:
        return _("This would exceed what may be spent this month. Please ask your provider.")
    if error.limit is None:
        told = _("Nothing may be spent in %(currency)s for this customer.") % {"currency": error.currency}
    else:
        told = _("This would exceed the limit of %(limit)s a month: %(spent)s are spent, this costs %(amount)s.") % {
            "limit": money(error.limit, error.currency),
            "spent": money(error.spent, error.currency),
            "amount": money(error.amount, error.currency),
        }
    then = _("Change the limit first, or wait for the next month.") if to_staff else _("Please ask your provider.")
    return f"{told} {then}"
