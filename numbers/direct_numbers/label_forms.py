"""Forms of labels."""

from django import forms
from django.utils.translation import gettext_lazy as _

from direct_numbers.labelling import Mark, clean_name
from direct_numbers.models.label import LONGEST


class WordField(forms.CharField):
    """A label's word; those in use are offered while it is typed."""

    def __init__(self) -> None:
        text = _("Please write a label of up to 30 letters.")
        super().__init__(
            label=_("Label"),
            max_length=LONGEST,
            error_messages={"required": text, "max_length": text},
            widget=forms.TextInput(attrs={"list": "label-words", "autocomplete": "off"}),
        )

    def to_python(self, value: object) -> str:
        """Without signs that show nothing."""
        return clean_name(str(super().to_python(value)))


class LabelForm(forms.Form):
    """A label, and for staff whether it is the customer's: people of a customer have none but their own."""

    name = WordField()
    theirs = forms.BooleanField(
        label=_("The customer sees it too"),
        required=False,
        help_text=_("Otherwise it is the staff's own. On a number of nobody it is always the staff's."),
    )

    @property
    def problem(self) -> str:
        """What is wrong, in a sentence."""
        return str(next(iter(self.errors.values()))[0])

    def mark(self, *, is_staff: bool) -> Mark:
        """What was asked for. Only once it is valid."""
        return Mark(self.cleaned_data["name"], self.cleaned_data["theirs"] or not is_staff)
