"""Slows down guessing of passwords and codes: by account and by address, in the shared cache."""

import hashlib
import time
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

# So many failures within so many seconds close the door until the window has passed.
MOST_BY_ACCOUNT, MOST_BY_ADDRESS, WINDOW = 8, 40, 15 * 60
MOST_LINKS_BY_ADDRESS = 60


def _places(email: str, address: str) -> list[list[str]]:
    """Places for the failures of this window, as many as may be. In upper case, as the database compares e-mails."""
    window = int(time.time() // WINDOW)
    account = hashlib.sha256(email.strip().upper().encode()).hexdigest()[:32]
    places = [[f"sign-in-from:{window}:{_place(address)}:{n}" for n in range(MOST_BY_ADDRESS)]]
    if email.strip():  # a passkey that fits nobody is nobody's
        places.append([f"sign-in:{window}:{account}:{n}" for n in range(MOST_BY_ACCOUNT)])
    return places


def _place(address: str) -> str:
    return hashlib.sha256(_network(address).encode()).hexdigest()[:32]


def _network(address: str) -> str:
    """An IPv4 address as it is, an IPv6 address as its /64, of which one visitor has all addresses."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((known, 64), strict=False)) if known.version == 6 else address


def address_of(request: HttpRequest) -> str:
    """Where a request comes from: behind a proxy what the proxy itself added to `X-Forwarded-For`, the last entry."""
    told = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    return told.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


def is_closed(email: str, address: str) -> bool:
    """Whether too many attempts failed lately for this account (an e-mail, or `second_factor`) or from this address."""
    return bool(cache.get_many([places[-1] for places in _places(email, address)]))


def failed(email: str, address: str) -> None:
    """Count a failure, with each of its counters."""
    for places in _places(email, address):
        _take_one(places)


def _take_one(places: list[str]) -> None:
    """Take the first free place, which no other can take at the same time.

    A counter would lose some of those that happen at once: to count up, the database's cache reads, then writes.
    """
    taken = cache.get_many(places)
    for place in places:
        if place not in taken and cache.add(place, 1, WINDOW):
            break


def _links(address: str) -> list[str]:
    window = int(time.time() // WINDOW)
    return [f"links-from:{window}:{_place(address)}:{n}" for n in range(MOST_LINKS_BY_ADDRESS)]


def is_closed_to_links(address: str) -> bool:
    """Whether too many secret links that nobody has were opened lately from this address.

    Counted apart from sign-in: a calendar that goes on asking for a dead link keeps nobody beside it from signing in.
    """
    return len(cache.get_many(_links(address))) >= MOST_LINKS_BY_ADDRESS


def wrong_link(address: str) -> None:
    """Count a secret link that nobody has."""
    _take_one(_links(address))


def second_factor(user: int) -> str:
    """The account under which wrong codes and passkeys of a person are counted, apart from their passwords."""
    return f"second-factor:{user}"


def ip_of(request: HttpRequest) -> str:
    """Where a request comes from, as an address that a database takes; 0.0.0.0 for what is none."""
    told = address_of(request)
    try:
        return str(ip_address(told))
    except ValueError:
        return "0.0.0.0"  # noqa: S104 - nothing listens there
