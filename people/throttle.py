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


def _keys(email: str, address: str) -> dict[str, int]:
    """Counters of this window, each with its limit. In upper case, as the database compares e-mails."""
    window = int(time.time() // WINDOW)
    account = hashlib.sha256(email.strip().upper().encode()).hexdigest()[:32]
    keys = {f"sign-in-from:{window}:{_place(address)}": MOST_BY_ADDRESS}
    if email.strip():  # a passkey that fits nobody is nobody's
        keys[f"sign-in:{window}:{account}"] = MOST_BY_ACCOUNT
    return keys


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
    keys = _keys(email, address)
    return any(count >= keys[key] for key, count in cache.get_many(keys).items())


def failed(email: str, address: str) -> None:
    """Count a failure."""
    for key in _keys(email, address):
        _count(key)


def _count(key: str) -> None:
    cache.add(key, 0, WINDOW)
    try:
        cache.incr(key)
        cache.touch(key, WINDOW)  # where counting is reading and writing, it has set the cache's own time
    except ValueError:  # expired between the two
        cache.set(key, 1, WINDOW)


def _links_key(address: str) -> str:
    return f"links-from:{int(time.time() // WINDOW)}:{_place(address)}"


def is_closed_to_links(address: str) -> bool:
    """Whether too many secret links that nobody has were opened lately from this address.

    Counted apart from sign-in: a calendar that goes on asking for a dead link keeps nobody beside it from signing in.
    """
    return int(cache.get(_links_key(address), 0)) >= MOST_LINKS_BY_ADDRESS


def wrong_link(address: str) -> None:
    """Count a secret link that nobody has."""
    _count(_links_key(address))


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
