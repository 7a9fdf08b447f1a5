"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SyncConfig(AppConfig):
    """Connections to Zadarma accounts, the journal of changes, sync runs."""

    name = "sync"
    verbose_name = _("Synchronisation")

    def ready(self) -> None:
        """Register the system checks, and what the audit tells of this app."""
        from sync import audit_telling, checks  # noqa: F401

        audit_telling.register()
