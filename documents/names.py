"""The blind index: groups are found by a word of their names, or its beginning, though the names are sealed.

Of each word and of each of its beginnings a keyed digest is kept. Whoever has the database without `ENCRYPTION_KEYS`
learns from them only which groups share a word.
"""

import base64
import hmac
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from documents.models import DocumentGroup, NameToken
from people.keys import Unreadable
from sync.runs import CHUNK

FIELDS = ("first_name", "middle_name", "last_name", "organization")
SHORTEST, LONGEST = 2, 20
# So many groups are indexed anew at once.
AT_ONCE = 200
# So many words of a search are minded, and of a name.
MOST_WORDS = 6
# Letters that are no others with an accent, and how umlauts are spelt without.
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


@lru_cache(maxsize=8)
def _key(encryption_key: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"numberdesk documents.names")
    return derive.derive(base64.urlsafe_b64decode(encryption_key))


def _digest(text: str, encryption_key: str) -> str:
    digest = hmac.digest(_key(encryption_key), text.encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:12]).decode()


def words_of(text: str) -> list[str]:
    """The words of `text`, whatever their capitals and accents, in their order."""
    return _plain(text.casefold())


def _plain(text: str) -> list[str]:
    letters = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.findall(r"\w+", bare)


def spellings_of(text: str) -> set[str]:
    """The words of `text`, and as they are spelt without umlauts: Müller is muller and mueller."""
    folded = unicodedata.normalize("NFC", text.casefold())
    return {*_plain(folded), *_plain(folded.translate(_UMLAUTS))}


def tokens_of(fields: dict[str, str]) -> set[str]:
    """What the index keeps of a group with these data."""
    words: set[str] = set()
    for name in FIELDS:
        words |= spellings_of(str(fields.get(name) or "")[:200])
    beginnings = {word[:length] for word in words for length in range(SHORTEST, min(len(word), LONGEST) + 1)}
    return {_digest(beginning, settings.ENCRYPTION_KEYS[0]) for beginning in beginnings | {w[:LONGEST] for w in words}}


def index(groups: Iterable[DocumentGroup]) -> None:
    """Keep what `groups` are found by, in place of what was kept before. One erased meanwhile is found by nothing."""
    rows = list(groups)
    for start in range(0, len(rows), CHUNK):
        some = rows[start : start + CHUNK]
        with transaction.atomic():
            # As they stand under the lock: what was read before may have been changed by an operation meanwhile.
            there = DocumentGroup.objects.select_for_update().filter(pk__in=[row.pk for row in some], erased_at=None)
            kept = there.order_by("pk").values_list("pk", "fields")
            tokens = [NameToken(group_id=pk, token=token) for pk, fields in kept for token in sorted(tokens_of(fields))]
            NameToken.objects.filter(group__in=[row.pk for row in some]).delete()
            NameToken.objects.bulk_create(tokens, batch_size=CHUNK, ignore_conflicts=True)


def _kept(rows: Sequence[DocumentGroup]) -> dict[int, set[str]]:
    kept: dict[int, set[str]] = {row.pk: set() for row in rows}
    known = NameToken.objects.filter(group__in=list(kept)).values_list("group", "token")
    for group, token in known:
        kept[group].add(token)
    return kept


def _outdated(rows: Sequence[DocumentGroup]) -> list[DocumentGroup]:
    """Those of `rows` that are not found by what the first of `ENCRYPTION_KEYS` makes of their names."""
    kept = _kept(rows)
    return [row for row in rows if row.erased_at is None and kept[row.pk] != tokens_of(row.fields)]


def _readable(pks: Sequence[int]) -> list[DocumentGroup]:
    """The groups of these keys. One that no key can read is left out: the rotation of keys tells of it."""
    rows = DocumentGroup.objects.only("pk", "fields", "erased_at").order_by("pk")
    try:
        return list(rows.filter(pk__in=pks))
    except Unreadable:
        return [row for pk in pks for row in _readable([pk])] if len(pks) > 1 else []


def _in_chunks() -> Iterator[list[DocumentGroup]]:
    pks, last = DocumentGroup.objects.order_by("pk").values_list("pk", flat=True), 0
    while some := list(pks.filter(pk__gt=last)[:AT_ONCE]):
        yield _readable(some)
        last = some[-1]


def outdated() -> int:
    """How many groups are found by another key than the first of `ENCRYPTION_KEYS`."""
    return sum(len(_outdated(some)) for some in _in_chunks())


def index_anew() -> int:
    """Let all groups be found by the first of `ENCRYPTION_KEYS`. Returns how many were not."""
    count = 0
    for some in _in_chunks():
        late = _outdated(some)
        with transaction.atomic():
            # Read again under a lock: a name that changed meanwhile must not be found by what it was.
            pks = [row.pk for row in late]
            list(DocumentGroup.objects.select_for_update().filter(pk__in=pks).order_by("pk").values_list("pk"))
            index(_readable(pks))
        count += len(late)
    return count


def found(rows: QuerySet[DocumentGroup], text: str) -> QuerySet[DocumentGroup]:
    """Those of `rows` in whose names each word of `text` begins a word. Words of one letter find only such words."""
    words = words_of(text)[:MOST_WORDS]
    if not words:
        return rows.none()
    for word in words:
        tokens = [_digest(word[:LONGEST], key) for key in settings.ENCRYPTION_KEYS]
        rows = rows.filter(pk__in=NameToken.objects.filter(token__in=tokens).values("group"))
    return rows
