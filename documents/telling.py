"""Operations on document groups in words: which fields were sent, never what stands in them; no names of files."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents.forms import GroupDataForm
from documents.models import DocumentGroup, Upload, type_label
from people.tenancy import Viewer, scope
from sync import telling
from sync.models import Operation
from sync.telling import Concern, Focus, Line, Sight, Subject, Telling, Way


def register() -> None:
    """Make the words of this app's kinds of operation known."""
    for kind, words in {"group_create": CREATE, "group_update": UPDATE, "document_upload": UPLOAD}.items():
        telling.register(kind, words)
    telling.register_concern("group", Concern(_groups, focus=_group_focus))
    telling.register_concern("upload", Concern(_uploads))


def _labels(fields: dict[str, Any]) -> str:
    """Which fields were filled in, by their labels. The full address is put together from its parts."""
    known = GroupDataForm.base_fields
    given = [name for name, value in fields.items() if value not in (None, "") and name != "address"]
    return ", ".join(str(known[name].label) for name in known if name in given) or "–"


def _subject(group: DocumentGroup) -> Subject:
    name = _("document group %(id)s") % {"id": group.remote_id} if group.remote_id else _("new document group")
    return Subject(capfirst(name), url=reverse("group", args=[group.pk]))


def _groups(ids: Collection[int]) -> dict[int, Subject]:
    rows = DocumentGroup.objects.filter(pk__in=ids).only("pk", "remote_id")
    return {row.pk: _subject(row) for row in rows}


def _uploads(ids: Collection[int]) -> dict[int, Subject]:
    rows = Upload.objects.filter(pk__in=ids).select_related("group").only("pk", "group__remote_id")
    return {row.pk: _subject(row.group) for row in rows}


def _group_focus(viewer: Viewer, key: Any) -> Focus | None:
    """What was done to a group, and the files that were sent to it."""
    group = scope(DocumentGroup.objects.filter(pk=key), viewer).only("pk", "remote_id").first()
    if group is None:
        return None
    uploads = Upload.objects.filter(group=group)
    files = Q(object_type="upload", object_id__in=uploads.values("pk"))
    return Focus(_subject(group), Q(object_type="group", object_id=group.pk) | files)


def _request(operation: Operation) -> list[Line]:
    if not operation.params:  # erased
        return []
    fields = operation.params.get("fields", {})
    lines = [Line(_("Fields that were sent"), _labels(fields))]
    if emptied := {name: True for name, value in fields.items() if value == ""}:
        lines.append(Line(_("Fields that were emptied"), _labels(emptied)))
    if direction := operation.params.get("direction_id"):
        lines.append(Line(_("Checked against direction"), str(direction)))
    return lines


def _answer(answer: dict[str, Any]) -> list[Line]:
    if not answer:  # erased
        return []
    lines = [Line(_("Document group"), str(answer.get("id") or "–"))]
    if fields := answer.get("fields"):
        lines.append(Line(_("Fields that are filled in"), _labels(fields)))
    if answer.get("is_readonly"):
        lines.append(Line(_("Can be changed"), _("no")))
    return lines


def _before(before: dict[str, Any]) -> list[Line]:
    if "groups" not in before:
        return []
    return [Line(_("Document groups in the account"), ", ".join(map(str, before["groups"])) or _("none"))]


def _listed(facts: dict[str, Any]) -> list[Line]:
    lines = [Line(_("Document groups listed"), str(facts.get("listed", "–")))]
    if facts.get("unreadable"):
        lines.append(Line(_("Entries that could not be read"), str(facts["unreadable"])))
    return lines


def _look(operation: Operation, facts: dict[str, Any]) -> Sight:
    fits, others = facts.get("fits", []), facts.get("others", [])
    if others:
        text = _("New in the account, with other data: %(ids)s.") % {"ids": ", ".join(map(str, others))}
    elif not fits:
        text = _("No new group with these data is in the account.")
    else:
        text = ngettext(
            "%(count)d new group with these data is in the account: %(ids)s.",
            "%(count)d new groups with these data are in the account: %(ids)s.",
            len(fits),
        ) % {"count": len(fits), "ids": ", ".join(map(str, fits))}
    return Sight(text, _listed(facts))


def _edit(operation: Operation) -> Way | None:
    rows = DocumentGroup.objects.filter(pk=operation.object_id, gone_at=None, is_readonly=False, erased_at=None)
    group = rows.only("pk").first()
    return Way(reverse("group-edit", args=[group.pk]), _("Correct the data and send them again")) if group else None


CREATE = Telling(
    name=lambda: _("Create document group"),
    request=_request,
    answer=_answer,
    before=_before,
    look=_look,
    candidate=lambda operation, candidate: Subject(capfirst(_("document group %(id)s") % {"id": candidate["value"]})),
    if_done=lambda operation: _("The group chosen here becomes the one that was entered in this panel."),
    if_not_done=lambda operation: _(
        "The group counts as not created, and its data can be sent again. If Zadarma made it after all, there will be "
        "two groups with the same data."
    ),
    again=_edit,
)
UPDATE = Telling(
    name=lambda: _("Change document group"),
    request=_request,
    answer=_answer,
    if_not_done=lambda operation: _(
        "The change counts as not made. If Zadarma made it after all, the next reading shows it."
    ),
    again=_edit,
)


def _upload_request(operation: Operation) -> list[Line]:
    params = operation.params
    if not params:  # erased
        return []
    size = ngettext("%(count)d byte", "%(count)d bytes", int(params.get("size", 0)))
    return [
        Line(_("Kind of document"), capfirst(type_label(str(params.get("document_type", ""))))),
        Line(_("Size"), size % {"count": int(params.get("size", 0))}),
    ]


def _upload_before(before: dict[str, Any]) -> list[Line]:
    if "files" not in before:
        return []
    return [Line(_("Files of this kind in the group"), str(sum(before["files"].values())))]


def _upload_look(operation: Operation, facts: dict[str, Any]) -> Sight:
    new = int(facts.get("new", 0))
    if not new:
        text = _("No new file of this kind is in the group.")
    else:
        text = ngettext(
            "%(count)d new file of this kind is in the group.",
            "%(count)d new files of this kind are in the group.",
            new,
        ) % {"count": new}
    return Sight(text, [Line(_("Files of this kind in the group"), str(facts.get("files", "–")))])


def _upload_again(operation: Operation) -> Way | None:
    row = Upload.objects.filter(pk=operation.object_id, group__gone_at=None).only("group_id").first()
    return Way(reverse("group", args=[row.group_id]), _("Open the document group")) if row else None


UPLOAD = Telling(
    name=lambda: _("Upload document"),
    brief=lambda operation: type_label(str(operation.params.get("document_type", ""))),
    request=_upload_request,
    answer=lambda answer: [Line(_("File"), _("taken by Zadarma"))] if answer else [],
    before=_upload_before,
    look=_upload_look,
    candidate=lambda operation, candidate: Subject(_("One of the new files")),
    if_done=lambda operation: _("The file counts as uploaded, and Zadarma is asked about it."),
    if_not_done=lambda operation: _("The file counts as not uploaded and can be uploaded again."),
    again=_upload_again,
)
