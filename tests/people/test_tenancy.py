"""Who sees which rows."""

from dataclasses import dataclass

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.http import Http404
from django.utils import timezone

from direct_numbers.models import (
    Asking,
    Charge,
    Country,
    Direction,
    Label,
    Labelling,
    ListChoice,
    Number,
    Offer,
    Order,
    SavedView,
)
from documents.models import Document, DocumentGroup, Download, GroupValidity, NameToken, Upload
from notices.models import Delivery, Notice, Preference
from people import audit, audit_sealing
from people.models import (
    AuditChain,
    AuditEntry,
    CalendarFeed,
    Customer,
    DataKey,
    Invitation,
    Membership,
    PrivacyEvent,
    SpendingLimit,
    User,
)
from people.models import Session as PersonsSession
from people.permissions import TABLE, CustomerRole, May, StaffRole
from people.tenancy import NotScoped, Tenancy, Viewer, scope, scoped_or_404
from sync.models import CallBudget, Change, Connection, ConnectionImport, ImportRow, Operation, SyncRequest, SyncRun
from tests import factories

OWN = (
    *(Customer, Membership, Invitation, SpendingLimit, Charge, Number, Order),
    *(DocumentGroup, Document, Upload, Download, NameToken, Asking, GroupValidity),
    *(Label, Labelling, Notice),
)
SHARED = (Country, Direction, Offer)
STAFFS = (
    *(
        User,
        CalendarFeed,
        PersonsSession,
        DataKey,
        AuditChain,
        AuditEntry,
        PrivacyEvent,
        Connection,
        ConnectionImport,
        ImportRow,
    ),
    *(CallBudget, SyncRun, SyncRequest, Change, Operation, ListChoice, SavedView, Delivery, Preference),
)
SEES = {
    **{model: {"staff", "member"} for model in OWN},
    **{model: {"staff", "member", "outsider"} for model in SHARED},
    **{model: {"staff"} for model in STAFFS},
}
pytestmark = pytest.mark.django_db


@dataclass
class Cast:
    """The people of these tests as tenancy sees them."""

    staff: Viewer
    member: Viewer
    outsider: Viewer
    anonymous: Viewer


@pytest.fixture
def cast(staff: User, member: User, outsider: User) -> Cast:
    """Staff, a member of the owner, a member of somebody else, nobody."""
    return Cast(staff.viewer(), member.viewer(), outsider.viewer(), Viewer())


@pytest.fixture
def rows(cast: Cast, customer: Customer, member: User, staff: User) -> dict[type[Model], Model]:
    """A row of every model; what can belong to a customer belongs to the first."""
    connection = factories.ConnectionFactory()
    group = factories.DocumentGroupFactory(connection=connection, customer=customer)
    answers = dict.fromkeys(("is_information_match", "is_documents_uploaded", "is_documents_verified"), True)
    number = factories.NumberFactory(connection=connection, customer=customer)
    return {
        User: member,
        CalendarFeed: CalendarFeed.objects.create(user=member, digest="d", made_at=timezone.now()),
        PersonsSession: PersonsSession.objects.create(session_key="a" * 32, expire_date=timezone.now(), user=member),
        Customer: customer,
        Membership: Membership.objects.get(user=member),
        PrivacyEvent: PrivacyEvent.objects.create(kind=PrivacyEvent.Kind.EXPORTED, customer=customer, actor=staff),
        AuditChain: audit_sealing.chain(),
        AuditEntry: audit.record("customer.added", staff, customer=customer),
        ListChoice: ListChoice.objects.create(user=member),
        SavedView: SavedView.objects.create(user=member, name="Mine", query="status=on"),
        SpendingLimit: SpendingLimit.objects.create(customer=customer, currency="EUR", amount=10),
        Invitation: Invitation.objects.create(
            email="new@first.example", customer=customer, role="viewer", digest="d", expires_at=timezone.now()
        ),
        Connection: connection,
        ConnectionImport: (imported := ConnectionImport.objects.create()),
        ImportRow: ImportRow.objects.create(batch=imported, line=1, name="One"),
        CallBudget: CallBudget.objects.create(connection=connection),
        SyncRun: factories.SyncRunFactory(connection=connection),
        SyncRequest: SyncRequest.objects.create(connection=connection, kind="numbers"),
        Change: Change.objects.create(
            connection=connection, object_type="number", object_id=number.pk, field="status", seen_at=timezone.now()
        ),
        Operation: factories.OperationFactory(connection=connection, object_id=number.pk),
        Country: number.direction.country,
        Direction: number.direction,
        Offer: factories.OfferFactory(connection=connection, direction=number.direction),
        Number: number,
        Label: (label := Label.objects.create(name="Hotline", customer=customer)),
        Labelling: Labelling.objects.create(label=label, number=number),
        Order: (order := factories.OrderFactory(connection=connection, customer=customer)),
        Charge: Charge.objects.create(
            customer=customer, order=order, amount=2, currency="EUR", markup_percent=0, at=timezone.now()
        ),
        DocumentGroup: group,
        Document: factories.DocumentFactory(group=group),
        Upload: (upload := factories.UploadFactory(group=group)),
        Download: Download.objects.create(upload=upload, user=staff),
        Asking: Asking.objects.create(group=group, began_at=timezone.now()),
        Notice: (notice := factories.NoticeFactory(connection=connection, customer=customer, subject_id=number.pk)),
        Delivery: Delivery.objects.create(notice=notice, user=member, way="digest", due_at=timezone.now()),
        Preference: Preference.objects.create(user=member),
        NameToken: NameToken.objects.create(group=group, token="a" * 16),
        DataKey: group.data_key,
        GroupValidity: GroupValidity.objects.create(
            group=group, direction_remote_id="1", is_address_match=True, as_of=timezone.now(), **answers
        ),
    }


