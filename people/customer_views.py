"""A customer's page: what the staff set of it, who belongs to it, and whether they are let in."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from people import access, customers, personal, queries
from people.customer_forms import CustomerForm, Limits
from people.member_views import people_of
from people.models import Customer
from people.permissions import May
from people.tenancy import Viewer, scope


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(May.SEE_CUSTOMERS)
def customer_edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a customer, change one, or look at one."""
    viewer = access.viewer(request)
    may_change = viewer.may(May.MANAGE_CUSTOMERS)
    if not may_change and (pk is None or request.method == "POST"):
        raise PermissionDenied
    customer = queries.customer(viewer, pk) if pk else Customer()
    if customer.erased_at:
        return _erased_page(request, customer)
    saved_name, before = customer.name, customers.state_of(customer) if pk else None
    form = CustomerForm(request.POST or None, instance=customer, connections=_connections(viewer))
    limits = Limits(
        request.POST if "spending_limits-TOTAL_FORMS" in request.POST else None,
        instance=customer,
        queryset=queries.limits(viewer, customer) if pk else None,
    )
    if request.method == "POST" and form.is_valid() and (not limits.is_bound or limits.is_valid()):
        with transaction.atomic():
            form.save()
            if limits.is_bound:
                limits.save()
            customers.note_saved(customer, before, by=access.user(request))
        messages.success(request, _("%(name)s is saved.") % {"name": customer.name})
        address = reverse("customer-edit", args=[customer.pk])
        return redirect(address if pk else f"{address}#people")
    context = {"form": form, "limits": limits, "saved_name": saved_name, "may_change": may_change}
    return render(request, "people/customer_edit.html", context | (_known(request, customer) if pk else {}))


def _connections(viewer: Viewer) -> Any:
    field = Customer._meta.get_field("default_connection")
    return scope(field.related_model._default_manager.filter(is_hidden=False), viewer)


def _known(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """What the page of a customer that exists shows beside the form."""
    viewer = access.viewer(request)
    saved = queries.customer(viewer, customer.pk)  # the form may have changed the one at hand
    limits = list(queries.limits(viewer, saved))
    return {
        "saved": saved,
        **people_of(viewer, saved),
        "told_limits": limits,
        "counts": queries.counts(viewer, saved),
        "orders_without_limit": saved.approval == Customer.Approval.NEVER and not limits,
        "may_export": viewer.may(May.EXPORT_CUSTOMERS),
        "may_erase": viewer.may(May.ERASE_CUSTOMERS),
        "events": queries.privacy_events(viewer, saved),
    }


def _erased_page(request: HttpRequest, customer: Customer) -> HttpResponse:
    """What is left of a customer: there is nothing to change any more."""
    if request.method == "POST":
        return redirect("customer-edit", customer.pk)
    events = queries.privacy_events(access.viewer(request), customer)
    context = {"customer": customer, "events": events, "stays": personal.stays(customer)}
    return render(request, "people/customer_erased.html", context)


@require_POST
@access.needs(May.MANAGE_CUSTOMERS)
def end_access(request: HttpRequest, pk: int) -> HttpResponse:
    """Let nobody of the customer in any more, at once."""
    customer = queries.customer(access.viewer(request), pk)
    if customers.end_access(customer, by=access.user(request)):
        messages.success(request, _("Access ended: nobody of %(name)s is let in any more.") % {"name": customer.name})
    return redirect("customer-edit", customer.pk)


@require_POST
@access.needs(May.MANAGE_CUSTOMERS)
def give_access(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the customer's people in again."""
    customer = queries.customer(access.viewer(request), pk)
    if customers.give_access(customer, by=access.user(request)):
        messages.success(request, _("The people of %(name)s can sign in again.") % {"name": customer.name})
    return redirect("customer-edit", customer.pk)
