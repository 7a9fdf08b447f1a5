"""Forms of the pages about what papers suit."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from direct_numbers.suitability import Kind


class ActivatesFilter(forms.Form):
    """What narrows the directions; everything optional, wrong values are ignored."""

    q = forms.CharField(label=_("Country"), required=False, max_length=60)
    kind = forms.ChoiceField(required=False, choices=[("", ""), *((kind.value, kind.value) for kind in Kind)])

    def wanted(self) -> dict[str, str]:
        """What was given and is allowed."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "").strip() for name in self.fields}


class ChooseForm(forms.Form):
    """First a country, then one of its directions: pairs of value and name."""

    country = forms.ChoiceField(label=_("Country"))
    direction = forms.ChoiceField(label=_("Direction"), required=False)

    def __init__(self, *args: Any, countries: Any, directions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = [("", _("Choose a country")), *countries]  # type: ignore[attr-defined]
        self.fields["direction"].choices = [("", _("Choose a direction")), *directions]  # type: ignore[attr-defined]


class BackForm(forms.Form):
    """From which page something was asked: it leads back there, and its row is shown."""

    PAGES = ("activates", "direction", "changed")
    back = forms.ChoiceField(choices=[(page, page) for page in PAGES], required=False)
    page = forms.IntegerField(min_value=1, max_value=100_000, required=False)
