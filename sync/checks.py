"""Configuration mistakes, told by `manage.py check`."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def api_settings(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Half a key pair, or an API address that would carry the signature in the clear."""
    found: list[CheckMessage] = []
    if bool(settings.ZADARMA_API_KEY) != bool(settings.ZADARMA_API_SECRET):
        found.append(
            Error(
                "Only one of ZADARMA_API_KEY and ZADARMA_API_SECRET is set.",
                hint="Set both or neither.",
                id="sync.E001",
            )
        )
    address = urlsplit(settings.ZADARMA_API_URL)
    if address.scheme != "https" and address.hostname not in {"127.0.0.1", "::1", "localhost"}:
        found.append(Error("ZADARMA_API_URL must begin with https://.", id="sync.E002"))
    return found


@register()
def journal_clock(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """A call that may last longer than its lease would be looked for while it is still under way."""
    found: list[CheckMessage] = []
    if settings.CHANGE_SECONDS <= 0 or settings.CHANGE_SECONDS * 2 >= settings.LEASE_SECONDS:
        found.append(Error("CHANGE_SECONDS must be less than half of LEASE_SECONDS.", id="sync.E003"))
    waits = settings.LOOK_SECONDS
    if not waits or min(waits) <= 0 or waits != sorted(waits):
        found.append(Error("LOOK_SECONDS must be growing numbers of seconds.", id="sync.E004"))
    if min(settings.SETTLE_AFTER_SECONDS, settings.RETRY_SECONDS, settings.SWEEP_SECONDS) <= 0:
        found.append(Error("SETTLE_AFTER_SECONDS, RETRY_SECONDS and SWEEP_SECONDS must be above 0.", id="sync.E005"))
    return found
