"""Notes in the audit who signs in, how, and what they change of their own account; ends sessions with a password."""

from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa import signals as factors
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as sso
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest

from people import audit, sessions
from people.models import User


def _note(action: str, user: User, **after: Any) -> None:
    audit.record(action, user, about=("user", user.pk), after=after or None)


def note_failure(method: str, user: int | None, *, closed: bool) -> None:
    """A try that failed, and that it closed the door. Who tried is not known: the account stands as what it is about.

    `user` is None where there is no such account: what was typed is not kept.
    """
    audit.record("session.failed", None, about=("user", user), after={"method": method})
    if closed:
        audit.record("session.locked_out", None, about=("user", user), after={"method": method})


def signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """With which methods."""
    used = [record.get("type") or record.get("method") for record in get_authentication_records(request, user)]
    _note("session.signed_in", user, method=", ".join(str(method) for method in used if method) or "link")


def signed_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """By themselves."""
    if user is not None:
        _note("session.signed_out", user)


def password_changed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Their other sessions end."""
    sessions.end([user.pk], but=request.session.session_key)
    _note("account.password_changed", user)


def password_reset(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """All their sessions end."""
    sessions.end([user.pk])
    _note("account.password_reset", user)


def email_confirmed(request: HttpRequest, email_address: Any, **kwargs: Any) -> None:
    """By the link sent there."""
    _note("account.email_confirmed", email_address.user)


def email_changed(
    request: HttpRequest, user: User, from_email_address: Any, to_email_address: Any, **kwargs: Any
) -> None:
    """The new one is confirmed. The first one of who signed up changes nothing."""
    if from_email_address is None or from_email_address.email == to_email_address.email:
        return
    _note("account.email_changed", user, email="changed")


def factor_added(request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    """An app, a passkey, or the recovery codes that come with the first of them."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        codes_made(request, user)
    else:
        _note("account.mfa_added", user, type=str(authenticator.type))


def factor_removed(request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    """With the last of them go the recovery codes."""
    _note("account.mfa_removed", user, type=str(authenticator.type))


def codes_made(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Recovery codes made anew."""
    _note("account.recovery_codes", user)


def sso_connected(request: HttpRequest, sociallogin: Any, **kwargs: Any) -> None:
    """The first time somebody comes by OIDC."""
    _note("account.sso_connected", sociallogin.user)


def connect() -> None:
    """Hear allauth."""
    for signal, receiver in (
        (account.user_logged_in, signed_in),
        (user_logged_out, signed_out),
        (account.password_changed, password_changed),
        (account.password_set, password_changed),
        (account.password_reset, password_reset),
        (account.email_confirmed, email_confirmed),
        (account.email_changed, email_changed),
        (factors.authenticator_added, factor_added),
        (factors.authenticator_removed, factor_removed),
        (factors.authenticator_reset, codes_made),
        (sso.social_account_added, sso_connected),
    ):
        signal.connect(receiver, dispatch_uid=f"people.{receiver.__name__}.{id(signal)}")
