"""The audit as CSV: read and sent in pieces, so that neither memory nor the database minds how long it is."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from people import audit_queries, audit_showing, sheets
from people.audit_models import AuditEntry
from people.audit_showing import Told

CHUNK = 1000


def lines(rows: QuerySet[AuditEntry], language: str) -> Iterator[str]:
    """The lines of the file, newest first, in words of `language`."""
    with override(language):
        head = [
            *(_("Place in the chain"), _("When"), _("Who"), _("What"), _("About"), _("Customer"), _("From where")),
            *(_("Before and after"), _("Action"), _("Hash")),
        ]
    return sheets.lines(head, _cells(rows, language))


def _cells(rows: QuerySet[AuditEntry], language: str) -> Iterator[list[object]]:
    last: AuditEntry | None = None
    while True:
        chunk = list((audit_queries.older_than(rows, last) if last else rows)[:CHUNK])
        with override(language):
            cells = [_row(one) for one in audit_showing.told(chunk)]
        yield from cells
        if len(chunk) < CHUNK:
            return
        last = chunk[-1]


def _row(one: Told) -> list[object]:
    entry = one.entry
    return [
        entry.seq,
        timezone.localtime(entry.at).isoformat(timespec="seconds"),
        one.who,
        one.what,
        one.about.text or one.about.phone,
        one.customer.text if one.customer else "",
        one.where,
        "; ".join(audit_showing.in_a_line(line) for line in one.lines),
        entry.action,
        entry.hash,
    ]