def ours() -> set[type[Model]]:
    """Every model of the panel."""
    return {
        model
        for label in ("people", "sync", "documents", "numbers", "notices", "panel")
        for model in apps.get_app_config(label).get_models()
    }


def test_every_model_says_to_whom_its_rows_belong() -> None:
    assert {model.__name__ for model in ours() if not isinstance(getattr(model, "tenancy", None), Tenancy)} == set()


def test_every_model_is_in_the_table_of_these_tests() -> None:
    assert ours() == set(SEES)


@pytest.mark.parametrize("who", ["staff", "member", "outsider", "anonymous"])
@pytest.mark.parametrize("model", list(SEES), ids=lambda model: model.__name__)
def test_rows_are_seen_by(cast: Cast, rows: dict[type[Model], Model], model: type[Model], who: str) -> None:
    seen = scope(model._default_manager.all(), getattr(cast, who)).filter(pk=rows[model].pk).exists()
    assert seen == (who in SEES[model])


def test_rows_of_nobody_are_staffs(cast: Cast) -> None:
    number = factories.NumberFactory(customer=None)
    assert scope(Number.objects.all(), cast.staff).get() == number
    assert not scope(Number.objects.all(), cast.member).exists()


def test_a_member_of_two_customers_sees_both_and_no_third(
    customer: Customer, other_customer: Customer, member: User
) -> None:
    member.memberships.create(customer=other_customer)
    mine = {factories.NumberFactory(customer=owner).pk for owner in (customer, other_customer)}
    factories.NumberFactory(customer=factories.CustomerFactory())
    assert set(scope(Number.objects.all(), member.viewer()).values_list("pk", flat=True)) == mine


def test_a_person_switched_off_sees_nothing(staff: User, member: User, rows: dict[type[Model], Model]) -> None:
    for person in (staff, member):
        person.is_active = False
        assert person.viewer() == Viewer()
        assert not scope(Number.objects.all(), person.viewer()).exists()


@pytest.mark.parametrize(
    "model", [Number, Labelling, Order, DocumentGroup, Document, GroupValidity, Offer, SyncRun, Operation]
)
def test_rows_of_a_hidden_account_are_seen_by_nobody(
    cast: Cast, rows: dict[type[Model], Model], model: type[Model]
) -> None:
    assert scope(model._default_manager.all(), cast.staff).exists()
    Connection.objects.update(is_hidden=True)
    for viewer in (cast.staff, cast.member, cast.outsider):
        assert not scope(model._default_manager.all(), viewer).exists()


def test_a_model_that_says_nothing_is_shown_to_nobody(cast: Cast) -> None:
    for viewer in (cast.staff, cast.anonymous):
        with pytest.raises(NotScoped, match="Session"):
            scope(Session.objects.all(), viewer)


def test_what_is_not_yours_does_not_exist(cast: Cast, rows: dict[type[Model], Model]) -> None:
    number = rows[Number]
    assert scoped_or_404(Number.objects.all(), cast.member, pk=number.pk) == number
    for viewer in (cast.outsider, cast.anonymous):
        with pytest.raises(Http404):
            scoped_or_404(Number.objects.all(), viewer, pk=number.pk)


def test_every_role_stands_in_the_table_of_permissions() -> None:
    assert set(TABLE) == {*StaffRole.values, *CustomerRole.values}


# What each role may do: written out once more, so that a slip in the table is seen.
LOOKS = {"see", "see_members"}
MANAGES = {*LOOKS, "order", "route", "pay", "edit_papers", "download", "manage_members"}
READS = {*LOOKS, "download", "see_customers", "see_money", "see_activity", "see_connections", "see_staff"}
WORKS = {
    "set_channels",
    "assign",
    "approve",
    "manage_customers",
    "export_customers",
    "erase_customers",
    "sync",
    "settle",
}
MAY = {
    "owner": {*MANAGES, *READS, *WORKS, "manage_connections", "manage_staff", "see_audit"},
    "operator": MANAGES | READS | WORKS,
    "auditor": READS | {"see_audit"},
    "manager": MANAGES,
    "viewer": LOOKS,
}


@pytest.mark.parametrize("role", list(MAY))
def test_what_a_role_may_do(role: str) -> None:
    viewer = Viewer(1, staff_role=role) if role in StaffRole.values else Viewer(1, roles={7: role})
    assert {what for what in May.values if viewer.may(what)} == MAY[role]
    assert {what for what, can in viewer.can.items() if can} == MAY[role]
    assert {what for what in May.values if viewer.may(what, 7)} == MAY[role]


def test_a_role_for_one_customer_is_none_for_another() -> None:
    viewer = Viewer(1, roles={7: "manager", 8: "viewer"})
    assert viewer.may(May.ORDER) and viewer.may(May.ORDER, 7)
    assert not viewer.may(May.ORDER, 8) and viewer.may(May.SEE, 8)
    assert not viewer.may(May.SEE, 9)


@pytest.mark.parametrize("viewer", [Viewer(), Viewer(1), Viewer(1, staff_role="emperor"), Viewer(1, roles={7: "king"})])
def test_who_has_no_role_may_do_nothing(viewer: Viewer) -> None:
    assert not [what for what in May.values if viewer.may(what)]


def test_access_that_was_ended_gives_no_rows_and_no_rights(customer: Customer, manager: User) -> None:
    number = factories.NumberFactory(customer=customer)
    assert scope(Number.objects.all(), manager.viewer()).get() == number
    Customer.objects.update(access_ended_at=timezone.now())
    assert not scope(Number.objects.all(), manager.viewer()).exists()
    assert not manager.viewer().may(May.SEE)
