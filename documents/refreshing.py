"""Asking for one group's files and verdicts at once: after a file arrived there, and for a person who waits."""

from django.db import transaction
from django.utils import timezone

from documents import files
from documents.mirror import PERSONAL, Checked, wrongs_of
from documents.models import DocumentGroup
from sync import budget, gateway
from sync.compare import Differences, differences, fitting


def refresh_group(group: DocumentGroup, lane: str = budget.CLICK) -> None:
    """Mirror the files and verdicts of one group (/v1/documents/files/, checking-wrongs/).

    Raises `ZadarmaError`, `NotUsable`.
    """
    if not group.remote_id or group.gone_at or group.erased_at:
        return
    began = timezone.now()
    with gateway.client(group.connection, lane) as api:
        one = Checked(api.documents(group.remote_id), api.checking_wrongs(group.remote_id), began)
    with transaction.atomic():
        row = DocumentGroup.objects.select_for_update().filter(pk=group.pk, gone_at=None, erased_at=None).first()
        if row is None or (row.checked_at and row.checked_at > began):  # somebody else knows better
            return
        _write(row, one)


def _write(group: DocumentGroup, one: Checked) -> None:
    found = Differences("group", None, PERSONAL)
    differing = differences(group, fitting(DocumentGroup, wrongs_of(one)))
    found.add(group, differing, group.connection_id)
    for field in PERSONAL & differing.keys():
        found.note(group.pk, field, "", "", group.connection_id)
    found.write()
    seen = files.write(group.connection_id, {group.pk: one.files}, {group.pk: one.asked_at})
    values = {"checked_at": one.asked_at}
    if differing or seen.changed:
        values["changed_at"] = timezone.now()
    DocumentGroup.objects.filter(pk=group.pk).update(**values)
