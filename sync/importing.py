"""Many accounts from a CSV file: read in memory, kept as sealed rows, tested and added one by one by a task."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from people import audit
from people.models import User
from sync import accounts
from sync.models import ConnectionImport, ImportRow
from sync.waking import wake
from zadarma import BadCredentials, Refused, Unavailable, ZadarmaError

TASK = "sync.import_accounts"
MOST_ROWS = 500
MOST_BYTES = 256 * 1024
COLUMNS = ("name", "key", "secret")
# An outage is waited out so often, so many seconds apart, before the row ends.
ATTEMPTS = 5
WAIT = timedelta(seconds=60)
# For so long the results of an import can be read.
KEEP = timedelta(days=30)
State = ImportRow.State


class NotReadable(Exception):
    """The file can't be used; its text is a sentence for people, with nothing of the file's content in it."""


@dataclass(frozen=True)
class Named:
    """An account that the file names, in this line."""

    line: int
    name: str
    key: str = field(repr=False)
    secret: str = field(repr=False)


def text_of(content: bytes) -> str:
    """The file as text. Raises `NotReadable`."""
    if len(content) > MOST_BYTES:
        raise NotReadable(_("The file is too large. Split it into files of at most 500 accounts."))
    if b"\0" in content or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise NotReadable(_("The file is not text in UTF-8. Save it as “CSV UTF-8”, then try again."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotReadable(_("The file is not text in UTF-8. Save it as “CSV UTF-8”, then try again.")) from None


def read(text: str) -> list[Named]:
    """The accounts that a CSV text names: name, key, secret, with a header in any order or none. Raises `NotReadable`.

    Separated by commas, semicolons or tabs.
    """
    text = text.removeprefix("\ufeff")
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(map(str.strip, row))]
    except csv.Error:
        raise NotReadable(
            _("The file is no CSV that can be read: a quote is not closed, or a line is broken.")
        ) from None
    if not rows:
        raise NotReadable(_("There is no account in it. Each line has a name, a key and a secret."))
    header = [cell.casefold() for cell in rows[0][1]]
    order: Sequence[str] = COLUMNS
    if set(COLUMNS) <= set(header):
        order, rows = header, rows[1:]
    elif set(header) & {"key", "secret"}:
        raise NotReadable(_("The first line names the columns, but not all of: name, key, secret."))
    if not rows:
        raise NotReadable(_("There is no account in it. Each line has a name, a key and a secret."))
    if len(rows) > MOST_ROWS:
        raise NotReadable(_("The file names more than 500 accounts. Split it into several files."))
    return _checked([_named(line, cells, order) for line, cells in rows])


def _named(line: int, cells: list[str], order: Sequence[str]) -> Named:
    found = dict(zip(order, cells, strict=False))
    if len(cells) < len(order) or not all(found.get(name) for name in COLUMNS):
        raise NotReadable(_("Line %(line)d lacks a name, a key or a secret. Nothing was imported.") % {"line": line})
    name, key, secret = (found[name] for name in COLUMNS)
    fits = all(20 < ord(one) < 127 and one != " " for one in key + secret) and len(key) <= 128 and len(secret) <= 128
    if not fits:
        raise NotReadable(
            _("Line %(line)d: the key and the secret are letters and digits without blanks. Nothing was imported.")
            % {"line": line}
        )
    return Named(line, name[:80], key, secret)


def _checked(found: list[Named]) -> list[Named]:
    seen: dict[str, int] = {}
    for one in found:
        if one.key in seen:
            raise NotReadable(
                _("Lines %(first)d and %(second)d have the same key. Nothing was imported.")
                % {"first": seen[one.key], "second": one.line}
            )
        seen[one.key] = one.line
    return found


def begin(found: list[Named], actor: User | None) -> ConnectionImport:
    """Keep what the file named, and let it be tested."""
    with transaction.atomic():
        batch = ConnectionImport.objects.create(created_by=actor)
        ImportRow.objects.bulk_create(
            ImportRow(batch=batch, line=one.line, name=one.name, api_key=one.key, api_secret=one.secret)
            for one in found
        )
        audit.record("connection.imported", actor, after={"rows": len(found)})
        wake(TASK, batch.pk)
    return batch


def go_on(import_id: int) -> None:
    """Test and add what waits. It may run twice, and end at any moment: a row is ended together with its account."""
    batch = ConnectionImport.objects.select_related("created_by").get(pk=import_id)
    now = timezone.now()
    due = batch.rows.filter(state=State.WAITING).filter(Q(not_before=None) | Q(not_before__lte=now))
    for pk in list(due.values_list("pk", flat=True)):
        row = ImportRow.objects.filter(pk=pk, state=State.WAITING).first()
        if row is not None and not _try(row, batch.created_by):
            return


def _try(row: ImportRow, actor: User | None) -> bool:
    """Test and add one; False where all others must wait too."""
    if accounts.holder_of(row.api_key):
        _end(row, State.THERE)
        return True
    try:
        tested = accounts.examine(row.api_key, row.api_secret)
    except (BadCredentials, Refused):
        _end(row, State.REFUSED)
    except Unavailable as error:
        return _wait(row, counts=not error.rate_limited)
    except ZadarmaError:
        return _wait(row, counts=True)
    else:
        try:
            with transaction.atomic():
                if _end(row, State.ADDED):
                    accounts.keep(row.name, tested, actor)
        except accounts.SameKey:
            _end(row, State.THERE)
    return True


def _end(row: ImportRow, state: str) -> bool:
    """The row ends and forgets its pair, unless somebody else has ended it."""
    rows = ImportRow.objects.filter(pk=row.pk, state=State.WAITING)
    return bool(rows.update(state=state, api_key="", api_secret=""))


def _wait(row: ImportRow, *, counts: bool) -> bool:
    if counts and row.attempts + 1 >= ATTEMPTS:
        _end(row, State.OUTAGE)
        return True
    later = {"attempts": F("attempts") + 1} if counts else {}
    rows = ImportRow.objects.filter(pk=row.pk, state=State.WAITING)
    rows.update(not_before=timezone.now() + WAIT, **later)
    wake(TASK, row.batch_id, after=WAIT.total_seconds() + 1)
    return False


def sweep() -> None:
    """Wake what a crash left waiting."""
    now = timezone.now()
    due = ImportRow.objects.filter(state=State.WAITING).filter(Q(not_before=None) | Q(not_before__lte=now))
    for pk in due.order_by().values_list("batch", flat=True).distinct():
        wake(TASK, pk)


def delete_old() -> int:
    """Imports that began more than 30 days ago and of which nothing waits any more, with their rows. How many."""
    old = ConnectionImport.objects.filter(created_at__lt=timezone.now() - KEEP)
    old = old.exclude(Exists(ImportRow.objects.filter(batch=OuterRef("pk"), state=State.WAITING)))
    _rows, by_model = old.delete()
    return by_model.get(ConnectionImport._meta.label, 0)
