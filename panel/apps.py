"""App configuration."""

from django.apps import AppConfig


class PanelConfig(AppConfig):
    """What belongs to no single app: dashboard, health, errors, template tags."""

    name = "panel"

    def ready(self) -> None:
        """Register the system checks."""
        from panel import checks  # noqa: F401
