"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SyncConfig(AppConfig):
    """Connections to Zadarma accounts, the journal of changes, sync runs."""

    name = "sync"
    verbose_name = _("Synchronisation")

    def ready(self) -> None:
        """Register the system checks, what hangs on the first encryption key, and what the audit tells of this app."""
        from people import rotation
        from sync import accounts, audit_telling, checks  # noqa: F401

        rotation.register(rotation.Step("digests of API keys", accounts.outdated_digests, accounts.digest_anew))
        audit_telling.register()
