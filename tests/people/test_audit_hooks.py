"""What people do leaves a row, with before and after, and nothing personal."""

import json

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from direct_numbers import assigning
from documents import assigning as groups_assigning
from documents.models import DocumentGroup
from people.audit_models import AuditEntry
from people.models import Customer, User
from sync import gateway, operations, requests
from sync.kinds import kind_of
from sync.models import Connection, Operation
from sync.moves import end, settle_done
from tests import factories

pytestmark = pytest.mark.django_db


# What the form of a customer wants beside a name.
NEVER = {"markup_percent": "0", "shows_prices": "on", "approval": "never"}


def rows() -> list[AuditEntry]:
    """What was noted, oldest first."""
    return list(AuditEntry.objects.order_by("pk"))


def one() -> AuditEntry:
    """The only row that was noted."""
    (row,) = rows()
    return row


def test_a_new_customer_and_what_changes_of_it(browser_of_staff: Client, staff: User, offline: Connection) -> None:
    browser_of_staff.post(
        reverse("customer-new"), {**NEVER, "name": "Very Private Ltd", "reference": "", "default_connection": ""}
    )
    added = one()
    pk = Customer.objects.get().pk
    assert (added.action, added.actor_id, added.customer_id) == ("customer.added", staff.pk, pk)
    assert added.detail["from"] == "127.0.0.1"
    browser_of_staff.post(
        reverse("customer-edit", args=[pk]),
        {**NEVER, "name": "Other Private Ltd", "reference": "", "default_connection": offline.pk},
    )
    changed = rows()[-1]
    assert changed.action == "customer.changed"
    assert changed.detail["before"] == {"default_connection": None}
    assert changed.detail["after"] == {"default_connection": offline.pk, "name": "changed"}
    assert "Private" not in json.dumps([row.detail for row in rows()])
    browser_of_staff.post(
        reverse("customer-edit", args=[pk]),
        {**NEVER, "name": "Other Private Ltd", "reference": "", "default_connection": offline.pk},
    )
    assert len(rows()) == 2, "saving what stands there already is no change"


def test_a_number_given_to_a_customer(
    browser_of_staff: Client, staff: User, customer: Customer, offline: Connection
) -> None:
    number = factories.NumberFactory(connection=offline)
    browser_of_staff.post(reverse("number-assign", args=[number.pk]), {"customer": customer.pk})
    row = one()
    assert (row.action, row.actor_id, row.object_type, row.object_id) == (
        "number.assigned",
        staff.pk,
        "number",
        number.pk,
    )
    assert row.customer_id == customer.pk
    assert (row.detail["before"], row.detail["after"]) == ({"customer": None}, {"customer": customer.pk})
    number.refresh_from_db()
    assigning.assign(number, None, by=staff)
    assert rows()[-1].customer_id == customer.pk
    assigning.assign(number, None, by=staff)
    assert len(rows()) == 2


def test_papers_given_to_a_customer(browser_of_staff: Client, staff: User, customer: Customer) -> None:
    group = factories.DocumentGroupFactory()
    browser_of_staff.post(reverse("group-assign", args=[group.pk]), {"customer": customer.pk})
    row = one()
    assert (row.action, row.actor_id, row.object_id, row.customer_id) == (
        "group.assigned",
        staff.pk,
        group.pk,
        customer.pk,
    )
    groups_assigning.assign_all([group.pk], DocumentGroup.objects.all(), customer, by=staff)
    assert len(rows()) == 1


def test_a_download(browser_of_staff: Client, staff: User, customer: Customer) -> None:
    group = factories.DocumentGroupFactory(customer=customer)
    upload = factories.UploadFactory(group=group, name="Secret.pdf", content=b"%PDF")
    assert browser_of_staff.post(reverse("upload-download", args=[upload.pk])).status_code == 200
    row = one()
    assert (row.action, row.actor_id, row.object_type, row.object_id, row.customer_id) == (
        "document.downloaded",
        staff.pk,
        "upload",
        upload.pk,
        customer.pk,
    )


