"""How long the content of files is kept here: until they were verified and some days more, and never for ever."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from documents import uploads
from documents.models import Upload
from sync.models import Operation

# Zadarma has it since then: whatever became of it there, it is not kept here any longer.
LONGEST = timedelta(days=90)


def delete_old(now: datetime) -> int:
    """Delete the content of files whose time has come. Returns how many. What remains is name, type, digest and dates.

    Their time comes `KEEP_FILES_DAYS` days after they, or a later one of their type in the group, were verified, 90
    days after they arrived, and at once where their group is gone or erased. Files that Zadarma does not have yet stay
    until they have waited for 90 days, or their group is gone: then those that were not sent are taken back.
    """
    return _delete_old_there(now) + _give_up_waiting(now)


def _give_up_waiting(now: datetime) -> int:
    """What an account that is paused for good, or an answer nobody decides about, would keep here for ever."""
    too_long = Q(created_at__lte=now - LONGEST) | ~Q(group__gone_at=None) | ~Q(group__erased_at=None)
    rows = Upload.objects.filter(too_long, arrived_at=None, deleted_at=None).defer("content")
    count = 0
    for row in rows.order_by("pk"):
        about = Operation.objects.filter(object_type="upload", object_id=row.pk)
        if uploads.stop(row):
            count += 1
        elif not about.filter(state__in=[Operation.State.PLANNED, Operation.State.SENT]).exists():
            # It left: it is never sent again, so nobody needs it any more.
            count += Upload.objects.filter(pk=row.pk, deleted_at=None).update(content=b"", deleted_at=now)
    return count


def _delete_old_there(now: datetime) -> int:
    days = settings.KEEP_FILES_DAYS
    verified_before = now - timedelta(days=days or 0)
    replaced = Upload.objects.filter(
        group=OuterRef("group"),
        document_type=OuterRef("document_type"),
        created_at__gt=OuterRef("created_at"),
        verified_at__lte=verified_before,
    )
    time_has_come = (
        Q(verified_at__lte=verified_before)
        | Exists(replaced)
        | Q(arrived_at__lte=now - LONGEST)
        | ~Q(group__gone_at=None)
        | ~Q(group__erased_at=None)
    )
    if days is None:
        time_has_come |= ~Q(arrived_at=None)
    rows = Upload.objects.filter(time_has_come, deleted_at=None).exclude(arrived_at=None)
    return rows.update(content=b"", deleted_at=now)
