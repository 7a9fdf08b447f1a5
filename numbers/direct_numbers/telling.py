"""Operations on a number in words: payments, and values that are set."""

from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from direct_numbers import order_telling
from direct_numbers.models import Number, Order
from people.tenancy import Viewer, scope
from sync import telling
from sync.models import Operation
from sync.showing import exact
from sync.telling import Concern, Focus, Line, Sight, Subject, Telling, Way


def register() -> None:
    """Make the words of this app's kinds of operation known."""
    told = {
        "order": order_telling.ORDER,
        "prolong": PROLONG,
        "incoming_channels": CHANNELS,
        "receive_sms": SMS,
        "autoprolongation": AUTORENEWAL,
        "set_caller_name": CALLER_NAME,
        "set_sip_id": ROUTING,
    }
    for kind, words in told.items():
        telling.register(kind, words)
    telling.register_concern("order", order_telling.ORDERS)
    telling.register_concern("number", NUMBERS)


def _subject(number: Number) -> Subject:
    return Subject(phone=number.number, url=reverse("number", args=[number.pk]))


def _subjects(ids: Collection[int]) -> dict[int, Subject]:
    return {row.pk: _subject(row) for row in Number.objects.filter(pk__in=ids).only("pk", "number")}


def _with_digits(digits: str) -> Q:
    return Q(object_type="number", object_id__in=Number.objects.filter(number__contains=digits).values("pk"))


def _focus(viewer: Viewer, key: Any) -> Focus | None:
    """What was done to a number, and the order that brought it."""
    number = scope(Number.objects.filter(pk=key), viewer).only("pk", "number").first()
    if number is None:
        return None
    orders = Order.objects.filter(number=number)
    brought = Q(object_type="order", object_id__in=orders.values("pk"))
    return Focus(_subject(number), Q(object_type="number", object_id=number.pk) | brought)


def _months(count: int) -> str:
    return ngettext("%(count)d month", "%(count)d months", count) % {"count": count}


def _switch(value: object) -> str:
    if value is None:
        return _("not known")
    return _("on") if value else _("off")


def _status(value: object) -> str:
    return str(dict(Number.Status.choices).get(str(value), value or "–"))


def _paid_until(told: dict[str, Any]) -> Line:
    """An end date: on the reader's clock where that is known, else as Zadarma writes it."""
    is_raw = bool(told.get("stop")) and parse_datetime(told.get("stop_at") or "") is None
    return Line(_("Paid until"), _end(told) or _("not told"), note=_("on the account's clock") if is_raw else "")


def _end(told: dict[str, Any]) -> str:
    moment = parse_datetime(told.get("stop_at") or "")
    return exact(moment) if moment else str(told.get("stop") or "")


def _number_page(label: Callable[[], str]) -> Callable[[Operation], Way | None]:
    def again(operation: Operation) -> Way | None:
        number = Number.objects.filter(pk=operation.object_id, gone_at=None).only("pk").first()
        return Way(reverse("number", args=[number.pk]), label()) if number else None

    return again


# Paying further -----------------------------------------------------------------------------------------------------


def _prolong_request(operation: Operation) -> list[Line]:
    params = operation.params
    return [
        Line(_("Number"), phone=str(params.get("number", ""))),
        Line(_("To be paid further for"), _months(int(params.get("months", 0)))),
    ]


def _prolong_answer(answer: dict[str, Any]) -> list[Line]:
    lines = [_paid_until(answer)] if answer.get("stop") else []
    if answer.get("amount"):
        lines.append(Line(_("Paid"), amount=Decimal(answer["amount"]), currency=answer.get("currency", "")))
    return lines


def _prolong_before(before: dict[str, Any]) -> list[Line]:
    if "stop" not in before:
        return []
    lines = [
        _paid_until(before),
        Line(_("Status"), _status(before.get("status"))),
        Line(_("Autorenewal"), _switch(before.get("autorenew"))),
    ]
    fee = before.get("fee")
    if fee and fee != "None":
        lines.append(Line(_("A month"), amount=Decimal(fee), currency=before.get("currency", "")))
    return lines


def _prolong_look(operation: Operation, facts: dict[str, Any]) -> Sight:
    if not facts.get("listed", True):
        return Sight(_("Zadarma did not show the number."), [])
    before = operation.evidence.get("before", {})
    then, now = _end(before), _end(facts)
    if before.get("stop") and before["stop"] == facts.get("stop"):
        text = _("The end date is the same as before: %(date)s.") % {"date": now}
    elif now:
        text = _("The end date is %(now)s; before it was %(then)s.") % {"now": now, "then": then or _("not known")}
    else:
        text = _("Zadarma told no end date.")
    lines = [
        Line(_("Status"), _status(facts.get("status"))),
        Line(_("Autorenewal"), _switch(facts.get("autorenew"))),
    ]
    return Sight(text, lines + order_telling.listed(facts))


