"""A person's own account: name and language, second factors, sessions; and what signing in shows of the panel's own."""

from typing import Any

from allauth.account.views import LoginView, SignupView
from allauth.mfa.models import Authenticator
from allauth.socialaccount.providers.openid_connect import views as oidc_views
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people import access, adapters, audit, mfa_required, sessions, throttle
from people.audit_changes import CHANGED
from people.models import User
from people.sign_in_forms import PersonForm


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):  # type: ignore[misc]
    """Sign-in by e-mail, passkey, or the partner's single sign-on."""

    template_name = "people/sign_in.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        oidc = settings.OIDC_NAME if settings.OIDC_SERVER_URL else ""
        return {**super().get_context_data(**kwargs), "oidc": oidc, "sign_up_open": settings.SIGN_UP_OPEN}


@method_decorator(login_not_required, name="dispatch")
class SignUp(SignupView):  # type: ignore[misc]
    """Sign-up, where `SIGN_UP_OPEN` says so."""

    def closed(self) -> HttpResponse:
        """404, in words."""
        return render(self.request, "account/signup_closed.html", status=404)


@login_not_required
@require_POST
def single_sign_on(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Off to the partner's provider."""
    return _by_oidc(request, oidc_views.login, provider_id)


@login_not_required
@require_safe
def single_sign_on_done(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from there."""
    return _by_oidc(request, oidc_views.callback, provider_id)


def _by_oidc(request: HttpRequest, view: Any, provider_id: str) -> HttpResponse:
    if not settings.OIDC_SERVER_URL or provider_id != "sso":
        raise Http404
    if throttle.is_closed("", throttle.address_of(request)):
        messages.error(request, str(adapters.CLOSED))
        return redirect("sign-in")
    response: HttpResponse = view(request, provider_id)
    return response


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Everything of one's own account on one page; the form holds name and language."""
    user = access.user(request)
    bound = request.POST if request.method == "POST" else None
    before = {"name": user.name, "language": user.language}
    form = PersonForm(bound, instance=user, initial={"language": user.language or "en"})
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            _note_change(user, before)
        messages.success(request, _("Saved."))
        response = redirect("account")
        adapters.remember_language(response, user.language)
        return response
    user.refresh_from_db(fields=["name", "time_zone"])
    context = {"form": form, "user": user, **_factors(user.pk)}
    here = request.session.session_key
    context["sessions"] = [(told, told.session_key == here) for told in sessions.of(user.pk)]
    return render(request, "people/account.html", context, status=422 if form.errors else 200)


def _note_change(user: User, before: dict[str, str]) -> None:
    """Name and language are personal: the audit is told that they changed."""
    changed = [name for name, value in before.items() if getattr(user, name) != value]
    if changed:
        after = dict.fromkeys(changed, CHANGED)
        audit.record("account.changed", user, about=("user", user.pk), after=after)


def _factors(user: int) -> dict[str, Any]:
    """What of second factors there is."""
    mine = list(Authenticator.objects.filter(user=user).order_by("pk"))
    kinds = Authenticator.Type
    codes = [one.wrap() for one in mine if one.type == kinds.RECOVERY_CODES]
    return {
        "app": next((one for one in mine if one.type == kinds.TOTP), None),
        "passkeys": [(one, one.wrap().name) for one in mine if one.type == kinds.WEBAUTHN],
        "codes_left": len(codes[0].get_unused_codes()) if codes else None,
    }


@require_safe
def second_factor_required(request: HttpRequest) -> HttpResponse:
    """What staff see who must set up a second factor first."""
    if not mfa_required.lacks(request.user):
        return redirect("account")
    return render(request, "people/second_factor_required.html")


@require_POST
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions; another's is not there."""
    user = access.user(request)
    ended = sessions.end_one(user.pk, pk)
    if ended is None:
        raise Http404
    audit.record("session.ended", user, about=("user", user.pk), after={"count": 1})
    if ended == request.session.session_key:
        request.session.flush()
        return redirect("sign-in")
    messages.success(request, _("This session is ended."))
    return redirect("account")


@require_POST
def sessions_end(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    user = access.user(request)
    ended = sessions.end([user.pk], but=request.session.session_key)
    audit.record("session.ended", user, about=("user", user.pk), after={"count": ended})
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("account")