def test_data_of_a_customer_exported(browser_of_staff: Client, staff: User, customer: Customer) -> None:
    browser_of_staff.post(reverse("customer-export", args=[customer.pk]))
    assert (one().action, one().customer_id) == ("customer.exported", customer.pk)


def test_an_account_paused_and_switched_on(staff: User, offline: Connection) -> None:
    gateway.pause(offline, "wrong key")
    gateway.pause(offline, "wrong key")
    assert (one().action, one().actor_id, one().object_id) == ("connection.paused", None, offline.pk)
    requests.resume(offline, staff)
    requests.resume(offline, staff)
    assert [(row.action, row.actor_id) for row in rows()][1:] == [("connection.resumed", staff.pk)]


def planned(offline: Connection, actor: User | None, customer: int | None = None) -> Operation:
    """A change of a number's caller name, with a personal parameter."""
    number = factories.NumberFactory(connection=offline)
    return operations.plan(
        "set_caller_name",
        offline,
        ("number", number.pk),
        {"caller_name": "Very Private", "customer": customer},
        actor,
    )


def test_a_change_wanted_and_done(staff: User, customer: Customer, offline: Connection) -> None:
    operation = planned(offline, staff, customer.pk)
    row = one()
    assert (row.action, row.actor_id, row.object_type, row.object_id, row.customer_id) == (
        "operation.planned",
        staff.pk,
        "number",
        operation.object_id,
        customer.pk,
    )
    assert row.detail["after"] == {"operation": operation.pk, "kind": "set_caller_name"}
    Operation.objects.filter(pk=operation.pk).update(state="sent")
    operation.refresh_from_db()
    assert settle_done(operation, {"caller_name": "Very Private"})
    assert not settle_done(operation, {"caller_name": "Very Private"})
    ended = rows()[-1]
    assert len(rows()) == 2
    assert (ended.action, ended.actor_id, ended.customer_id) == ("operation.ended", None, customer.pk)
    assert ended.detail["before"] == {"state": "sent"}
    assert ended.detail["after"]["state"] == "done"
    assert "Private" not in json.dumps([row.detail for row in rows()])


def test_a_change_cancelled_by_a_person_or_without_one(staff: User, offline: Connection) -> None:
    assert operations.cancel(planned(offline, staff), staff)
    assert (rows()[-1].action, rows()[-1].actor_id) == ("operation.cancelled", staff.pk)
    assert operations.cancel(planned(offline, staff))
    assert (rows()[-1].action, rows()[-1].actor_id) == ("operation.ended", None)
    assert rows()[-1].detail["after"]["state"] == "cancelled"


def test_a_change_settled_by_hand(staff: User, operator: User, offline: Connection) -> None:
    operation = planned(offline, staff)
    Operation.objects.filter(pk=operation.pk).update(state="needs_person")
    operation.refresh_from_db()
    assert end(kind_of(operation), operation, Operation.IN_DOUBT, "not_done", decided_by=operator)
    row = rows()[-1]
    assert (row.action, row.actor_id) == ("operation.decided", operator.pk)
    assert row.detail == {
        "before": {"state": "needs_person"},
        "after": {"operation": operation.pk, "kind": "set_caller_name", "state": "not_done"},
    }


def test_the_customer_of_a_change_without_one_in_its_parameters(
    staff: User, customer: Customer, offline: Connection
) -> None:
    group = factories.DocumentGroupFactory(connection=offline, customer=customer)
    operation = operations.plan(
        "group_update", offline, ("group", group.pk), {"fields": {}}, staff, customer_id=customer.pk
    )
    assert operations.cancel(operation)
    assert [row.customer_id for row in rows()] == [customer.pk] * 2


def test_what_was_not_planned_is_not_noted(staff: User, offline: Connection) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        planned(offline, staff)
        raise RuntimeError
    assert not rows()
