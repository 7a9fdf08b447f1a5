"""Two at once: a link accepted twice, owners who demote each other, somebody removed while they accept.

Whoever comes second waits for the first and sees what it did. SQLite has one writer at a time.
"""

import threading
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection as database
from django.db import transaction

from people import customers, invitations, members
from people import staff as staffing
from people.invitations import NotInvited
from people.members import NotChanged
from people.models import Customer, Invitation, Membership, User
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "seven green bottles hang"


def second(first: Callable[[], object], then: Callable[[], object]) -> object:
    """What comes of `then`, begun in another thread while the transaction of `first` is still open."""
    came: list[object] = []

    def run() -> None:
        try:
            came.append(then())
        except Exception as error:  # noqa: BLE001 - told to the test
            came.append(error)
        finally:
            database.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        thread.join(0.7)
        assert thread.is_alive(), "it did not wait"
    thread.join(20)
    return came[0]


def open_invitation(customer: Customer, by: User) -> Invitation:
    """To new@first.example, as a browser that opened the link has it."""
    invitations.invite("new@first.example", by=by, link=str, customer=customer, role="viewer")
    return Invitation.objects.get()


if database.vendor == "postgresql":

    def test_a_link_accepted_twice_lets_one_in(customer: Customer, manager: User) -> None:
        seen = open_invitation(customer, manager)

        def accept(name: str) -> User:
            return invitations.accept_as_new(seen, name=name, password=PASSWORD)

        came = second(lambda: accept("First"), lambda: accept("Second"))
        assert isinstance(came, NotInvited) and "used already" in str(came)
        assert User.objects.get(email="new@first.example").name == "First"

    def test_two_owners_who_remove_each_other_leave_one() -> None:
        first, other = (factories.UserFactory(staff_role="owner") for _ in range(2))
        came = second(lambda: staffing.remove(other, by=first), lambda: staffing.remove(first, by=other))
        assert isinstance(came, PermissionDenied)
        assert list(User.objects.filter(staff_role="owner", is_active=True)) == [first]

    def test_two_owners_who_step_down_leave_one() -> None:
        first, other = (factories.UserFactory(staff_role="owner") for _ in range(2))
        came = second(
            lambda: staffing.change_role(first, "auditor", by=first),
            lambda: staffing.change_role(other, "auditor", by=other),
        )
        assert isinstance(came, NotChanged) and "last owner" in str(came)
        assert list(User.objects.filter(staff_role="owner")) == [other]

    def test_who_is_removed_while_they_accept_is_out(customer: Customer, manager: User) -> None:
        seen = open_invitation(customer, manager)
        person = User.objects.create_user("new@first.example", PASSWORD)
        row = person.memberships.create(customer=customer, role="viewer")
        came = second(lambda: members.remove(row, by=manager), lambda: invitations.accept(seen, person))
        assert isinstance(came, NotInvited)
        assert not Membership.objects.filter(user=person).exists()

    def test_nobody_is_let_in_while_access_ends(customer: Customer, manager: User, staff: User) -> None:
        seen = open_invitation(customer, manager)
        came = second(
            lambda: customers.end_access(customer, by=staff),
            lambda: invitations.accept_as_new(seen, name="New", password=PASSWORD),
        )
        assert isinstance(came, NotInvited)
        assert not User.objects.filter(email="new@first.example").exists()

    def test_a_manager_removed_meanwhile_invites_nobody(customer: Customer, manager: User, staff: User) -> None:
        row = Membership.objects.get(user=manager)
        came = second(lambda: members.remove(row, by=staff), lambda: open_invitation(customer, manager))
        assert isinstance(came, PermissionDenied)
        assert not Invitation.objects.exists()
