"""Inviting people: what the e-mail holds, who may, and what a link is worth."""

import hashlib
import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people import erasing, invitations, personal
from people.invitations import NotInvited
from people.models import AuditEntry, Customer, Invitation, Membership, User
from tests.support.inviting import PASSWORD, accept_as_new, invited, link, path_sent
from tests.support.reading import form_of, text_of

pytestmark = pytest.mark.django_db


# The e-mail -----------------------------------------------------------------------------------------------------------


def test_a_manager_invites_and_the_link_makes_an_account(client: Client, customer: Customer, manager: User) -> None:
    client.force_login(manager)
    url = reverse("customer-invite", args=[customer.pk])
    fields = form_of(client.get(reverse("member-list")), url)
    page = client.post(url, {**fields, "email": "New@First.example", "role": "viewer", "language": "en"}, follow=True)
    assert "new@first.example is invited." in text_of(page)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["new@first.example"], "Invitation to the phone numbers of First customer")
    assert re.search(r"until \d{1,2} [A-Z][a-z]+ 20\d\d, \d\d:\d\d, and only", str(sent.body))
    client.logout()
    assert "Welcome" in accept_as_new(client, path_sent())
    person = User.objects.get(email="new@first.example")
    assert (person.name, person.check_password(PASSWORD), person.language) == ("Nina New", True, "en")
    assert dict(person.roles()) == {customer.pk: "viewer"}
    assert client.session["_auth_user_id"] == str(person.pk)
    assert UserSession.objects.get(user=person).session_key == client.session.session_key  # listed among their own
    signed_in = AuditEntry.objects.get(action="session.signed_in", actor_id=person.pk)
    assert signed_in.detail["after"] == {"method": "link"}
    address = EmailAddress.objects.get(user=person)
    assert (address.email, address.verified, address.primary) == ("new@first.example", True, True)


def test_the_database_holds_the_digest_and_not_the_token(client: Client, customer: Customer, manager: User) -> None:
    path = invited(customer, manager)
    token = path.split("/")[2]
    invitation = Invitation.objects.get()
    assert invitation.digest == hashlib.sha256(token.encode()).hexdigest()
    assert len(token) >= 40
    client.get(path)
    assert token not in str(dict(client.session))


def test_the_email_is_written_in_the_language_chosen_and_in_plain_text(customer: Customer, manager: User) -> None:
    customer.name = "Müller & <b>Söhne</b>\r\nBcc: all@victim.example"
    customer.save()
    invitations.invite("neu@first.example", by=manager, link=link, customer=customer, role="viewer", language="de")
    (sent,) = mail.outbox
    assert "\n" not in sent.subject and "\r" not in sent.subject
    assert "Müller & <b>Söhne</b> Bcc: all@victim.example" in sent.subject
    assert sent.recipients() == ["neu@first.example"]
    assert sent.content_subtype == "plain"


@pytest.mark.parametrize("address", ["a@b.example\nBcc: c@d.example", "no address", "", "a@b.example,c@d.example"])
def test_what_is_no_address_is_not_written_to(client: Client, customer: Customer, manager: User, address: str) -> None:
    client.force_login(manager)
    fields = {"email": address, "role": "viewer", "language": "en"}
    page = client.post(reverse("customer-invite", args=[customer.pk]), fields)
    assert page.status_code == 400
    assert not mail.outbox and not Invitation.objects.exists()


def test_an_email_that_does_not_leave_is_told(
    client: Client, customer: Customer, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_self: object) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr("people.invitations.EmailMessage.send", down)
    client.force_login(manager)
    fields = {"email": "new@first.example", "role": "viewer", "language": "en"}
    page = client.post(reverse("customer-invite", args=[customer.pk]), fields, follow=True)
    assert "its e-mail could not be sent" in text_of(page)
    assert "new@first.example" in text_of(page)
    assert Invitation.objects.count() == 1


# The link -------------------------------------------------------------------------------------------------------------


