"""Rows of the audit in words. A constant number of queries for any number of rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from people import subjects
from people.audit_models import AuditEntry
from people.audit_words import action_label, field_label, value_label
from people.models import DataKey
from people.subjects import Subject
from people.sums import money


@dataclass(frozen=True)
class Line:
    """One field: what it was (`had`: whether that is known) and what it is, with the page of it if there is one."""

    label: str
    before: str
    after: str
    had: bool
    url: str = ""


@dataclass(frozen=True)
class Told:
    """A row in words."""

    entry: AuditEntry
    who: str
    what: str
    about: Subject
    customer: Subject | None
    where: str
    lines: list[Line]


SUMS = {"amount", "total"}  # fields told with their currency
# Fields whose value is the number of a row that has a name.
RELATIONS = {"customer": "customer", "default_connection": "connection", "user": "user"}


def told(rows: Iterable[AuditEntry]) -> list[Told]:
    """`rows` in words, in their order."""
    entries = list(rows)
    names = subjects.named(_mentioned(entries))
    destroyed = set(
        DataKey.objects.filter(pk__in={entry.data_key_id for entry in entries}, sealed="").values_list("pk", flat=True)
    )
    return [_told(entry, names, entry.data_key_id in destroyed) for entry in entries]


def _mentioned(entries: list[AuditEntry]) -> set[tuple[str, int | None]]:
    """Everything that the rows name by its number, with one row of each type that people knows: the queries are always
    the same."""
    found: set[tuple[str, int | None]] = {("user", 0), ("customer", 0)}
    for entry in entries:
        found |= {("user", entry.actor_id), (entry.object_type, entry.object_id), ("customer", entry.customer_id)}
        for side in _sides(entry):
            found |= {(kind, side[name]) for name, kind in RELATIONS.items() if isinstance(side.get(name), int)}
    return {(kind, pk) for kind, pk in found if pk is not None}


def _sides(entry: AuditEntry) -> tuple[dict[str, Any], dict[str, Any]]:
    before, after = entry.detail.get("before"), entry.detail.get("after")
    return before if isinstance(before, dict) else {}, after if isinstance(after, dict) else {}


def _told(entry: AuditEntry, names: dict[tuple[str, int | None], Subject], is_erased: bool) -> Told:
    who = names[("user", entry.actor_id)].text if entry.actor_id is not None else _("nobody signed in")
    customer = names.get(("customer", entry.customer_id))
    about = names.get((entry.object_type, entry.object_id))
    if about is None:
        is_unknown = entry.object_type == "user" and entry.object_id is None
        about = Subject(_("an address without an account") if is_unknown else entry.object_type)
    return Told(
        entry=entry,
        who=who,
        what=action_label(entry.action),
        about=about,
        customer=None if (entry.object_type, entry.object_id) == ("customer", entry.customer_id) else customer,
        where=_("erased") if is_erased else str(entry.detail.get("from", "")),
        lines=_lines(entry, names),
    )


def _lines(entry: AuditEntry, names: dict[tuple[str, int | None], Subject]) -> list[Line]:
    before, after = _sides(entry)

    def text(name: str, value: Any, side: dict[str, Any]) -> str:
        if name in SUMS and value and side.get("currency"):
            return money(str(value), str(side["currency"]))
        found = names.get((RELATIONS[name], value)) if name in RELATIONS and isinstance(value, int) else None
        return found.text if found else value_label(name, value)

    return [
        Line(
            field_label(name),
            text(name, before.get(name), before),
            text(name, after.get(name), after),
            had=name in before,
            url=_url(name, after.get(name)),
        )
        for name in [*after, *(name for name in before if name not in after)]
        if not (name == "currency" and after.keys() & SUMS)  # said with the sum
    ]


def _url(name: str, value: Any) -> str:
    """The page of a value: the receipt of an operation."""
    if name != "operation" or not isinstance(value, int):
        return ""
    try:
        return reverse("operation", args=[value])
    except NoReverseMatch:
        return ""


def in_a_line(line: Line) -> str:
    """A changed field for a cell of a file."""
    return f"{line.label}: {line.before} → {line.after}" if line.had else f"{line.label}: {line.after}"
