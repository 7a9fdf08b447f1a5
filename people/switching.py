"""Which of several customers a person's pages show."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from people import access
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
    request.session[CURRENT_CUSTOMER] = form.cleaned_data["customer"]
    rotate_token(request)
    return redirect("home")
