"""What becomes of an invitation: accepted by who was invited, sent again or withdrawn by who invites."""

from collections.abc import Callable
from typing import Any

from allauth.account.signals import user_logged_in
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people import access, invitations, links, queries, switching
from people.invitation_forms import AccountForm
from people.invitations import NotInvited, NotSent
from people.models import Invitation, User
from people.permissions import May

# Where a session keeps the digest of the link that was opened: the address of the page itself tells nothing.
OPENED = "invitation"
# Of answers at the address with the token. Not of the page with the form: without a referrer a browser names no origin
# either (`Origin: null`), which the check against forged forms refuses.
QUIET = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


def link_of(request: HttpRequest) -> Callable[[str], str]:
    """Makes the address of a link, see `people.links`."""
    return lambda token: links.absolute(reverse("invitation-link", args=[token]), request)


def write(request: HttpRequest, send: Callable[[], Invitation]) -> bool:
    """Invite, and say what became of it. Returns whether the invitation stands."""
    try:
        invitation = send()
    except NotInvited as error:
        messages.error(request, str(error))
        return False
    except NotSent:
        messages.error(
            request,
            _("The invitation stands, but its e-mail could not be sent just now. Send it again in a few minutes."),
        )
        return True
    messages.success(request, _("%(email)s is invited.") % {"email": invitation.email})
    return True


@require_safe
@login_not_required
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the e-mail. It uses nothing up; the session notes what was opened, the token leaves the address."""
    invitation = invitations.usable(invitations.digest_of(token))
    if invitation is not None:
        request.session[OPENED] = invitation.digest
    else:
        request.session.pop(OPENED, None)
    response = redirect("invitation")
    for name, value in QUIET.items():
        response.headers[name] = value
    return response


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def invitation_page(request: HttpRequest) -> HttpResponse:
    """What one is invited to, and how to accept it: with an account, or by making one."""
    invitation = invitations.usable(str(request.session.get(OPENED, "")))
    if invitation is None:
        request.session.pop(OPENED, None)
        return _dead(request)
    person = request.user if isinstance(request.user, User) and request.user.is_authenticated else None
    if person is not None:
        if request.method == "POST" and invitations.is_for(invitation, person):
            return _accept(request, invitation, person)
        context: dict[str, Any] = {"person": person, "is_theirs": invitations.is_for(invitation, person)}
        return _page(request, invitation, context)
    known = invitations.account_of(invitation)
    if known is not None and known.is_active:
        return _page(request, invitation, {"must_sign_in": True})
    form = AccountForm(request.POST or None, email=invitation.email)
    if request.method == "POST" and form.is_valid():
        return _accept_with_account(request, invitation, form, known)
    return _page(request, invitation, {"form": form}, 200 if not form.is_bound else 400)


def _accept(request: HttpRequest, invitation: Invitation, person: User) -> HttpResponse:
    try:
        invitations.accept(invitation, person)
    except NotInvited as error:
        messages.error(request, str(error))
        return redirect("invitation")
    return _welcome(request, invitation)


@sensitive_variables("form", "chosen")
def _accept_with_account(
    request: HttpRequest, invitation: Invitation, form: AccountForm, known: User | None
) -> HttpResponse:
    chosen = {"name": form.cleaned_data["name"], "password": form.cleaned_data["password"]}
    try:
        if known is not None:
            invitations.accept_anew(invitation, **chosen)
        else:
            person = invitations.accept_as_new(invitation, **chosen)
    except NotInvited as error:
        messages.error(request, str(error))
        return redirect("invitation")
    if known is not None:  # it may have a second factor, which signing in asks for
        request.session.pop(OPENED, None)
        messages.success(request, _("Your account is switched on again. Please sign in."))
        return redirect("sign-in")
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    response = _welcome(request, invitation)
    # Last, as it notes the key that the session keeps: their own sessions and the audit tell of this sign-in too.
    user_logged_in.send(sender=User, request=request, response=response, user=person)
    return response


def _welcome(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    request.session.pop(OPENED, None)
    if invitation.customer_id is not None:
        switching.switch_to(request, invitation.customer_id)
    request.session.cycle_key()
    messages.success(request, _("Welcome. You are in."))
    return redirect("home")


def _page(request: HttpRequest, invitation: Invitation, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context |= {"invitation": invitation, "partner": invitations.partner_name()}
    return render(request, "people/invitation.html", context, status=status)


def _dead(request: HttpRequest) -> HttpResponse:
    return render(request, "people/invitation.html", {"is_dead": True}, status=410)


@require_POST
@access.needs(May.MANAGE_MEMBERS)
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it again, with a new link."""
    invitation = _managed(request, pk)
    by = access.user(request)
    write(request, lambda: invitations.send_again(invitation.pk, by=by, link=link_of(request)))
    return _back(request, invitation)


@require_POST
@access.needs(May.MANAGE_MEMBERS)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Make its link dead."""
    invitation = _managed(request, pk)
    try:
        invitations.withdraw(invitation.pk, by=access.user(request))
    except NotInvited as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The invitation of %(email)s is withdrawn.") % {"email": invitation.email})
    return _back(request, invitation)


def _managed(request: HttpRequest, pk: int) -> Invitation:
    """An invitation that the person may manage, or 404, or 403."""
    invitation = queries.invitation(access.viewer(request), pk)
    if invitation.customer_id is None:
        access.demand(request, May.MANAGE_STAFF, None)
    else:
        access.demand(request, May.MANAGE_MEMBERS, invitation.customer_id)
    return invitation


def _back(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    if invitation.customer_id is None:
        return redirect("staff-list")
    return to_people(request, invitation.customer_id)


def to_people(request: HttpRequest, customer_id: int) -> HttpResponse:
    """To the page that lists the customer's people: for the staff the customer's, for a manager their own."""
    if access.viewer(request).is_staff:
        return redirect(f"{reverse('customer-edit', args=[customer_id])}#people")
    return redirect("member-list")
