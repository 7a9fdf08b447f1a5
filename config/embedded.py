"""What the embedded default (SQLite, filesystem broker, everything under `var/`) makes for itself."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet


def kept_secret(folder: Path, name: str, make: Callable[[], str]) -> str:
    """Return the secret kept in `folder/name`, making it at first start.

    The file is created with mode 0600 and never overwritten; two processes starting at once agree on
    the one that was written first.
    """
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(make())
        try:
            os.link(draft, path)  # fails when another process was first: then its secret counts
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def make_secret_key() -> str:
    """A new value for `SECRET_KEY`."""
    return secrets.token_urlsafe(50)


def make_encryption_key() -> str:
    """A new key for `ENCRYPTION_KEYS` (a Fernet key: 32 bytes, url-safe base64)."""
    return Fernet.generate_key().decode()


def are_encryption_keys(keys: list[str]) -> bool:
    """Whether each of `keys` can be used as one."""
    try:
        return bool([Fernet(key) for key in keys])
    except ValueError:
        return False


def make_password() -> str:
    """A password for the first administrator: 16 characters without look-alikes."""
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789") for _ in range(16))
