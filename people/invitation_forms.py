"""Forms of invitations, members and staff."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.models import User
from people.permissions import CustomerRole, StaffRole


class _InviteForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "maxlength": 254}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    language = forms.ChoiceField(label=gettext_lazy("Language of the e-mail"), choices=settings.LANGUAGES)


class InviteMemberForm(_InviteForm):
    """A new person of a customer."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=CustomerRole.choices,
        help_text=gettext_lazy("A manager orders and manages people. A viewer looks and changes nothing."),
    )


class InviteStaffForm(_InviteForm):
    """A new person of the staff."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=StaffRole.choices,
        initial=StaffRole.OPERATOR,
        help_text=gettext_lazy(
            "An owner may do everything. An operator works with numbers, orders, papers and customers. An auditor "
            "reads everything and changes nothing."
        ),
    )


class MemberRoleForm(forms.Form):
    """Another role for a customer."""

    role = forms.ChoiceField(choices=CustomerRole.choices)


class StaffRoleForm(forms.Form):
    """Another role in the staff."""

    role = forms.ChoiceField(choices=StaffRole.choices)


class AccountForm(forms.Form):
    """Name and password of who was invited."""

    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        max_length=4096,
        help_text=gettext_lazy("At least 12 characters: a few words in a row are good."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("The password once more"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, data: Any = None, *, email: str) -> None:
        super().__init__(data)
        self.email = email

    def clean_name(self) -> str:
        """On one line."""
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean(self) -> dict[str, Any]:
        """The same twice, and good enough."""
        given = super().clean() or {}
        password, again = given.get("password"), given.get("again")
        if password and again and password != again:
            self.add_error("again", _("The two passwords differ."))
        if password:
            try:
                password_validation.validate_password(password, User(email=self.email, name=given.get("name", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return given
