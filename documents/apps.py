"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    """Document groups and their files."""

    name = "documents"
    verbose_name = _("Documents")

    def ready(self) -> None:
        """Register the kinds of operation, their words, and the sync run of this app."""
        from documents import due, groups, names, personal, telling, uploads
        from people import personal as people
        from people import rotation
        from sync import kinds, schedule

        kinds.register(groups.CREATE)
        kinds.register(groups.UPDATE)
        kinds.register(uploads.UPLOAD)
        telling.register()
        schedule.register("documents", "documents.sync_documents", due.READING_EVERY, urgency=2)
        people.register(personal.PAPERS)
        rotation.register(rotation.Step("names found by search", names.outdated, names.index_anew))
