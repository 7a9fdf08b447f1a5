"""Forms of the list of numbers: what narrows it, its columns, and filters kept under a name."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from direct_numbers.columns import Column
from direct_numbers.models import Number

SIZES = (25, 50, 100, 200)
USUAL_SIZE = 50
ENDS_WITHIN = (7, 14, 30, 60, 90)
YES_NO = (("yes", _("on")), ("no", _("off")))
SORTS = [
    ("", _("number")),
    ("number", _("number")),
    ("-number", _("number, last first")),
    ("stop_at", _("end, soonest first")),
    ("-stop_at", _("end, latest first")),
    ("monthly_fee", _("fee, lowest first")),
    ("-monthly_fee", _("fee, highest first")),
    ("first_seen", _("oldest first")),
    ("-first_seen", _("newest first")),
]


class NumberFilter(forms.Form):
    """What narrows the list of numbers, its order and its shape; everything optional, wrong values are ignored.

    All of it stands in the address, so that a list can be bookmarked and sent.
    """

    q = forms.CharField(label=_("Search"), required=False, max_length=60)
    status = forms.ChoiceField(label=_("Status"), required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)
    customer = forms.ChoiceField(label=_("Customer"), required=False)
    connection = forms.ChoiceField(label=_("Zadarma account"), required=False)
    autorenewal = forms.ChoiceField(label=_("Autorenewal"), required=False)
    ends = forms.TypedChoiceField(label=_("Ends within"), required=False, coerce=int, empty_value="")
    sms = forms.ChoiceField(label=_("SMS"), required=False)
    test = forms.ChoiceField(label=_("Test mode"), required=False)
    label = forms.ChoiceField(label=_("Label"), required=False)
    attention = forms.BooleanField(label=_("Needs attention"), required=False)
    sort = forms.ChoiceField(label=_("Sort by"), required=False, choices=SORTS)
    size = forms.TypedChoiceField(
        required=False, coerce=int, empty_value="", choices=[("", ""), *((size, size) for size in SIZES)]
    )
    columns = forms.RegexField(r"^[a-z.]*$", required=False, max_length=200)

    # Those under "More filters", and all that narrow at all.
    FURTHER = ("connection", "autorenewal", "ends", "sms", "test")
    NARROWS = ("q", "status", "country", "customer", "label", *FURTHER, "attention")

    def __init__(
        self,
        data: Any,
        countries: list[tuple[str, str]],
        customers: list[tuple[str, str]],
        connections: list[tuple[str, str]],
        labels: list[tuple[str, str]],
        *,
        shows_prices: bool,
    ) -> None:
        super().__init__(data)
        self.has_accounts = len(connections) > 1 or bool(data.get("connection"))
        within = [
            (days, ngettext("in %(count)d day", "in %(count)d days", days) % {"count": days}) for days in ENDS_WITHIN
        ]
        choices = {
            "status": [("", _("any status")), *Number.Status.choices],
            "country": [("", _("all countries")), *countries],
            "customer": [("", _("all customers")), ("none", _("nobody yet")), *customers],
            "connection": [("", _("all accounts")), *connections],
            "label": [("", _("any label")), *labels],
            "autorenewal": [("", _("on or off")), *YES_NO],
            "sms": [("", _("on or off")), *YES_NO],
            "test": [("", _("on or off")), *YES_NO],
            "ends": [("", _("whenever")), *within],
        }
        if not shows_prices:  # the order of the fees tells of them
            choices["sort"] = [pair for pair in SORTS if "fee" not in pair[0]]
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]
        self.is_valid()

    def value(self, name: str) -> Any:
        """The cleaned value of a field, or "" where it was wrong."""
        return self.cleaned_data.get(name, "")

    @property
    def narrows(self) -> bool:
        """Whether any filter is set."""
        return any(self.value(name) for name in self.NARROWS)

    @property
    def further(self) -> int:
        """How many of the filters under "More filters" are set."""
        return sum(bool(self.value(name)) for name in self.FURTHER)

    @property
    def further_fields(self) -> list[BoundField]:
        """Those under "More filters" that this reader has any choice in."""
        return [self[name] for name in self.FURTHER if name != "connection" or self.has_accounts]

    @property
    def kept_beside(self) -> list[tuple[str, Any]]:
        """What the address says beside the filters: kept while somebody filters."""
        return [(name, self.value(name)) for name in ("sort", "size", "columns") if self.value(name)]

    def query(self, **instead: object) -> str:
        """The list as an address says it, with some values `instead`; of what was wrong nothing is left."""
        given = {name: instead.get(name, self.value(name)) for name in self.fields}
        return urlencode({name: "on" if value is True else value for name, value in given.items() if value})


class ColumnsForm(forms.Form):
    """Which columns, and how many rows a page."""

    column = forms.MultipleChoiceField(label=_("Columns"), required=False, widget=forms.CheckboxSelectMultiple)
    size = forms.TypedChoiceField(
        label=_("Rows a page"), coerce=int, choices=[(size, size) for size in SIZES], required=False, empty_value=""
    )

    def __init__(self, *args: Any, offered: list[Column], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["column"].choices = [(one.key, one.label) for one in offered]  # type: ignore[attr-defined]


class SaveViewForm(forms.Form):
    """The name under which filters are kept."""

    name = forms.CharField(label=_("Name"), max_length=40)
