"""Asking Zadarma in the background what a document group suits."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from documents.models import DocumentGroup
from people.tenancy import Tenancy


class Asking(models.Model):
    """That somebody wants to know which directions a group suits: how far it is, and who is at it.

    The answers stand in `GroupValidity` as they come; what is still to be asked is told from them, never from here.
    """

    class State(models.TextChoices):
        """How far it is."""

        OPEN = "open", _("under way")
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")

    class Problem(models.TextChoices):
        """Why it stopped, or waits."""

        NONE = "", _("none")
        BUDGET = "budget", _("this minute's calls are used up")
        OUTAGE = "outage", _("Zadarma can't be reached")
        CREDENTIALS = "credentials", _("the key pair was not accepted")
        PAUSED = "paused", _("the account is paused")
        MISTAKE = "mistake", _("Something went wrong in the panel. Please try again.")

    group = models.OneToOneField(DocumentGroup, on_delete=models.CASCADE, related_name="asking")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    problem = models.CharField(max_length=12, choices=Problem.choices, blank=True, default=Problem.NONE)
    questions = models.IntegerField(default=0, help_text="How many were to be asked when it began.")
    refused = models.JSONField(default=list, help_text="Directions that Zadarma would not judge this time.")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True, help_text="It goes on by itself then.")
    lease_until = models.DateTimeField(null=True, help_text="Until when nobody else may ask.")
    holder = models.CharField(max_length=32, blank=True, help_text="Who holds the lease.")

    tenancy = Tenancy(customer="group__customer", connection="group__connection")

    class Meta:
        indexes = [models.Index(fields=["began_at"], condition=Q(state="open"), name="asking_open")]

    def __str__(self) -> str:
        return f"asking for group {self.group_id}"

    @property
    def is_open(self) -> bool:
        """Whether there is more to come."""
        return self.state == self.State.OPEN
