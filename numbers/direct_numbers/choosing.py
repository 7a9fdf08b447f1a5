"""What a person chooses from, asked of the API at that moment: available numbers, SIP logins."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from django.core.cache import cache
from django.utils.translation import gettext as _

from direct_numbers.models import Direction
from people.models import Customer
from people.tenancy import Viewer
from sync import budget, gateway
from sync.models import Connection
from zadarma.types import AvailableNumber

MASK = re.compile(r"^[0-9*?]*$")


def clean_mask(text: str) -> str:
    """A search mask as the API takes it: digits, `*` and `?`; +, spaces and punctuation of phone numbers are dropped.

    Raises `ValueError` for anything else.
    """
    mask = re.sub(r"[\s+()./-]", "", text)
    if not MASK.match(mask):
        raise ValueError(text)
    return mask


def available_numbers(connection: Connection, direction: Direction, mask: str = "") -> list[AvailableNumber]:
    """Numbers that can be ordered now (GET /v1/direct_numbers/available/<ID>/). Raises `ZadarmaError`, `NotUsable`.

    `*` stands for any digits, `?` for one, and with either of them the mask is the whole number. The API has no sign
    for one digit, so it is asked more loosely; the mask is applied here as well.
    """
    with gateway.client(connection, budget.CLICK) as api:
        rows = api.available_numbers(direction.remote_id, mask.replace("?", "*") or None)
    return [row for row in rows if fits(row.number, mask)]


def fits(number: str, mask: str) -> bool:
    """Whether `number` is what `mask` says. No mask takes long: a regular expression of many `.*` would."""
    return fnmatchcase(number, mask) if set(mask) & {"*", "?"} else mask in number


@dataclass(frozen=True)
class SipLogin:
    """A SIP login of the account; `is_online` is None where the API did not say."""

    id: str
    display_name: str
    lines: int | None
    is_online: bool | None


def sip_logins(connection: Connection, most_asked: int = 10, deadline: float | None = None) -> list[SipLogin]:
    """The account's SIP logins, the first `most_asked` with their online state (GET /v1/sip/, /v1/sip/<SIP>/status/).

    An answer serves for a minute, since each costs a call a login; `deadline` is how many seconds one call may take.
    Raises `ZadarmaError`, `NotUsable`.
    """
    key = f"sip-logins:{connection.pk}:{most_asked}"
    kept: list[SipLogin] | None = cache.get(key)
    if kept is None:
        kept = _ask_sip_logins(connection, most_asked, deadline)
        cache.set(key, kept, 60)
    return kept


def logins_for(
    viewer: Viewer,
    customer: Customer | None,
    connection: Connection,
    *,
    now: str = "",
    most_asked: int = 10,
    deadline: float | None = None,
) -> list[SipLogin]:
    """The SIP logins that `viewer` may route a customer's number to: staff all of the account's, customers their own.

    `now` is where the number goes at present: where that is not the customer's own login it can be kept, unnamed.
    Without any login of its own nothing is asked. Raises as `sip_logins` does.
    """
    if viewer.is_staff:
        return sip_logins(connection, most_asked, deadline)
    own = own_logins(customer)
    rows = [row for row in sip_logins(connection, most_asked, deadline) if row.id in own] if own else []
    if now and "@" not in now and now not in own:
        rows.append(SipLogin(now, _("set by your provider"), None, None))
    return rows


def own_logins(customer: Customer | None) -> set[str]:
    """The ids of the SIP logins that staff gave a customer."""
    return {str(login) for login in customer.sip_logins} if customer else set()


def is_anothers_login(login: str, customer: Customer | None) -> bool:
    """Whether staff gave a SIP login to other customers, and not (or not any more) to `customer`."""
    if customer is None or login in own_logins(customer):
        return False
    others = Customer.objects.filter(erased_at=None).exclude(pk=customer.pk).exclude(sip_logins=[])
    return any(login in own_logins(other) for other in others.only("sip_logins"))


def _ask_sip_logins(connection: Connection, most_asked: int, deadline: float | None) -> list[SipLogin]:
    with gateway.client(connection, budget.CLICK, deadline) as api:
        rows = api.sip_logins().sips
        return [
            SipLogin(row.id, row.display_name, row.lines, api.sip_online(row.id) if n < most_asked else None)
            for n, row in enumerate(rows)
        ]
