"""Model fields that are ciphertext in the database and plain in Python (design: personal data and secrets).

Sealed with `ENCRYPTION_KEYS`, or, where a field is `owned`, with the data key of its row's subject. A model with owned
fields says by `personal_key` how its rows lead to their key ("data_key", "group__data_key"), and has `SealedQuerySet`
as its manager, which takes that key in bulk writes too. None there means `ENCRYPTION_KEYS`.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models
from django.db.models.lookups import Exact

from people.data_keys import seal_for, unseal_any
from people.keys import Unreadable, seal, seal_bytes, unseal, unseal_bytes

__all__ = [
    "NoKey", "SealedBinaryField", "SealedJSONField", "SealedQuerySet", "SealedTextField", "Unreadable",
    "seal", "seal_bytes", "unseal", "unseal_bytes",
]  # fmt: skip

M = TypeVar("M", bound=models.Model)


class NoKey(Exception):
    """A personal value was to be written without its row: nobody could tell with whose key to seal it."""


@dataclass(frozen=True)
class Owned:
    """A value on its way into an owned field, with the number of its row's data key."""

    value: Any
    key: int | None


class IsEmpty(Exact):
    """`field=""`: the only question that ciphertext answers."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        if rhs != "":
            raise ValueError("Sealed text can't be searched: only whether it is empty can be asked.")
        super().__init__(lhs, rhs)


if TYPE_CHECKING:
    _Text = models.TextField[str, str]
    _JSONText = models.Field[dict[str, Any], dict[str, Any]]
    _Bytes = models.Field[bytes, bytes]
else:
    _Text = _JSONText = models.TextField
    _Bytes = models.BinaryField


def key_of(row: models.Model) -> int | None:
    """The number of the data key with which what is personal of `row` is sealed."""
    *path, last = row.personal_key.split("__")  # type: ignore[attr-defined]
    for name in path:
        row = getattr(row, name)
    found: int | None = getattr(row, f"{last}_id")
    return found


class _Sealed:
    """What the three kinds of field share. `to_bytes` and `from_bytes` say what stands behind the seal."""

    owned: bool
    empty: Any
    lookups: Collection[str] = ("isnull",)

    def __init__(self, *args: Any, owned: bool = False, **kwargs: Any) -> None:
        self.owned = owned
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """As any field, and whether it is owned."""
        name, path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        return name, path, args, {**kwargs, "owned": True} if self.owned else kwargs

    def to_bytes(self, value: Any) -> bytes:
        """What is sealed."""
        raise NotImplementedError

    def from_bytes(self, content: bytes) -> Any:
        """The value that was sealed."""
        raise NotImplementedError

    def pre_save(self, row: models.Model, add: bool) -> Any:
        """The value with the key of its row."""
        value = super().pre_save(row, add)  # type: ignore[misc]
        return Owned(value, key_of(row)) if self.owned and value and not isinstance(value, Owned) else value

    def sealed(self, value: Any) -> bytes:
        """The ciphertext of `value`; nothing for what is empty. Raises `NoKey`."""
        key = None
        if isinstance(value, Owned):
            value, key = value.value, value.key
        elif self.owned and value:
            raise NoKey(str(self))
        if not value:
            return b""
        content = self.to_bytes(value)
        return seal_bytes(content) if key is None else seal_for(key, content)

    def unsealed(self, stored: bytes) -> Any:
        """The value behind a ciphertext; an empty one where its key was destroyed. Raises `Unreadable`."""
        content = unseal_any(stored) if b":" in stored[:20] else unseal_bytes(stored)
        return self.empty() if content is None else self.from_bytes(content)

    def get_lookup(self, lookup_name: str) -> Any:
        """Only emptiness can be asked of ciphertext."""
        return super().get_lookup(lookup_name) if lookup_name in self.lookups else None  # type: ignore[misc]


class _SealedText(_Sealed):
    """Sealed into a column of text."""

    def get_prep_value(self, value: Any) -> str:
        """The column's text."""
        return self.sealed(value).decode()

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        """What the column's text hides."""
        return self.unsealed(value.encode()) if value else self.empty()


class SealedTextField(_SealedText, _Text):
    """Text that is ciphertext in the database and plain in Python. It cannot be searched; "" stays ""."""

    empty = str

    def to_bytes(self, value: Any) -> bytes:
        """UTF-8."""
        return str(value).encode()

    def from_bytes(self, content: bytes) -> str:
        """UTF-8."""
        return content.decode()

    def get_lookup(self, lookup_name: str) -> Any:
        """Only emptiness can be asked of ciphertext."""
        return IsEmpty if lookup_name == "exact" else super().get_lookup(lookup_name)


class SealedJSONField(_SealedText, _JSONText):
    """A JSON object that is ciphertext in the database and a dict in Python. It cannot be searched."""

    empty = dict

    def to_bytes(self, value: Any) -> bytes:
        """JSON."""
        return json.dumps(value, sort_keys=True, ensure_ascii=False).encode()

    def from_bytes(self, content: bytes) -> dict[str, Any]:
        """JSON."""
        return dict(json.loads(content))

    def to_python(self, value: Any) -> Any:
        """Nothing to convert."""
        return value


class SealedBinaryField(_Sealed, _Bytes):
    """A file's content that is ciphertext in the database and bytes in Python. It cannot be searched."""

    empty = bytes

    def to_bytes(self, value: Any) -> bytes:
        """As it is."""
        return bytes(value)

    def from_bytes(self, content: bytes) -> bytes:
        """As it is."""
        return content

    def get_prep_value(self, value: Any) -> bytes:
        """The column's bytes."""
        return self.sealed(value)

    def from_db_value(self, value: bytes | memoryview | None, expression: object, connection: object) -> Any:
        """What the column's bytes hide."""
        return self.unsealed(bytes(value)) if value else b""


def _is_plain(value: Any) -> bool:
    """Whether it still needs its key: not what is empty, has one, or is an expression made of such."""
    return bool(value) and not isinstance(value, Owned) and not hasattr(value, "resolve_expression")


class SealedQuerySet(models.QuerySet[M]):
    """Writes in bulk to owned fields take each row's own data key."""

    def _owned(self, names: Iterable[str]) -> list[str]:
        known = {field.name for field in self.model._meta.fields if getattr(field, "owned", False)}
        return [name for name in names if name in known]

    def update(self, **values: Any) -> int:
        """As any queryset's. Personal values go to rows of one subject only. Raises `NoKey`."""
        names = [name for name in self._owned(values) if _is_plain(values[name])]
        if names:
            rows = self.order_by()
            rows.query.select_for_update = False
            keys = set(rows.values_list(self.model.personal_key, flat=True))  # type: ignore[attr-defined]
            if len(keys) > 1:
                raise NoKey(f"{self.model.__name__}: rows of several subjects")
            if not keys:
                return 0
            key = keys.pop()
            values |= {name: Owned(values[name], key) for name in names}
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_update(self, objs: Iterable[M], fields: Iterable[str], batch_size: int | None = None) -> int:
        """As any queryset's."""
        rows, names = list(objs), list(fields)
        owned = self._owned(names)
        plain = [[getattr(row, name) for name in owned] for row in rows]
        try:
            for row, values in zip(rows, plain, strict=True):
                for name, value in zip(owned, values, strict=True):
                    setattr(row, name, Owned(value, key_of(row)))
            return super().bulk_update(rows, names, batch_size)
        finally:
            for row, values in zip(rows, plain, strict=True):
                for name, value in zip(owned, values, strict=True):
                    setattr(row, name, value)

    bulk_update.alters_data = True  # type: ignore[attr-defined]
