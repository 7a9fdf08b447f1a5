"""Sending a file to a document group at Zadarma: kept sealed, sent once, looked for where the answer got lost."""

import hashlib
from collections import Counter
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from documents import hands
from documents.groups import why_not
from documents.models import DocumentGroup, DocumentType, Download, Upload
from people import audit
from people.models import User
from sync import operations
from sync.kinds import Finding, Kind, Seen
from sync.models import Operation
from sync.waking import wake
from zadarma import Client, safe_filename
from zadarma import types as api_types


class SentBefore(Exception):
    """This very file was sent to the group as this type before, and arrived."""


def takes_files(group: DocumentGroup) -> bool:
    """Whether files can be given to a group: Zadarma has it, and nothing of it was erased here.

    One whose data can't be changed takes files as well, as the account holder's own does.
    """
    return bool(group.remote_id) and group.gone_at is None and group.erased_at is None


def upload(
    group: DocumentGroup,
    document_type: str,
    name: str,
    content: bytes,
    content_type: str,
    actor: User,
    pages: int | None = None,
) -> Upload:
    """Plan POST /v1/documents/upload/ of one file into a group that Zadarma has.

    `document_type` is the API's word, `content_type` a MIME type found out from the content, `pages` those of a PDF.
    The same file of the same type sent again meanwhile (a double click) leads to the same upload; sent again after it
    was not done, it is another attempt. Raises `ValueError` for an empty file, an unknown type of document, or a group
    that takes no files, `SentBefore` for one that arrived already.
    """
    if not content or document_type not in DocumentType.values or not takes_files(group):
        raise ValueError("nothing that can be uploaded")
    digest = hashlib.sha256(content).hexdigest()
    key = _key(group, document_type, digest)
    try:
        with transaction.atomic():
            row = Upload.objects.create(
                group=group,
                document_type=document_type,
                name=name,
                content_type=content_type,
                size=len(content),
                pages=pages,
                sha256=digest,
                content=content,
                uploaded_by=actor,
            )
            operations.plan(
                UPLOAD.name,
                group.connection,
                ("upload", row.pk),
                {
                    "document_type": document_type,
                    "group_id": group.remote_id,
                    "size": len(content),
                    hands.CUSTOMER: group.customer_id,
                },
                actor,
                exclusive_key=key,
                serial_key=f"upload:{group.pk}",
                previous=_attempt_before(group, key),
                data_key=group.data_key_id,
                customer_id=group.customer_id,
            )
            if sent_before(group, document_type, content):  # while this one waited for that one's end
                raise SentBefore
    except operations.AlreadyOpen:
        first = Operation.objects.filter(connection=group.connection, exclusive_key=key).latest("pk")
        return Upload.objects.get(pk=first.object_id)
    return row


def sent_before(group: DocumentGroup, document_type: str, content: bytes) -> bool:
    """Whether this very file was sent to the group as this type before, and arrived."""
    key = _key(group, document_type, hashlib.sha256(content).hexdigest())
    rows = Operation.objects.filter(kind=UPLOAD.name, connection=group.connection, exclusive_key=key)
    return rows.filter(state=Operation.State.DONE).exists()


def limits() -> dict[str, int]:
    """What is taken at most: megabytes a file, pages of a PDF, days it is kept here after it was verified.

    `place_stays`: whether a photo is sent with the place where it was taken.
    """
    return {
        "megabytes": settings.UPLOAD_MAX_MB,
        "pages": settings.UPLOAD_MAX_PAGES,
        "kept": -1 if settings.KEEP_FILES_DAYS is None else settings.KEEP_FILES_DAYS,
        "place_stays": settings.UPLOAD_KEEP_METADATA,
    }


def stop(row: Upload, actor: User | None = None) -> bool:
    """Take a file back that was not sent yet: its content is deleted. False when it has left already."""
    operation = Operation.objects.filter(kind=UPLOAD.name, object_type="upload", object_id=row.pk).first()
    return operation is not None and operations.cancel(operation, actor)


def note_download(row: Upload, actor: User) -> None:
    """Note that `actor` was given the file again."""
    with transaction.atomic():
        Download.objects.create(upload=row, user=actor)
        audit.record("document.downloaded", actor, about=("upload", row.pk), customer=row.group.customer_id)


