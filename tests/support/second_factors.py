"""What a person holds in their hand: an app that shows codes, and a device with passkeys."""

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

# The key of an app, as a test sets it up.
SECRET = "JBSWY3DPEHPK3PXP"
STEP = 30  # seconds that a code is shown
# For `WebAuthn.addVirtualAuthenticator` of Chromium's DevTools protocol.
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def code_for(secret: str = SECRET, ahead: int = 0) -> str:
    """The code of now, or of a step `ahead`: the panel takes one step either way, and each code once.

    Never of a step before: it would be too old as soon as the next begins.
    """
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // STEP + ahead)))
