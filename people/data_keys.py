"""Data keys: what is personal of one subject is sealed with a key of its own, and is erased with that key.

A key's own text is sealed with `ENCRYPTION_KEYS`. What a data key sealed begins with its number: `17:gAAAA…`.
"""

import threading
import time
import weakref
from collections.abc import Collection, Iterable

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.db import transaction
from django.utils import timezone

from people.keys import Unreadable, seal, unseal

# A process that has read a key forgets it after so many seconds: a key that another one destroyed is then gone here.
REMEMBERED = 60.0
# Keys are read in blocks of so many: a page about many subjects asks the database for them once.
BLOCK = 5000


class Destroyed(Exception):
    """Something shall be sealed with a key that was destroyed: its subject was erased."""


class _Known:
    """The keys that this process has read lately, by their numbers. A destroyed one has an empty text."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.forget()

    def forget(self) -> None:
        self.texts: dict[int, str] = {}
        self.ready: dict[int, Fernet] = {}
        self.read_at = time.monotonic()

    def forget_some(self, numbers: Collection[int]) -> None:
        with self.lock:
            for number in numbers:
                self.texts.pop(number, None)
                self.ready.pop(number, None)

    def key(self, number: int) -> Fernet | None:
        with self.lock:
            if time.monotonic() > self.read_at + REMEMBERED:
                self.forget()
            if number not in self.texts:
                self.texts.update(_read_block(number))
            if number not in self.texts:
                raise Unreadable("sealed with a data key that does not exist")
            if number not in self.ready and self.texts[number]:
                self.ready[number] = Fernet(unseal(self.texts[number]))
            return self.ready.get(number)


_known = _Known()


class _Ending:
    """Stands among what is to be done after the transaction, and goes with it, committed or rolled back."""

    def __call__(self) -> None:
        """Nothing: that it goes is all."""


def _forget_at_the_end(numbers: Collection[int]) -> None:
    """Read these keys anew once the transaction under way has ended.

    What it wrote is known here before others see it, and may never have been: SQLite gives the number of a row that
    was rolled back to the next one.
    """
    ending = _Ending()
    weakref.finalize(ending, _known.forget_some, numbers)
    transaction.on_commit(ending)


def _read_block(number: int) -> dict[int, str]:
    first = number - number % BLOCK
    rows = apps.get_model("people", "DataKey").objects.filter(pk__gte=first, pk__lt=first + BLOCK)
    return dict(rows.values_list("pk", "sealed"))


def make(count: int = 1) -> list[int]:
    """Make so many data keys. Returns their numbers."""
    model = apps.get_model("people", "DataKey")
    rows = [model(sealed=seal(Fernet.generate_key().decode())) for _each in range(count)]
    made = [row.pk for row in model.objects.bulk_create(rows, batch_size=1000)]
    with _known.lock:
        _known.forget_some(made)
        _known.texts.update(zip(made, (row.sealed for row in rows), strict=True))
    _forget_at_the_end(made)
    return made


def destroy(numbers: Iterable[int]) -> int:
    """Destroy keys for good: what they sealed can't be read again. Returns how many there were."""
    gone = list(numbers)
    rows = apps.get_model("people", "DataKey").objects.filter(pk__in=gone, destroyed_at=None)
    count: int = rows.update(sealed="", destroyed_at=timezone.now())
    forget()
    _forget_at_the_end(gone)
    return count


def forget() -> None:
    """Read keys anew from the database."""
    with _known.lock:
        _known.forget()


def is_destroyed(number: int) -> bool:
    """Whether nothing can be sealed with this key any more. Raises `Unreadable` where there is no such key."""
    return _known.key(number) is None


def seal_for(number: int, content: bytes) -> bytes:
    """Seal `content` with data key `number`. Raises `Destroyed`."""
    key = _known.key(number)
    if key is None:
        raise Destroyed(f"data key {number}")
    return b"%d:%b" % (number, key.encrypt(content))


def unseal_any(sealed: bytes) -> bytes | None:
    """What a data key sealed; None where that key was destroyed. Raises `Unreadable`."""
    number, _colon, token = sealed.partition(b":")
    key = _known.key(int(number))
    if key is None:
        return None
    try:
        return key.decrypt(token)
    except InvalidToken:
        raise Unreadable("sealed with another data key") from None
