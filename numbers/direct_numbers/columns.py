"""The columns that the list of numbers can have: which a person may see, and which they chose."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from people.permissions import May
from people.tenancy import Viewer

BETWEEN = "."


@dataclass(frozen=True)
class Column:
    """A column by its `key`. `sorts` names what its heading sorts by; "" where it does not."""

    key: str
    label: str | Promise
    sorts: str = ""
    is_usual: bool = True
    needs: May = May.SEE
    is_price: bool = False


# In the order in which they stand. The number itself is always the first.
ALL = (
    Column("place", _("Place")),
    Column("status", _("Status")),
    Column("sip", _("Calls go to")),
    Column("customer", _("Customer"), needs=May.SEE_CUSTOMERS),
    Column("connection", _("Zadarma account"), is_usual=False, needs=May.SEE_CONNECTIONS),
    Column("stop", _("Paid until"), sorts="stop_at"),
    Column("sms", _("SMS"), is_usual=False),
    Column("channels", _("Calls at once"), is_usual=False),
    Column("since", _("Known since"), sorts="first_seen", is_usual=False),
    Column("fee", _("A month"), sorts="monthly_fee", is_price=True),
)


def offered(viewer: Viewer, *, shows_prices: bool) -> list[Column]:
    """Those that `viewer` may see."""
    return [one for one in ALL if viewer.may(one.needs) and (shows_prices or not one.is_price)]


def usual(among: Iterable[Column]) -> list[Column]:
    """What stands there while nobody has chosen."""
    return [one for one in among if one.is_usual]


def chosen(text: str, among: list[Column]) -> list[Column]:
    """The columns that an address or a person's choice names, in their own order; the usual ones where it names none.

    What is not among those offered is left out: an address may come from somebody who may see more.
    """
    keys = set(text.split(BETWEEN))
    return [one for one in among if one.key in keys] or usual(among)


def as_text(columns: Iterable[Column]) -> str:
    """How an address and a person's choice name columns."""
    return BETWEEN.join(one.key for one in columns)