def _key(group: DocumentGroup, document_type: str, digest: str) -> str:
    return f"upload:{group.pk}:{document_type}:{_keyed(digest)[:24]}"


def _keyed(text: str) -> str:
    """A digest that nobody can make from a file without the panel's secret."""
    return salted_hmac("documents.uploads", text, algorithm="sha256").hexdigest()


def _attempt_before(group: DocumentGroup, key: str) -> Operation | None:
    """The last attempt at sending the same file, where it had no effect."""
    last = Operation.objects.filter(kind=UPLOAD.name, connection=group.connection, exclusive_key=key).first()
    return last if last and last.state in Operation.WITHOUT_EFFECT else None


def sent_name(row: Upload) -> str:
    """The name a file is sent under: its own with a number that no other upload has, since files have no id."""
    stem, dot, ending = (row.name or "document").rpartition(".")
    return f"{stem or ending}-{row.pk}{dot + ending if stem else ''}"


def _upload(operation: Operation) -> Upload:
    return Upload.objects.select_related("group").get(pk=operation.object_id)


def _mark(name: str) -> str:
    """A file's name as evidence keeps it: names of files may hold names of people."""
    return _keyed(name)[:16]


def _count(files: list[api_types.Document], document_type: str) -> dict[str, int]:
    """How many files of this type there are by the mark of their name."""
    return dict(Counter(_mark(file.name) for file in files if file.type == document_type))


def _before(api: Client, operation: Operation) -> dict[str, Any]:
    """Files have no id: what stands in the group before is counted. Raises `Stop`, see `hands`."""
    hands.check(operation, _upload(operation).group)
    files = api.documents(operation.params["group_id"])
    return {"files": _count(files, operation.params["document_type"])}


def _is_theirs(operation: Operation) -> bool:
    row = Upload.objects.select_related("group").defer("content").get(pk=operation.object_id)
    return hands.is_theirs(operation, row.group)


def _send(api: Client, operation: Operation) -> dict[str, Any]:
    row = _upload(operation)
    told = api.upload_document(
        group_id=operation.params["group_id"],
        document_type=row.document_type,
        content=row.content,
        filename=sent_name(row),
        content_type=row.content_type,
    )
    return {"name": told.name}


def _apply(operation: Operation) -> None:
    """It has arrived. Our copy is kept until the file was verified (or not at all, by setting); the group is read."""
    row = _upload(operation)
    now = timezone.now()
    values: dict[str, Any] = {"arrived_at": now, "error": "", "doc_name": operation.answer.get("name", "")}
    if settings.KEEP_FILES_DAYS is None:
        values |= {"content": b"", "deleted_at": now}
    Upload.objects.filter(pk=row.pk).update(**values)
    wake("documents.refresh_group", row.group_id)


def _ended(operation: Operation) -> None:
    """Nothing sends our copy again: whoever tries again chooses the file anew. A passport is not kept for nothing."""
    rows = Upload.objects.filter(pk=operation.object_id)
    rows.update(error=why_not(operation), content=b"", deleted_at=timezone.now())


def _look(api: Client, operation: Operation) -> Finding:
    """A new file of the type under our name is it; so is one new file of the type, since uploads run one at a time."""
    document_type = operation.params["document_type"]
    files = api.documents(operation.params["group_id"])
    before = Counter(operation.evidence.get("before", {}).get("files", {}))
    now = Counter(_count(files, document_type))
    new = now - before
    facts = {"files": sum(now.values()), "new": sum(new.values())}
    if not new:
        return Finding(Seen.ABSENT, facts, is_complete=not before - now)
    named = [file.name for file in files if file.type == document_type and _mark(file.name) in new]
    ours = [name for name in named if name in _names(operation)]
    if len(ours) == 1:
        return Finding(Seen.PRESENT, facts, {"name": ours[0]})
    if new.total() > 1 or before - now:
        return Finding(Seen.CONFLICT, facts, why="several", candidates=[{"value": "new", "answer": {"name": ""}}])
    return Finding(Seen.PRESENT, facts, {"name": named[0]})


def _names(operation: Operation) -> set[str]:
    """The names under which our file may be listed: as given to the client, and as the client sends it."""
    name = sent_name(_upload(operation))
    return {name, safe_filename(name)}


UPLOAD = Kind("document_upload", _send, before=_before, may_go=_is_theirs, apply=_apply, ended=_ended, settle=_look)
