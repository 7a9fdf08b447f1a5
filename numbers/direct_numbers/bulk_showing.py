"""Changes of many numbers in words: what stands there now, what will, and what the button does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from direct_numbers import bulk, prices
from direct_numbers.bulk import Candidate, Wanted
from direct_numbers.models import Number
from people.tenancy import Viewer


@dataclass(frozen=True)
class Words:
    """How one kind of change is told: its name, what stands now, what will, and the button for `count` numbers."""

    name: Callable[[], str]
    now: Callable[[Number], str]
    then: Callable[[Number, Wanted], str]
    button: Callable[[int, Wanted], str]


@dataclass(frozen=True)
class Row:
    """A number of the preview."""

    number: Number
    now: str
    then: str


def rows(candidates: Iterable[Candidate], words: Words, wanted: Wanted) -> list[Row]:
    """Those that are changed, as they stand and as they will."""
    numbers = [one.number for one in candidates if not one.problem]
    return [Row(number, words.now(number), words.then(number, wanted)) for number in numbers]


def on_or_off(value: object) -> str:
    """A switch in a word."""
    if value is None:
        return _("not known")
    return _("on") if value else _("off")


def _ends(number: Number, wanted: Wanted) -> str:
    if wanted["on"]:
        return _("renews itself")
    if number.stop_at is None:
        return _("ends; the date is not known")
    return _("ends on %(date)s") % {"date": date_format(localtime(number.stop_at))}


def _switch_button(count: int, wanted: Wanted) -> str:
    if wanted["on"]:
        text = ngettext(
            "Switch autorenewal on for %(count)d number", "Switch autorenewal on for %(count)d numbers", count
        )
    else:
        text = ngettext(
            "Switch autorenewal off for %(count)d number", "Switch autorenewal off for %(count)d numbers", count
        )
    return text % {"count": count}


def target(sip: str, *, test_mode: bool) -> str:
    """Where calls go, in words."""
    shown = sip or _("nowhere yet")
    return _("%(target)s, test mode") % {"target": shown} if test_mode else shown


def _route_button(count: int, wanted: Wanted) -> str:
    told = {"count": count, "target": wanted["sip_id"]}
    if wanted["sip_id"]:
        text = ngettext(
            "Send the calls of %(count)d number to %(target)s",
            "Send the calls of %(count)d numbers to %(target)s",
            count,
        )
    elif wanted["test_mode"]:
        text = ngettext("Switch test mode on for %(count)d number", "Switch test mode on for %(count)d numbers", count)
    else:
        text = ngettext(
            "Switch test mode off for %(count)d number", "Switch test mode off for %(count)d numbers", count
        )
    return text % told


def _name_button(count: int, wanted: Wanted) -> str:
    told = {"count": count, "name": wanted["caller_name"]}
    if wanted["caller_name"]:
        text = ngettext(
            "Set the caller name %(name)s for %(count)d number",
            "Set the caller name %(name)s for %(count)d numbers",
            count,
        )
    else:
        text = ngettext(
            "Clear the caller name of %(count)d number", "Clear the caller name of %(count)d numbers", count
        )
    return text % told


WORDS = {
    bulk.AUTORENEWAL.kind.name: Words(
        lambda: _("Autorenewal"), lambda number: on_or_off(number.autorenew), _ends, _switch_button
    ),
    bulk.ROUTE.kind.name: Words(
        lambda: _("Where calls go"),
        lambda number: target(number.sip, test_mode=bool(number.is_on_test)),
        lambda number, wanted: target(wanted["sip_id"] or number.sip, test_mode=wanted["test_mode"]),
        _route_button,
    ),
    bulk.CALLER_NAME.kind.name: Words(
        lambda: _("Caller name"),
        lambda number: number.number_name or "–",
        lambda number, wanted: wanted["caller_name"] or "–",
        _name_button,
    ),
}


def told(words: Words, params: Wanted, *, several_targets: bool) -> str:
    """What a form asked for, in a word or two: `params` of one of its operations."""
    if "on" in params:
        value = on_or_off(params["on"])
    elif "caller_name" in params:
        value = str(params["caller_name"] or "–")
    elif several_targets:
        value = _("test mode %(value)s") % {"value": on_or_off(params.get("test_mode"))}
    else:
        value = target(str(params.get("sip_id", "")), test_mode=bool(params.get("test_mode")))
    return _("%(name)s: %(value)s") % {"name": words.name(), "value": value}


def monthly(numbers: Iterable[Number], viewer: Viewer) -> dict[str, Any]:
    """What the numbers cost a month at the reader's prices, by currency; empty for those who are shown none."""
    sums: dict[str, Decimal] = {}
    for number in numbers:
        price = prices.shown(number.monthly_fee, number.customer, viewer)
        if price is not None and number.currency:
            sums[number.currency] = sums.get(number.currency, Decimal(0)) + price
    return sums