def test_looking_at_a_link_uses_nothing_up(client: Client, customer: Customer, manager: User) -> None:
    path = invited(customer, manager)
    for _ in range(3):
        first = client.get(path)
        page = client.get(first.headers["Location"])
        assert first.headers["Referrer-Policy"] == "no-referrer"
        # Without any referrer a browser sends `Origin: null` with the form, and the form would be refused.
        assert page.headers["Referrer-Policy"] == "same-origin"
        for answer in (first, page):
            assert "no-store" in answer.headers["Cache-Control"]
        assert path.split("/")[2] not in page.content.decode() + first.headers["Location"]
        assert client.head(path).status_code == 302
    assert Invitation.objects.get().accepted_at is None
    assert not User.objects.filter(email="new@first.example").exists()


def test_a_link_works_once(client: Client, customer: Customer, manager: User) -> None:
    path = invited(customer, manager)
    accept_as_new(client, path)
    client.logout()
    page = client.get(path, follow=True)
    assert page.status_code == 410
    assert "This invitation doesn't work any more" in text_of(page)


def test_an_expired_link_is_dead(
    client: Client, customer: Customer, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = invited(customer, manager)
    client.get(path)
    invitation = Invitation.objects.get()
    assert timedelta(days=6.9) < invitation.expires_at - timezone.now() <= timedelta(days=7)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(path, follow=True).status_code == 410
    assert client.post(reverse("invitation"), {"name": "N", "password": PASSWORD, "again": PASSWORD}).status_code == 410
    with pytest.raises(NotInvited):
        invitations.accept_as_new(invitation, name="N", password=PASSWORD)
    assert not User.objects.filter(email="new@first.example").exists()


def test_a_withdrawn_link_is_dead(client: Client, customer: Customer, manager: User) -> None:
    path = invited(customer, manager)
    client.force_login(manager)
    url = reverse("invitation-withdraw", args=[Invitation.objects.get().pk])
    page = client.post(url, follow=True)
    assert "is withdrawn" in text_of(page)
    client.logout()
    assert client.get(path, follow=True).status_code == 410


def test_sent_again_it_has_a_new_link_and_the_old_one_is_dead(
    client: Client, customer: Customer, manager: User
) -> None:
    old = invited(customer, manager)
    client.force_login(manager)
    client.post(reverse("invitation-again", args=[Invitation.objects.get().pk]))
    client.logout()
    assert len(mail.outbox) == 2 and path_sent() != old
    assert client.get(old, follow=True).status_code == 410
    assert "Welcome" in accept_as_new(client, path_sent())


@pytest.mark.parametrize("end", ["access_ended_at", "erased_at"])
def test_links_of_a_customer_that_ended_are_dead(client: Client, customer: Customer, manager: User, end: str) -> None:
    path = invited(customer, manager)
    Customer.objects.update(**{end: timezone.now()})
    assert client.get(path, follow=True).status_code == 410
    with pytest.raises(NotInvited):
        invitations.accept_as_new(Invitation.objects.get(), name="N", password=PASSWORD)


def test_erasing_a_customer_erases_whom_it_invited(customer: Customer, manager: User) -> None:
    invited(customer, manager)
    told = personal.PEOPLE.export(customer)[0]
    assert told["invitations"][0]["e-mail"] == "new@first.example"
    personal.erase(customer, None)
    assert not Invitation.objects.exists()


def test_erasing_somebody_kills_the_links_they_sent(customer: Customer, manager: User, operator: User) -> None:
    invited(customer, manager, "own@elsewhere.example")
    invited(customer, operator, "other@elsewhere.example")
    erasing.erase_person(manager, operator)
    assert [row.email for row in invitations.waiting(Invitation.objects.all())] == ["other@elsewhere.example"]


@pytest.mark.parametrize("password", ["short", "123456789012345", "password12345678"[:8]])
def test_a_weak_password_is_refused_and_the_link_stays_good(
    client: Client, customer: Customer, manager: User, password: str
) -> None:
    path = invited(customer, manager)
    client.get(path)
    page = client.post(reverse("invitation"), {"name": "N", "password": password, "again": password})
    assert page.status_code == 400
    assert "This can't be sent yet" in text_of(page)
    assert not User.objects.filter(email="new@first.example").exists()
    assert "Welcome" in accept_as_new(client, path)


# Who has an account ---------------------------------------------------------------------------------------------------


def test_who_has_an_account_signs_in_and_accepts(
    client: Client, customer: Customer, manager: User, outsider: User, other_customer: Customer
) -> None:
    path = invited(customer, manager, "MEMBER@second.example", "manager")
    page = client.get(path, follow=True)
    assert "You have an account already" in text_of(page)
    client.force_login(outsider)
    page = client.get(path, follow=True)
    page = client.post(reverse("invitation"), form_of(page, ""), follow=True)
    assert "Welcome" in text_of(page)
    assert dict(outsider.roles()) == {customer.pk: "manager", other_customer.pk: "viewer"}
    assert Invitation.objects.get().accepted_by == outsider


def test_an_account_is_not_taken_over_by_a_link(
    client: Client, customer: Customer, manager: User, outsider: User
) -> None:
    client.get(invited(customer, manager, outsider.email))
    client.post(reverse("invitation"), {"name": "Eve", "password": PASSWORD, "again": PASSWORD})
    outsider.refresh_from_db()
    assert outsider.check_password("correct horse battery") and outsider.name == ""
    assert Invitation.objects.get().accepted_at is None


def test_another_persons_link_is_not_accepted(
    client: Client, customer: Customer, manager: User, outsider: User
) -> None:
    path = invited(customer, manager)
    client.force_login(outsider)
    page = client.get(path, follow=True)
    assert "This invitation is for another address" in text_of(page)
    client.post(reverse("invitation"))
    assert not outsider.memberships.filter(customer=customer).exists()
    with pytest.raises(NotInvited, match="another address"):
        invitations.accept(Invitation.objects.get(), outsider)
    assert Invitation.objects.get().accepted_at is None


def test_an_account_switched_off_comes_back_with_nothing_but_what_it_is_invited_to(
    client: Client, customer: Customer, other_customer: Customer, manager: User
) -> None:
    former = User.objects.create_user("former@partner.example", "old password of theirs", staff_role="owner")
    former.memberships.create(customer=other_customer, role="manager")
    User.objects.filter(pk=former.pk).update(is_active=False)
    page = accept_as_new(client, invited(customer, manager, former.email))
    assert "Please sign in" in page
    former.refresh_from_db()
    assert (former.is_active, former.staff_role, former.check_password(PASSWORD)) == (True, "", True)
    assert dict(former.roles()) == {customer.pk: "viewer"}


# At the same time -----------------------------------------------------------------------------------------------------


def test_two_who_hold_the_same_link_are_not_both_let_in(customer: Customer, manager: User, outsider: User) -> None:
    invited(customer, manager)
    seen = invitations.usable(Invitation.objects.get().digest)
    assert seen
    invitations.accept_as_new(seen, name="First", password=PASSWORD)
    with pytest.raises(NotInvited, match="used already"):
        invitations.accept_as_new(seen, name="Second", password=PASSWORD)
    assert User.objects.get(email="new@first.example").name == "First"
    assert Membership.objects.filter(user__email="new@first.example").count() == 1


def test_an_account_made_meanwhile_keeps_the_link_good(customer: Customer, manager: User) -> None:
    invited(customer, manager)
    seen = invitations.usable(Invitation.objects.get().digest)
    assert seen
    person = User.objects.create_user("new@first.example", PASSWORD)
    with pytest.raises(NotInvited, match="Sign in, then accept"):
        invitations.accept_as_new(seen, name="First", password=PASSWORD)
    invitations.accept(seen, person)
    assert dict(person.roles()) == {customer.pk: "viewer"}
