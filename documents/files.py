"""Mirrors the files of document groups, and finds among them those that were given here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from documents.models import Document, DocumentGroup, Upload
from sync.compare import Differences, chunks, differences, fitting
from sync.models import SyncRun
from sync.runs import CHUNK
from zadarma import types as api_types

Told = Mapping[int, list[api_types.Document]]


@dataclass
class Written:
    """How many rows were made and changed, and the groups whose files differ from before, by primary key."""

    created: int = 0
    updated: int = 0
    changed: set[int] = field(default_factory=set)


def write(connection_id: int, told: Told, asked_at: Mapping[int, datetime], run: SyncRun | None = None) -> Written:
    """Write the files of groups, by the group's primary key, as they were told at `asked_at`.

    Files have no id: they are the same while type and name are. The n-th of equal ones is the n-th row. A group that
    was asked about later than that meanwhile is left alone.
    """
    written = Written()
    for ids in chunks(sorted(told)):
        with transaction.atomic():
            rows = DocumentGroup.objects.select_for_update().filter(pk__in=ids, erased_at=None)
            known = dict(rows.values_list("pk", "checked_at"))
            current = [pk for pk in ids if pk in known and ((last := known[pk]) is None or last <= asked_at[pk])]
            _write_some(connection_id, {pk: told[pk] for pk in current}, run, written)
            _recognise(current)
            written.changed |= _replace(current)
    return written


def _write_some(connection_id: int, told: Told, run: SyncRun | None, written: Written) -> None:
    known: dict[tuple[int, str, str], list[Document]] = {}
    for document in Document.objects.filter(group__in=list(told), gone_at=None).select_related("group"):
        known.setdefault((document.group_id, document.document_type, document.name), []).append(document)
    found = Differences("document", run, {"source"})
    new = []
    for group_id, listed in told.items():
        for file in listed:
            same = known.get((group_id, file.type, file.name or ""), [])
            values = fitting(Document, {"is_verified": file.is_verified, "source": file.source or ""})
            if not same:
                new.append(Document(group_id=group_id, document_type=file.type, name=file.name or "", **values))
                written.changed.add(group_id)
                continue
            row = same.pop(0)
            differing = differences(row, values)
            found.add(row, differing, connection_id)
            if differing:
                written.changed.add(group_id)
    written.updated += found.write()
    written.created += len(Document.objects.bulk_create(new, batch_size=CHUNK))
    left = [document for rest in known.values() for document in rest]
    written.changed |= {document.group_id for document in left}
    for ids in chunks([document.pk for document in left]):
        Document.objects.filter(pk__in=ids).update(gone_at=timezone.now())


def _replace(group_ids: Sequence[int]) -> set[int]:
    """Let files go that were rejected and given anew. Returns their groups.

    A rejection names a type: all files of it that are not verified are among those rejected. Once a later one is
    verified nothing more is to be expected of them, and Zadarma can't delete them.
    """
    now = timezone.now()
    unverified = Document.objects.filter(group__in=group_ids, gone_at=None, replaced_at=None).exclude(is_verified=True)
    rejected = unverified.filter(rejected_at=None, document_type=F("group__wrong_document_type"))
    ids = list(rejected.exclude(document_type="").values_list("pk", flat=True))
    if ids:  # so that a reading that shows nothing new writes nothing
        Document.objects.filter(pk__in=ids).update(rejected_at=now)
    later = Document.objects.filter(
        group=OuterRef("group"), document_type=OuterRef("document_type"), pk__gt=OuterRef("pk"), is_verified=True
    )
    mended = unverified.exclude(rejected_at=None).exclude(document_type=F("group__wrong_document_type"))
    found = dict(mended.filter(Exists(later.filter(gone_at=None))).values_list("pk", "group_id"))
    if found:
        Document.objects.filter(pk__in=found).update(replaced_at=now)
    return set(found.values())


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
        if same and (row.document is None or row.document.gone_at):
            row.document = values["document"] = same.pop(0)
        if row.document is not None and row.document.is_verified:
            values["verified_at"] = now
        if values:
            Upload.objects.filter(pk=row.pk).update(**values)
