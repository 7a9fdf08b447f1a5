"""Inviting people by e-mail: to the staff, or to a customer. A link works once, for a while, for one address.

The link holds a random token; the database holds only its digest. To look at a link changes nothing (programs that
check mail open links); who sends the form of its page uses it up.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage, get_connection
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from people import accounts, audit
from people.models import Customer, Invitation, Membership, User
from people.permissions import May

MOST_AN_HOUR = 30  # invitations of one person: an account taken over is no mill for e-mails
SECONDS_TO_SEND = 10

# Makes the address of a link from its token.
Link = Callable[[str], str]


class NotInvited(Exception):
    """Nothing was done. Its text is a sentence for people."""


class NotSent(Exception):
    """The invitation stands, its e-mail could not be sent."""


def digest_of(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def invite(
    email: str,
    *,
    by: User,
    link: Link,
    staff_role: str = "",
    customer: Customer | None = None,
    role: str = "",
    language: str = "",
) -> Invitation:
    """Invite `email` to the staff as `staff_role`, or to `customer` as `role`, and write to it in `language`.

    Raises `NotInvited`; `NotSent` where it stands but the e-mail did not leave; `PermissionDenied`.
    """
    email = email.strip().lower()
    with transaction.atomic():
        customer = customer and _locked(customer.pk)
        asks = _may_invite(by, customer)
        _check_address(email, customer, asks)
        if _open(customer).filter(email=email).exists():
            raise NotInvited(_("This address is invited already. Send the invitation again, or withdraw it."))
        invitation, token = _make(email, staff_role, customer, role, language, asks)
    _deliver(invitation, link(token))
    return invitation


def send_again(pk: int, *, by: User, link: Link) -> Invitation:
    """Invite the same address anew for the same; the link before is dead. Raises as `invite` does."""
    with transaction.atomic():
        before = Invitation.objects.get(pk=pk)
        customer = _locked(before.customer_id) if before.customer_id else None
        asks = _may_invite(by, customer)
        if not _withdraw(Invitation.objects.filter(pk=pk), timezone.now()):
            raise NotInvited(_("This invitation was accepted or withdrawn meanwhile. Nothing was sent."))
        _check_address(before.email, customer, asks)
        invitation, token = _make(before.email, before.staff_role, customer, before.role, before.language, asks)
    _deliver(invitation, link(token))
    return invitation


def withdraw(pk: int, *, by: User) -> None:
    """Make the link dead. Raises `NotInvited` where it was used or withdrawn before, `PermissionDenied`."""
    with transaction.atomic():
        invitation = Invitation.objects.get(pk=pk)
        customer = _locked(invitation.customer_id) if invitation.customer_id else None
        _check_right(_fresh(by), customer)
        if not _withdraw(Invitation.objects.filter(pk=pk), timezone.now()):
            raise NotInvited(_("This invitation was accepted or withdrawn meanwhile."))
        audit.record("invitation.withdrawn", by, about=("invitation", pk), customer=customer)


def withdraw_all(*, email: str = "", customer: Customer | None = None) -> int:
    """Make open links dead: of a customer, or (without one) to the staff; with `email` only those to it.

    To be called in the transaction that takes away what they would give. Returns how many there were.
    """
    rows = Invitation.objects.filter(customer=customer)
    return _withdraw(rows.filter(email__iexact=email) if email else rows, timezone.now())


def withdraw_sent_by(user: User, customer: Customer | None = None) -> int:
    """Make open links dead that `user` sent: to the people of `customer`, or (without one) all of them.

    Who may invite nobody any more must not come back by a link of their own. To be called as `withdraw_all`.
    """
    rows = Invitation.objects.filter(invited_by=user)
    return _withdraw(rows.filter(customer=customer) if customer else rows, timezone.now())


def waiting(invitations: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """Those neither accepted nor withdrawn, expired ones too: they can be sent again."""
    return invitations.filter(accepted_at=None, withdrawn_at=None)


def usable(digest: str) -> Invitation | None:
    """The invitation behind a link, where it can be accepted now."""
    rows = Invitation.objects.filter(_usable(timezone.now()), digest=digest)
    return rows.select_related("customer").first()


def account_of(invitation: Invitation) -> User | None:
    """Whose address it is, where they have an account. Only for who holds the link."""
    return User.objects.filter(email__iexact=invitation.email).first()


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether it was sent to the address that `user` signs in with."""
    return user.is_active and user.email.casefold() == invitation.email.casefold()


