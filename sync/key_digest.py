"""A keyed digest of an API key: the database refuses the same key twice though keys are sealed.

Whoever has the database without `ENCRYPTION_KEYS` learns nothing of a key from it.
"""

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


@lru_cache(maxsize=8)
def _derived(encryption_key: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"numberdesk sync.key_digest")
    return derive.derive(base64.urlsafe_b64decode(encryption_key))


def digest_of(api_key: str) -> str:
    """The digest of `api_key`, 64 hexadecimal digits, made with the first of `ENCRYPTION_KEYS`."""
    return hmac.digest(_derived(settings.ENCRYPTION_KEYS[0]), api_key.encode(), "sha256").hex()


def pair_mark(api_key: str, api_secret: str) -> str:
    """By which a pair that is no longer used is known again. Kept sealed: it is no key, and none can be read of it."""
    return hashlib.sha256(f"{api_key}\n{api_secret}".encode()).hexdigest()
