"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """Who may see and do what."""

    name = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        """Hear what happens at sign-in."""
        from people import audit_signals, checks, factor_keys, rotation  # noqa: F401, PLC0415 - models are not there before

        audit_signals.connect()
        rotation.register(rotation.Step("second factors", factor_keys.outdated, factor_keys.seal_anew))
