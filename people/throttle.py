"""Slows down guessing of passwords: by account and by address, in the shared cache."""

import hashlib

from django.core.cache import cache

# So many failures within so many seconds close the door until the window has passed.
MOST_BY_ACCOUNT, MOST_BY_ADDRESS, WINDOW = 8, 40, 15 * 60


def _keys(email: str, address: str) -> dict[str, int]:
    account = hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]
    return {f"sign-in:{account}": MOST_BY_ACCOUNT, f"sign-in-from:{address}": MOST_BY_ADDRESS}


def is_closed(email: str, address: str) -> bool:
    """Whether too many attempts failed lately for this account or from this address."""
    keys = _keys(email, address)
    return any(count >= keys[key] for key, count in cache.get_many(keys).items())


def failed(email: str, address: str) -> None:
    """Count a failure."""
    for key in _keys(email, address):
        cache.add(key, 0, WINDOW)
        try:
            cache.incr(key)
        except ValueError:  # expired between the two
            cache.set(key, 1, WINDOW)
