"""Forms of sign-in and customers."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from people import throttle
from people.models import Customer


class SignInForm(AuthenticationForm):
    """E-mail and password."""

    username = forms.EmailField(
        label=_("E-mail"),
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username", "maxlength": 254}),
    )
    error_messages = {
        "invalid_login": _("This e-mail and password don't fit together. Check both; the password minds upper case."),
        "inactive": _("This account is switched off. Ask the person who runs this panel."),
    }

    def clean(self) -> dict[str, Any]:
        """Refuse while the door is closed, count what fails."""
        email = self.cleaned_data.get("username", "")
        address = throttle.address_of(self.request) if self.request else ""
        if throttle.is_closed(email, address):
            raise ValidationError(_("Too many attempts. Please wait a quarter of an hour, then try again."))
        try:
            return super().clean()
        except ValidationError:
            throttle.failed(email, address)
            raise


class EraseForm(forms.Form):
    """The customer's name, typed by who wants to erase them."""

    name = forms.CharField(
        label=_("Name of the customer"),
        help_text=_("Type the name as it stands above."),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer

    def clean_name(self) -> str:
        """The very name, blanks at its ends and double ones left aside."""
        typed = str(self.cleaned_data["name"])
        if typed.split() != self.customer.name.split():
            raise ValidationError(_("This is not the customer's name. Nothing was erased."))
        return typed
