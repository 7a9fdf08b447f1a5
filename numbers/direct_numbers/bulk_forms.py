"""Forms by which many numbers are changed at once."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from direct_numbers.bulk import MOST_NUMBERS
from direct_numbers.label_forms import LabelForm
from direct_numbers.renewal_forms import NumbersField


class SelectionForm(forms.Form):
    """Which numbers."""

    ids = NumbersField(
        MOST_NUMBERS, error_messages={"too_many": _("At most %(most)d numbers at once. Please select fewer.")}
    )


class ConfirmForm(SelectionForm):
    """What the person saw, and the name of the form, which counts once; `again` names the form tried again."""

    seen = forms.RegexField(r"^[0-9a-f]{16}$", widget=forms.HiddenInput)
    batch = forms.UUIDField(widget=forms.HiddenInput)
    again = forms.UUIDField(widget=forms.HiddenInput, required=False)

    @property
    def problem(self) -> str:
        """The first thing that is wrong, in a sentence."""
        if errors := self.errors.get("ids"):
            return str(errors[0])
        return str(_("The form is incomplete. Please look at it again."))


class SwitchForm(forms.Form):
    """Autorenewal on or off."""

    value = forms.ChoiceField(
        label=_("Autorenewal"),
        choices=[("on", _("on: each number is paid further by itself")), ("off", _("off: each number ends"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose on or off."), "invalid_choice": _("Please choose on or off.")},
    )


class SureForm(forms.Form):
    """That many numbers end must be said to be known."""

    sure = forms.BooleanField(
        label=_("I know that these numbers then end, are parked for 7 days and are lost after that."),
        error_messages={"required": _("Please confirm that the numbers shall end.")},
    )


class LabelsForm(LabelForm):
    """A label, and whether it is put on or taken off."""

    do = forms.ChoiceField(
        label=_("What to do"),
        choices=[("on", _("put it on")), ("off", _("take it off"))],
        initial="on",
        widget=forms.RadioSelect,
    )
    field_order = ["do", "name", "theirs"]

    def __init__(self, data: Any = None, *, is_staff: bool, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["theirs"].help_text = _("Otherwise it is the staff's own. Numbers of nobody are left out then.")
        if not is_staff:
            del self.fields["theirs"]

    def mark(self, *, is_staff: bool) -> Any:
        """What was asked for. Only once it is valid."""
        self.cleaned_data.setdefault("theirs", not is_staff)
        return super().mark(is_staff=is_staff)
