"""Notice: what must not pass unnoticed. Delivery: that a person is told of it. Preference: how they want it."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.models import Customer
from people.tenancy import Tenancy
from sync.models import Connection

DIGEST_HOUR = 8


class Notice(models.Model):
    """One thing that must not pass unnoticed, raised and cleared by `notices.scanning`.

    A row is an occurrence: what comes back (a number prolonged that ends again later) is another one. Its thresholds
    (ends in 30 days, in 14 …) are rows too, of which the nearest is open.
    """

    class Kind(models.TextChoices):
        """What it is about."""

        ENDS = "ends", _("a number ends")
        UNPAID = "unpaid", _("no money for a renewal")
        PARKED = "parked", _("a number is parked")
        DOCUMENTS = "documents", _("a number waits for documents")
        REJECTED = "rejected", _("papers rejected")
        APPROVAL = "approval", _("an order waits for approval")
        IN_DOUBT = "in_doubt", _("something is in doubt")
        BALANCE = "balance", _("low balance")
        PAUSED = "paused", _("an account is paused")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    subject_type = models.CharField(max_length=12, help_text="number, group, order, operation, connection.")
    subject_id = models.BigIntegerField()
    occurrence = models.CharField(max_length=60, help_text="What tells this time from the one before: the stop date.")
    threshold = models.IntegerField(default=0, help_text="Days; 0 where there is none.")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.CASCADE, related_name="+")
    urgency = models.PositiveSmallIntegerField(default=4, help_text="0 first.")
    since = models.DateTimeField()
    moment = models.DateTimeField(
        null=True, help_text="When the number ends, the money is used up, the order was sent."
    )
    planned_at = models.DateTimeField(null=True, help_text="Since when it is settled who is told of it.")
    done_at = models.DateTimeField(null=True)

    tenancy = Tenancy(customer="customer", connection="connection")

    class Meta:
        ordering = ["urgency", models.F("moment").asc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_type", "subject_id", "occurrence", "threshold"], name="notice_once"
            )
        ]
        indexes = [
            models.Index(fields=["urgency", "moment"], condition=Q(done_at=None), name="notice_open"),
            models.Index(fields=["customer"], condition=Q(done_at=None), name="notice_open_of_customer"),
            models.Index(fields=["since"], condition=Q(planned_at=None), name="notice_to_plan"),
            models.Index(fields=["-done_at"], name="notice_done"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject_type} {self.subject_id}"

    @property
    def until(self) -> datetime | None:
        """Until when there is time, where something ends."""
        kinds = self.Kind
        return self.moment if self.kind in (kinds.ENDS, kinds.UNPAID, kinds.BALANCE) else None


class Way(models.TextChoices):
    """How a person is told."""

    AT_ONCE = "at_once", _("at once")
    DIGEST = "digest", _("once a day")
    OFF = "off", _("not by e-mail")


class Delivery(models.Model):
    """That a person is told of a notice by e-mail: once, whoever sends it.

    `notices.sending` claims it for a while (`claim`, `lease_until`), says that it hands it over, and then that it was
    taken. One whose process died while handing over may have arrived: it is not sent a second time.
    """

    class Channel(models.TextChoices):
        """By what."""

        MAIL = "mail", _("e-mail")

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("waiting")
        CLAIMED = "claimed", _("being written")
        HANDING = "handing", _("being handed over")
        SENT = "sent", _("sent")
        UNSURE = "unsure", _("perhaps sent")
        FAILED = "failed", _("given up")

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=6, choices=Channel.choices, default=Channel.MAIL)
    way = models.CharField(max_length=8, choices=Way.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField()
    claim = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=60, blank=True, help_text="What the mail server brought, without addresses.")
    sent_at = models.DateTimeField(null=True)

    tenancy = Tenancy(connection="notice__connection")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "user", "channel"], name="delivery_once")]
        indexes = [
            models.Index(fields=["due_at", "user"], condition=Q(state="waiting"), name="delivery_due"),
            models.Index(fields=["lease_until"], condition=Q(state__in=["claimed", "handing"]), name="delivery_held"),
            models.Index(fields=["claim"], condition=~Q(claim=""), name="delivery_of_claim"),
        ]

    def __str__(self) -> str:
        return f"notice {self.notice_id} to {self.user_id} ({self.state})"


class Preference(models.Model):
    """How a person wants to be told, and when the summary of the day comes. Nothing chosen: as `notices.kinds` says."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_preference")
    hour = models.PositiveSmallIntegerField(
        _("hour of the summary"), default=DIGEST_HOUR, validators=[MaxValueValidator(23)]
    )
    ways = models.JSONField(default=dict, help_text="Topic → way.")
    if TYPE_CHECKING:
        user_id: int

    tenancy = Tenancy()

    def __str__(self) -> str:
        return f"preference of {self.user_id}"
