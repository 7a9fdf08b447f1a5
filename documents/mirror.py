"""Keeps the mirror of an account's document groups and their files true."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from documents import due, files, names
from documents.models import MAIN_GROUP, DocumentGroup
from documents.untold import with_untold
from people import data_keys
from sync.compare import Differences, chunks, differences, fitting
from sync.models import SyncRun
from sync.runs import CHUNK, Progress, step
from zadarma import Client, Refused, Unavailable
from zadarma import types as api_types

PERSONAL = {"fields", "wrong_document", "wrong_address"}
# So many groups without a usable answer, one after the other, are an outage; fewer may be those groups' own trouble.
MOST_FAILURES = 3
Groups = dict[str, DocumentGroup]


@dataclass(frozen=True)
class Checked:
    """What one group's files and verdicts are."""

    files: list[api_types.Document]
    wrongs: api_types.CheckingWrongs
    asked_at: datetime


def group_values(group: api_types.DocumentGroup, before: dict[str, Any]) -> dict[str, Any]:
    """What the API says of a group, by the names of the mirror. What it never tells stays as it was `before`."""
    return {
        "fields": with_untold(group.fields(), before),
        "country_iso": (group.country or "")[:2].upper(),
        "is_company": bool(group.organization) or group.salutation == "COMPANY",
        "is_readonly": group.is_readonly,
    }


def sync_documents(run: SyncRun, api: Client, progress: Progress | None = None, *, everything: bool = False) -> None:
    """Mirror groups (/v1/documents/groups/list/), and the files and verdicts of those that are due (/files/,
    checking-wrongs/): `documents.due`. `run.left` says how many are still due. With `everything`, all are.
    """
    step(run, "groups", 0, 0, progress)
    listing = api.document_groups()
    told = {group.id: group for group in listing.rows}
    if MAIN_GROUP not in told:
        told[MAIN_GROUP] = api.document_group(MAIN_GROUP)
    run.rejected = len(listing.rejected)
    for remote_id in _erased(run):  # what Zadarma goes on telling of them is not taken up again
        told.pop(remote_id, None)
    known = _known(run)
    checked = {key: known[key].checked_at if key in known else None for key in told}
    wanted = due.due(
        checked,
        due.waited_for(run.connection_id, run.started_at),
        run.started_at,
        everything=everything or run.is_asked_for,
    )
    most = len(wanted) if everything else due.MOST_ASKED_FOR if run.is_asked_for else due.MOST_A_RUN
    found = _check(run, api, wanted[:most], progress)
    run.left = 0 if run.is_asked_for else len(wanted[most:])
    run.seen = len(told) + sum(len(one.files) for one in found.values())
    step(run, "writing", len(found), len(found), progress)
    for remote_id in _erased(run):  # while the others were asked about
        told.pop(remote_id, None)
    known = _known(run)  # as they stand now: asking took its time
    changed = _write_groups(run, known, told, found)
    rows = _known(run)
    listed = {rows[key].pk: one for key, one in found.items() if key in rows}
    written = files.write(
        run.connection_id,
        {pk: one.files for pk, one in listed.items()},
        {pk: one.asked_at for pk, one in listed.items()},
        run,
    )
    run.created, run.updated = run.created + written.created, run.updated + written.updated
    _note_times(run, list(listed), changed | written.changed)
    if not listing.rejected:
        _mark_gone(run, [row for key, row in rows.items() if key not in told])


def _known(run: SyncRun) -> Groups:
    rows = DocumentGroup.objects.filter(connection_id=run.connection_id, user_id="", gone_at=None)
    return {row.remote_id: row for row in rows.filter(erased_at=None).exclude(remote_id="")}


def _erased(run: SyncRun) -> set[str]:
    rows = DocumentGroup.objects.filter(connection_id=run.connection_id, user_id="").exclude(erased_at=None)
    return set(rows.values_list("remote_id", flat=True))


