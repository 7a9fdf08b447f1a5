"""Forms of second factors: what does not fit counts against the person and the address, as passwords do."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.base import forms as code_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as passkey_forms
from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from people import audit_signals, throttle


class Counted:
    """Refuses while the door is closed, and counts what does not fit. Nothing is compared behind a closed door."""

    user: Any
    fields: dict[str, forms.Field]
    is_bound: bool
    cleaned_data: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "code" in self.fields:
            self.fields["code"].label = _("Code")
            attrs = self.fields["code"].widget.attrs
            attrs.pop("placeholder", None)
            attrs |= {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "maxlength": 20}

    def full_clean(self) -> None:
        """Django's validation, between looking at the door and counting."""
        if not self.is_bound:
            return super().full_clean()  # type: ignore[misc,no-any-return]
        address = throttle.address_of(context.request)
        account = throttle.second_factor(self.user.pk) if self.user else ""
        if throttle.is_closed(account, address):
            self._errors, self.cleaned_data = ErrorDict(), {}
            self.add_error(None, get_adapter().validation_error("too_many_login_attempts"))  # type: ignore[attr-defined]
            return None
        super().full_clean()  # type: ignore[misc]
        if self._errors:
            throttle.failed(account, address)
            closed = throttle.is_closed(account, address)
            audit_signals.note_failure("second factor", self.user.pk if self.user else None, closed=closed)
        return None


class CodeForm(Counted, code_forms.AuthenticateForm):  # type: ignore[misc]
    """A code of the app, or a recovery code, while signing in."""


class CodeAgainForm(Counted, code_forms.ReauthenticateForm):  # type: ignore[misc]
    """The same, before something that matters."""


class FirstCodeForm(Counted, totp_forms.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an app that is being set up."""


class PasskeyForm(Counted, passkey_forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey as second factor."""


class PasskeyAgainForm(Counted, passkey_forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """The same, before something that matters."""


class PasskeySignInForm(Counted, passkey_forms.LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey instead of e-mail and password: nobody is known before it fits, so that the address alone counts."""


class NewPasskeyForm(passkey_forms.AddWebAuthnForm):  # type: ignore[misc]
    """A passkey's name; it can also be used alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["name"].help_text = _("By which you know it again: your phone, or the key on your key ring.")
        self.fields["name"].max_length = 60
        self.fields["passwordless"].label = _("Sign in with it alone, without a password")
        self.fields["passwordless"].help_text = _("The device then asks for your finger, face or PIN.")
        self.fields["passwordless"].initial = True
