"""Forms of paying numbers further, and of what else may cost money. All that a person sends is read strictly."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from direct_numbers.confirming import Sums
from direct_numbers.features import MOST_CHANNELS
from direct_numbers.renewals import MOST_MONTHS

# So many numbers are paid with one form.
MOST_NUMBERS = 200
_SUM = re.compile(r"([A-Z]{3})=([0-9]{1,10}\.[0-9]{1,4}|[0-9]{1,10})")


class WholeNumberField(forms.IntegerField):
    """A whole number in plain digits: Python's own reading would also take "1_0" and digits of other scripts."""

    def to_python(self, value: Any) -> int | None:
        """The number, or None where nothing was given."""
        text = str(value if value is not None else "").strip()
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return int(text)


def _bounded(least: int, most: int, label: Any, text: Any) -> WholeNumberField:
    errors = dict.fromkeys(("required", "invalid", "min_value", "max_value"), text)
    widget = forms.NumberInput(attrs={"class": "w-auto"})
    return WholeNumberField(label=label, min_value=least, max_value=most, error_messages=errors, widget=widget)


class NumbersField(forms.Field):
    """Primary keys of numbers, each once, in the order given."""

    widget = forms.MultipleHiddenInput
    default_error_messages = {
        "required": _("No number is selected."),
        "invalid": _("The selection can't be read."),
        "too_many": _("At most %(most)d numbers are paid at once. Please select fewer."),
    }

    def __init__(self, most: int = MOST_NUMBERS, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most

    def clean(self, value: Any) -> list[int]:
        """The keys. Whose numbers they are is asked elsewhere."""
        texts = list(dict.fromkeys(value or []))
        if not texts and not self.required:
            return []
        if not texts:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if not all(re.fullmatch(r"[0-9]{1,18}", text) for text in texts):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        if len(texts) > self.most:
            raise forms.ValidationError(self.error_messages["too_many"], "too_many", {"most": self.most})
        return list(dict.fromkeys(int(text) for text in texts))


class WhatIfForm(forms.Form):
    """What if some numbers were paid further now: those of `ids`, else those that end soon.

    `account`: the one that is drawn.
    """

    months = _bounded(1, MOST_MONTHS, _("Months"), _("Please choose a whole number of months from 1 to 36."))
    ids = NumbersField(required=False)
    account = WholeNumberField(required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["months"].required = False

    @property
    def months_chosen(self) -> int | None:
        """For how long; a month where only numbers are named, None where nothing is asked."""
        months: int | None = self.cleaned_data.get("months")
        return months or (1 if self.cleaned_data.get("ids") else None)


class SumsField(forms.CharField):
    """What `sums_text` writes: sums by currency ("EUR=54.0000,USD=3.0000"), or the digest that stands for them."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> Sums | str:
        """Amounts by currency, or the digest."""
        text: str = super().clean(value)
        if re.fullmatch(r"[0-9a-f]{64}", text):
            return text
        found = [_SUM.fullmatch(part) for part in text.split(",")]
        sums = {match[1]: Decimal(match[2]) for match in found if match}
        if len(sums) != len(found):
            raise forms.ValidationError(self.error_messages["required"], code="invalid")
        return sums


def sums_text(confirmed: Sums | str) -> str:
    """What a person confirms (`renewals.to_confirm`), for the form."""
    if isinstance(confirmed, str):
        return confirmed
    return ",".join(f"{currency}={amount:.4f}" for currency, amount in sorted(confirmed.items()))


class RenewalForm(forms.Form):
    """Which numbers, and for how many months."""

    ids = NumbersField()
    months = _bounded(1, MOST_MONTHS, _("Months"), _("Please choose a whole number of months from 1 to 36."))


class ConfirmForm(RenewalForm):
    """What the person confirmed: sums and end dates as they stood, and the name of the form, which counts once."""

    confirmed = SumsField()
    seen = forms.RegexField(r"^[0-9a-f]{16}$", widget=forms.HiddenInput)
    batch = forms.UUIDField(widget=forms.HiddenInput)

    @property
    def problem(self) -> str:
        """The first thing that is wrong, in a sentence."""
        for name in ("ids", "months"):
            if errors := self.errors.get(name):
                return str(errors[0])
        return str(_("The form is incomplete. Please look at it again."))


class SmsForm(forms.Form):
    """On or off."""

    value = forms.ChoiceField(choices=[("on", _("on")), ("off", _("off"))])


class ChannelsForm(forms.Form):
    """How many calls at once. It may cost money that nobody tells beforehand, so that a person must say they know."""

    # With JavaScript a dialog asks instead of the checkbox, which is then hidden: the browser must not insist on it.
    use_required_attribute = False

    channels = _bounded(1, MOST_CHANNELS, _("Calls at once"), _("Please choose a whole number from 1 to 100."))
    confirmed = forms.BooleanField(
        label=_("I know that Zadarma may charge for this."),
        error_messages={"required": _("Please confirm that Zadarma may charge for this.")},
    )
