"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """Who may see and do what."""

    name = "people"
    verbose_name = _("People")
