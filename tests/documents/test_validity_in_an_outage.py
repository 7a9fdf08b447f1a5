"""When Zadarma can't be asked, older answers are still shown, and those it gave before it broke off are kept."""

from datetime import timedelta

import pytest
from django.utils import timezone

from documents import validity
from documents.models import DocumentGroup, GroupValidity
from sync.models import Connection
from tests.support.scenes import read
from tests.support.simulator import SimulatorProcess
from zadarma import Unavailable

pytestmark = pytest.mark.django_db
LONDON = "13755"


def test_what_was_answered_before_the_outage_is_kept(simulator: SimulatorProcess, connection: Connection) -> None:
    read(connection, "documents")
    groups = list(DocumentGroup.objects.order_by("pk"))
    simulator.fault("error", path=f"groups/valid/{groups[2].remote_id}/", count=-1)
    with pytest.raises(Unavailable):
        validity.check(groups, LONDON)
    assert set(validity.known(groups, LONDON)) == {groups[0].pk, groups[1].pk}


def test_old_answers_are_asked_again_but_not_forgotten(simulator: SimulatorProcess, connection: Connection) -> None:
    read(connection, "documents")
    groups = list(DocumentGroup.objects.order_by("pk"))
    validity.check(groups, LONDON)
    old = timezone.now() - timedelta(days=1)
    GroupValidity.objects.update(as_of=old)
    simulator.fault("error", path="groups/valid", count=-1)
    with pytest.raises(Unavailable):
        validity.check(groups, LONDON)
    assert {row.as_of for row in validity.known(groups, LONDON).values()} == {old}
