"""Configuration mistakes, told by `manage.py check`."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from panel import partner


@register()
def partners_logo(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """A logo that could not be shown."""
    if not settings.PARTNER_LOGO:
        return []
    try:
        partner.read_logo(settings.PARTNER_LOGO)
    except partner.BadLogo as problem:
        hint = "Name an SVG, PNG or WebP file of at most 256 kB that the panel may read, or leave it empty."
        return [Error(f"PARTNER_LOGO can't be shown: {problem}.", hint=hint, id="panel.E001")]
    return []
