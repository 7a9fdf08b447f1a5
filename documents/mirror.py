"""Keeps the mirror of an account's document groups and their files true."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from documents.models import MAIN_GROUP, Document, DocumentGroup
from sync.compare import Differences, chunks, differences, fitting
from sync.models import SyncRun
from sync.runs import CHUNK, Progress, step
from zadarma import Client
from zadarma import types as api_types


@dataclass(frozen=True)
class _Fetched:
    group: api_types.DocumentGroup
    files: list[api_types.Document]
    wrongs: api_types.CheckingWrongs


def group_values(group: api_types.DocumentGroup) -> dict[str, Any]:
    """What the API says of a group, by the names of the mirror."""
    return {
        "fields": group.fields(),
        "country_iso": (group.country or "")[:2].upper(),
        "is_company": bool(group.organization) or group.salutation == "COMPANY",
        "is_readonly": group.is_readonly,
    }


def sync_documents(run: SyncRun, api: Client, progress: Progress | None = None) -> None:
    """Mirror groups, files and what the check found wrong (/v1/documents/groups/list/, /files/, checking-wrongs/)."""
    step(run, "groups", 0, 0, progress)
    listing = api.document_groups()
    groups = {group.id: group for group in listing.rows}
    if MAIN_GROUP not in groups:
        groups[MAIN_GROUP] = api.document_group(MAIN_GROUP)
    run.rejected = len(listing.rejected)
    fetched = []
    for done, group in enumerate(groups.values()):
        step(run, f"group {group.id}", done, len(groups), progress)
        files = api.documents(group.id)
        unchecked = any(file.is_verified is not True for file in files)
        wrongs = api.checking_wrongs(group.id) if unchecked else api_types.CheckingWrongs()
        fetched.append(_Fetched(group, files, wrongs))
    run.seen = len(fetched) + sum(len(one.files) for one in fetched)
    step(run, "writing", len(groups), len(groups), progress)
    _write(run, fetched, complete=not listing.rejected)


def _write(run: SyncRun, fetched: list[_Fetched], *, complete: bool) -> None:
    known = DocumentGroup.objects.filter(connection_id=run.connection_id, user_id="", gone_at=None)
    rows = {row.remote_id: row for row in known.exclude(remote_id="")}
    found = Differences("group", run, {"fields", "wrong_document", "wrong_address"})
    new = []
    for one in fetched:
        wrongs = {
            "wrong_document_type": one.wrongs.document_type or "",
            "wrong_document": one.wrongs.document_message or "",
            "wrong_address": one.wrongs.address_message or "",
        }
        values = fitting(DocumentGroup, group_values(one.group) | wrongs)
        row = rows.get(one.group.id)
        if row is None:
            new.append(DocumentGroup(connection_id=run.connection_id, remote_id=one.group.id, **values))
        elif row.confirmed_at is None or row.confirmed_at < run.started_at:
            changed = differences(row, values)
            found.add(row, changed, run.connection_id)
            for field in found.silent & changed.keys():  # personal: that it changed, not what
                found.note(row.pk, field, "", "", run.connection_id)
    run.updated += found.write()
    run.created += len(DocumentGroup.objects.bulk_create(new, batch_size=CHUNK, ignore_conflicts=True))
    rows = {row.remote_id: row for row in known.all().exclude(remote_id="")}
    _write_files(run, rows, fetched)
    if complete:
        listed = {one.group.id for one in fetched}
        gone = [
            row.pk
            for remote_id, row in rows.items()
            if remote_id not in listed and (row.confirmed_at is None or row.confirmed_at < run.started_at)
        ]
        unsettled = DocumentGroup.objects.filter(Q(confirmed_at=None) | Q(confirmed_at__lt=run.started_at))
        run.gone += unsettled.filter(pk__in=gone).update(gone_at=run.started_at) if gone else 0


def _write_files(run: SyncRun, rows: dict[str, DocumentGroup], fetched: list[_Fetched]) -> None:
    """Files have no id: they are the same while type and name are. The n-th of equal ones is the n-th row."""
    known: dict[tuple[int, str, str], list[Document]] = {}
    read = {rows[one.group.id].pk for one in fetched if one.group.id in rows}
    for document in Document.objects.filter(group__connection_id=run.connection_id, gone_at=None):
        if document.group_id not in read:  # nobody has asked for the files of this group
            continue
        known.setdefault((document.group_id, document.document_type, document.name), []).append(document)
    found = Differences("document", run, {"source"})
    new = []
    for one in fetched:
        group = rows.get(one.group.id)
        if group is None:
            continue
        for file in one.files:
            same = known.get((group.pk, file.type, file.name or ""), [])
            values = fitting(Document, {"is_verified": file.is_verified, "source": file.source or ""})
            if same:
                row = same.pop(0)
                found.add(row, differences(row, values), run.connection_id)
            else:
                new.append(Document(group=group, document_type=file.type, name=file.name or "", **values))
    run.updated += found.write()
    run.created += len(Document.objects.bulk_create(new, batch_size=CHUNK))
    left = [document.pk for rest in known.values() for document in rest]
    for ids in chunks(left):
        Document.objects.filter(pk__in=ids).update(gone_at=run.started_at)
