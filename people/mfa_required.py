"""Where `STAFF_MFA_REQUIRED` says so, staff without a second factor do nothing before they have set one up."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from people.models import User

# What leads to a second factor, and what everybody may.
LET_THROUGH = frozenset(
    {
        "second-factor-required",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_view_recovery_codes",
        "account_reauthenticate",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "account_confirm_email",
        "sign-in",
        "account_login",
        "sign-out",
        "set_language",
        "healthz",
    }
)


def lacks(user: Any) -> bool:
    """Whether `user` must set up a second factor first."""
    if not (settings.STAFF_MFA_REQUIRED and isinstance(user, User) and user.is_authenticated and user.is_staff):
        return False
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return not Authenticator.objects.filter(user=user, type__in=kinds).exists()


class SecondFactorMiddleware:
    """Leads to the set-up; a fragment that HTMX asks for makes the whole page go there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Before any view runs."""
        match = request.resolver_match
        if (match and match.url_name in LET_THROUGH) or not lacks(request.user):
            return None
        there = reverse("second-factor-required")
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Redirect": there})
        return redirect(there)
