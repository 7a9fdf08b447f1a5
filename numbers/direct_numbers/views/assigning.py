"""Giving numbers to customers: one from its page, many from the list."""

from collections.abc import Collection

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from direct_numbers import assigning, queries
from direct_numbers.models import Number
from people import access
from people import queries as people_queries
from people.customer_field import BulkAssignForm
from people.models import Customer
from people.permissions import May
from people.phones import international
from sync.handing_over import NotAssigned


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(May.ASSIGN)
def several(request: HttpRequest) -> HttpResponse:
    """Give the numbers selected to a customer, or to nobody: all of them, or none."""
    viewer = access.viewer(request)
    data = request.POST if request.method == "POST" else request.GET
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


def tell(request: HttpRequest, customer: Customer | None, count: int) -> None:
    """Say to whom numbers went."""
    names = {"count": count, "name": customer}
    if count == 0:
        messages.info(request, _("Nothing was to change: they belonged there already."))
    elif customer is None:
        told = ngettext("%(count)d number belongs to nobody now.", "%(count)d numbers belong to nobody now.", count)
        messages.success(request, told % names)
    else:
        told = ngettext("%(count)d number now belongs to %(name)s.", "%(count)d numbers now belong to %(name)s.", count)
        messages.success(request, told % names)


def warn_of_papers(request: HttpRequest, numbers: Collection[Number], customer: Customer | None) -> None:
    """Say which numbers run with papers of another customer."""
    strangers = assigning.strangers_papers(numbers, customer) if customer else []
    if strangers:
        listed = ", ".join(international(row.number) for row in strangers[:5]) + (" …" if len(strangers) > 5 else "")
        text = _("These numbers run with another customer's papers: %(numbers)s. The new customer does not see those.")
        messages.warning(request, text % {"numbers": listed})
