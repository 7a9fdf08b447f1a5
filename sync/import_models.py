"""ConnectionImport and ImportRow: accounts named by a CSV file, each tested and added by a task."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from people.tenancy import Tenancy
from people.vault import SealedTextField


class ConnectionImport(models.Model):
    """One file of accounts. Its rows say how far it is."""

    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    tenancy = Tenancy()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"import {self.pk}"


class ImportRow(models.Model):
    """An account to be tested and added. Its key pair is sealed, and gone as soon as the row has ended."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("waiting")
        ADDED = "added", _("added")
        REFUSED = "refused", _("not accepted")
        THERE = "there", _("already there")
        OUTAGE = "outage", _("not reached")

    batch = models.ForeignKey(ConnectionImport, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    api_key = SealedTextField(blank=True)
    api_secret = SealedTextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)

    tenancy = Tenancy()

    class Meta:
        ordering = ["line", "pk"]

    def __str__(self) -> str:
        return f"line {self.line}"
