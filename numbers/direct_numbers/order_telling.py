"""Orders in the journal, in words: what was asked for, what the account's numbers showed, what a decision means."""

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from direct_numbers import queries
from direct_numbers.models import Direction, Number, Order
from documents.models import MAIN_GROUP
from people.tenancy import Viewer
from sync.models import Operation
from sync.showing import exact
from sync.telling import Concern, Focus, Line, Sight, Subject, Telling, Way


def _subject(order: Order) -> Subject:
    phone = order.number.number if order.number else order.wanted_number
    place = f"{order.direction.name}, {order.country.name}" if order.direction and order.country else _("Order")
    return Subject(place, phone, reverse("order", args=[order.public_id]))


def _subjects(ids: Collection[int]) -> dict[int, Subject]:
    rows = Order.objects.filter(pk__in=ids).select_related("country", "direction", "number")
    return {row.pk: _subject(row) for row in rows}


def _with_digits(digits: str) -> Q:
    orders = Order.objects.filter(Q(wanted_number__contains=digits) | Q(number__number__contains=digits))
    return Q(object_type="order", object_id__in=orders.values("pk"))


def _focus(viewer: Viewer, key: Any) -> Focus | None:
    """An order's own operations, its routing, and what was done to the number that it brought."""
    order = queries.orders(viewer).filter(public_id=key).first()
    if order is None:
        return None
    rows = Q(object_type="order", object_id=order.pk)
    if order.routing_operation_id:
        rows |= Q(pk=order.routing_operation_id)
    if order.number_id:
        rows |= Q(object_type="number", object_id=order.number_id)
    subject = _subject(order)
    return Focus(replace(subject, text=_("Order: %(place)s") % {"place": subject.text}), rows)


def _direction(remote_id: object) -> str:
    direction = Direction.objects.select_related("country").filter(remote_id=str(remote_id)).first()
    return f"{direction.name}, {direction.country.name}" if direction else str(remote_id)


def _group(remote_id: str) -> str:
    """By its number: names of people stand in no receipt."""
    return _("the account holder's own (0)") if remote_id == MAIN_GROUP else remote_id


def _candidate_lines(operation: Operation, candidate: dict[str, Any]) -> list[Line]:
    """What tells numbers that fit apart: since when each is here, and whose it is in this panel."""
    lines = [Line(_("In the account"), since)] if (since := _since(candidate.get("told", {}))) else []
    known = Number.objects.filter(connection=operation.connection_id, number=candidate["value"], gone_at=None)
    if number := known.select_related("customer").first():
        lines.append(Line(_("Belongs to"), str(number.customer) if number.customer else _("nobody yet")))
    return lines


def _request(operation: Operation) -> list[Line]:
    params = operation.params
    chosen = str(params.get("number") or "")
    periods, renewals = dict(Order.Period.choices), dict(Order.AutorenewPeriod.choices)
    lines = [
        Line(_("Direction"), _direction(params.get("direction_id", "–"))),
        Line(_("Number"), phone=chosen) if chosen else Line(_("Number"), _("the operator chooses")),
        Line(_("Document group"), _group(str(params.get("documents_group_id", "–")))),
        Line(_("Paid in advance"), str(periods.get(params.get("period", ""), "–"))),
        Line(_("Renews itself"), str(renewals.get(params.get("autorenew_period", ""), "–"))),
    ]
    if params.get("receive_sms") is not None:
        lines.append(Line(_("SMS"), _("received") if params["receive_sms"] else _("not received")))
    if params.get("purpose"):
        lines.append(Line(_("Used for"), str(params["purpose"])))
    return lines


def _answer(answer: dict[str, Any]) -> list[Line]:
    if not answer.get("number"):
        return []
    if answer.get("is_activated"):
        state = _("active at once")
    elif answer.get("is_reserved"):
        state = _("reserved until paid")
    else:
        state = _("ordered, waits for activation")
    return [Line(_("Number"), phone=str(answer["number"])), Line(_("Status"), state)]


def _before(before: dict[str, Any]) -> list[Line]:
    if "numbers" not in before:
        return []
    whole = _("the whole list could be read") if before.get("is_complete", True) else _("not all of it could be read")
    known = before["numbers"]
    lines = [Line(_("Numbers in this direction"), str(len(known)), note=whole)]
    return lines + [Line(_("Was there already"), phone=str(number)) for number in known[:20]]


def _since(told: dict[str, Any]) -> str:
    """Since when a number is in the account: on the reader's clock where that is known."""
    if moment := parse_datetime(told.get("start_at") or ""):
        return _("since %(start)s") % {"start": exact(moment)}
    return _("since %(start)s on the account's clock") % {"start": told["start"]} if told.get("start") else ""


def told_number(told: dict[str, Any], label: str) -> Line:
    """A number as a look saw it: its status, and since when it is in the account."""
    status = str(told.get("status", ""))
    words = [str(dict(Number.Status.choices).get(status, status))]
    if since := _since(told):
        words.append(since)
    return Line(label, phone=str(told.get("number", "")), note=", ".join(word for word in words if word))


def listed(facts: dict[str, Any]) -> list[Line]:
    """How much of the account a look saw, and the balance where it was asked for."""
    lines = []
    if "unreadable" in facts:
        lines.append(Line(_("Numbers listed"), str(facts.get("listed", "–"))))
    if facts.get("unreadable"):
        lines.append(Line(_("Entries that could not be read"), str(facts["unreadable"])))
    if facts.get("balance"):
        lines.append(Line(_("Balance then"), amount=Decimal(facts["balance"]), currency=facts.get("currency", "")))
    return lines


def _look(operation: Operation, facts: dict[str, Any]) -> Sight:
    if operation.params.get("number"):
        told = facts.get("number")
        if told is None:
            return Sight(_("The number that was ordered is not in the account."), listed(facts))
        text = _("The number that was ordered is in the account.")
        return Sight(text, [told_number(told, _("In the account")), *listed(facts)])
    fits, others = facts.get("fits", []), facts.get("others", [])
    if not fits:
        text = _("No new number that fits this order is in the account.")
    else:
        text = ngettext(
            "%(count)d new number that fits this order is in the account.",
            "%(count)d new numbers that fit this order are in the account.",
            len(fits),
        ) % {"count": len(fits)}
    lines = [told_number(told, _("Fits")) for told in fits]
    lines += [told_number(told, _("New, but does not fit")) for told in others]
    return Sight(text, lines + listed(facts))


def _if_done(operation: Operation) -> str:
    return _(
        "The order is placed with this number, which then belongs to the order's customer. The money it cost counts "
        "as spent."
    )


def _if_not_done(operation: Operation) -> str:
    return _(
        "The order counts as not placed, its money is no longer held, and it can be ordered again. If Zadarma took it "
        "after all, the number will appear in the account, given to nobody."
    )


def _again(operation: Operation) -> Way | None:
    order = Order.objects.filter(pk=operation.object_id, operation_id=operation.pk, state=Order.State.REFUSED).first()
    if order is None:
        return None
    return Way(reverse("order", args=[order.public_id]), _("Go to the order: correct it, or order again"))


ORDER = Telling(
    name=lambda: _("Order"),
    request=_request,
    answer=_answer,
    before=_before,
    look=_look,
    candidate=lambda operation, candidate: Subject(phone=str(candidate["value"])),
    candidate_lines=_candidate_lines,
    if_done=_if_done,
    if_not_done=_if_not_done,
    again=_again,
)
ORDERS = Concern(_subjects, _with_digits, _focus)
