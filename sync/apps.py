"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SyncConfig(AppConfig):
    """Connections to Zadarma accounts, the journal of changes, sync runs."""

    name = "sync"
    verbose_name = _("Synchronisation")

    def ready(self) -> None:
        """Register the system checks."""
        from sync import checks  # noqa: F401
