"""Mirrors the files of document groups, and finds among them those that were given here."""

from collections.abc import Sequence

from django.utils import timezone

from documents.models import Document, Upload
from sync.compare import Differences, chunks, differences, fitting
from sync.models import SyncRun
from sync.runs import CHUNK
from zadarma import types as api_types


def write(run: SyncRun, told: dict[int, list[api_types.Document]]) -> set[int]:
    """Write the files of groups, by the group's primary key. Returns the groups whose files differ from before.

    Files have no id: they are the same while type and name are. The n-th of equal ones is the n-th row.
    """
    known: dict[tuple[int, str, str], list[Document]] = {}
    for ids in chunks(sorted(told)):
        for document in Document.objects.filter(group__in=ids, gone_at=None).select_related("group"):
            known.setdefault((document.group_id, document.document_type, document.name), []).append(document)
    found = Differences("document", run, {"source"})
    new, changed = [], set()
    for group_id, listed in told.items():
        for file in listed:
            same = known.get((group_id, file.type, file.name or ""), [])
            values = fitting(Document, {"is_verified": file.is_verified, "source": file.source or ""})
            if not same:
                new.append(Document(group_id=group_id, document_type=file.type, name=file.name or "", **values))
                changed.add(group_id)
                continue
            row = same.pop(0)
            differing = differences(row, values)
            found.add(row, differing, run.connection_id)
            if differing:
                changed.add(group_id)
    run.updated += found.write()
    run.created += len(Document.objects.bulk_create(new, batch_size=CHUNK))
    left = [document for rest in known.values() for document in rest]
    changed |= {document.group_id for document in left}
    for ids in chunks([document.pk for document in left]):
        Document.objects.filter(pk__in=ids).update(gone_at=run.started_at)
    for ids in chunks(sorted(told)):
        _recognise(ids)
    return changed


def _recognise(group_ids: Sequence[int]) -> None:
    """Find the files that were given here among those listed, by type and the name Zadarma gave them.

    None is guessed: a file whose name is not told stays without its counterpart.
    """
    uploads = Upload.objects.filter(group__in=group_ids, verified_at=None).exclude(arrived_at=None)
    waiting = list(uploads.select_related("group", "document").defer("content").order_by("pk"))
    if not waiting:
        return
    free: dict[tuple[int, str, str], list[Document]] = {}
    listed = Document.objects.filter(group__in={row.group_id for row in waiting}, gone_at=None, upload=None)
    for document in listed.select_related("group").order_by("pk"):
        free.setdefault((document.group_id, document.document_type, document.name), []).append(document)
    now = timezone.now()
    for row in waiting:
        same = free.get((row.group_id, row.document_type, row.doc_name), []) if row.doc_name else []
        values: dict[str, object] = {}
        if row.document is None and same:
            row.document = values["document"] = same.pop(0)
        if row.document is not None and row.document.is_verified:
            values["verified_at"] = now
        if values:
            Upload.objects.filter(pk=row.pk).update(**values)
