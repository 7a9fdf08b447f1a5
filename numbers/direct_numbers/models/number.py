"""A virtual number of an account, as the API last showed it."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Lookup, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from direct_numbers.models.catalog import Direction
from people.models import Customer
from people.tenancy import Tenancy
from sync.models import Connection


class Like(Lookup):
    """SQL's LIKE with `%` and `_` as signs: a mask of a person, in bounded time where a regular expression is not."""

    lookup_name = "like"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The condition and its parameters."""
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} LIKE {right}", (*left_params, *right_params)


class Number(models.Model):
    """A virtual number. Fields that sync writes mirror the API; `customer` and `label` are local and never overwritten.

    Rows are never deleted: `gone_at` says since when a complete listing no longer shows it.
    """

    class Status(models.TextChoices):
        """The API's own values; an unknown one is kept as text."""

        ON = "on", _("active")
        PARKING = "parking", _("parked")
        CHECKING = "checking", _("waits for activation")
        CHECKING_UPLOAD = "checking_upload", _("documents needed")
        RESERVED_ON = "reserved_on", _("reserved until paid")
        RESERVED_CHECKING = "reserved_checking", _("reserved until paid, then activation")
        RESERVED_CHECKING_UPLOAD = "reserved_checking_upload", _("reserved until paid, then documents")

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="numbers")
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="numbers")
    number = models.CharField(max_length=20, help_text="Digits only.")
    status = models.CharField(max_length=40, choices=Status.choices, blank=True)
    type = models.CharField(max_length=20, default="common")
    direction = models.ForeignKey(Direction, null=True, on_delete=models.SET_NULL, related_name="numbers")
    direction_remote_id = models.CharField(max_length=20, blank=True)
    group_remote_id = models.CharField(max_length=20, blank=True)
    country_name = models.CharField(max_length=120, blank=True)
    description = models.CharField(max_length=200, blank=True)
    number_name = models.CharField(_("caller name"), max_length=120, blank=True)
    sip = models.CharField(max_length=200, blank=True)
    sip_name = models.CharField(max_length=120, blank=True)
    start_at = models.DateTimeField(null=True)
    start_text = models.CharField(max_length=40, blank=True)
    stop_at = models.DateTimeField(null=True)
    stop_text = models.CharField(max_length=40, blank=True)
    monthly_fee = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, blank=True)
    channels = models.IntegerField(null=True)
    minutes = models.IntegerField(null=True)
    autorenew = models.BooleanField(null=True)
    autorenew_period = models.CharField(max_length=20, blank=True)
    is_on_test = models.BooleanField(null=True)
    receive_sms = models.BooleanField(null=True)
    first_seen = models.DateTimeField(default=timezone.now)
    refreshed_at = models.DateTimeField(null=True, help_text="When this number alone was last asked for.")
    confirmed_at = models.DateTimeField(null=True, help_text="When an operation last settled anything of it.")
    confirmed = models.JSONField(default=dict, help_text="Field → when an operation settled it (ISO).")
    gone_at = models.DateTimeField(null=True)

    tenancy = Tenancy(customer="customer", connection="connection")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "number"], condition=Q(gone_at=None), name="number_once")
        ]
        indexes = [
            models.Index(fields=["status"], name="number_status"),
            models.Index(fields=["stop_at"], name="number_stop"),
            models.Index(fields=["customer", "number"], name="number_of_customer"),
            models.Index(fields=["number", "id"], name="number_in_order"),
            models.Index(fields=["group_remote_id", "connection"], name="number_of_group"),
        ]

    def __str__(self) -> str:
        return f"+{self.number}"

    @property
    def as_of(self) -> datetime | None:
        """As of when what stands here is true (needs `connection`)."""
        known = [t for t in (self.refreshed_at, self.confirmed_at, self.connection.numbers_as_of) if t]
        return self.gone_at or (max(known) if known else None)

    @property
    def is_active(self) -> bool:
        """Whether calls arrive."""
        return self.status == self.Status.ON and self.gone_at is None

    @property
    def waits_for_payment(self) -> bool:
        """Whether it is only reserved."""
        return self.status.startswith("reserved_")

    def confirm(self, now: datetime, **values: object) -> None:
        """Take over what an operation settled; a listing begun before `now` won't overwrite it. Saves."""
        for field, value in values.items():
            setattr(self, field, value)
            self.confirmed[field] = now.isoformat()
        self.confirmed_at = now
        self.save(update_fields=[*values, "confirmed", "confirmed_at"])


Number._meta.get_field("number").register_lookup(Like)
