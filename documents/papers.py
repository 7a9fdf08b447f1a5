"""What a group's page tells: its papers type by type, with what is wanted, had, being checked, rejected, and by whom
something must be done.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from documents import uses
from documents.models import Document, DocumentGroup, Upload
from documents.uses import label_of
from people.permissions import May
from people.tenancy import Viewer
from sync.models import Operation
from sync.showing import Told

State = Operation.State


@dataclass(frozen=True)
class FileRow:
    """A file: as Zadarma lists it, as it was given here, or both. `kept`: its content can be had here."""

    name: str
    told: Told
    at: datetime | None
    upload: Upload | None = None
    kept: bool = False
    can_stop: bool = False
    receipt: int | None = None

    @property
    def is_moving(self) -> bool:
        """Whether its state changes by itself within seconds."""
        return self.can_stop or self.told.kind == "waiting" and self.receipt is not None


@dataclass(frozen=True)
class TypeRow:
    """The papers of one type. `state` is that of a checklist: have, lack, checking, rejected."""

    document_type: str
    label: str
    told: Told
    state: str
    texts: list[str] = field(default_factory=list)
    files: list[FileRow] = field(default_factory=list)
    is_wanted: bool = False
    reason: str = ""
    url: str = ""


def told(viewer: Viewer, group: DocumentGroup) -> dict[str, Any]:
    """For templates: `types` (the papers), `uses` (what needs them), `is_moving` (whether a file is on its way)."""
    used_by = uses.of(viewer, group)
    documents = group.documents.filter(gone_at=None).select_related("group")
    files = file_rows(group, documents, to_staff=viewer.is_staff)
    rows = type_rows(group, files, uses.wanted(used_by), viewer)
    is_moving = any(file.is_moving for row in rows for file in row.files)
    return {"types": rows, "uses": used_by, "is_moving": is_moving}


def uploads_of(group: DocumentGroup) -> QuerySet[Upload]:
    """The files given here for a group, newest first, without their contents."""
    return group.uploads.select_related("group", "document").defer("content")


def operations_of(uploads: Iterable[Upload]) -> dict[int, Operation]:
    """The operation of each upload, by the upload's primary key."""
    ids = [row.pk for row in uploads]
    rows = Operation.objects.filter(object_type="upload", object_id__in=ids).order_by("pk")
    return {row.object_id: row for row in rows.defer("params", "answer", "evidence")}


def upload_told(row: Upload, operation: Operation | None, *, to_staff: bool) -> Told:
    """How far a file is on its way to Zadarma; `told` by Zadarma itself once it lists it."""
    match operation.state if operation else None:
        case State.PLANNED:
            return Told("waiting", _("waiting to be sent"), _("It leaves by itself within seconds."))
        case State.SENT:
            return Told("waiting", _("on its way"), _("It is being sent to Zadarma."))
        case State.UNKNOWN:
            return Told("waiting", _("in doubt"), _("Zadarma's answer did not arrive. The panel looks whether it did."))
        case State.NEEDS_PERSON:
            text = _("Nobody can tell whether it arrived: you must decide.") if to_staff else _("Staff look into it.")
            return Told("needs", _("in doubt"), text)
        case State.CANCELLED:
            return Told("parked", _("taken back"), _("It was not sent."))
        case State.REFUSED | State.NOT_DONE:
            return Told("needs", _("not sent"), row.error if to_staff else _("Zadarma did not take this file."))
    if row.arrived_at:
        return Told("waiting", _("being checked"), _("Zadarma has it and will check it."))
    return Told("neutral", _("not sent"))


def listed_told(file: Document, group: DocumentGroup) -> Told:
    """What Zadarma says of a file it lists. A rejection names a type, not a file: it is told for the type."""
    if file.is_verified:
        return Told("active", _("verified"))
    if file.replaced_at:
        return Told("parked", _("replaced"))
    if group.wrong_document_type == file.document_type:
        return Told("neutral", _("not verified"))
    return Told("waiting", _("being checked"))