def accept(invitation: Invitation, user: User) -> None:
    """Give a person who has an account what they were invited to. Raises `NotInvited`."""
    with transaction.atomic():
        claimed = _claim(invitation)
        person = _fresh(user)
        if not is_for(claimed, person):
            raise NotInvited(_("This invitation was sent to another address than the one you are signed in with."))
        _give(claimed, person)


def accept_as_new(invitation: Invitation, *, name: str, password: str) -> User:
    """Make an account for who was invited and give them what they were invited to. Raises `NotInvited`."""
    try:
        with transaction.atomic():
            claimed = _claim(invitation)
            user = accounts.make_user(claimed.email, password, name, claimed.language, confirmed=True)
            _give(claimed, user)
    except IntegrityError:
        raise NotInvited(_("There is an account for this address meanwhile. Sign in, then accept.")) from None
    return user


def accept_anew(invitation: Invitation, *, name: str, password: str) -> User:
    """Switch an account that was switched off on again, with a new password and only what it is invited to now.

    Raises `NotInvited`.
    """
    with transaction.atomic():
        claimed = _claim(invitation)
        user = User.objects.select_for_update().filter(email__iexact=claimed.email, is_active=False).first()
        if user is None:
            raise NotInvited(_("There is an account for this address meanwhile. Sign in, then accept."))
        user.memberships.all().delete()
        user.is_active, user.staff_role, user.name = True, "", name
        user.set_password(password)
        user.save()
        accounts.confirm(user)
        _give(claimed, user)
    return user


# Steps ------------------------------------------------------------------------------------------------------------


def _locked(customer_id: int) -> Customer:
    """The customer's row, locked: removing people, ending access and erasing take the same lock first."""
    customer = Customer.objects.select_for_update(no_key=True, of=("self",)).get(pk=customer_id)
    if customer.erased_at is not None or customer.access_ended_at is not None:
        raise NotInvited(_("The access of this customer's people was ended. Give it back first."))
    return customer


def _fresh(user: User) -> User:
    """The person as they are now, locked, so that what they do at the same time is counted one after the other."""
    return User.objects.select_for_update(of=("self",)).get(pk=user.pk)


def _check_right(who: User, customer: Customer | None) -> None:
    viewer = who.viewer()
    may = viewer.may(May.MANAGE_MEMBERS, customer.pk) if customer else viewer.may(May.MANAGE_STAFF)
    if not may:
        raise PermissionDenied


def _may_invite(by: User, customer: Customer | None) -> User:
    who = _fresh(by)
    _check_right(who, customer)
    lately = timezone.now() - timedelta(hours=1)
    if Invitation.objects.filter(invited_by=who, created_at__gt=lately).count() >= MOST_AN_HOUR:
        raise NotInvited(_("Those were many invitations within an hour. Please wait an hour, then go on."))
    return who


def _check_address(email: str, customer: Customer | None, asks: User) -> None:
    """Refuse who belongs already. Only the staff learn whether an address has an account elsewhere."""
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    if person is None:
        return
    if customer is None:
        if person.is_staff:
            raise NotInvited(_("This person is on the staff already. Change the role in the list."))
        if person.memberships.exists():
            raise NotInvited(
                _("This person belongs to a customer. Remove them there first: staff see every customer's rows anyway.")
            )
    elif person.memberships.filter(customer=customer).exists():
        raise NotInvited(_("This person belongs to the customer already. Change the role in the list."))
    elif person.is_staff and asks.is_staff:
        raise NotInvited(_("This person is on the staff: they see everything of every customer already."))


def _open(customer: Customer | None) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        customer=customer, accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now()
    )


