"""Sending a file to a document group at Zadarma: kept sealed, sent once, looked for where the answer got lost."""

import hashlib
from collections import Counter
from typing import Any

from django.db import transaction
from django.utils import timezone

from documents.groups import why_not
from documents.models import DocumentGroup, DocumentType, Upload
from people.models import User
from sync import operations
from sync.kinds import Finding, Kind, Seen
from sync.models import Operation
from sync.waking import wake
from zadarma import Client
from zadarma import types as api_types


def upload(
    group: DocumentGroup, document_type: str, name: str, content: bytes, content_type: str, actor: User
) -> Upload:
    """Plan POST /v1/documents/upload/ of one file into a group that Zadarma has.

    `document_type` is the API's word, `content_type` a MIME type that the caller has found out from the content. The
    same file of the same type sent again meanwhile (a double click) leads to the same upload; sent again after it was
    not done, it is another attempt. Raises `ValueError` for
    an empty file, an unknown type of document, or a group that is not at Zadarma or read-only.
    """
    takes_files = group.remote_id and group.gone_at is None and not group.is_readonly
    if not content or document_type not in DocumentType.values or not takes_files:
        raise ValueError("nothing that can be uploaded")
    digest = hashlib.sha256(content).hexdigest()
    key = f"upload:{group.pk}:{document_type}:{digest[:24]}"
    try:
        with transaction.atomic():
            row = Upload.objects.create(
                group=group,
                document_type=document_type,
                name=name,
                content_type=content_type,
                size=len(content),
                sha256=digest,
                content=content,
            )
            operations.plan(
                UPLOAD.name,
                group.connection,
                ("upload", row.pk),
                {"document_type": document_type, "group_id": group.remote_id, "size": len(content)},
                actor,
                exclusive_key=key,
                serial_key=f"upload:{group.pk}",
                previous=_attempt_before(group, key),
            )
    except operations.AlreadyOpen:
        first = Operation.objects.filter(connection=group.connection, exclusive_key=key).latest("pk")
        return Upload.objects.get(pk=first.object_id)
    return row


def _attempt_before(group: DocumentGroup, key: str) -> Operation | None:
    """The last attempt at sending the same file, where it had no effect."""
    last = Operation.objects.filter(kind=UPLOAD.name, connection=group.connection, exclusive_key=key).first()
    return last if last and last.state in Operation.WITHOUT_EFFECT else None


def _upload(operation: Operation) -> Upload:
    return Upload.objects.select_related("group").get(pk=operation.object_id)


def _count(files: list[api_types.Document], document_type: str) -> dict[str, int]:
    """How many files of this type there are by name, as a digest: names of files may hold names of people."""
    names = (hashlib.sha256(file.name.encode()).hexdigest()[:16] for file in files if file.type == document_type)
    return dict(Counter(names))


def _before(api: Client, operation: Operation) -> dict[str, Any]:
    """Files have no id: what stands in the group before is counted."""
    files = api.documents(operation.params["group_id"])
    return {"files": _count(files, operation.params["document_type"])}


def _send(api: Client, operation: Operation) -> dict[str, Any]:
    row = _upload(operation)
    told = api.upload_document(
        group_id=operation.params["group_id"],
        document_type=row.document_type,
        content=row.content,
        filename=row.name or "document",
        content_type=row.content_type,
    )
    return {"name": told.name}


def _apply(operation: Operation) -> None:
    """It has arrived: our copy is no longer needed, and the group is read again."""
    row = _upload(operation)
    Upload.objects.filter(pk=row.pk).update(arrived_at=timezone.now(), content=b"", error="")
    wake("documents.sync_documents", row.group.connection_id)


def _ended(operation: Operation) -> None:
    """Nothing sends our copy again: whoever tries again chooses the file anew. A passport is not kept for nothing."""
    Upload.objects.filter(pk=operation.object_id).update(error=why_not(operation), content=b"")


def _look(api: Client, operation: Operation) -> Finding:
    """One new file of the type is it, since uploads to a group run one at a time; several can't be told apart."""
    document_type = operation.params["document_type"]
    files = api.documents(operation.params["group_id"])
    before = Counter(operation.evidence.get("before", {}).get("files", {}))
    now = Counter(_count(files, document_type))
    new = now - before
    facts = {"files": sum(now.values()), "new": sum(new.values())}
    if not new:
        return Finding(Seen.ABSENT, facts, is_complete=not before - now)
    if new.total() > 1 or before - now:
        return Finding(Seen.CONFLICT, facts, why="several", candidates=[{"value": "new", "answer": {"name": ""}}])
    return Finding(Seen.PRESENT, facts, {"name": ""})


UPLOAD = Kind("document_upload", _send, before=_before, apply=_apply, ended=_ended, settle=_look)
