"""The content of files is deleted when its time has come, and not before."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from documents import retention, tasks
from documents.models import Upload
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def days(count: float) -> Any:
    """So many days ago."""
    return NOW - timedelta(days=count)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"arrived_at": None}, True),
        ({"arrived_at": days(89)}, True),
        ({"arrived_at": days(91)}, False),
        ({"arrived_at": days(20), "verified_at": days(13)}, True),
        ({"arrived_at": days(20), "verified_at": days(15)}, False),
    ],
)
def test_a_file_is_kept_for_some_days_after_it_was_verified_and_never_for_ever(
    given: dict[str, Any], kept: bool
) -> None:
    upload = factories.UploadFactory(content=b"scan", **given)
    assert retention.delete_old(NOW) == (0 if kept else 1)
    upload.refresh_from_db()
    assert (bytes(upload.content) == b"scan") is kept is (upload.deleted_at is None)
    assert (upload.name, upload.document_type, upload.sha256) == ("scan.pdf", "passport", "0" * 64)


def test_a_rejected_file_goes_with_the_one_that_replaced_it() -> None:
    rejected = factories.UploadFactory(arrived_at=days(30))
    other_type = factories.UploadFactory(group=rejected.group, arrived_at=days(30), document_type="receipt")
    new = factories.UploadFactory(group=rejected.group, arrived_at=days(20), verified_at=days(15))
    Upload.objects.filter(pk=rejected.pk).update(created_at=days(30))
    Upload.objects.filter(pk=other_type.pk).update(created_at=days(30))
    assert retention.delete_old(NOW) == 2
    assert {row.pk for row in Upload.objects.exclude(deleted_at=None)} == {rejected.pk, new.pk}


@pytest.mark.parametrize("mark", ["gone_at", "erased_at"])
def test_the_files_of_a_group_that_is_gone_or_erased_are_not_kept(mark: str) -> None:
    group = factories.DocumentGroupFactory(**{mark: NOW})
    factories.UploadFactory(group=group, arrived_at=days(1))
    assert retention.delete_old(NOW) == 1
    assert retention.delete_old(NOW) == 0


@pytest.mark.parametrize(("setting", "kept"), [(None, False), (0, False), (30, True)])
def test_the_setting_decides(settings: Any, setting: int | None, kept: bool) -> None:
    settings.KEEP_FILES_DAYS = setting
    factories.UploadFactory(arrived_at=days(15), verified_at=days(14))
    unverified = factories.UploadFactory(arrived_at=days(1))
    retention.delete_old(NOW)
    assert Upload.objects.filter(deleted_at=None, verified_at__isnull=False).exists() is kept
    assert Upload.objects.filter(pk=unverified.pk, deleted_at=None).exists() is (setting is not None)


def test_the_schedule_deletes_by_a_task_that_exists(settings: Any) -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["delete-old-files"]
    assert entry["task"] == tasks.delete_old_files.name
    upload = factories.UploadFactory(arrived_at=days(91))
    tasks.delete_old_files()
    upload.refresh_from_db()
    assert upload.deleted_at is not None