def file_rows(group: DocumentGroup, documents: Iterable[Document], *, to_staff: bool) -> dict[str, list[FileRow]]:
    """The files of a group by type, newest first: those that Zadarma lists, and those on their way there."""
    uploads = list(uploads_of(group)[:200])
    operations = operations_of(uploads)
    by_document = {row.document_id: row for row in uploads if row.document_id}
    rows: dict[str, list[FileRow]] = {}
    listed = set()
    for file in documents:
        upload = by_document.get(file.pk)
        listed.add(file.pk)
        rows.setdefault(file.document_type, []).append(
            FileRow(
                upload.name if upload else file.name,
                listed_told(file, group),
                upload.created_at if upload else file.first_seen,
                upload,
                kept=bool(upload and upload.deleted_at is None),
            )
        )
    for upload in uploads:
        if upload.document_id in listed or _is_past(upload, operations.get(upload.pk)):
            continue
        operation = operations.get(upload.pk)
        rows.setdefault(upload.document_type, []).append(
            FileRow(
                upload.name,
                upload_told(upload, operation, to_staff=to_staff),
                upload.created_at,
                upload,
                kept=upload.deleted_at is None,
                can_stop=bool(operation and operation.state == State.PLANNED),
                receipt=operation.pk if operation and operation.state != State.DONE else None,
            )
        )
    return rows


def _is_past(upload: Upload, operation: Operation | None) -> bool:
    """Whether nothing is to be told of it any more: taken back, or gone from Zadarma's list since."""
    if upload.document_id:
        return True
    return operation is not None and operation.state == State.CANCELLED


def type_rows(
    group: DocumentGroup, files: dict[str, list[FileRow]], wanted: dict[str, list[str]], viewer: Viewer
) -> list[TypeRow]:
    """The papers of a group type by type: rejected ones first, then what is wanted, then the rest."""
    types = [*wanted, *(name for name in files if name not in wanted)]
    if group.wrong_document_type and group.wrong_document_type not in types:
        types.insert(0, group.wrong_document_type)
    rows = []
    for document_type in types:
        texts, mine = wanted.get(document_type, []), files.get(document_type, [])
        told, state, reason = _of_type(group, document_type, mine, viewer)
        url = f"{reverse('group-upload', args=[group.pk])}?type={document_type}" if document_type else ""
        rows.append(
            TypeRow(
                document_type,
                label_of(document_type, texts),
                told,
                state,
                texts if document_type else [],
                mine,
                document_type in wanted,
                reason,
                url,
            )
        )
    order = {"rejected": 0, "lack": 1, "checking": 2, "have": 3}
    return sorted(rows, key=lambda row: (order[row.state], not row.is_wanted))


def _of_type(group: DocumentGroup, document_type: str, files: list[FileRow], viewer: Viewer) -> tuple[Told, str, str]:
    if document_type and group.wrong_document_type == document_type:
        if has_newer(group, files):
            text = _("A new file was sent. Zadarma has not said anything about it yet.")
            return Told("waiting", _("being checked"), text), "checking", ""
        text = _("Please give a new one to your provider's staff.")
        if viewer.is_staff or viewer.may(May.EDIT_PAPERS):
            text = _("Give a new file.")
        return Told("needs", _("rejected"), text), "rejected", group.wrong_document
    there = [row for row in files if row.told.kind in ("active", "waiting", "neutral")]
    if not there:
        text = _("Please send it to your provider's staff.")
        if viewer.is_staff or viewer.may(May.EDIT_PAPERS):
            text = _("Upload it here.")
        return Told("needs", _("missing"), text), "lack", ""
    if all(row.told.kind == "active" for row in there):
        return Told("active", _("verified")), "have", ""
    return Told("waiting", _("being checked"), _("Zadarma checks it. Nothing to do.")), "checking", ""


def has_newer(group: DocumentGroup, files: Iterable[FileRow]) -> bool:
    """Whether a file was given here that the last verdict can't be about: it is on its way, or came after it."""
    for row in files:
        if row.upload is None or row.told.kind in ("needs", "parked"):
            continue
        arrived = row.upload.arrived_at
        if arrived is None or group.checked_at is None or arrived > group.checked_at:
            return True
    return False


def is_replaced(group: DocumentGroup, rows: Iterable[TypeRow]) -> bool:
    """Whether a new file was given for the type that was rejected, of which nothing has been said yet."""
    if not group.wrong_document_type:
        return False
    return any(row.document_type == group.wrong_document_type and row.state == "checking" for row in rows)
