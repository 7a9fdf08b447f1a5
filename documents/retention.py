"""How long the content of files is kept here: until they were verified and some days more, and never for ever."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from documents.models import Upload

# Zadarma has it since then: whatever became of it there, it is not kept here any longer.
LONGEST = timedelta(days=90)


def delete_old(now: datetime) -> int:
    """Delete the content of files whose time has come. Returns how many. What remains is name, type, digest and dates.

    Their time comes `KEEP_FILES_DAYS` days after they, or a later one of their type in the group, were verified, 90
    days after they arrived, and at once where their group is gone or erased. Files that Zadarma does not have yet stay.
    """
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
