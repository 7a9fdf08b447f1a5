"""What was asked for one customer's papers is not done to them once they are another's, late or again."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from documents import assigning, groups, uploads
from documents.models import DocumentGroup, Upload
from people.models import Customer, User
from sync import operations
from sync.models import Connection, Operation
from tests.support import files
from tests.support.journal import perform_planned
from tests.support.reading import text_of
from tests.support.scenes import read
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db(transaction=True)

Plan = Callable[[DocumentGroup, User], object]


def change(group: DocumentGroup, actor: User) -> Operation:
    """Plan another name of the group."""
    return groups.update_group(group, {**group.fields, "last_name": "Secretname"}, actor)


def give(group: DocumentGroup, actor: User) -> Upload:
    """Plan a file of the group."""
    return uploads.upload(group, "passport", "of-the-first.jpg", files.jpeg(size=(220, 180)), "image/jpeg", actor)


PLANS = pytest.mark.parametrize("plan", [change, give])


@pytest.fixture
def group(connection: Connection, customer: Customer) -> DocumentGroup:
    """Papers of the first customer."""
    read(connection, "documents")
    DocumentGroup.objects.filter(remote_id="1001").update(customer=customer)
    return DocumentGroup.objects.select_related("connection").get(remote_id="1001")


def hand_over(group: DocumentGroup, customer: Customer | None, by: User) -> None:
    """Give the papers to somebody else."""
    assigning.assign_all([group.pk], DocumentGroup.objects.all(), customer, by=by)


def changes_sent(simulator: SimulatorProcess) -> list[str]:
    """What was asked of Zadarma beside looking."""
    return [entry["path"] for entry in simulator.requests() if entry["method"] != "GET"]


@PLANS
def test_what_was_planned_for_the_former_customer_is_not_sent(
    group: DocumentGroup, simulator: SimulatorProcess, manager: User, staff: User, other_customer: Customer, plan: Plan
) -> None:
    plan(group, manager)
    hand_over(group, other_customer, staff)
    perform_planned()
    operation = Operation.objects.get()
    assert operation.state == "refused" and "given to somebody else" in operation.error
    assert changes_sent(simulator) == []
    assert [row for row in Upload.objects.all() if row.content] == []


@PLANS
def test_nor_is_what_changed_hands_while_it_was_looked_at(
    group: DocumentGroup,
    simulator: SimulatorProcess,
    manager: User,
    staff: User,
    other_customer: Customer,
    plan: Plan,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan(group, manager)
    claim = operations._claim

    def after_the_handover(one: Operation) -> bool:
        hand_over(group, other_customer, staff)
        return claim(one)

    monkeypatch.setattr(operations, "_claim", after_the_handover)
    operations.perform(Operation.objects.get().pk)
    assert Operation.objects.get().state == "planned"  # the next try tells why
    assert changes_sent(simulator) == []


@PLANS
def test_what_staff_planned_while_they_were_nobodys_holds(
    group: DocumentGroup, simulator: SimulatorProcess, staff: User, customer: Customer, plan: Plan
) -> None:
    hand_over(group, None, staff)
    group.refresh_from_db()
    plan(group, staff)
    hand_over(group, customer, staff)
    perform_planned()
    assert Operation.objects.get().state == "done" and len(changes_sent(simulator)) == 1


@pytest.mark.parametrize("is_performed", [True, False])
def test_the_new_customer_reads_nothing_of_it(
    group: DocumentGroup,
    simulator: SimulatorProcess,
    client: Client,
    manager: User,
    staff: User,
    outsider: User,
    other_customer: Customer,
    *,
    is_performed: bool,
) -> None:
    change(group, manager)
    hand_over(group, other_customer, staff)
    if is_performed:
        perform_planned()
    outsider.memberships.update(role="manager")
    client.force_login(outsider)
    for name in ("group", "group-edit"):
        page = client.get(reverse(name, args=[group.pk]))
        assert page.status_code == 200 and "Secretname" not in page.content.decode()
        assert "refused" not in text_of(page) and "on its way" not in text_of(page)
