"""System checks of sign-in."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def single_sign_on_is_encrypted(**kwargs: Any) -> list[CheckMessage]:
    """Who signs in is told over https only; this machine itself may do without."""
    url = settings.OIDC_SERVER_URL
    if not url:
        return []
    try:
        told = urlsplit(url)
        host = told.hostname or ""
    except ValueError:
        told, host = None, ""
    if (
        told
        and host
        and (told.scheme == "https" or (told.scheme == "http" and host in {"localhost", "127.0.0.1", "::1"}))
    ):
        return []
    return [
        Error(
            "OIDC_SERVER_URL must begin with https:// and name a host.",
            hint="Over http anybody between could sign in as anybody. Take the provider's https address.",
            id="people.E001",
        )
    ]
