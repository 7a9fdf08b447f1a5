"""Files that never arrive are not kept for ever, one that arrived is not sent twice, a rejection is not hidden."""

from datetime import timedelta

import pytest
from django.utils import timezone

from documents import papers, retention, uploads
from documents.models import Document, DocumentGroup, Upload
from people.models import User
from people.tenancy import Viewer
from sync.models import Operation
from tests import factories

pytestmark = pytest.mark.django_db
PLANNED, SENT, NEEDS_PERSON = Operation.State.PLANNED, Operation.State.SENT, Operation.State.NEEDS_PERSON


@pytest.fixture
def group() -> DocumentGroup:
    """A group that Zadarma has."""
    return factories.DocumentGroupFactory(remote_id="1001")


@pytest.fixture
def actor() -> User:
    """Somebody who uploads."""
    return factories.UserFactory(staff_role="owner")


def given(group: DocumentGroup, actor: User) -> Upload:
    """A file on its way."""
    return uploads.upload(group, "passport", "a.jpg", b"abc", "image/jpeg", actor)


@pytest.mark.parametrize("is_gone", [False, True])
@pytest.mark.parametrize(("state", "is_kept"), [(PLANNED, False), (SENT, True), (NEEDS_PERSON, False)])
def test_what_does_not_arrive_is_not_kept_for_ever(
    group: DocumentGroup, actor: User, *, is_gone: bool, state: str, is_kept: bool
) -> None:
    row, now = given(group, actor), timezone.now()
    Operation.objects.update(state=state)
    assert retention.delete_old(now) == 0
    if is_gone:
        DocumentGroup.objects.update(gone_at=now)
    else:
        Upload.objects.update(created_at=now - timedelta(days=91))
    assert retention.delete_old(now) == (not is_kept)
    row.refresh_from_db()
    assert bool(row.content) is is_kept
    if state == PLANNED:
        assert Operation.objects.get().state == Operation.State.CANCELLED


def test_a_file_that_arrived_since_somebody_looked_is_not_sent_again(group: DocumentGroup, actor: User) -> None:
    given(group, actor)
    Operation.objects.update(state=Operation.State.DONE)
    with pytest.raises(uploads.SentBefore):
        given(group, actor)
    assert (Upload.objects.count(), Operation.objects.count()) == (1, 1)


def test_a_file_without_a_type_replaces_no_rejected_one(group: DocumentGroup) -> None:
    group.wrong_document = "It can't be read"
    Document.objects.create(group=group, document_type="", name="x.jpg", is_verified=False)
    assert not papers.is_replaced(group, papers.told(Viewer(user_id=1, staff_role="owner"), group)["types"])
