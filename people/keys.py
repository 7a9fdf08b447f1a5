"""Sealing with the keys of `ENCRYPTION_KEYS`: the first one encrypts, all decrypt."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """A value was sealed with a key that is no longer among `ENCRYPTION_KEYS`."""


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def seal_bytes(content: bytes) -> bytes:
    """Encrypt `content` with the first key; the result is ASCII and carries its time of sealing."""
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).encrypt(content)


def unseal_bytes(sealed: bytes) -> bytes:
    """Decrypt what `seal_bytes` made, with whichever key fits. Raises `Unreadable`."""
    try:
        return _fernet(tuple(settings.ENCRYPTION_KEYS)).decrypt(sealed)
    except InvalidToken:
        raise Unreadable("sealed with a key that is not among ENCRYPTION_KEYS") from None


def seal(text: str) -> str:
    """Encrypt `text` with the first key."""
    return seal_bytes(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt what `seal` made. Raises `Unreadable`."""
    return unseal_bytes(sealed.encode()).decode()


def is_sealed_with_first(sealed: bytes) -> bool:
    """Whether the first key alone can read it."""
    try:
        _fernet((settings.ENCRYPTION_KEYS[0],)).decrypt(sealed)
    except InvalidToken:
        return False
    return True
