"""Encryption of personal data and secrets at rest, with the keys of `ENCRYPTION_KEYS`."""

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.models.lookups import Exact


class Unreadable(Exception):
    """A value was sealed with a key that is no longer among `ENCRYPTION_KEYS`."""


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def seal(text: str) -> str:
    """Encrypt `text` with the first key; the result is ASCII and carries its time of sealing."""
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt what `seal` made, with whichever key fits. Raises `Unreadable`."""
    try:
        return _fernet(tuple(settings.ENCRYPTION_KEYS)).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable("sealed with a key that is not among ENCRYPTION_KEYS") from None


def seal_bytes(content: bytes) -> bytes:
    """Encrypt a file's content with the first key."""
    return _fernet(tuple(settings.ENCRYPTION_KEYS)).encrypt(content)


def unseal_bytes(sealed: bytes) -> bytes:
    """Decrypt what `seal_bytes` made. Raises `Unreadable`."""
    try:
        return _fernet(tuple(settings.ENCRYPTION_KEYS)).decrypt(sealed)
    except InvalidToken:
        raise Unreadable("sealed with a key that is not among ENCRYPTION_KEYS") from None


if TYPE_CHECKING:
    _JSONText = models.Field[dict[str, Any], dict[str, Any]]
else:
    _JSONText = models.TextField


class IsEmpty(Exact):
    """`field=""`: the only question that ciphertext answers."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        if rhs != "":
            raise ValueError("Sealed text can't be searched: only whether it is empty can be asked.")
        super().__init__(lhs, rhs)


if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField


class SealedTextField(_Text):
    """Text that is ciphertext in the database and plain in Python. It cannot be searched; "" stays ""."""

    def get_prep_value(self, value: Any) -> Any:
        return seal(str(value)) if value else ""

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str:
        return unseal(value) if value else ""

    def get_lookup(self, lookup_name: str) -> Any:
        """Only emptiness can be asked of ciphertext."""
        if lookup_name == "exact":
            return IsEmpty
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


class SealedJSONField(_JSONText):
    """A JSON object that is ciphertext in the database and a dict in Python. It cannot be searched."""

    def get_prep_value(self, value: Any) -> Any:
        return seal(json.dumps(value, sort_keys=True, ensure_ascii=False)) if value else ""

    def from_db_value(self, value: str | None, expression: object, connection: object) -> dict[str, Any]:
        return dict(json.loads(unseal(value))) if value else {}

    def to_python(self, value: Any) -> Any:
        return value

    def get_lookup(self, lookup_name: str) -> Any:
        """Only emptiness can be asked of ciphertext."""
        return super().get_lookup(lookup_name) if lookup_name in {"isnull"} else None


if TYPE_CHECKING:
    _Bytes = models.Field[bytes, bytes]
else:
    _Bytes = models.BinaryField


class SealedBinaryField(_Bytes):
    """A file's content that is ciphertext in the database and bytes in Python. It cannot be searched."""

    def get_prep_value(self, value: Any) -> Any:
        return seal_bytes(bytes(value)) if value else b""

    def from_db_value(self, value: bytes | memoryview | None, expression: object, connection: object) -> bytes:
        return unseal_bytes(bytes(value)) if value else b""

    def get_lookup(self, lookup_name: str) -> Any:
        """Nothing can be asked of ciphertext."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None
