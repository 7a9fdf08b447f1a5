"""How document groups and files are told to people."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django_countries import countries

from documents.forms import KINDS_OF_ID, SALUTATIONS, GroupDataForm
from documents.models import DocumentGroup, type_label
from sync.showing import Told

DATES = ("date_of_birth", "issuing_date")

__all__ = ["Told", "group_status", "sections", "type_label"]


def group_status(
    group: DocumentGroup,
    files: int,
    verified: int,
    *,
    is_replaced: bool = False,
    lacks: bool = False,
    to_staff: bool = False,
) -> Told:
    """What state a group's papers are in, and who must act.

    `is_replaced`: what was rejected was given anew since. `lacks`: what waits for the group wants a paper it lacks.
    """
    if group.erased_at:
        return Told("parked", _("erased"), _("Its data were erased here. What Zadarma has of it stays there."))
    if group.gone_at:
        return Told("parked", _("gone"), _("Zadarma no longer lists this group."))
    if not group.remote_id:
        if group.error:
            return Told("needs", _("not created"), why_refused(group, to_staff=to_staff))
        return Told("waiting", _("being created"), _("Zadarma is asked to create this group."))
    if (group.wrong_document_type or group.wrong_document) and not is_replaced:
        return Told("needs", _("document rejected"), _in_their_words(group.wrong_document))
    if group.wrong_address:
        return Told("needs", _("address rejected"), _in_their_words(group.wrong_address))
    if group.error:
        return Told("needs", _("change refused"), why_refused(group, to_staff=to_staff))
    if lacks:
        return Told("needs", _("documents missing"), _("A number or an order waits for them."))
    if files and verified == files:
        return Told("active", _("verified"), _("All documents are checked."))
    if files:
        return Told("waiting", _("being checked"), _("Zadarma is checking the documents. Nothing to do."))
    return Told("neutral", _("no documents"), _("Enough for directions that want no documents."))


def why_refused(group: DocumentGroup, *, to_staff: bool) -> str:
    """Why Zadarma refused what was sent last. Its words were the answer to staff, and may be about their account."""
    if not group.error or to_staff:
        return group.error
    return _("Zadarma did not accept this. Please ask the people who run this panel.")


def _in_their_words(reason: str) -> str:
    """Zadarma's reason, marked as its own words: they come in the language of the account."""
    return _("Zadarma says: “%(reason)s”") % {"reason": reason} if reason else ""


def _day(text: str) -> date | str:
    """A date of the API; as it stands where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def sections(group: DocumentGroup) -> list[dict[str, Any]]:
    """A group's data in the form's sections: `{"title", "rows": [(name, label, value)]}`, empty ones left out."""
    names: dict[str, dict[str, Any]] = {
        "salutation": dict(SALUTATIONS),
        "type_of_id": dict(KINDS_OF_ID),
        "country": dict(countries),
        "nationality": dict(countries),
    }
    shown = []
    for title, fields in GroupDataForm.SECTIONS:
        rows = []
        for name in fields:
            value = group.fields.get(name)
            if value:
                told = _day(value) if name in DATES else names.get(name, {}).get(value, value)
                rows.append((name, GroupDataForm.base_fields[name].label, told))
        if rows:
            shown.append({"title": title, "rows": rows})
    return shown
