"""Whether a document group in doubt was made: by its data and a new id, in listings that leave nothing out."""

from typing import Any

import pytest

from documents import groups
from documents.models import DocumentGroup
from people.models import User
from sync import operations
from sync.models import Connection, Operation
from tests.support.journal import look_now, perform_planned
from tests.support.scenes import forget_waiting, long_ago
from tests.support.simulator import SimulatorProcess
from zadarma import Client
from zadarma.types import Listing, Rejected

CREATE = "/v1/documents/groups/create/"
PERSON = {
    "salutation": "MS",
    "first_name": "Anna",
    "last_name": "Berg",
    "email": "anna@example.com",
    "phone": "49301234567",
    "country": "DE",
    "city": "Berlin",
    "zip_code": "10115",
    "street": "Invalidenstr.",
    "building_number": "7",
    "address": "Invalidenstr. 7, 10115",
}
pytestmark = pytest.mark.django_db(transaction=True)


def lose(fault: str, connection: Connection, staff: User, simulator: SimulatorProcess) -> Operation:
    """Create a group whose answer gets lost."""
    simulator.fault(fault, path=CREATE)
    group = groups.create_group(connection, None, PERSON, staff)
    perform_planned()
    operation = Operation.objects.get(object_id=group.pk)
    assert operation.state == "unknown"
    return operation


def hide(monkeypatch: pytest.MonkeyPatch, *ids: str, as_unreadable: bool) -> None:
    """Leave groups out of the listing: as rows that can't be read, or as if they were not there."""
    whole = Client.document_groups

    def listed(api: Client) -> Any:
        told = whole(api)
        rows = [row for row in told.rows if row.id not in ids]
        unreadable = [Rejected(0, "odd")] if as_unreadable else []
        return Listing(rows=rows, rejected=unreadable)

    monkeypatch.setattr(Client, "document_groups", listed)


def test_an_older_group_that_could_not_be_read_before_is_not_surely_the_new_one(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = Client(simulator.url, simulator.key, simulator.secret)
    older = api.create_document_group(PERSON).id
    api.close()
    with monkeypatch.context() as patch:
        hide(patch, older, as_unreadable=True)
        operation = lose("reset_before", connection, staff, simulator)
    look_now(operation)
    assert operation.state == "unknown"
    long_ago(operation)
    look_now(operation)
    assert (operation.state, operation.evidence["looks"][-1]["why"]) == ("needs_person", "unsure")
    assert not DocumentGroup.objects.filter(remote_id=older).exists()


@pytest.mark.parametrize("as_unreadable", [True, False])
def test_a_listing_that_leaves_groups_out_proves_no_absence(
    connection: Connection,
    simulator: SimulatorProcess,
    staff: User,
    monkeypatch: pytest.MonkeyPatch,
    as_unreadable: bool,
) -> None:
    operation = lose("reset_before", connection, staff, simulator)
    long_ago(operation)
    with monkeypatch.context() as patch:
        hide(patch, "1001", as_unreadable=as_unreadable)
        look_now(operation)
        look_now(operation)
        assert operation.state == "unknown"
    look_now(operation)
    look_now(operation)
    assert operation.state == "not_done"


def test_a_group_whose_creation_is_in_doubt_is_not_created_once_more(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    operation = lose("reset_after", connection, staff, simulator)
    group = DocumentGroup.objects.get(pk=operation.object_id)
    with pytest.raises(operations.AlreadyOpen):
        groups.retry_refused(group, PERSON | {"city": "Kiel"}, staff)
    look_now(operation)
    with pytest.raises(operations.AlreadyOpen):
        groups.retry_refused(group, PERSON | {"city": "Kiel"}, staff)  # from a page that was loaded before
    perform_planned()
    assert (operation.state, len(simulator.ledger("group_create"))) == ("done", 1)


def test_two_groups_of_the_same_person_explain_one_operation_each(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    first = lose("reset_after", connection, staff, simulator)
    other = groups.create_group(connection, None, PERSON | {"email": "other@example.com"}, staff)
    second = Operation.objects.get(object_id=other.pk)
    operations.perform(second.pk)
    second.refresh_from_db()
    assert second.state == "planned"  # creates run one at a time
    look_now(first)
    simulator.fault("reset_after", path=CREATE)
    operations.perform(forget_waiting(second).pk)
    look_now(second)
    assert (first.state, second.state) == ("done", "done")
    assert first.answer["id"] != second.answer["id"]


@pytest.mark.parametrize("fault", ["reset_after", "reset_before"])
def test_a_date_of_birth_which_no_listing_tells_hides_no_group_and_makes_none(
    connection: Connection, simulator: SimulatorProcess, staff: User, fault: str
) -> None:
    simulator.fault(fault, path=CREATE)
    groups.create_group(connection, None, PERSON | {"date_of_birth": "1980-02-03"}, staff)
    perform_planned()
    operation = Operation.objects.get(kind="group_create")
    long_ago(operation)
    look_now(operation)
    look_now(operation)
    assert operation.state == {"reset_after": "done", "reset_before": "not_done"}[fault]


def test_data_that_zadarma_writes_in_its_own_way_are_the_same_person(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = lose("reset_after", connection, staff, simulator)
    written_otherwise(monkeypatch, last_name="BERG", phone="+49 301 234567", street="Invalidenstr")
    look_now(operation)
    assert operation.state == "done"


def test_a_new_group_with_other_data_is_no_proof_of_absence_and_a_person_may_name_it(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = lose("reset_after", connection, staff, simulator)
    written_otherwise(monkeypatch, last_name="Mountain")
    long_ago(operation)
    look_now(operation)
    assert (operation.state, operation.evidence["looks"][-1]["why"]) == ("needs_person", "others")
    assert len(operation.evidence["looks"][-1]["candidates"]) == 1


def test_a_new_group_that_tells_no_name_is_nobodys_for_sure(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = lose("reset_after", connection, staff, simulator)
    written_otherwise(monkeypatch, last_name="", first_name="")
    look_now(operation)
    assert (operation.state, operation.evidence["looks"][-1]["why"]) == ("unknown", "others")


def written_otherwise(monkeypatch: pytest.MonkeyPatch, **told: str) -> None:
    """The listing tells these fields of new groups in another way."""
    whole = Client.document_groups

    def listed(api: Client) -> Any:
        found = whole(api)
        old = set(DocumentGroup.objects.exclude(remote_id="").values_list("remote_id", flat=True))
        rows = [row if row.id in {"0", "1001", *old} else row.model_copy(update=told) for row in found.rows]
        return Listing(rows=rows, rejected=found.rejected)

    monkeypatch.setattr(Client, "document_groups", listed)
