"""Changing a group's data: what stands, what was refused, and that two people don't undo each other unawares.

A form carries the version it began with: the group's last operation, and a keyed digest of each field. No value can
be read from it. What is sent on an older version is not planned: the person is told first.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import phonenumbers
from django.db import transaction
from django.utils import formats
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from documents import groups, hands
from documents.forms import GroupDataForm, Note
from documents.models import DocumentGroup
from people import queries as people_queries
from people.models import User
from people.permissions import May
from people.tenancy import Viewer
from sync.models import Operation
from sync.showing import clock

NAMES = tuple(GroupDataForm.base_fields)
# Where a field of the API is no field of the form: the full address is put together from its parts.
SHOWN_AT = {name: name for name in NAMES} | {"address": "street"}
_SALT = "documents.editing"


@dataclass(frozen=True)
class Standing:
    """What stands in a group now: `values` without empty ones, those of a change under way included."""

    group: DocumentGroup
    latest: Operation | None
    values: dict[str, str]
    draft: dict[str, str]  # what was sent last and not taken; empty where there is no such thing
    is_under_way: bool

    @property
    def version(self) -> str:
        """The version a form begins with."""
        marks = [f"{name}={_mark(self.group, name, self.values[name])}" for name in NAMES if name in self.values]
        return " ".join([str(self.latest.pk if self.latest else 0), *marks])

    @property
    def initial(self) -> dict[str, str]:
        """What a form begins with."""
        values = self.draft or self.values
        return {**values, "phone": _phone(values.get("phone", ""))}


class Outdated(Exception):
    """Nothing was planned: what stands is not what the form began with."""

    def __init__(self, now: Standing, changed: list[str], latest_seen: str) -> None:
        super().__init__("outdated")
        self.now, self.changed, self.latest_seen = now, changed, latest_seen


def standing(group: DocumentGroup) -> Standing:
    """What stands in `group` now."""
    latest = groups.latest_change(group)
    is_theirs = latest is None or hands.is_theirs(latest, group)  # what was the former customer's is not shown
    sent = _filled((latest.params.get("fields") or {}) if latest else {})
    is_under_way = latest is not None and is_theirs and latest.state in Operation.OPEN
    was_refused = (
        latest is not None and is_theirs and latest.state in (Operation.State.REFUSED, Operation.State.NOT_DONE)
    )
    draft = sent if was_refused and group.error and group.remote_id else {}
    return Standing(group, latest, sent if is_under_way else _filled(group.fields), draft, is_under_way)


def _filled(fields: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(fields[name]).strip() for name in NAMES if str(fields.get(name) or "").strip()}


def _mark(group: DocumentGroup, name: str, value: str) -> str:
    return salted_hmac(_SALT, f"{group.pk}:{name}:{value}", algorithm="sha256").hexdigest()[:20]


def save(pk: int, fields: dict[str, str], seen: str, actor: User) -> bool:
    """Plan the change of a group to `fields`, if it is still the version `seen`. False: it stands there already.

    Two that send at once wait for each other, so that the later one is told. Raises `Outdated`, `AlreadyOpen`, and
    `DocumentGroup.DoesNotExist` where it can't be changed any more.
    """
    with transaction.atomic():
        group = DocumentGroup.objects.select_for_update().get(pk=pk, gone_at=None, is_readonly=False)
        if not _may_edit(actor, group):  # given to somebody else at this moment
            raise DocumentGroup.DoesNotExist
        now = standing(group)
        if not constant_time_compare(seen, now.version):
            if _filled(fields) == now.values:  # a double click, or two of one mind
                return False
            raise Outdated(now, _changed(now, seen), seen.partition(" ")[0])
        plan = groups.update_group if group.remote_id else groups.retry_refused
        plan(group, fields, actor)
    return True


def _may_edit(actor: User, group: DocumentGroup) -> bool:
    viewer = User.objects.get(pk=actor.pk).viewer()
    return viewer.may(May.EDIT_PAPERS, group.customer_id) and (viewer.is_staff or group.customer_id is not None)


def _changed(now: Standing, seen: str) -> list[str]:
    """The fields that stand otherwise than in the version `seen`."""
    before = dict(part.split("=", 1) for part in seen.split() if "=" in part)
    return [
        name
        for name in NAMES
        if before.get(name, "") != (_mark(now.group, name, now.values[name]) if name in now.values else "")
    ]


def told_outdated(found: Outdated, viewer: Viewer) -> str:
    """Who changed what meanwhile, and when: names of fields, never values."""
    now, latest = found.now, found.now.latest
    if latest is None or str(latest.pk) == found.latest_seen:
        read = now.group.changed_at or now.group.connection.documents_as_of
        by, at = "Zadarma", clock(read) if read else "–"
    else:
        by, at = person_of(latest, viewer), clock(latest.created_at)
    what = {"by": by, "at": at, "fields": labels(found.changed)}
    if not found.changed:
        told = _("%(by)s sent other data (%(at)s) that Zadarma did not take: what stands is as it was.") % what
    else:
        told = _("Last by %(by)s (%(at)s). Changed: %(fields)s.") % what
    kept = _("What you entered is still here. Send it again if it is to take the place of what stands now.")
    return f"{told} {kept}"


def told_last(now: Standing, viewer: Viewer) -> str:
    """A sentence on the change before, where the form shows its data; else nothing."""
    if now.latest is None:
        return ""
    what = {"by": person_of(now.latest, viewer), "at": clock(now.latest.created_at)}
    if now.is_under_way:
        return _("The change by %(by)s (%(at)s) is still on its way to Zadarma. The form shows its data.") % what
    if now.draft:
        return (
            _(
                "The form shows what %(by)s sent (%(at)s) and Zadarma did not take. Where something else stands at "
                "Zadarma, it is told at the field."
            )
            % what
        )
    return ""


def person_of(operation: Operation, viewer: Viewer) -> str:
    """Who wanted an operation. Customers are told the names of their own people only."""
    actor = operation.actor
    if actor is None:
        return _("somebody whose access has ended")
    is_told = viewer.is_staff or actor.pk in people_queries.colleagues(viewer)
    return str(actor) if is_told else _("your provider's staff")


def labels(names: Iterable[str]) -> str:
    """The names of fields for people, without what stands in them."""
    return ", ".join(str(GroupDataForm.base_fields[name].label) for name in names)


def notes_of_conflict(found: Outdated, wanted: Mapping[str, str]) -> dict[str, list[Note]]:
    """What stands now at the fields that were changed meanwhile to something else than is `wanted`."""
    return _beside(found.changed, _filled(wanted), found.now.values, _("Changed meanwhile. Now: %(value)s"))


def notes_of_refusal(now: Standing, *, to_staff: bool) -> dict[str, list[Note]]:
    """Zadarma's words at the fields they name, and what stands at Zadarma beside what it did not take.

    On what was sent its words were the answer to staff, and may be about their account: customers read that it was not
    accepted. Those of its check are about the address alone.
    """
    notes: dict[str, list[Note]] = {}
    for text, names in ((now.group.error, SHOWN_AT), (now.group.wrong_address, {"address": "street"})):
        is_about_address = text and text == now.group.wrong_address
        for name, place in names.items():
            if text and (is_about_address or re.search(rf"(?<!\w){name}(?!\w)", text)):
                said = _("Zadarma says: “%(reason)s”") % {"reason": text}
                if not (to_staff or is_about_address):
                    said = _("Zadarma did not accept what stands here.")
                note = Note("error", said)
                if note not in notes.setdefault(place, []):
                    notes[place].append(note)
    if now.draft:
        for name, more in _beside(NAMES, now.draft, now.values, _("At Zadarma: %(value)s")).items():
            notes.setdefault(name, []).extend(more)
    return notes


def _beside(
    names: Iterable[str], wanted: Mapping[str, str], values: Mapping[str, str], words: str
) -> dict[str, list[Note]]:
    form = GroupDataForm()
    return {
        name: [Note("now", words % {"value": _shown(form, name, values.get(name, ""))})]
        for name in names
        if wanted.get(name, "") != values.get(name, "")
    }


def _shown(form: GroupDataForm, name: str, value: str) -> str:
    """A value as people read it."""
    if not value:
        return _("nothing")
    field = form.fields.get(name)
    if choices := getattr(field, "choices", None):
        return str(dict(choices).get(value, value))
    if name in ("date_of_birth", "issuing_date"):
        try:
            return str(formats.date_format(date.fromisoformat(value)))
        except ValueError:
            return value
    return _phone(value) if name == "phone" else value


def _phone(digits: str) -> str:
    """A phone as people write it. The API keeps digits only: the + keeps its country code one."""
    if not digits.isdigit():
        return digits
    try:
        parsed = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return f"+{digits}"
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
