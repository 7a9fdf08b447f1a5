"""What is kept of a customer's numbers and orders: told for an export, emptied when the customer is erased."""

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from direct_numbers import assigning, charged, label_showing, prices
from direct_numbers.models import Charge, Label, Number, Order
from direct_numbers.refusals import reason_for_customers
from direct_numbers.routing import SET_CALLER_NAME, SET_SIP
from documents.models import DocumentGroup
from people.models import Customer
from people.personal import Counts, File, Source
from people.phones import international
from people.tenancy import Viewer
from sync.journal import Operation
from sync.models import Change
from sync.telling import ERASED, exported

State = Order.State
# What was not ordered is given up: an order that was refused could be made a draft again.
NOT_ORDERED = (State.DRAFT, State.APPROVAL, State.REFUSED)
# Of a number's history: what the customer chose in words.
CHOSEN = ("number_name", "sip", "sip_name")
# Of an order's evidence: what Zadarma or a person wrote in words.
WORDS = ("error", "stopped")
NOTES = ("decision", "said")


def _numbers(customer: Customer) -> QuerySet[Number]:
    rows = Number.objects.filter(customer=customer).select_related("connection", "direction__country")
    return rows.defer("connection__api_key", "connection__api_secret").order_by("pk")


def _orders(customer: Customer) -> QuerySet[Order]:
    return Order.objects.filter(customer=customer).order_by("pk")


def _of_orders(customer: Customer) -> QuerySet[Operation]:
    rows = Operation.objects.filter(object_type="order", object_id__in=_orders(customer).order_by().values("pk"))
    return rows.order_by("pk")


def _ever_theirs(customer: Customer) -> set[int]:
    """Numbers that are the customer's or once were, by primary key."""
    mark = f"#{customer.pk}"
    changes = Change.objects.filter(Q(old=mark) | Q(new=mark), object_type="number", field="customer")
    return {*changes.values_list("object_id", flat=True), *_numbers(customer).values_list("pk", flat=True)}


def _of_numbers(customer: Customer) -> list[Operation]:
    """What was asked for their numbers while those were theirs: the operation itself says for whom it was."""
    rows = Operation.objects.filter(object_type="number", object_id__in=_ever_theirs(customer))
    return [
        row for row in rows.select_related("connection").order_by("pk") if row.params.get("customer") == customer.pk
    ]


# Export ---------------------------------------------------------------------------------------------------------------


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _export(customer: Customer) -> tuple[dict[str, Any], Iterable[File]]:
    orders = list(_orders(customer).select_related("country", "direction", "number", "group", "customer"))
    charges = charged.of_orders(orders, _as_its_people(customer.pk))
    groups = DocumentGroup.objects.filter(customer=customer).exclude(remote_id="").order_by()
    own = set(groups.values_list("connection_id", "remote_id"))
    numbers = list(_numbers(customer))
    labels = label_showing.of_numbers(numbers, _as_its_people(customer.pk))
    told = {
        "numbers": [
            _number(row, customer, own) | {"labels": [label.name for label in labels.get(row.pk, [])]}
            for row in numbers
        ],
        "orders": [_order(row, charges.get(row.pk)) for row in orders],
        "operations_on_orders": _operations(_of_orders(customer).select_related("connection"), customer),
        "operations_on_numbers": _operations(_of_numbers(customer), customer),
    }
    return told, ()


def _price(amount: Decimal | None, currency: str, customer: Customer) -> str | None:
    """The customer's own price: what the partner paid is the partner's; None where it is told none."""
    if amount is None or not customer.shows_prices:
        return None
    return f"{prices.for_customer(amount, customer)} {currency}"


def _as_its_people(customer_id: int | None) -> Viewer:
    """Who sees what the people of a customer see."""
    return Viewer(user_id=0, roles={customer_id: ""}) if customer_id else Viewer()


def _total(row: Order, charge: Charge | None) -> str | None:
    total = charged.total(row, charge, _as_its_people(row.customer_id))
    return f"{total} {row.currency}" if total is not None else None


