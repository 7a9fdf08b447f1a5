"""Which of several customers a person's pages show."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from people import access
from people.middleware import CURRENT_CUSTOMER


class SwitchForm(forms.Form):
    """One of the person's customers."""

    customer = forms.IntegerField(min_value=1, max_value=2**63 - 1)


@require_POST
def switch_customer(request: HttpRequest) -> HttpResponse:
    """From now on pages show this customer; others than the person's own do not exist."""
    form = SwitchForm(request.POST)
    if not form.is_valid() or form.cleaned_data["customer"] not in access.user(request).roles():
        raise Http404
    request.session[CURRENT_CUSTOMER] = form.cleaned_data["customer"]
    return redirect("home")
