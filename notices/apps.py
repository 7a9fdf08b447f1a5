"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    """What must not pass unnoticed, by e-mail and in the panel."""

    name = "notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        """Say what is kept of a customer here."""
        from notices import personal
        from people import personal as people

        people.register(personal.NOTICES)