def _prolong_again(operation: Operation) -> Way | None:
    number = Number.objects.filter(pk=operation.object_id, gone_at=None).only("pk").first()
    return Way(reverse("number-prolong", args=[number.pk]), _("Pay this number further")) if number else None


PROLONG = Telling(
    name=lambda: _("Payment for more months"),
    brief=lambda operation: _months(int(operation.params.get("months", 0))),
    request=_prolong_request,
    answer=_prolong_answer,
    before=_prolong_before,
    look=_prolong_look,
    candidate=lambda operation, candidate: Subject(_("Paid until %(date)s") % {"date": _end(candidate["answer"])}),
    if_done=lambda operation: _("The number counts as paid until this date, and the money it cost as spent."),
    if_not_done=lambda operation: _(
        "The number counts as not paid further, the money is no longer held, and it can be paid anew. If Zadarma took "
        "the payment after all, the next reading shows the later date: paying anew would then pay twice."
    ),
    again=_prolong_again,
)

# Calls at once ------------------------------------------------------------------------------------------------------


def _channels(count: object) -> str:
    if not isinstance(count, int):
        return _("not known")
    return ngettext("%(count)d call at once", "%(count)d calls at once", count) % {"count": count}


def _channels_look(operation: Operation, facts: dict[str, Any]) -> Sight:
    if not facts.get("listed", True):
        return Sight(_("Zadarma did not show the number."), [])
    text = _("The number takes: %(channels)s.") % {"channels": _channels(facts.get("channels"))}
    return Sight(text, order_telling.listed(facts))


CHANNELS = Telling(
    name=lambda: _("Calls at once"),
    brief=lambda operation: str(operation.params.get("channels", "")),
    request=lambda operation: [Line(_("The number shall take"), _channels(operation.params.get("channels")))],
    answer=lambda answer: [Line(_("The number takes"), _channels(answer["channels"]))] if answer else [],
    before=lambda before: (
        [Line(_("The number took"), _channels(before["channels"]))] if before.get("channels") is not None else []
    ),
    look=_channels_look,
    candidate=lambda operation, candidate: Subject(_channels(candidate["answer"].get("channels"))),
    if_done=lambda operation: _("The number counts as taking so many calls at once."),
    if_not_done=lambda operation: _(
        "The change counts as not made, and can be asked for again. If Zadarma made it after all, the next reading "
        "shows it, and it may cost money."
    ),
    again=_number_page(lambda: _("Open the number")),
)

# Values that are set: sending them again does no harm ---------------------------------------------------------------


def _set_anew() -> str:
    return _("Save the value anew on the number's page")


def _not_set(operation: Operation) -> str:
    return _("The change counts as not made. If Zadarma made it after all, the next reading shows it.")


def _setting(
    name: Callable[[], str], request: Callable[[dict[str, Any]], str], answer: Callable[[dict[str, Any]], str]
) -> Telling:
    """A kind that sets one value: `request` and `answer` say it in words."""
    return Telling(
        name=name,
        brief=lambda operation: request(operation.params),
        request=lambda operation: [Line(name(), request(operation.params))],
        answer=lambda told: [Line(name(), answer(told))] if told else [],
        if_not_done=_not_set,
        again=_number_page(_set_anew),
    )


def _target(target: object, test_mode: object) -> str:
    shown = str(target or "–")
    return _("%(target)s, test mode") % {"target": shown} if test_mode else shown


ROUTING = _setting(
    lambda: _("Routing"),
    lambda params: _target(params.get("sip_id"), params.get("test_mode")),
    lambda answer: _target(answer.get("sip"), answer.get("is_on_test")),
)
CALLER_NAME = _setting(
    lambda: _("Caller name"),
    lambda params: str(params.get("caller_name") or "–"),
    lambda answer: str(answer.get("caller_name") or "–"),
)
AUTORENEWAL = _setting(
    lambda: _("Autorenewal"), lambda params: _switch(params.get("on")), lambda answer: _switch(answer.get("on"))
)
SMS = _setting(lambda: _("SMS"), lambda params: _switch(params.get("on")), lambda answer: _switch(answer.get("on")))
NUMBERS = Concern(_subjects, _with_digits, _focus)
