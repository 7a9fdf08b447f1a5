"""Forms of sync runs."""

from typing import Any

from django import forms

from sync.models import Connection, SyncRun


class SyncNowForm(forms.Form):
    """What to read now, of which account; everything where nothing is named."""

    connection: "forms.ModelChoiceField[Connection]" = forms.ModelChoiceField(queryset=None, required=False)
    kind = forms.ChoiceField(choices=[("", ""), *SyncRun.Kind.choices], required=False)

    def __init__(self, *args: Any, connections: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["connection"].queryset = connections  # type: ignore[attr-defined]
