"""App configuration."""

from django.apps import AppConfig


class PanelConfig(AppConfig):
    """What belongs to no single app: dashboard, health, errors, template tags."""

    name = "panel"
