"""The list of numbers as CSV: read and sent in pieces, with one question to the database."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from direct_numbers import prices, showing
from direct_numbers.models import Number
from people import sheets
from people.permissions import May
from people.tenancy import Viewer

CHUNK = 1000


def lines(rows: QuerySet[Number], viewer: Viewer, language: str, *, shows_prices: bool) -> Iterator[str]:
    """The lines of the file in the order of `rows`, in words of `language`: all that the viewer may see of each."""
    to_staff, sees_accounts = viewer.may(May.SEE_CUSTOMERS), viewer.may(May.SEE_CONNECTIONS)
    with override(language):
        head = [
            *(_("Number"), _("Caller name"), _("Country"), _("Place"), _("Status"), _("Calls go to")),
            *((_("Customer"),) if to_staff else ()),
            *((_("Zadarma account"),) if sees_accounts else ()),
            *(_("Paid until"), _("Autorenewal"), _("SMS"), _("Calls at once")),
            *((_("A month"), _("Currency")) if shows_prices else ()),
            _("As of"),
        ]
    return sheets.lines(head, _cells(rows, viewer, language, shows_prices))


def _cells(rows: QuerySet[Number], viewer: Viewer, language: str, shows_prices: bool) -> Iterator[list[object]]:
    zone = timezone.get_current_timezone()
    for number in rows.iterator(chunk_size=CHUNK):
        with override(language), timezone.override(zone):
            yield _row(number, viewer, shows_prices)


def _row(number: Number, viewer: Viewer, shows_prices: bool) -> list[object]:
    price = prices.shown(number.monthly_fee, number.customer, viewer)
    country = number.direction.country.name if number.direction else ""
    place = number.direction.name if number.direction else ""
    return [
        number.number,
        number.number_name,
        country or number.country_name,
        place or number.description,
        showing.number_status(number, viewer).label,
        number.sip,
        *((number.customer or "",) if viewer.may(May.SEE_CUSTOMERS) else ()),
        *((number.connection.name,) if viewer.may(May.SEE_CONNECTIONS) else ()),
        _moment(number.stop_at),
        _on(number.autorenew),
        _on(number.receive_sms),
        number.channels,
        *(("" if price is None else price, number.currency) if shows_prices else ()),
        _moment(number.as_of),
    ]


def _moment(moment: datetime | None) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


def _on(value: bool | None) -> str:
    return "" if value is None else _("on") if value else _("off")