def _check(run: SyncRun, api: Client, wanted: list[str], progress: Progress | None) -> dict[str, Checked]:
    """Ask for the files and verdicts of groups. One that the API says no about, or that can't be read, is left as it
    is, and counted: it must not keep the others from being read.
    """
    found, failures = {}, 0
    for done, remote_id in enumerate(wanted):
        step(run, f"group {remote_id}", done, len(wanted), progress)
        try:
            asked_at = timezone.now()
            found[remote_id] = Checked(api.documents(remote_id), api.checking_wrongs(remote_id), asked_at)
            failures = 0
        except Unavailable as error:
            failures += 1
            if error.rate_limited or failures >= MOST_FAILURES:
                raise
            run.rejected += 1
        except Refused:
            failures = 0
            run.rejected += 1
            DocumentGroup.objects.filter(connection_id=run.connection_id, remote_id=remote_id, gone_at=None).update(
                checked_at=run.started_at
            )
    return found


def wrongs_of(one: Checked) -> dict[str, str]:
    """What the check found wrong, by the names of the mirror."""
    return {
        "wrong_document_type": one.wrongs.document_type or "",
        "wrong_document": one.wrongs.document_message or "",
        "wrong_address": one.wrongs.address_message or "",
    }


def _write_groups(
    run: SyncRun, known: Groups, told: dict[str, api_types.DocumentGroup], found: dict[str, Checked]
) -> set[int]:
    """Write what the groups are now. Returns those that differ from before, by primary key."""
    seen = Differences("group", run, PERSONAL)
    new, changed, renamed = [], set(), []
    for remote_id, group in told.items():
        row = known.get(remote_id)
        values = group_values(group, row.fields if row else {})
        if one := _newest(found.get(remote_id), row):
            values |= wrongs_of(one)
        values = fitting(DocumentGroup, values)
        if row is None:
            new.append(DocumentGroup(connection_id=run.connection_id, remote_id=remote_id, **values))
        elif row.confirmed_at is None or row.confirmed_at < run.started_at:
            differing = differences(row, values)
            seen.add(row, differing, run.connection_id)
            for field in PERSONAL & differing.keys():  # that it changed, not what
                seen.note(row.pk, field, "", "", run.connection_id)
            if differing:
                changed.add(row.pk)
            if "fields" in differing:
                renamed.append(row)
    run.updated += seen.write()
    for row, key in zip(new, data_keys.make(len(new)), strict=True):
        row.data_key_id = key
    run.created += len(DocumentGroup.objects.bulk_create(new, batch_size=CHUNK, ignore_conflicts=True))
    if new:
        ids = {row.remote_id for row in new}
        renamed += [row for remote_id, row in _known(run).items() if remote_id in ids]
    names.index(renamed)
    return changed


def _newest(one: Checked | None, row: DocumentGroup | None) -> Checked | None:
    """What was asked, unless the group was asked about alone since."""
    is_older = one and row and row.checked_at and row.checked_at > one.asked_at
    return None if is_older else one


def _note_times(run: SyncRun, checked: list[int], changed: set[int]) -> None:
    older = DocumentGroup.objects.filter(Q(checked_at=None) | Q(checked_at__lt=run.started_at))
    for ids in chunks(checked):
        older.filter(pk__in=ids).update(checked_at=run.started_at)
    for ids in chunks(sorted(changed)):
        DocumentGroup.objects.filter(pk__in=ids).update(changed_at=timezone.now())


def _mark_gone(run: SyncRun, missing: list[DocumentGroup]) -> None:
    gone = [row.pk for row in missing if row.confirmed_at is None or row.confirmed_at < run.started_at]
    unsettled = DocumentGroup.objects.filter(Q(confirmed_at=None) | Q(confirmed_at__lt=run.started_at))
    for ids in chunks(gone):
        run.gone += unsettled.filter(pk__in=ids).update(gone_at=run.started_at)
