"""Forms of sync runs and of the journal."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from sync.models import Connection, Operation, SyncRun


class SyncNowForm(forms.Form):
    """What to read now, of which account; everything where nothing is named."""

    connection: "forms.ModelChoiceField[Connection]" = forms.ModelChoiceField(queryset=None, required=False)
    kind = forms.ChoiceField(choices=[("", ""), *SyncRun.Kind.choices], required=False)

    def __init__(self, *args: Any, connections: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["connection"].queryset = connections  # type: ignore[attr-defined]


# Far enough for any journal, and near enough for every zone's arithmetic.
DAYS = [MinValueValidator(date(1970, 1, 2)), MaxValueValidator(date(9998, 12, 31))]


class JournalFilter(forms.Form):
    """What narrows the journal; everything optional, wrong values are ignored."""

    q = forms.CharField(label=_("Number"), required=False, max_length=30)
    connection: "forms.ModelChoiceField[Connection]" = forms.ModelChoiceField(
        label=_("Account"), queryset=None, required=False, empty_label=_("all accounts")
    )
    kind = forms.ChoiceField(label=_("What"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    who = forms.ChoiceField(label=_("Who"), required=False)
    since = forms.DateField(
        label=_("From"), required=False, validators=DAYS, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("To"), required=False, validators=DAYS, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    number = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    group = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    order = forms.UUIDField(required=False)
    batch = forms.UUIDField(required=False)

    FOCUSES = ("order", "number", "group")
    NARROWING = ("q", "connection", "kind", "state", "who", "since", "until", "batch")

    def __init__(self, data: Any, *, connections: Any, kinds: Any, people: Any) -> None:
        super().__init__(data)
        self.fields["connection"].queryset = connections  # type: ignore[attr-defined]
        self.fields["kind"].choices = [("", _("everything")), *kinds]  # type: ignore[attr-defined]
        together = [("open", _("under way, all of it")), ("attention", _("in doubt, all of it"))]
        self.fields["state"].choices = [("", _("any state")), *together, *Operation.State.choices]  # type: ignore[attr-defined]
        self.fields["who"].choices = [  # type: ignore[attr-defined]
            ("", _("anybody")),
            ("schedule", _("the schedule")),
            *((str(person.pk), str(person)) for person in people),
        ]
        self.is_valid()

    def clean_q(self) -> str:
        """Digits only: people type numbers with spaces, signs and brackets."""
        return re.sub(r"[^0-9]", "", str(self.cleaned_data["q"]))

    def value(self, name: str) -> Any:
        """The cleaned value of a field, or None where it is empty or wrong."""
        return self.cleaned_data.get(name) or None

    def wanted(self) -> dict[str, Any]:
        """What narrows the journal, by name."""
        return {name: self.value(name) for name in self.NARROWING if self.value(name)}


class DecisionForm(forms.Form):
    """What a person found out about an operation in doubt. `offered` are the values that the last look offers."""

    DONE, NOT_DONE = "done", "not_done"

    outcome = forms.ChoiceField(label=_("What happened"), choices=[(DONE, _("done")), (NOT_DONE, _("not done"))])
    candidate = forms.ChoiceField(label=_("What it was"), required=False)
    note = forms.CharField(
        label=_("How you know"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("For instance: the payments in the Zadarma account show it. Kept with this receipt."),
    )

    # With JavaScript a dialog asks instead of the checkbox.
    use_required_attribute = False
    confirmed = forms.BooleanField(
        label=_("I have compared it with the Zadarma account."),
        error_messages={"required": _("Please confirm that you have compared it with the Zadarma account.")},
    )

    def __init__(self, data: Any = None, *, offered: list[str]) -> None:
        super().__init__(data)
        self.fields["candidate"].choices = [(value, value) for value in offered]  # type: ignore[attr-defined]
        self.fields["candidate"].error_messages["invalid_choice"] = _(
            "The account does not show this any more. Please look at what it shows now."
        )

    def clean(self) -> dict[str, Any]:
        """What took effect must be named."""
        given = super().clean() or {}
        if given.get("outcome") == self.DONE and not given.get("candidate") and "candidate" not in self.errors:
            self.add_error("candidate", _("Please say which of these it was."))
        return given
