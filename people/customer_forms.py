"""The form of a customer, with its limits by currency."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet, inlineformset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people import countries
from people.models import Customer, SpendingLimit

MOST_LOGINS = 200
LOGIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,19}")
CURRENCY = re.compile(r"[A-Z]{3}")


def clean_currency(text: str) -> str:
    """Three letters, in upper case. Raises `ValidationError`."""
    code = text.strip().upper()
    if code and not CURRENCY.fullmatch(code):
        raise ValidationError(_("A currency is three letters, like EUR."))
    return code


class CustomerForm(forms.ModelForm):  # type: ignore[type-arg]
    """All that the staff set of a customer, but its limits."""

    allowed_countries = forms.MultipleChoiceField(
        label=gettext_lazy("Countries"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Where it may order. None ticked: everywhere."),
    )
    sip_logins = forms.CharField(
        label=gettext_lazy("SIP logins"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Logins of the Zadarma account that are this customer's own: its people may put calls through to them, and "
            "see no others. Separated by commas or spaces."
        ),
    )

    class Meta:
        model = Customer
        fields = [
            *("name", "reference", "default_connection", "markup_percent", "shows_prices"),
            *("approval", "approval_above", "approval_currency", "allowed_countries", "sip_logins"),
        ]
        help_texts = {
            "markup_percent": gettext_lazy("Added to your purchase price, for what its people see."),
            "approval": gettext_lazy("Orders that need it wait until another person of your staff approves them."),
            "approval_above": gettext_lazy("What the order costs at once, at the customer's price."),
        }

    def __init__(self, *args: Any, connections: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["default_connection"].queryset = connections  # type: ignore[attr-defined]
        self.fields["default_connection"].empty_label = _("the default account")  # type: ignore[attr-defined]
        self.fields["allowed_countries"].choices = countries.choices(  # type: ignore[attr-defined]
            self.instance.allowed_countries or []
        )
        self.fields["approval_currency"].widget.attrs |= {"maxlength": 3, "size": 4, "autocapitalize": "characters"}
        self.initial["sip_logins"] = ", ".join(self.instance.sip_logins or [])

    def clean_name(self) -> str:
        """On one line."""
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean_approval_currency(self) -> str:
        """Three letters."""
        return clean_currency(str(self.cleaned_data["approval_currency"]))

    def clean_sip_logins(self) -> list[str]:
        """Each once, in the order given."""
        found = list(dict.fromkeys(re.split(r"[\s,;]+", str(self.cleaned_data["sip_logins"]).strip())))
        logins = [login for login in found if login]
        for login in logins:
            if not LOGIN.fullmatch(login):
                raise ValidationError(
                    _("“%(login)s” is not a SIP login: digits and letters, up to 20.") % {"login": login[:30]}
                )
        if len(logins) > MOST_LOGINS:
            raise ValidationError(_("At most 200 SIP logins."))
        return logins

    def clean(self) -> dict[str, Any]:
        """Approval above an amount wants that amount and its currency."""
        given = super().clean() or {}
        if given.get("approval") == Customer.Approval.ABOVE:
            if given.get("approval_above") is None and "approval_above" not in self.errors:
                self.add_error("approval_above", _("From which amount on? Please enter it."))
            if not given.get("approval_currency") and "approval_currency" not in self.errors:
                self.add_error("approval_currency", _("In which currency? Please enter it, like EUR."))
        return given


class LimitForm(forms.ModelForm):  # type: ignore[type-arg]
    """What may be spent a month, in one currency."""

    class Meta:
        model = SpendingLimit
        fields = ["currency", "amount"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].widget.attrs |= {"size": 4, "autocapitalize": "characters"}

    def clean_currency(self) -> str:
        """Three letters."""
        return clean_currency(str(self.cleaned_data["currency"]))


class _Limits(BaseInlineFormSet):  # type: ignore[type-arg]
    def get_unique_error_message(self, unique_check: Any) -> str:
        """In the field's terms."""
        return _("Each currency has one limit only.")


Limits = inlineformset_factory(
    Customer, SpendingLimit, form=LimitForm, formset=_Limits, extra=1, max_num=10, validate_max=True, can_delete=True
)