def _operations(rows: Iterable[Operation], customer: Customer) -> list[dict[str, Any]]:
    """Operations with what the customer was charged."""
    found = list(rows)
    charges = charged.of_operations(found, _as_its_people(customer.pk))
    return [exported(row) | _paid(row, charges.get(row.pk), customer) for row in found]


def _paid(row: Operation, charge: Charge | None, customer: Customer) -> dict[str, Any]:
    if row.hold_amount is None and row.paid_amount is None and charge is None:
        return {}
    is_told = row.state == Operation.State.DONE and customer.shows_prices
    amount = charged.of_operation(row, charge, customer) if is_told else None
    currency = charge.currency if charge else row.hold_currency or row.paid_currency
    return {"paid": f"{amount} {currency}" if amount is not None else None}


def _number(row: Number, customer: Customer, own: Collection[tuple[int, str]]) -> dict[str, Any]:
    """`own` are the customer's groups: a number may run with papers of somebody else."""
    return {
        "number": row.number,
        "status": row.get_status_display(),
        "country": row.country_name,
        "place": row.description,
        "caller_name": row.number_name,
        "calls_go_to": row.sip,
        "document_group_at_zadarma": row.group_remote_id if _papers_of(row) in own else None,
        "from": _iso(row.start_at) or row.start_text or None,
        "paid_until": _iso(row.stop_at) or row.stop_text or None,
        "a_month": _price(row.monthly_fee, row.currency, customer),
        "renews_itself": row.autorenew,
        "gone": _iso(row.gone_at),
    }


def _order(row: Order, charge: Charge | None) -> dict[str, Any]:
    return {
        "state": row.get_state_display(),
        "country": row.country.name if row.country else None,
        "direction": row.direction.name if row.direction else None,
        "wanted_number": row.wanted_number,
        "number": row.number.number if row.number else None,
        "document_group_at_zadarma": row.group.remote_id
        if row.group and row.group.customer_id == row.customer_id
        else None,
        "purpose": row.purpose,
        "receive_sms": row.receive_sms,
        "paid_in_advance": row.get_period_display(),
        "renews_itself": row.get_autorenew_period_display(),
        "calls_go_to": row.sip_id,
        "total": _total(row, charge),
        "refused_because": reason_for_customers(row),
        "word_of_who_decided": row.word,
        "begun": _iso(row.created_at),
        "placed": _iso(row.placed_at),
    }


# Erasing --------------------------------------------------------------------------------------------------------------


def _hinders(customer: Customer) -> list[str]:
    """Orders and numbers are locked first: what begins meanwhile is seen, or waits and finds them emptied."""
    groups = DocumentGroup.objects.filter(customer=customer).order_by().values("pk")
    with_papers = Order.objects.filter(Q(customer=customer) | Q(group__in=groups)).order_by("pk")
    list(with_papers.select_for_update(of=("self",)).values_list("pk"))
    list(Number.objects.filter(customer=customer).order_by("pk").select_for_update().values_list("pk"))
    orders = with_papers.filter(
        Q(state__in=[State.PLACING, State.IN_DOUBT]) | Q(operation__state__in=Operation.OPEN)
    ).count()
    told = []
    if orders:
        text = ngettext(
            "%(count)d order for them, or with their papers, is being placed or is in doubt.",
            "%(count)d orders for them, or with their papers, are being placed or are in doubt.",
            orders,
        )
        told.append(text % {"count": orders})
    mine = Number.objects.filter(customer=customer).values("pk")
    changes = Operation.objects.filter(object_type="number", object_id__in=mine, state__in=Operation.OPEN).count()
    if changes:
        text = ngettext(
            "%(count)d change of their numbers is still under way at Zadarma.",
            "%(count)d changes of their numbers are still under way at Zadarma.",
            changes,
        )
        told.append(text % {"count": changes})
    return told


