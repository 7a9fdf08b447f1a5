"""App configuration."""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DirectNumbersConfig(AppConfig):
    """Countries, directions, numbers and orders (the API calls numbers `direct_numbers`)."""

    name = "direct_numbers"
    label = "numbers"
    verbose_name = _("Numbers")

    def ready(self) -> None:
        """Register the kinds of operation, their words, and the sync runs of this app."""
        from direct_numbers import features, personal, placing, prolonging, queries, routing, telling, uses
        from documents import due
        from documents import uses as document_uses
        from people import countries
        from people import personal as people
        from sync import kinds, schedule

        for kind in (
            placing.ORDER,
            prolonging.PROLONG,
            features.SET_CHANNELS,
            features.SET_SMS,
            routing.SET_SIP,
            routing.SET_CALLER_NAME,
            routing.SET_AUTORENEWAL,
        ):
            kinds.register(kind)
        telling.register()
        due.register(uses.waited_for)
        document_uses.register(uses.of_group, uses.waiting, uses.types_wanted)
        people.register(personal.NUMBERS)
        countries.register(queries.country_choices)
        schedule.register("numbers", "numbers.sync_numbers", timedelta(minutes=5), urgency=1)
        schedule.register("catalog", "numbers.sync_catalog", timedelta(days=1), urgency=3)
