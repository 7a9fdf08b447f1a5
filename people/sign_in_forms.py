"""Forms of sign-in and of a person's own account, in the panel's words; allauth does the work."""

from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from people import time_zones
from people.models import User


class InOurWords:
    """Labels of our own, no placeholders, and no help of allauth's."""

    labels = {
        "login": _("E-mail"),
        "email": _("E-mail"),
        "password": _("Password"),
        "oldpassword": _("Your password now"),
        "password1": _("New password"),
        "password2": _("New password once more"),
    }
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            field.help_text = ""
        if "password1" in self.fields:
            self.fields["password1"].help_text = _("At least 12 characters.")


class SignInForm(InOurWords, allauth_forms.LoginForm):  # type: ignore[misc]
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs |= {"autofocus": True, "autocomplete": "username", "maxlength": 254}

    def add_prefix(self, field_name: str) -> str:
        """The e-mail's field is named so that keepers of passwords know it."""
        return "username" if field_name == "login" else field_name


class SignUpForm(InOurWords, allauth_forms.SignupForm):  # type: ignore[misc]
    """Name, e-mail and a password."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ["name", "email", "password1", "password2"]
    labels = {**InOurWords.labels, "password1": _("Password"), "password2": _("Password once more")}


class ChangeEmailForm(InOurWords, allauth_forms.AddEmailForm):  # type: ignore[misc]
    """The new address."""

    labels = {"email": _("New e-mail address")}


class ChangePasswordForm(InOurWords, allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    """The password now, and the new one twice."""


class SetPasswordForm(InOurWords, allauth_forms.SetPasswordForm):  # type: ignore[misc]
    """A first password."""


class ForgottenPasswordForm(InOurWords, allauth_forms.ResetPasswordForm):  # type: ignore[misc]
    """Where to send the link."""


class NewPasswordForm(InOurWords, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    """The new password, twice."""


class ReauthenticateForm(InOurWords, allauth_forms.ReauthenticateForm):  # type: ignore[misc]
    """The password once more."""


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """How a person is called, the language the panel speaks and writes to them, and the time zone of its dates."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zones.choices,
        required=False,
        help_text=_("Of all dates, here and in e-mails."),
    )

    class Meta:
        model = User
        fields = ["name", "language", "time_zone"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}
