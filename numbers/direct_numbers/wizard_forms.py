"""Forms of the wizard, one a step."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from direct_numbers import choosing
from direct_numbers.models import Country, Direction, Order
from documents.models import DocumentGroup
from people.customer_field import CustomerField
from sync.models import Connection

OPERATOR_CHOOSES = "any"
DIGEST = 64  # hex digits


class StartForm(forms.Form):
    """For whom, and in which account where there are several."""

    customer = CustomerField(label=_("For whom"), empty_label=_("nobody yet (assign it later)"))
    connection: "forms.ModelChoiceField[Connection]" = forms.ModelChoiceField(
        label=_("Zadarma account"), queryset=None, required=False, empty_label=None
    )

    def __init__(self, *args: Any, customers: Any, connections: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].queryset = customers  # type: ignore[attr-defined]
        self.fields["connection"].queryset = connections  # type: ignore[attr-defined]
        if len(connections) > 1:
            field = self.fields["connection"]
            field.empty_label = _("the customer's own, or the default account")  # type: ignore[attr-defined]
        else:
            del self.fields["connection"]


class CountryForm(forms.Form):
    """Where."""

    country = forms.ModelChoiceField(
        queryset=Country.objects.none(),
        to_field_name="iso",
        error_messages={"required": _("Please choose a country."), "invalid_choice": _("Please choose a country.")},
    )

    def __init__(self, *args: Any, countries: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].queryset = countries  # type: ignore[attr-defined]


class DirectionFilter(forms.Form):
    """What narrows the directions of a country."""

    q = forms.CharField(label=_("City or kind"), required=False, max_length=60)
    sms = forms.BooleanField(label=_("receives SMS"), required=False)
    toll_free = forms.BooleanField(label=_("toll-free"), required=False)
    no_papers = forms.BooleanField(label=_("no documents needed"), required=False)
    at_once = forms.BooleanField(label=_("active at once"), required=False)


class DirectionForm(forms.Form):
    """Which city or kind of number."""

    direction = forms.ModelChoiceField(
        queryset=Direction.objects.none(),
        to_field_name="remote_id",
        error_messages={"required": _("Please choose a direction."), "invalid_choice": _("Please choose a direction.")},
    )

    def __init__(self, *args: Any, directions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["direction"].queryset = directions  # type: ignore[attr-defined]


class MaskForm(forms.Form):
    """A mask to search available numbers with."""

    mask = forms.CharField(
        label=_("Digits or mask"), required=False, max_length=30, help_text=_("* stands for any digits, ? for one.")
    )

    def clean_mask(self) -> str:
        """Digits, `*` and `?`."""
        try:
            return choosing.clean_mask(self.cleaned_data["mask"])
        except ValueError:
            raise forms.ValidationError(_("Only digits, * and ? can be searched for.")) from None


class NumberForm(forms.Form):
    """Which number, by the API's id; `any` lets the operator choose."""

    number = forms.CharField(max_length=60, error_messages={"required": _("Please choose a number.")})


class GroupForm(forms.Form):
    """With which papers."""

    group = forms.ModelChoiceField(
        queryset=DocumentGroup.objects.none(),
        error_messages={
            "required": _("Please choose a document group."),
            "invalid_choice": _("Please choose a document group."),
        },
    )

    def __init__(self, *args: Any, groups: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]


class ReviewForm(forms.Form):
    """The last choices before money is spent."""

    period = forms.ChoiceField(label=_("Paid in advance"), choices=Order.Period.choices, widget=forms.RadioSelect)
    autorenew_period = forms.ChoiceField(
        label=_("Renews itself"), choices=Order.AutorenewPeriod.choices, widget=forms.RadioSelect
    )
    receive_sms = forms.BooleanField(label=_("Receive SMS"), required=False)
    purpose = forms.CharField(
        label=_("What the number is used for"),
        required=False,
        max_length=300,
        help_text=_("Some directions want to know, for instance: customer service of a shop."),
    )
    chosen = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)
    confirmed = forms.RegexField(
        r"^(?:[0-9]{1,8}(?:\.[0-9]{1,4})?|[0-9a-f]{64})$", required=False, strip=True, widget=forms.HiddenInput
    )

    def clean_confirmed(self) -> Decimal | str | None:
        """The sum, or the digest that stands for it; None where nothing was given."""
        given: str = self.cleaned_data["confirmed"]
        if not given:
            return None
        return given if len(given) == DIGEST else Decimal(given)
