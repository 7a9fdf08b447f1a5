"""How allauth signs people in here: guessing counted, own links only, e-mails in the reader's language."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from people import audit_signals, keys, links, throttle
from people.mail_texts import MAILS, MESSAGES
from people.models import User

LINK_SENT = "account/messages/email_confirmation_sent.txt"
CLOSED = _("Too many attempts. Please wait a quarter of an hour, then try again.")


def partner() -> str:
    """The name under which the panel writes to people."""
    return str(getattr(settings, "PARTNER_NAME", "") or "Numberdesk")


def remember_language(response: HttpResponse, language: str) -> None:
    """Let this browser go on in `language`."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=31536000,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Passwords, e-mail addresses and what is written to them."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "This e-mail and password don't fit together. Check both; the password minds upper case."
        ),
        "too_many_login_attempts": CLOSED,
        "rate_limited": CLOSED,
        "incorrect_code": _("This code does not fit, or it was used already. Wait for the next one and try again."),
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your password."),
        "duplicate_email": _("This is your address already."),
        "invalid_password_reset": _("This link is used up or too old."),
    }

    # Where a request comes from ---------------------------------------------------------------------------------------

    def get_client_ip(self, request: HttpRequest) -> str:
        return throttle.ip_of(request)

    def is_safe_url(self, url: str) -> bool:
        """Own pages only, told without a host."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    # Signing in -------------------------------------------------------------------------------------------------------

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        if throttle.is_closed(credentials.get("email", ""), throttle.address_of(request)):
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Check a password; who is switched off is told no more than who types a wrong one."""
        self.pre_authenticate(request, **credentials)
        user = authenticate(request, **credentials)
        AuthenticationBackend.unstash_authenticated_user()
        if user is None:
            self.authentication_failed(request, **credentials)
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        email, address = credentials.get("email", ""), throttle.address_of(request)
        throttle.failed(email, address)
        known = User.objects.filter(email__iexact=email).values_list("pk", flat=True).first()
        audit_signals.note_failure("password", known, closed=throttle.is_closed(email, address))

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """Nothing: a new password opens no door that guessing has closed."""

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if user.language:
            remember_language(response, user.language)
        return response

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Who has neither password nor second factor is led to set a password by e-mail first."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        words = {
            "reauthenticate": _("With your password"),
            "mfa_reauthenticate": _("With a code"),
            "mfa_reauthenticate:webauthn": _("With a passkey"),
        }
        for method in methods:
            method["description"] = words.get(method["id"], method["description"])
        if not methods and user.is_authenticated:
            return [{"id": "reset", "description": "", "url": reverse("account_reset_password")}]
        return methods

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGN_UP_OPEN)

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user.language = translation.get_language() or ""
        user.name = form.cleaned_data.get("name", "")
        return super().save_user(request, user, form, commit)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    # What is said and written -----------------------------------------------------------------------------------------

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        if message_template == LINK_SENT and not request.user.is_authenticated:
            return  # the page that who is not signed in is led to says nothing else
        text = message or MESSAGES.get(message_template or "")
        if text:
            messages.add_message(request, level, str(text), extra_tags=extra_tags)

    def get_reset_password_from_key_url(self, key: str) -> str:
        uid, _dash, token = key.partition("-")
        return links.absolute(reverse("account_reset_password_from_key", args=[uid, token]), self.request)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return links.absolute(reverse("account_confirm_email", args=[emailconfirmation.key]), request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write plain text to `email`, in the language of the person it belongs to."""
        if template_prefix not in MAILS:
            return
        text, hint = MAILS[template_prefix]
        reader = context.get("user") or User.objects.filter(email__iexact=email).first()
        request = allauth_context.request
        with translation.override(getattr(reader, "language", "") or translation.get_language()):
            shown = {
                "text": text.text,
                "link": context[text.link] if text.link else links.absolute(reverse("sign-in"), request),
                "hint": hint,
                "partner": partner(),
            }
            subject = " ".join(f"{partner()}: {text.subject}".split())
            EmailMessage(subject, render_to_string("people/mail.txt", shown), self.get_from_email(), [email]).send()


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of authenticator apps and recovery codes are sealed with ENCRYPTION_KEYS."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code does not fit, or it was used already. Wait for the next one and try again."),
    }

    def encrypt(self, text: str) -> str:
        return keys.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return keys.unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        return partner()

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return str(_("Passkey"))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": allauth_context.request.get_host().partition(":")[0], "name": partner()}


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """By OIDC comes in who signs in here already with an address that both sides have confirmed."""

    def can_authenticate_by_email(self, login: Any, email: str) -> bool:
        return bool(EmailAddress.objects.filter(email=email.lower(), verified=True, user__is_active=True).exists())

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.is_existing or (settings.SIGN_UP_OPEN and self._is_new(sociallogin)):
            return
        self._refuse(request, _("Nobody here signs in with this address, or it is not confirmed. Ask for access."))

    def _is_new(self, sociallogin: Any) -> bool:
        """Whether it comes with a confirmed address that nobody here has."""
        told = [address for address in sociallogin.email_addresses if address.verified]
        return bool(told) and not User.objects.filter(email__iexact=told[0].email).exists()

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        self._refuse(request, _("The single sign-on did not work. Try it again, or sign in with your password."))

    def _refuse(self, request: HttpRequest, why: Any) -> None:
        throttle.failed("", throttle.address_of(request))
        audit_signals.note_failure("sso", None, closed=False)
        messages.error(request, str(why))
        raise ImmediateHttpResponse(redirect("sign-in"))

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        user = super().populate_user(request, sociallogin, data)
        user.name = str(data.get("name") or "")[:120]
        user.language = translation.get_language() or ""
        return user
