"""Erasing beside what is under way: it is refused, and no reading brings anything back."""

from types import SimpleNamespace

import pytest

from direct_numbers import placing
from direct_numbers.models import Order
from documents import mirror as documents
from documents.models import Document, DocumentGroup, NameToken
from people import data_keys, personal
from people.models import User
from sync import operations
from sync.models import Connection, Operation
from tests import factories
from tests.support.scenes import read
from tests.support.simulator import SimulatorProcess
from tests.support.whole_customer import places_of, whole_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def whole(offline: Connection) -> SimpleNamespace:
    """The customer that is erased."""
    return whole_customer("Qxaver", offline)


@pytest.fixture
def foreign(offline: Connection) -> SimpleNamespace:
    """Another one, who must not notice."""
    return whole_customer("Zwolle", offline, "442055509999")


# What is under way ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", Operation.OPEN)
@pytest.mark.parametrize("about", ["group", "upload", "order", "number"])
def test_it_is_refused_while_something_is_open(whole: SimpleNamespace, staff: User, about: str, state: str) -> None:
    row = getattr(whole, about)
    operation = factories.OperationFactory(
        connection=whole.group.connection, object_type=about, object_id=row.pk, state=state
    )
    if about == "order":
        Order.objects.filter(pk=row.pk).update(operation=operation)
    before = places_of("Qxaver")
    with pytest.raises(personal.Hindered) as told:
        personal.erase(whole.customer, staff)
    assert len(told.value.reasons) == 1 and told.value.reasons == personal.hindrances(whole.customer)
    assert places_of("Qxaver") == before
    Operation.objects.filter(pk=operation.pk).update(state="done")
    personal.erase(whole.customer, staff)


@pytest.mark.parametrize("state", ["placing", "in_doubt"])
def test_it_is_refused_while_an_order_of_nobody_is_placed_with_their_papers(
    whole: SimpleNamespace, staff: User, state: str
) -> None:
    factories.OrderFactory(connection=whole.group.connection, group=whole.group, state=state)
    with pytest.raises(personal.Hindered, match="being placed"):
        personal.erase(whole.customer, staff)


def test_what_others_have_under_way_hinders_nobody(
    whole: SimpleNamespace, foreign: SimpleNamespace, staff: User
) -> None:
    factories.OperationFactory(object_type="group", object_id=foreign.group.pk)
    factories.OrderFactory(customer=foreign.customer, state="placing")
    personal.erase(whole.customer, staff)


def test_what_is_planned_just_then_is_not_sent(whole: SimpleNamespace, staff: User) -> None:
    late = factories.OperationFactory(
        connection=whole.group.connection,
        kind="group_update",
        object_type="group",
        object_id=whole.group.pk,
        data_key=whole.group.data_key,
        params={"fields": {"last_name": "Qxaver"}},
    )
    data_keys.destroy([whole.group.data_key_id])
    operations.perform(late.pk)
    assert Operation.objects.get(pk=late.pk).state == "cancelled"


def test_what_is_erased_between_the_look_and_the_claim_is_not_sent(
    connection: Connection, staff: User, monkeypatch: pytest.MonkeyPatch, simulator: SimulatorProcess
) -> None:
    whole = whole_customer("Qxaver", connection)
    late = factories.OperationFactory(
        connection=connection,
        kind="group_update",
        object_type="group",
        object_id=whole.group.pk,
        data_key=whole.group.data_key,
        params={"fields": {"last_name": "Qxaver"}},
    )
    checked = operations._checked

    def slow(*arguments: object) -> bool:
        found = checked(*arguments)
        data_keys.destroy([whole.group.data_key_id])
        return found

    monkeypatch.setattr(operations, "_checked", slow)
    operations.perform(late.pk)
    assert not [call for call in simulator.requests() if call["method"] == "PUT"]
    operations.perform(late.pk)
    assert Operation.objects.get(pk=late.pk).state == "cancelled"


def test_a_draft_is_given_up_and_can_not_come_back(whole: SimpleNamespace, staff: User) -> None:
    rows = [factories.OrderFactory(customer=whole.customer, state=state) for state in ("draft", "refused", "approval")]
    personal.erase(whole.customer, staff)
    assert {Order.objects.get(pk=row.pk).state for row in rows} == {"cancelled"}
    late = factories.OrderFactory(customer=whole.customer, connection=whole.group.connection)
    nobodys = factories.DocumentGroupFactory(connection=whole.group.connection)
    assert not placing.may_use(late, nobodys)
    late.customer = None
    assert placing.may_use(late, nobodys)


# Nothing comes back ---------------------------------------------------------------------------------------------------


def erased_group(connection: Connection, staff: User) -> DocumentGroup:
    """A group that Zadarma goes on listing, erased here."""
    read(connection, "documents")
    customer = factories.CustomerFactory()
    DocumentGroup.objects.filter(remote_id="1001").update(customer=customer)
    assert places_of("Hafenweg") and places_of("electricity-march")
    personal.erase(customer, staff)
    return DocumentGroup.objects.get(remote_id="1001")


def test_a_reading_afterwards_brings_nothing_back(
    connection: Connection, staff: User, simulator: SimulatorProcess
) -> None:
    group = erased_group(connection, staff)
    for _again in range(2):
        (run,) = read(connection, "documents")
        assert (run.state, run.gone) == ("done", 0)
    assert DocumentGroup.objects.filter(remote_id="1001").get().fields == {}
    assert places_of("Hafenweg") == places_of("electricity-march") == set()
    assert not Document.objects.filter(group=group).exists()
    assert not NameToken.objects.filter(group=group).exists()
    DocumentGroup.objects.filter(pk=group.pk).update(gone_at=group.erased_at)  # even where it was away for a while
    read(connection, "documents")
    assert places_of("Hafenweg") == places_of("electricity-march") == set()


def test_a_reading_that_began_before_brings_nothing_back(
    connection: Connection, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(connection, "documents")
    customer = factories.CustomerFactory()
    DocumentGroup.objects.filter(remote_id="1001").update(customer=customer, fields={"street": "Hafenweg"})
    Document.objects.all().delete()
    check = documents._check

    def slow(*arguments: object) -> object:
        found = check(*arguments)
        personal.erase(customer, staff)
        return found

    monkeypatch.setattr(documents, "_check", slow)
    (run,) = read(connection, "documents")
    assert run.state == "done"
    assert places_of("Hafenweg") == places_of("electricity-march") == set()
    group = DocumentGroup.objects.get(remote_id="1001")
    assert group.fields == {} and not NameToken.objects.filter(group=group).exists()
    assert not Document.objects.filter(group=group).exists() and Document.objects.exists()
