"""Which of several customers a person's pages show."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from people import access, audit
from people.middleware import CURRENT_CUSTOMER


class SwitchForm(forms.Form):
    """One of the person's customers."""

    customer = forms.IntegerField(min_value=1, max_value=2**63 - 1)


@require_POST
def switch_customer(request: HttpRequest) -> HttpResponse:
    """From now on pages show this customer; others than the person's own do not exist.

    Forms that were opened for the customer before, in another tab, are refused from now on: what is written there must
    not be done for this one.
    """
    form = SwitchForm(request.POST)
    if not form.is_valid() or form.cleaned_data["customer"] not in access.user(request).roles():
        raise Http404
    now, before = form.cleaned_data["customer"], request.session.get(CURRENT_CUSTOMER)
    switch_to(request, now)
    if now != before:
        audit.record(
            "session.customer_switched",
            access.user(request),
            about=("customer", now),
            customer=now,
            before={"customer": before},
            after={"customer": now},
        )
    return redirect("home")


def switch_to(request: HttpRequest, customer_id: int) -> None:
    """Show this customer, one of the person's own, from now on; forms that are open are void."""
    request.session[CURRENT_CUSTOMER] = customer_id
    rotate_token(request)
