"""Forms of numbers: filters, routing, caller name, autorenewal."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from direct_numbers import routing
from direct_numbers.models import Number, Order
from people.customer_field import CustomerField


class NumberFilter(forms.Form):
    """What narrows the list of numbers; everything optional, wrong values are ignored."""

    q = forms.CharField(label=_("Search"), required=False, max_length=60)
    status = forms.ChoiceField(label=_("Status"), required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)
    customer = forms.ChoiceField(label=_("Customer"), required=False)
    label = forms.ChoiceField(label=_("Label"), required=False)
    attention = forms.BooleanField(label=_("Needs attention"), required=False)
    sort = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[
            ("", _("number")),
            ("number", _("number")),
            ("-number", _("number, last first")),
            ("stop_at", _("end, soonest first")),
            ("-stop_at", _("end, latest first")),
            ("monthly_fee", _("fee, lowest first")),
            ("-monthly_fee", _("fee, highest first")),
            ("-first_seen", _("newest first")),
        ],
    )

    def __init__(
        self,
        data: Any,
        countries: list[tuple[str, str]],
        customers: list[tuple[str, str]],
        labels: list[tuple[str, str]],
    ) -> None:
        super().__init__(data)
        self.fields["label"].choices = [("", _("any label")), *labels]  # type: ignore[attr-defined]
        self.fields["status"].choices = [("", _("any status")), *Number.Status.choices]  # type: ignore[attr-defined]
        self.fields["country"].choices = [("", _("all countries")), *countries]  # type: ignore[attr-defined]
        self.fields["customer"].choices = [  # type: ignore[attr-defined]
            ("", _("all customers")),
            ("none", _("nobody yet")),
            *customers,
        ]

    def value(self, name: str) -> Any:
        """The cleaned value of a field, or "" where it was wrong."""
        return self.cleaned_data.get(name, "") if self.is_valid() or name in self.cleaned_data else ""


class RoutingForm(forms.Form):
    """Where calls go: a SIP login of the account, or a SIP URI."""

    routing = forms.ChoiceField(label=_("Calls go to"), choices=Order.Routing.choices, required=False)
    sip_login = forms.CharField(label=_("SIP login"), required=False, max_length=20)
    sip_uri = forms.CharField(
        label=_("SIP URI"),
        required=False,
        max_length=200,
        help_text=_("For instance 1001@pbx.example.com: a user and a server of your own."),
    )
    test_mode = forms.BooleanField(
        label=_("Test mode"),
        required=False,
        help_text=_("Calls to the number are answered by a test announcement instead of being put through."),
    )

    def __init__(self, data: Any = None, *, logins: list[str], may_decide_later: bool = False, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.logins = logins
        self.may_decide_later = may_decide_later

    def clean(self) -> dict[str, Any]:
        """Exactly one target, and one that exists or can exist."""
        given = super().clean() or {}
        kind = given.get("routing", "")
        given["sip_id"] = ""
        if kind == Order.Routing.SIP_LOGIN:
            if given.get("sip_login") not in self.logins:
                self.add_error("sip_login", _("Please choose one of the account's SIP logins."))
            given["sip_id"] = given.get("sip_login", "")
        elif kind == Order.Routing.SIP_URI:
            try:
                given["sip_id"] = routing.clean_sip_uri(given.get("sip_uri", ""))
            except ValueError:
                self.add_error("sip_uri", _("This is not a SIP URI. It looks like 1001@pbx.example.com."))
        elif not self.may_decide_later:
            self.add_error("routing", _("Please choose where calls shall go."))
        return given


class CallerNameForm(forms.Form):
    """Up to 30 Latin letters and digits; empty clears it."""

    caller_name = forms.CharField(
        label=_("Caller name"),
        required=False,
        max_length=30,
        help_text=_("Shown with calls to this number. Up to 30 Latin letters and digits, no spaces; empty clears it."),
    )

    def clean_caller_name(self) -> str:
        """Only what the API takes."""
        name = str(self.cleaned_data["caller_name"])
        if not routing.CALLER_NAME.match(name):
            raise forms.ValidationError(_("Only Latin letters and digits, without spaces, up to 30 of them."))
        return name


class AutorenewalForm(forms.Form):
    """On or off. What is turned off ends, so that a person must say they know; with JavaScript a dialog asks."""

    value = forms.ChoiceField(choices=[("on", _("on")), ("off", _("off"))])
    confirmed = forms.BooleanField(required=False, label=_("I know that the number then ends and is lost."))

    def clean(self) -> dict[str, Any]:
        """Turning it off wants to be confirmed."""
        given = super().clean() or {}
        if given.get("value") == "off" and not given.get("confirmed"):
            self.add_error("confirmed", _("Please confirm that the number shall end."))
        return given


class AssignForm(forms.Form):
    """To which customer a number belongs; nobody is a choice."""

    customer = CustomerField(label=_("Customer"), empty_label=_("nobody yet"))

    def __init__(self, *args: Any, customers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].queryset = customers  # type: ignore[attr-defined]
