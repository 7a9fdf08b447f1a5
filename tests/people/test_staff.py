"""The partner's own people: listed, their roles changed, switched off; one owner always stays."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from people import invitations
from people import staff as use_case
from people.members import NotChanged
from people.models import AuditEntry, Invitation, Session, User
from tests import factories
from tests.support.reading import text_of

pytestmark = pytest.mark.django_db
OWNER = "staff@partner.example"


def test_the_list_says_who_has_a_second_factor(browser_of_staff: Client, staff: User, operator: User) -> None:
    Authenticator.objects.create(user=operator, type=Authenticator.Type.TOTP, data={})
    Authenticator.objects.create(user=staff, type=Authenticator.Type.RECOVERY_CODES, data={})
    people = {row.pk: row.has_second_factor for row in browser_of_staff.get(reverse("staff-list")).context["people"]}
    assert people == {staff.pk: False, operator.pk: True}


@pytest.mark.parametrize("who", ["operator", "auditor"])
def test_operators_and_auditors_look_and_change_nothing(
    client: Client, staff: User, who: str, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    client.force_login(person)
    shown = client.get(reverse("staff-list"))
    assert OWNER in text_of(shown) and "/remove/" not in shown.content.decode()
    for name in ("staff-role", "staff-remove"):
        for target in (staff, person):
            assert client.post(reverse(name, args=[target.pk]), {"role": "owner"}).status_code == 403
    person.refresh_from_db()
    assert person.staff_role == who


def test_an_owner_changes_a_role(browser_of_staff: Client, operator: User, staff: User) -> None:
    browser_of_staff.post(reverse("staff-role", args=[operator.pk]), {"role": "auditor"})
    operator.refresh_from_db()
    assert operator.staff_role == "auditor"
    entry = AuditEntry.objects.get(action="staff.role_changed")
    assert (entry.actor_id, entry.object_id) == (staff.pk, operator.pk)
    assert (entry.detail["before"], entry.detail["after"]) == ({"staff_role": "operator"}, {"staff_role": "auditor"})


@pytest.mark.parametrize("role", ["manager", "viewer", "", "emperor"])
def test_no_role_is_given_that_is_not_the_staffs(browser_of_staff: Client, operator: User, role: str) -> None:
    page = browser_of_staff.post(reverse("staff-role", args=[operator.pk]), {"role": role}, follow=True)
    assert "Nothing was changed" in text_of(page)
    operator.refresh_from_db()
    assert operator.staff_role == "operator"


def test_who_is_removed_is_out_at_once_and_cannot_sign_in(browser_of_staff: Client, operator: User) -> None:
    theirs = Client()
    theirs.force_login(operator)
    assert theirs.get(reverse("customer-list")).status_code == 200
    page = browser_of_staff.post(reverse("staff-remove", args=[operator.pk]), follow=True)
    assert "operator@partner.example is not on the staff any more" in text_of(page)
    assert theirs.get(reverse("customer-list")).status_code == 302
    assert Session.objects.count() == 1  # the owner's own
    assert not theirs.login(username=operator.email, password="correct horse battery")
    operator.refresh_from_db()
    assert (operator.is_active, operator.staff_role) == (False, "")
    assert AuditEntry.objects.get(action="staff.removed").object_id == operator.pk


def test_the_last_owner_stays(browser_of_staff: Client, operator: User) -> None:
    owner = User.objects.get(email=OWNER)
    for name in ("staff-remove", "staff-role"):
        page = browser_of_staff.post(reverse(name, args=[owner.pk]), {"role": "operator"}, follow=True)
        assert "This is the last owner." in text_of(page)
    owner.refresh_from_db()
    assert (owner.staff_role, owner.is_active) == ("owner", True)


def test_an_owner_switched_off_does_not_count(staff: User) -> None:
    factories.UserFactory(staff_role="owner", is_active=False)

    with pytest.raises(NotChanged, match="last owner"):
        use_case.remove(staff, by=staff)


def test_two_owners_who_demote_each_other_leave_one() -> None:
    first, second = (factories.UserFactory(staff_role="owner") for _ in range(2))
    use_case.change_role(second, "operator", by=first)
    with pytest.raises(PermissionDenied):
        use_case.change_role(first, "operator", by=second)  # as `second` still sees themselves
    assert list(User.objects.filter(staff_role="owner")) == [first]


def test_somebody_of_a_customer_is_not_reached_as_staff(browser_of_staff: Client, member: User, staff: User) -> None:

    for name in ("staff-role", "staff-remove"):
        assert browser_of_staff.post(reverse(name, args=[member.pk]), {"role": "owner"}).status_code == 404
    with pytest.raises(NotChanged, match="not on the staff"):
        use_case.change_role(member, "owner", by=staff)
    member.refresh_from_db()
    assert (member.is_active, member.staff_role) == (True, "")


def test_removing_somebody_kills_the_links_sent_to_them(staff: User) -> None:

    invitations.invite("new@partner.example", by=staff, link=str, staff_role="operator")
    use_case.remove(factories.UserFactory(email="new@partner.example", staff_role="auditor"), by=staff)
    assert Invitation.objects.get().withdrawn_at is not None


@pytest.mark.parametrize("what", ["removed", "demoted"])
def test_who_is_no_owner_any_more_does_not_come_back_by_a_link_of_their_own(staff: User, what: str) -> None:
    second = factories.UserFactory(staff_role="owner")
    invitations.invite("own@elsewhere.example", by=second, link=str, staff_role="owner")
    if what == "removed":
        use_case.remove(second, by=staff)
    else:
        use_case.change_role(second, "auditor", by=staff)
    assert not invitations.waiting(Invitation.objects.all()).exists()
