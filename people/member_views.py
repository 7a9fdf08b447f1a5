"""The people of a customer: for a manager their own customer's, for the staff on the customer's page."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from people import access, invitations, members, queries
from people.invitation_forms import InviteMemberForm, MemberRoleForm
from people.invitation_views import link_of, to_people, write
from people.members import NotChanged
from people.models import Customer, Membership
from people.permissions import CustomerRole, May
from people.tenancy import Viewer


def people_of(viewer: Viewer, customer: Customer) -> dict[str, Any]:
    """What the list of a customer's people shows (`people/_members.html`)."""
    return {
        "customer": customer,
        "members": queries.members(viewer, customer),
        "invited": queries.invitations(viewer, customer),
        "roles": CustomerRole.choices,
        "may_manage": viewer.may(May.MANAGE_MEMBERS, customer.pk) and customer.access_ended_at is None,
        "me": viewer.user_id,
        "invite_form": InviteMemberForm(initial={"language": translation.get_language()}),
    }


@require_safe
@access.needs(May.SEE_MEMBERS)
def member_list(request: HttpRequest) -> HttpResponse:
    """The people of the customer that one looks at. The staff find theirs on each customer's page."""
    viewer = access.viewer(request)
    if viewer.is_staff:
        return redirect("customer-list")
    return _page(request, queries.customer(viewer, next(iter(viewer.customer_ids))))


def _page(request: HttpRequest, customer: Customer, status: int = 200, **context: Any) -> HttpResponse:
    context = people_of(access.viewer(request), customer) | context
    return render(request, "people/member_list.html", context, status=status)


@require_POST
@access.needs(May.MANAGE_MEMBERS)
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Invite somebody to a customer."""
    customer = queries.customer(access.viewer(request), pk)
    access.demand(request, May.MANAGE_MEMBERS, customer.pk)
    form = InviteMemberForm(request.POST)
    if not form.is_valid():
        return _page(request, customer, 400, invite_form=form)
    data, by = form.cleaned_data, access.user(request)
    write(
        request,
        lambda: invitations.invite(
            data["email"],
            by=by,
            link=link_of(request),
            customer=customer,
            role=data["role"],
            language=data["language"],
        ),
    )
    return to_people(request, customer.pk)


@require_POST
@access.needs(May.MANAGE_MEMBERS)
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person another role for their customer."""
    member = _managed(request, pk)
    form = MemberRoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Nothing was changed: please choose a role."))
        return to_people(request, member.customer_id)
    try:
        members.change_role(member, form.cleaned_data["role"], by=access.user(request))
    except NotChanged as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The role of %(name)s is changed.") % {"name": member.user})
    return to_people(request, member.customer_id)


@require_POST
@access.needs(May.MANAGE_MEMBERS)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a person away from their customer."""
    member = _managed(request, pk)
    try:
        members.remove(member, by=access.user(request))
    except NotChanged as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(name)s does not belong to the customer any more.") % {"name": member.user})
        if member.user_id == access.user(request).pk:
            return redirect("home")
    return to_people(request, member.customer_id)


def _managed(request: HttpRequest, pk: int) -> Membership:
    member = queries.member(access.viewer(request), pk)
    access.demand(request, May.MANAGE_MEMBERS, member.customer_id)
    return member
