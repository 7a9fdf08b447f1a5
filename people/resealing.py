"""For a migration: what was sealed with `ENCRYPTION_KEYS` is sealed with its subject's data key, and back."""

from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet

from people.keys import seal, seal_bytes, unseal, unseal_bytes

# A Fernet token begins with its version, 0x80, and the first bytes of its time: always so in base64.
TOKEN = b"gAAAA"


def _bytes(stored: Any) -> bytes:
    return stored.encode() if isinstance(stored, str) else bytes(stored or b"")


def _plain(stored: bytes, keys: dict[int, Fernet]) -> bytes:
    number, colon, token = stored.partition(b":")
    if colon and number.isdigit():
        return keys[int(number)].decrypt(token)
    return unseal_bytes(stored) if stored.startswith(TOKEN) else stored  # a column that stood in clear


def reseal(
    schema_editor: Any, table: str, columns: Sequence[str], rows: dict[int, int], keys: dict[int, Fernet], *, back: bool
) -> None:
    """Seal `columns` of `table` anew: `rows` says for each row's id which of the data `keys` it takes.

    `back`: with `ENCRYPTION_KEYS` again; a column whose name ends in `=clear` stood in clear before.
    """
    names = [name.removesuffix("=clear") for name in columns]
    clear = [name.endswith("=clear") for name in columns]
    quote = schema_editor.connection.ops.quote_name
    select = f"SELECT {', '.join(map(quote, names))} FROM {quote(table)} WHERE id = %s"  # noqa: S608
    update = f"UPDATE {quote(table)} SET {', '.join(f'{quote(n)} = %s' for n in names)} WHERE id = %s"  # noqa: S608
    with schema_editor.connection.cursor() as cursor:
        for pk, number in rows.items():
            cursor.execute(select, [pk])
            sealed = []
            for stored, was_clear in zip(cursor.fetchone(), clear, strict=True):
                if not stored:
                    sealed.append(stored)
                    continue
                content = _plain(_bytes(stored), keys)
                kept = content if was_clear else seal_bytes(content)
                again = kept if back else b"%d:%b" % (number, keys[number].encrypt(content))
                sealed.append(again.decode() if isinstance(stored, str) else again)
            cursor.execute(update, [*sealed, pk])


def new_key() -> tuple[str, Fernet]:
    """A new data key: its text as it is stored, and the key."""
    text = Fernet.generate_key()
    return seal(text.decode()), Fernet(text)


def stored_key(sealed: str) -> Fernet:
    """The key behind a stored text."""
    return Fernet(unseal(sealed))
