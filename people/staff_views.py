"""The partner's own people."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from people import access, invitations, queries, staff
from people.invitation_forms import InviteStaffForm, StaffRoleForm
from people.invitation_views import link_of, write
from people.members import NotChanged
from people.permissions import May, StaffRole


@require_safe
@access.needs(May.SEE_STAFF)
def staff_list(request: HttpRequest) -> HttpResponse:
    """Who is on the staff, and who is invited to it."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **context: Any) -> HttpResponse:
    viewer = access.viewer(request)
    shown = {
        "people": queries.staff(viewer),
        "invited": queries.invitations(viewer, None),
        "roles": StaffRole.choices,
        "may_manage": viewer.may(May.MANAGE_STAFF),
        "me": viewer.user_id,
        "invite_form": InviteStaffForm(initial={"language": translation.get_language(), "role": StaffRole.OPERATOR}),
    }
    return render(request, "people/staff_list.html", shown | context, status=status)


@require_POST
@access.needs(May.MANAGE_STAFF)
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody to the staff."""
    form = InviteStaffForm(request.POST)
    if not form.is_valid():
        return _page(request, 400, invite_form=form)
    data, by = form.cleaned_data, access.user(request)
    write(
        request,
        lambda: invitations.invite(
            data["email"], by=by, link=link_of(request), staff_role=data["role"], language=data["language"]
        ),
    )
    return redirect("staff-list")


@require_POST
@access.needs(May.MANAGE_STAFF)
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one of the staff another role."""
    person = queries.staff_member(access.viewer(request), pk)
    form = StaffRoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Nothing was changed: please choose a role."))
        return redirect("staff-list")
    try:
        staff.change_role(person, form.cleaned_data["role"], by=access.user(request))
    except NotChanged as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The role of %(name)s is changed.") % {"name": person})
    return redirect("staff-list")


@require_POST
@access.needs(May.MANAGE_STAFF)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch one of the staff off."""
    person = queries.staff_member(access.viewer(request), pk)
    try:
        staff.remove(person, by=access.user(request))
    except NotChanged as error:
        messages.error(request, str(error))
        return redirect("staff-list")
    if person.pk == access.user(request).pk:
        return redirect("sign-in")
    messages.success(request, _("%(name)s is not on the staff any more, and signed out everywhere.") % {"name": person})
    return redirect("staff-list")
