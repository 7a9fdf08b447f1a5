"""What the e-mails of sign-in say, by allauth's name of the occasion: subject, text, and which link stands in it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class MailText:
    """One e-mail. `link` names what leads on: a key of allauth's context, or "" for the sign-in page."""

    subject: Promise | str
    text: Promise | str
    link: str = ""


NOT_YOU = _("If this was not you, choose a new password at once, and tell the person who runs this panel.")
IGNORE = _("If you did not ask for this, you need not do anything.")

MAILS: dict[str, tuple[MailText, Promise | str]] = {
    "account/email/password_reset_key": (
        MailText(_("Choose a new password"), _("With this link you choose a new password."), "password_reset_url"),
        IGNORE,
    ),
    "account/email/unknown_account": (
        MailText(
            _("No access with this address"),
            _("Somebody, perhaps you, asked for a new password. Nobody signs in with this address here."),
        ),
        IGNORE,
    ),
    "account/email/account_already_exists": (
        MailText(
            _("You have access already"),
            _("Somebody, perhaps you, wanted to use this address. There is an account with it already: sign in here."),
        ),
        IGNORE,
    ),
    "account/email/email_confirmation": (
        MailText(
            _("Confirm your e-mail address"), _("Please confirm with this link that it is yours."), "activate_url"
        ),
        IGNORE,
    ),
    "account/email/email_confirmation_signup": (
        MailText(
            _("Confirm your e-mail address"), _("Please confirm with this link that it is yours."), "activate_url"
        ),
        IGNORE,
    ),
    "account/email/email_changed": (
        MailText(_("Your e-mail address was changed"), _("From now on you sign in with another address.")),
        NOT_YOU,
    ),
    "account/email/password_changed": (
        MailText(_("Your password was changed"), _("All your other sessions were ended.")),
        NOT_YOU,
    ),
    "account/email/password_set": (
        MailText(_("Your password was changed"), _("All your other sessions were ended.")),
        NOT_YOU,
    ),
    "account/email/password_reset": (
        MailText(_("Your password was changed"), _("All your sessions were ended.")),
        NOT_YOU,
    ),
    "mfa/email/totp_activated": (
        MailText(_("Authenticator app added"), _("Signing in now asks for a code of your app.")),
        NOT_YOU,
    ),
    "mfa/email/totp_deactivated": (
        MailText(_("Authenticator app removed"), _("Signing in does not ask for a code of your app any more.")),
        NOT_YOU,
    ),
    "mfa/email/webauthn_added": (
        MailText(_("Passkey added"), _("You can sign in with it from now on.")),
        NOT_YOU,
    ),
    "mfa/email/webauthn_removed": (
        MailText(_("Passkey removed"), _("Nobody can sign in with it any more.")),
        NOT_YOU,
    ),
    "mfa/email/recovery_codes_generated": (
        MailText(_("New recovery codes made"), _("Those you had before are void.")),
        NOT_YOU,
    ),
    "socialaccount/email/account_connected": (
        MailText(_("Single sign-on connected"), _("You can sign in by it from now on.")),
        NOT_YOU,
    ),
}

# What a page says after something was done, by allauth's name of it. What is not here is not said.
MESSAGES: dict[str, Promise | str] = {
    "account/messages/password_changed.txt": _("Your password is changed. Your other sessions are ended."),
    "account/messages/password_set.txt": _("Your password is changed. Your other sessions are ended."),
    "account/messages/email_confirmed.txt": _("Your e-mail address is confirmed."),
    "account/messages/email_confirmation_sent.txt": _("We have sent you a link to confirm your e-mail address."),
    "account/messages/email_confirmation_failed.txt": _("This address could not be confirmed: it is in use already."),
    "mfa/messages/totp_activated.txt": _("Your authenticator app is set up."),
    "mfa/messages/totp_deactivated.txt": _("Your authenticator app is removed."),
    "mfa/messages/webauthn_added.txt": _("Your passkey is set up."),
    "mfa/messages/webauthn_removed.txt": _("Your passkey is removed."),
}
