"""`Operation`: the journal of everything that is meant to change something at Zadarma."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.models import DataKey
from people.tenancy import Tenancy
from people.vault import SealedJSONField, SealedQuerySet, SealedTextField


class Operation(models.Model):
    """One intended change: written down first, sent once, settled by what the API then shows.

    `exclusive_key` allows one open operation of that key per connection (an order for a chosen number, a paid call
    for a number); `serial_key` lets several wait but only one be out or in doubt (orders without a chosen number in a
    direction, group creates). Both are database constraints.
    """

    class State(models.TextChoices):
        """How far it is."""

        PLANNED = "planned", _("planned")
        SENT = "sent", _("sent")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        UNKNOWN = "unknown", _("in doubt")
        NOT_DONE = "not_done", _("not done")
        NEEDS_PERSON = "needs_person", _("needs a person")
        CANCELLED = "cancelled", _("cancelled")

    class Waits(models.TextChoices):
        """Why a planned one could not be sent yet."""

        OUTAGE = "outage", _("Zadarma can't be reached")
        OTHERS = "others", _("another operation must be settled first")
        MONEY = "money", _("the balance is held for others")
        ACCOUNT = "account", _("the account is paused")
        MISTAKE = "mistake", _("something went wrong in the panel")

    WITHOUT_EFFECT = (State.REFUSED, State.NOT_DONE, State.CANCELLED)
    IN_DOUBT = (State.UNKNOWN, State.NEEDS_PERSON)
    OPEN = (State.PLANNED, State.SENT, State.UNKNOWN, State.NEEDS_PERSON)
    OUT = (State.SENT, State.UNKNOWN, State.NEEDS_PERSON)

    kind = models.CharField(max_length=30)
    connection = models.ForeignKey("sync.Connection", on_delete=models.PROTECT, related_name="operations")
    state = models.CharField(max_length=14, choices=State.choices, default=State.PLANNED)
    object_type = models.CharField(max_length=20, help_text="The local row it concerns: order, number, group.")
    object_id = models.BigIntegerField()
    data_key = models.ForeignKey(
        DataKey, null=True, on_delete=models.PROTECT, related_name="+", help_text="Whose person it is about, if any."
    )
    params = SealedJSONField(default=dict, owned=True)
    answer = SealedJSONField(default=dict, owned=True)
    # {"before": what stood in the account, "looks": [{"at", "seen", "is_complete", "why", "facts", "candidates"}],
    #  "decision": {"at", "verdict", "note"}, "said": the same of a person whom a look made superfluous, with "by",
    #  "error": why it was in doubt, "accepted": Zadarma said yes, "stopped": why a value was not sent again}:
    #  docs/architecture.md
    evidence = SealedJSONField(default=dict, owned=True, help_text="What was seen before and after, for the settler.")
    error = SealedTextField(blank=True, owned=True, help_text="Zadarma's words may name people.")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="operations")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    previous = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="attempts")
    batch = models.UUIDField(null=True, help_text="The form it came from: sent again, it plans nothing again.")
    exclusive_key = models.CharField(max_length=80, blank=True)
    serial_key = models.CharField(max_length=80, blank=True)
    hold_amount = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    hold_currency = models.CharField(max_length=3, blank=True)
    paid_amount = models.DecimalField(max_digits=14, decimal_places=4, null=True, help_text="As the API told it.")
    paid_currency = models.CharField(max_length=3, blank=True)
    balance_before = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    balance_after = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    not_before = models.DateTimeField(null=True, help_text="A planned one is not sent before this.")
    waits_for = models.CharField(max_length=10, choices=Waits.choices, blank=True)
    sent_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    looks = models.IntegerField(default=0)
    look_at = models.DateTimeField(null=True, help_text="When the settler looks next.")

    objects = SealedQuerySet.as_manager()
    tenancy = Tenancy(connection="connection")
    personal_key = "data_key"

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "exclusive_key"],
                condition=Q(state__in=["planned", "sent", "unknown", "needs_person"]) & ~Q(exclusive_key=""),
                name="operation_exclusive",
            ),
            models.UniqueConstraint(
                fields=["connection", "serial_key"],
                condition=Q(state__in=["sent", "unknown", "needs_person"]) & ~Q(serial_key=""),
                name="operation_serial",
            ),
            models.UniqueConstraint(
                fields=["batch", "kind", "object_type", "object_id"],
                condition=Q(batch__isnull=False),
                name="operation_once_a_batch",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "created_at"], name="operation_state"),
            models.Index(fields=["object_type", "object_id"], name="operation_of_object"),
            models.Index(fields=["connection", "-created_at"], name="operation_of_connection"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.state})"

    @property
    def is_open(self) -> bool:
        """Whether its outcome is still to come."""
        return self.state in self.OPEN
