"""Who may invite whom, and what they are told."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people import invitations
from people.invitations import MOST_AN_HOUR, NotInvited
from people.models import AuditEntry, Customer, Invitation, Membership, User
from tests.support.inviting import accept_as_new, invited, link, path_sent
from tests.support.reading import text_of

pytestmark = pytest.mark.django_db


def test_a_viewer_invites_nobody(client: Client, customer: Customer, member: User) -> None:
    client.force_login(member)
    fields = {"email": "new@first.example", "role": "viewer", "language": "en"}
    assert client.post(reverse("customer-invite", args=[customer.pk]), fields).status_code == 403
    with pytest.raises(PermissionDenied):
        invited(customer, member)
    assert not mail.outbox


def test_a_manager_invites_to_no_other_customer_and_to_no_staff(
    client: Client, other_customer: Customer, manager: User, customer: Customer
) -> None:
    client.force_login(manager)
    fields = {"email": "new@first.example", "role": "manager", "language": "en"}
    assert client.post(reverse("customer-invite", args=[other_customer.pk]), fields).status_code == 404
    assert client.post(reverse("staff-invite"), {**fields, "role": "owner"}).status_code == 403
    page = client.post(reverse("customer-invite", args=[customer.pk]), {**fields, "role": "owner"})
    assert page.status_code == 400
    with pytest.raises(PermissionDenied):
        invitations.invite("new@first.example", by=manager, link=link, staff_role="owner")
    assert not Invitation.objects.exists()


def test_an_operator_invites_to_customers_and_not_to_the_staff(
    client: Client, customer: Customer, operator: User, auditor: User
) -> None:
    fields = {"email": "new@first.example", "role": "manager", "language": "en"}
    client.force_login(auditor)
    assert client.post(reverse("customer-invite", args=[customer.pk]), fields).status_code == 403
    client.force_login(operator)
    assert client.post(reverse("staff-invite"), {**fields, "role": "auditor"}).status_code == 403
    client.post(reverse("customer-invite", args=[customer.pk]), fields)
    assert Invitation.objects.get().role == "manager"


def test_a_manager_does_not_touch_invitations_of_others(
    client: Client, customer: Customer, other_customer: Customer, manager: User, staff: User
) -> None:
    invited(other_customer, staff)
    invitations.invite("s@partner.example", by=staff, link=link, staff_role="operator")
    client.force_login(manager)
    for invitation in Invitation.objects.all():
        for name in ("invitation-again", "invitation-withdraw"):
            assert client.post(reverse(name, args=[invitation.pk])).status_code == 404
    assert not Invitation.objects.exclude(withdrawn_at=None).exists()


def test_who_was_removed_meanwhile_invites_nobody(customer: Customer, manager: User) -> None:
    Membership.objects.filter(user=manager).delete()
    with pytest.raises(PermissionDenied):
        invited(customer, manager)


def test_staff_are_not_invited_to_customers_nor_the_other_way(
    customer: Customer, staff: User, operator: User, member: User
) -> None:
    with pytest.raises(NotInvited, match="they see everything"):
        invited(customer, staff, operator.email)
    with pytest.raises(NotInvited, match="belongs to a customer"):
        invitations.invite(member.email, by=staff, link=link, staff_role="operator")
    with pytest.raises(NotInvited, match="on the staff already"):
        invitations.invite(operator.email, by=staff, link=link, staff_role="auditor")
    assert not mail.outbox


def test_a_manager_is_not_told_who_has_an_account_elsewhere(
    client: Client, customer: Customer, manager: User, operator: User, outsider: User
) -> None:
    client.force_login(manager)
    told = []
    for email in ("nobody@nowhere.example", operator.email, outsider.email):
        fields = {"email": email, "role": "viewer", "language": "en"}
        page = client.post(reverse("customer-invite", args=[customer.pk]), fields, follow=True)
        told.append(text_of(page).count(f"{email} is invited."))
    assert told == [1, 1, 1]
    invitation = Invitation.objects.get(email=operator.email)
    with pytest.raises(NotInvited, match="on the staff"):
        invitations.accept(invitation, operator)
    assert not operator.memberships.exists()


def test_who_belongs_already_is_not_invited(customer: Customer, manager: User, member: User) -> None:
    with pytest.raises(NotInvited, match="belongs to the customer already"):
        invited(customer, manager, member.email.upper())
    invited(customer, manager)
    with pytest.raises(NotInvited, match="invited already"):
        invited(customer, manager, "NEW@first.example")
    assert len(mail.outbox) == 1


def test_nobody_sends_more_than_thirty_an_hour(customer: Customer, manager: User, staff: User) -> None:
    for number in range(MOST_AN_HOUR):
        invited(customer, manager, f"new{number}@first.example")
    with pytest.raises(NotInvited, match="within an hour"):
        invited(customer, manager, "late@first.example")
    with pytest.raises(NotInvited, match="within an hour"):
        invitations.send_again(Invitation.objects.first().pk, by=manager, link=link)  # type: ignore[union-attr]
    assert len(mail.outbox) == MOST_AN_HOUR
    invited(customer, staff, "late@first.example")
    Invitation.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    invited(customer, manager, "later@first.example")


def test_an_owner_invites_to_the_staff(client: Client, browser_of_staff: Client, staff: User) -> None:
    fields = {"email": "new@partner.example", "role": "auditor", "language": "en"}
    browser_of_staff.post(reverse("staff-invite"), fields)
    assert mail.outbox[0].subject == "Invitation to the staff of Numberdesk"
    browser_of_staff.logout()
    accept_as_new(client, path_sent())
    assert User.objects.get(email="new@partner.example").staff_role == "auditor"


def test_the_audit_tells_of_invitations_without_addresses(client: Client, customer: Customer, manager: User) -> None:
    path = invited(customer, manager)
    accept_as_new(client, path)
    sent, accepted = AuditEntry.objects.filter(action__startswith="invitation.").order_by("pk")
    assert (sent.action, sent.actor_id, sent.customer_id) == ("invitation.sent", manager.pk, customer.pk)
    assert (accepted.action, accepted.detail["after"]) == ("invitation.accepted", {"role": "viewer"})
    assert accepted.actor_id == User.objects.get(email="new@first.example").pk
    assert "@" not in str(sent.detail) + str(accepted.detail)
