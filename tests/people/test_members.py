"""The people of a customer: who is listed, whose role is changed, and what going means."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people import customers, invitations, members
from people.invitations import NotInvited
from people.members import NotChanged
from people.models import AuditEntry, Customer, Invitation, Membership, Session, User
from tests import factories
from tests.support.queries import sent_to_the_database
from tests.support.reading import text_of

pytestmark = pytest.mark.django_db


def membership(user: User) -> Membership:
    """The one of somebody who has one."""
    return Membership.objects.get(user=user)


@pytest.fixture
def browser(client: Client, manager: User) -> Client:
    """The manager's."""
    client.force_login(manager)
    return client


def test_a_manager_sees_their_people_and_a_viewer_sees_no_buttons(
    browser: Client, member: User, outsider: User, customer: Customer
) -> None:
    shown = browser.get(reverse("member-list"))
    assert member.email in text_of(shown) and outsider.email not in text_of(shown)
    assert reverse("member-remove", args=[membership(member).pk]) in shown.content.decode()
    browser.force_login(member)
    shown = browser.get(reverse("member-list"))
    assert member.email in text_of(shown)
    assert "/remove/" not in shown.content.decode() and "Invite a person" not in text_of(shown)


@pytest.mark.parametrize("who", ["member", "outsider", "auditor"])
def test_who_may_not_manage_changes_nobody(
    client: Client, customer: Customer, who: str, request: pytest.FixtureRequest, manager: User
) -> None:
    row = membership(manager)
    client.force_login(request.getfixturevalue(who))
    for name in ("member-role", "member-remove"):
        answer = client.post(reverse(name, args=[row.pk]), {"role": "viewer"})
        assert answer.status_code == 403
    with pytest.raises(PermissionDenied):
        members.remove(row, by=request.getfixturevalue(who))
    with pytest.raises(PermissionDenied):
        members.change_role(row, "viewer", by=request.getfixturevalue(who))
    assert membership(manager).role == "manager"


def test_a_role_is_changed_and_the_audit_says_so(browser: Client, member: User, manager: User) -> None:
    page = browser.post(reverse("member-role", args=[membership(member).pk]), {"role": "manager"}, follow=True)
    assert "The role of member@first.example is changed." in text_of(page)
    assert membership(member).role == "manager"
    entry = AuditEntry.objects.get(action="member.role_changed")
    assert (entry.actor_id, entry.object_id) == (manager.pk, member.pk)
    assert (entry.detail["before"], entry.detail["after"]) == ({"role": "viewer"}, {"role": "manager"})


@pytest.mark.parametrize("role", ["owner", "operator", "", "emperor"])
def test_no_role_is_given_that_is_not_a_customers(browser: Client, member: User, role: str) -> None:
    page = browser.post(reverse("member-role", args=[membership(member).pk]), {"role": role}, follow=True)
    assert "Nothing was changed" in text_of(page)
    assert membership(member).role == "viewer"


def test_the_sessions_of_who_is_removed_end_at_once(browser: Client, member: User) -> None:
    theirs = Client()
    theirs.force_login(member)
    assert theirs.get(reverse("home")).status_code == 200
    browser.post(reverse("member-remove", args=[membership(member).pk]))
    answer = theirs.get(reverse("home"))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/?next=/")
    assert Session.objects.count() == 1  # the manager's own
    assert AuditEntry.objects.get(action="member.removed").object_id == member.pk


def test_who_belongs_elsewhere_too_stays_signed_in_and_sees_only_that(
    browser: Client, member: User, customer: Customer, other_customer: Customer
) -> None:
    member.memberships.create(customer=other_customer, role="viewer")
    number = factories.NumberFactory(customer=customer)
    theirs = Client()
    theirs.force_login(member)
    assert theirs.get(reverse("number", args=[number.pk])).status_code == 200
    browser.post(reverse("member-remove", args=[member.memberships.get(customer=customer).pk]))
    assert theirs.get(reverse("number", args=[number.pk])).status_code == 404
    assert theirs.get(reverse("home")).status_code == 200


def test_the_last_manager_does_not_lock_themselves_out(browser: Client, manager: User, customer: Customer) -> None:
    row = membership(manager)
    for name in ("member-remove", "member-role"):
        page = browser.post(reverse(name, args=[row.pk]), {"role": "viewer"}, follow=True)
        assert "You are the last who manages people here" in text_of(page)
    assert membership(manager).role == "manager"
    second = factories.UserFactory()
    second.memberships.create(customer=customer, role="manager")
    browser.post(reverse("member-remove", args=[row.pk]))
    assert not Membership.objects.filter(pk=row.pk).exists()


def test_the_staff_may_leave_a_customer_without_a_manager(manager: User, operator: User) -> None:
    members.remove(membership(manager), by=operator)
    assert not Membership.objects.exists()


def test_two_managers_who_remove_each_other_leave_one(customer: Customer, manager: User) -> None:
    second = factories.UserFactory()
    rows = membership(manager), second.memberships.create(customer=customer, role="manager")
    members.remove(rows[1], by=manager)
    with pytest.raises(PermissionDenied):
        members.remove(rows[0], by=second)
    assert Membership.objects.get().user == manager


