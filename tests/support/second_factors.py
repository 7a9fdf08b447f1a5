"""What an authenticator app does."""

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

# The key of an app, as a test sets it up.
SECRET = "JBSWY3DPEHPK3PXP"


def code_for(secret: str = SECRET) -> str:
    """What an authenticator app shows now."""
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))
