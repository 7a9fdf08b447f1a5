"""The beginning of an order: for whom, and in which account."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from direct_numbers import orders
from direct_numbers.wizard_forms import StartForm
from people import access
from people import queries as people_queries
from people.permissions import May
from people.tenancy import scope
from sync.models import Connection


@require_http_methods(["GET", "POST"])
@access.needs(May.ORDER)
def start(request: HttpRequest) -> HttpResponse:
    """For whom? Skipped where there is nothing to choose."""
    viewer = access.viewer(request)
    if not viewer.is_staff:
        return _start_own(request)
    customers = people_queries.customers(viewer)
    connections = scope(Connection.objects.filter(is_hidden=False), viewer)
    nothing_to_choose = customers.count() == 0 and connections.count() <= 1
    asked = request.method == "POST" and ("customer" in request.POST or nothing_to_choose)
    form = StartForm(request.POST if asked else None, customers=customers, connections=connections)
    if not connections.exists():
        return render(request, "numbers/wizard/no_connection.html", status=409)
    if asked and form.is_valid():
        customer = form.cleaned_data["customer"]
        connection = form.cleaned_data.get("connection") or (customer and customer.default_connection)
        if connection is None or not connection.usable:
            connection = connections.filter(is_default=True).first() or connections[0]
        order = orders.start(connection, customer, access.user(request))
        return redirect("order-country", order.public_id)
    return render(request, "numbers/wizard/start.html", {"form": form, "nothing_to_choose": nothing_to_choose})


def _start_own(request: HttpRequest) -> HttpResponse:
    """Of a customer's own person: for that customer, in the account that serves it, which is not named."""
    customer = people_queries.current_customer(access.viewer(request))
    if request.method == "POST" and customer is not None:
        try:
            order = orders.start_own(customer, access.user(request))
        except orders.NoAccount:
            return render(request, "numbers/wizard/no_connection.html", status=409)
        return redirect("order-country", order.public_id)
    return render(request, "numbers/wizard/start.html", {"nothing_to_choose": True})
