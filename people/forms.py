"""Forms of customers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from people.models import Customer


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
