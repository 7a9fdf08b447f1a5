"""Forms of accounts. What is typed of a key pair is never rendered again."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sync import importing

# What an API key is written with: nothing that could end a header or a line.
_SHAPE = RegexValidator(r"\A[!-~]+\Z", _("Letters and digits without blanks, as Zadarma shows it."))


def _hidden_text() -> forms.PasswordInput:
    return forms.PasswordInput({"autocomplete": "off", "spellcheck": "false"}, render_value=False)


class PairForm(forms.Form):
    """A key pair."""

    key = forms.CharField(label=_("Key"), max_length=128, widget=_hidden_text(), validators=[_SHAPE])
    secret = forms.CharField(
        label=_("Secret"),
        max_length=128,
        widget=_hidden_text(),
        validators=[_SHAPE],
        help_text=_("Both stand in the settings of the Zadarma account, under API. They are kept encrypted."),
    )


class ChangePairForm(PairForm):
    """Another pair for an account that stands here."""

    is_same_account = forms.BooleanField(
        label=_("This is the same Zadarma account."),
        required=False,
        help_text=_("Only needed where the panel asks for it."),
    )


class NameForm(forms.Form):
    """What an account is called here."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Only people of your staff see it."))


class NewAccountForm(PairForm, NameForm):
    """A name and a key pair."""

    field_order = ["name", "key", "secret"]


class _ForgetfulTextarea(forms.Textarea):
    """Text that is not shown again."""

    def format_value(self, value: Any) -> str:
        """Nothing."""
        return ""


class ImportForm(forms.Form):
    """A CSV file, or its text; `found` is what it names."""

    file = forms.FileField(label=_("CSV file"), required=False, allow_empty_file=True)
    text = forms.CharField(
        label=_("Or its text"),
        required=False,
        strip=False,
        max_length=importing.MOST_BYTES,
        widget=_ForgetfulTextarea({"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("One account a line: name, key, secret. Separated by commas or semicolons."),
    )
    found: list[importing.Named]

    def clean(self) -> dict[str, Any]:
        """Read in memory; a sentence where it can't be."""
        given = super().clean() or {}
        file, text = given.get("file"), given.get("text") or ""
        name = "file" if file else "text"
        try:
            if file is not None and getattr(file, "is_too_large", False):
                raise importing.NotReadable(_now("The file is too large. Split it into files of at most 500 accounts."))
            content = file.read(importing.MOST_BYTES + 1) if file else text.encode()
            self.found = importing.read(importing.text_of(content))
        except importing.NotReadable as problem:
            self.add_error(name, str(problem))
        return given
