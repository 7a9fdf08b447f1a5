"""Giving numbers to customers: one from its page, many from the list."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from direct_numbers import assigning, queries
from direct_numbers.views import selecting
from direct_numbers.views.assigned import tell, warn_of_papers
from people import access
from people import queries as people_queries
from people.customer_field import BulkAssignForm
from people.permissions import May
from sync.handing_over import NotAssigned


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(May.ASSIGN)
def several(request: HttpRequest) -> HttpResponse:
    """Give the numbers selected to a customer, or to nobody: all of them, or none."""
    viewer = access.viewer(request)
    data = request.POST if request.method == "POST" else selecting.expanded(viewer, request.GET)
    form = BulkAssignForm(data, customers=people_queries.customers(viewer), is_sent=request.method == "POST")
    is_valid, reasons = form.is_valid(), []
    ids = form.cleaned_data.get("ids", [])
    if request.method == "POST" and is_valid:
        customer = form.cleaned_data["customer"]
        visible = queries.numbers_among(viewer, ids)
        try:
            count = assigning.assign_all(ids, visible, customer, by=access.user(request))
        except NotAssigned as hindered:
            reasons = hindered.reasons
        else:
            tell(request, customer, count)
            warn_of_papers(request, list(visible), customer)
            return redirect("number-list")
    context = {
        "form": form,
        "is_asked": request.method == "POST",
        "numbers": queries.numbers_among(viewer, ids),
        "reasons": reasons,
    }
    status = 409 if reasons else 400 if (request.method == "POST" and not is_valid) or not ids else 200
    return render(request, "numbers/assign.html", context, status=status)