def test_removing_somebody_kills_the_links_sent_to_them(customer: Customer, manager: User) -> None:
    link = "http://testserver/{}".format
    invitations.invite("new@first.example", by=manager, link=link, customer=customer, role="manager")
    seen = invitations.usable(Invitation.objects.get().digest)
    assert seen
    person = User.objects.create_user("new@first.example", "correct horse battery")
    row = person.memberships.create(customer=customer, role="viewer")
    members.remove(row, by=manager)
    with pytest.raises(NotInvited):
        invitations.accept(seen, person)
    with pytest.raises(NotChanged):
        members.remove(row, by=manager)
    assert not person.memberships.exists()


@pytest.mark.parametrize("what", ["removed", "viewer"])
def test_who_manages_nobody_any_more_does_not_come_back_by_a_link_of_their_own(
    customer: Customer, manager: User, operator: User, what: str
) -> None:
    invitations.invite("own@elsewhere.example", by=manager, link=str, customer=customer, role="manager")
    invitations.invite("other@elsewhere.example", by=operator, link=str, customer=customer, role="viewer")
    if what == "removed":
        members.remove(membership(manager), by=operator)
    else:
        members.change_role(membership(manager), "viewer", by=operator)
    assert [row.email for row in invitations.waiting(Invitation.objects.all())] == ["other@elsewhere.example"]


# Ending a customer's access -------------------------------------------------------------------------------------------


def test_access_ends_at_once_with_open_sessions_and_links(
    client: Client, operator: User, customer: Customer, other_customer: Customer, manager: User, member: User
) -> None:
    member.memberships.create(customer=other_customer, role="viewer")
    number = factories.NumberFactory(customer=customer)
    invitations.invite("new@first.example", by=manager, link=str, customer=customer, role="viewer")
    browsers = {person: Client() for person in (manager, member)}
    for person, browser in browsers.items():
        browser.force_login(person)
        assert browser.get(reverse("home")).status_code == 200
    client.force_login(operator)
    page = client.post(reverse("customer-end-access", args=[customer.pk]), follow=True)
    assert "nobody of First customer is let in any more" in text_of(page) and "Give access back" in text_of(page)
    assert browsers[manager].get(reverse("home")).status_code == 302
    assert browsers[member].get(reverse("home")).status_code == 200
    assert browsers[member].get(reverse("number", args=[number.pk])).status_code == 404
    assert Invitation.objects.get().withdrawn_at is not None
    number.refresh_from_db()
    assert number.customer == customer
    client.post(reverse("customer-give-access", args=[customer.pk]))
    browsers[manager].force_login(manager)
    assert browsers[manager].get(reverse("number", args=[number.pk])).status_code == 200
    actions = list(
        AuditEntry.objects.filter(action__startswith="customer.").order_by("pk").values_list("action", flat=True)
    )
    assert actions == ["customer.access_ended", "customer.access_given"]


def test_ending_twice_is_noted_once(customer: Customer, operator: User) -> None:
    assert customers.end_access(customer, by=operator)
    assert not customers.end_access(customer, by=operator)
    assert AuditEntry.objects.filter(action="customer.access_ended").count() == 1


@pytest.mark.parametrize("who", ["auditor", "manager"])
def test_who_may_not_change_customers_ends_no_access(
    client: Client, customer: Customer, who: str, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    client.force_login(person)
    assert client.post(reverse("customer-end-access", args=[customer.pk])).status_code == 403
    with pytest.raises(PermissionDenied):
        customers.end_access(customer, by=person)
    customer.refresh_from_db()
    assert customer.access_ended_at is None


def test_nobody_is_invited_while_access_is_ended(customer: Customer, operator: User) -> None:
    customers.end_access(customer, by=operator)
    with pytest.raises(NotInvited, match="Give it back first"):
        invitations.invite("new@first.example", by=operator, link=str, customer=customer, role="viewer")


# Lists ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["member-list", "customer-edit", "staff-list"])
def test_the_pages_take_as_many_queries_with_one_person_as_with_many(
    client: Client, customer: Customer, manager: User, staff: User, name: str
) -> None:
    client.force_login(manager if name == "member-list" else staff)
    url = reverse(name, args=[customer.pk] if name == "customer-edit" else [])
    counted = []
    for rows in (1, 5):
        for number in range(rows):
            factories.UserFactory().memberships.create(customer=customer, role="viewer")
            factories.UserFactory(staff_role="auditor")
            for target in ({"customer": customer, "role": "viewer"}, {"staff_role": "auditor"}):
                Invitation.objects.create(
                    email="i@first.example",
                    invited_by=manager,
                    digest=f"{rows} {number} {target}"[:64],
                    expires_at=timezone.now(),
                    **target,
                )
            customer.spending_limits.create(currency=f"{'ABCDE'[number]}{rows}X", amount=10)
        client.get(url)
        with sent_to_the_database() as sent:
            assert client.get(url).status_code == 200
        counted.append(sent.count)
    assert counted[0] == counted[1]
