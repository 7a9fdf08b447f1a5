"""Addresses of sign-in and of one's own account. Of allauth's views there are these, and no others."""

from allauth.account import views as allauth_views
from allauth.mfa.base import views as factor_views
from allauth.mfa.recovery_codes import views as code_views
from allauth.mfa.totp import views as app_views
from allauth.mfa.webauthn import views as passkey_views
from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path
from django.views.decorators.http import require_POST

from people import account_views as views
from people.factor_views import RecoveryCodes

urlpatterns = [
    # allauth leads to these by its own names
    path("sign-in/", views.SignIn.as_view(), name="account_login"),
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-in/passkey/", login_not_required(passkey_views.login_webauthn), name="mfa_login_webauthn"),
    path("sign-in/second-factor/", factor_views.authenticate, name="mfa_authenticate"),
    path("sign-in/switched-off/", login_not_required(allauth_views.account_inactive), name="account_inactive"),
    path("sign-in/by/<slug:provider_id>/", views.single_sign_on, name="openid_connect_login"),
    path("sign-in/by/<slug:provider_id>/done/", views.single_sign_on_done, name="openid_connect_callback"),
    path("sign-out/", login_not_required(require_POST(allauth_views.logout)), name="sign-out"),
    path("sign-up/", views.SignUp.as_view(), name="account_signup"),
    path("sign-up/sent/", allauth_views.email_verification_sent, name="account_email_verification_sent"),
    re_path(
        r"^confirm-email/(?P<key>[-:\w]+)/$",
        login_not_required(allauth_views.confirm_email),
        name="account_confirm_email",
    ),
    path("password/forgotten/", allauth_views.password_reset, name="account_reset_password"),
    path("password/forgotten/sent/", allauth_views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        login_not_required(allauth_views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/changed/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("account/", views.account, name="mfa_index"),
    path("account/", views.account, name="mfa_list_webauthn"),
    path("account/", views.account, name="account"),
    path("account/second-factor/", views.second_factor_required, name="second-factor-required"),
    path("account/e-mail/", allauth_views.email, name="account_email"),
    path("account/password/", allauth_views.password_change, name="account_change_password"),
    path("account/password/first/", allauth_views.password_set, name="account_set_password"),
    path("account/again/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path("account/again/code/", factor_views.reauthenticate, name="mfa_reauthenticate"),
    path("account/again/passkey/", passkey_views.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/app/", app_views.activate_totp, name="mfa_activate_totp"),
    path("account/app/remove/", app_views.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/passkeys/new/", passkey_views.add_webauthn, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove/", passkey_views.remove_webauthn, name="mfa_remove_webauthn"),
    path("account/recovery-codes/", RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new/", code_views.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/sessions/end/", views.sessions_end, name="sessions-end"),
    path("account/sessions/<int:pk>/end/", views.session_end, name="session-end"),
]