def _make(
    email: str, staff_role: str, customer: Customer | None, role: str, language: str, by: User
) -> tuple[Invitation, str]:
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email,
        staff_role=staff_role,
        customer=customer,
        role=role,
        language=language,
        digest=digest_of(token),
        invited_by=by,
        expires_at=timezone.now() + timedelta(days=settings.INVITATION_DAYS),
    )
    given = {"staff_role": staff_role} if staff_role else {"role": role}
    audit.record("invitation.sent", by, about=("invitation", invitation.pk), customer=customer, after=given)
    return invitation, token


def _withdraw(rows: QuerySet[Invitation], now: datetime) -> int:
    return waiting(rows).update(withdrawn_at=now)


def _usable(now: datetime) -> Q:
    reaches = Q(customer=None) | Q(customer__access_ended_at=None, customer__erased_at=None)
    return reaches & Q(accepted_at=None, withdrawn_at=None, expires_at__gt=now)


def _claim(invitation: Invitation) -> Invitation:
    """Use the link up, by compare-and-set. Raises `NotInvited` where somebody or something was faster."""
    gone = NotInvited(_("This invitation has expired, was withdrawn or was used already."))
    if invitation.customer_id:
        customer = (
            Customer.objects.select_for_update(no_key=True, of=("self",)).filter(pk=invitation.customer_id).first()
        )
        if customer is None or customer.access_ended_at or customer.erased_at:
            raise gone
    now = timezone.now()
    rows = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None, expires_at__gt=now)
    if rows.update(accepted_at=now) != 1:
        raise gone
    return Invitation.objects.get(pk=invitation.pk)


def _give(claimed: Invitation, user: User) -> None:
    if user.is_staff:
        raise NotInvited(_("You are on the staff: you see everything of every customer already."))
    if claimed.staff_role:
        if user.memberships.exists():
            raise NotInvited(_("You belong to a customer here. Whoever invited you must remove you there first."))
        user.staff_role = claimed.staff_role
        user.save(update_fields=["staff_role"])
        given = {"staff_role": claimed.staff_role}
    else:
        Membership.objects.get_or_create(user=user, customer=claimed.customer, defaults={"role": claimed.role})
        given = {"role": claimed.role}
    Invitation.objects.filter(pk=claimed.pk).update(accepted_by=user)
    about = ("invitation", claimed.pk)
    audit.record("invitation.accepted", user, about=about, customer=claimed.customer_id, after=given)


# The e-mail -------------------------------------------------------------------------------------------------------


def partner_name() -> str:
    """In whose name it is written."""
    name: str = getattr(settings, "PARTNER_NAME", "") or "Numberdesk"
    return name


def _deliver(invitation: Invitation, url: str) -> None:
    """Plain text, with nothing in it that another customer's person could have written but the address."""
    with translation.override(invitation.language or settings.LANGUAGE_CODE):
        names = {"partner": _one_line(partner_name())}
        if invitation.customer:
            names["customer"] = _one_line(invitation.customer.name)
            subject = _("Invitation to the phone numbers of %(customer)s") % names
            first = _("You are invited to look after the phone numbers of %(customer)s at %(partner)s.") % names
        else:
            subject = _("Invitation to the staff of %(partner)s") % names
            first = _("You are invited to the staff of %(partner)s.") % names
        until = formats.date_format(timezone.localtime(invitation.expires_at), "DATETIME_FORMAT")
        paragraphs = [
            _("Good day,"),
            first,
            _("Open this link to accept:") + f"\n{url}",
            _("It works once, until %(until)s, and only for this address.") % {"until": until},
            _("If you don't expect this invitation, do nothing: without the link nothing happens."),
        ]
    text = "\n\n".join(paragraphs) + "\n"
    mail = EmailMessage(subject, text, to=[invitation.email], connection=get_connection(timeout=SECONDS_TO_SEND))
    try:
        mail.send()
    except (SMTPException, OSError) as error:
        raise NotSent from error


def _one_line(name: str) -> str:
    """A name as it may stand in a mail's header: no line ends, no control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())