def _erase(customer: Customer, now: datetime) -> Counts:
    for operation in _of_orders(customer):
        _empty_order(operation)
    for operation in _of_numbers(customer):
        if operation.kind in (SET_CALLER_NAME.name, SET_SIP.name):
            _empty_value(operation)
    for pk in _ever_theirs(customer):
        _empty_history(pk, customer)
    orders = _orders(customer)
    orders.filter(state__in=NOT_ORDERED).update(state=State.CANCELLED)
    Charge.objects.filter(customer=customer, operation=None, waived_at=None).update(waived_at=now)
    emptied = orders.update(purpose="", error="", word="", sip_id="", routing=Order.Routing.NONE)
    labels = Label.objects.filter(customer=customer)
    words = labels.count()
    labels.delete()
    numbers = list(Number.objects.filter(customer=customer).order_by("pk"))
    for number in numbers:
        assigning.assign(number, None)
    return {"orders": emptied, "labels": words, "numbers": len(numbers)}


def _empty_order(operation: Operation) -> None:
    """What it was used for, and what was said of it, is personal; number, direction and money are not."""
    params = {name: value for name, value in operation.params.items() if name != "purpose"}
    evidence = {name: value for name, value in operation.evidence.items() if name not in WORDS} | {ERASED: True}
    for name in NOTES:
        if isinstance(evidence.get(name), dict):
            evidence[name] = {**evidence[name], "note": ""}
    Operation.objects.filter(pk=operation.pk).update(params=params, evidence=evidence, error="")


def _empty_value(operation: Operation) -> None:
    """A caller name or where calls went: that it was set stays, to what is gone."""
    params = {name: value for name, value in operation.params.items() if name not in ("caller_name", "sip_id")}
    Operation.objects.filter(pk=operation.pk).update(params=params, answer={}, evidence={ERASED: True})


def _empty_history(pk: int, customer: Customer) -> None:
    """Caller names and routings seen while the number was the customer's, and what the first ones after it replaced."""
    mark = f"#{customer.pk}"
    changes = list(Change.objects.filter(object_type="number", object_id=pk).order_by("seen_at", "pk"))
    hands = [change for change in changes if change.field == "customer"]
    theirs = not hands or hands[0].old == mark
    just_ended: set[str] = set()
    for change in changes:
        if change.field == "customer":
            if theirs:
                just_ended = set(CHOSEN)
            theirs = change.new == mark
        elif change.field in CHOSEN and (theirs or change.field in just_ended):
            Change.objects.filter(pk=change.pk).update(old="", new="" if theirs else change.new)
            just_ended.discard(change.field)


def _stays(customer: Customer) -> list[str]:
    """Numbers that run with the customer's papers, or are theirs, go on at Zadarma, with the caller name they have."""
    groups = DocumentGroup.objects.filter(customer=customer).exclude(remote_id="").order_by()
    papers = set(groups.values_list("connection_id", "remote_id"))
    rows = Number.objects.filter(gone_at=None).filter(
        Q(customer=customer) | Q(group_remote_id__in=[remote_id for _connection, remote_id in papers])
    )
    return [
        _stay(number, is_erased=customer.erased_at is not None, has_papers=_papers_of(number) in papers)
        for number in rows.order_by("number", "pk")
        if number.customer_id == customer.pk or _papers_of(number) in papers
    ]


def _papers_of(number: Number) -> tuple[int, str]:
    return number.connection_id, number.group_remote_id


def _stay(number: Number, *, is_erased: bool, has_papers: bool) -> str:
    names = {"number": international(number.number), "group": number.group_remote_id}
    if has_papers:
        text = _("%(number)s still runs with the papers of document group %(group)s.") % names
    else:
        text = _("%(number)s stays in the account.") % names
    if number.stop_at and not number.autorenew:
        day = date_format(timezone.localtime(number.stop_at), "DATE_FORMAT")
        text = _("%(sentence)s It ends on %(date)s.") % {"sentence": text, "date": day}
    if number.number_name and not is_erased:  # afterwards nothing here shall say whose name it is
        text = _("%(sentence)s Its caller name there: %(name)s.") % {"sentence": text, "name": number.number_name}
    return text


NUMBERS = Source("numbers", _export, _erase, _hinders, _stays)
