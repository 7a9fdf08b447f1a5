"""Giving document groups to customers: one from its page, many from the list."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from documents import assigning, queries
from people import access
from people import queries as people_queries
from people.customer_field import BulkAssignForm
from people.models import Customer
from people.permissions import May
from sync.handing_over import NotAssigned


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(May.ASSIGN)
def several(request: HttpRequest) -> HttpResponse:
    """Give the groups selected to a customer, or to nobody: all of them, or none."""
    viewer = access.viewer(request)
    data = request.POST if request.method == "POST" else request.GET
    form = BulkAssignForm(data, customers=people_queries.customers(viewer), is_sent=request.method == "POST")
    is_valid, reasons = form.is_valid(), []
    ids = form.cleaned_data.get("ids", [])
    visible = queries.groups_among(viewer, ids)
    if request.method == "POST" and is_valid:
        customer = form.cleaned_data["customer"]
        try:
            count = assigning.assign_all(ids, visible, customer, by=access.user(request))
        except NotAssigned as hindered:
            reasons = hindered.reasons
        else:
            tell(request, customer, count)
            return redirect("group-list")
    context = {"form": form, "is_asked": request.method == "POST", "groups": visible, "reasons": reasons}
    status = 409 if reasons else 400 if (request.method == "POST" and not is_valid) or not ids else 200
    return render(request, "documents/assign.html", context, status=status)


def tell(request: HttpRequest, customer: Customer | None, count: int) -> None:
    """Say to whom groups went."""
    names = {"count": count, "name": customer}
    if count == 0:
        messages.info(request, _("Nothing was to change: they belonged there already."))
    elif customer is None:
        told = ngettext(
            "%(count)d document group belongs to nobody now.", "%(count)d document groups belong to nobody now.", count
        )
        messages.success(request, told % names)
    else:
        told = ngettext(
            "%(count)d document group now belongs to %(name)s.",
            "%(count)d document groups now belong to %(name)s.",
            count,
        )
        messages.success(request, told % names)
