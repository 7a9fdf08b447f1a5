"""An order: a draft that the wizard fills step by step, then the story of what became of it."""

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from direct_numbers.models.catalog import Country, Direction
from direct_numbers.models.number import Like, Number
from documents.models import DocumentGroup
from people.models import Customer
from people.tenancy import Tenancy
from people.vault import SealedTextField
from sync.models import Connection, Operation


class Order(models.Model):
    """A number that somebody wants, wanted with what, and what came of it."""

    class State(models.TextChoices):
        """How far it is."""

        DRAFT = "draft", _("draft")
        APPROVAL = "approval", _("waiting for approval")
        PLACING = "placing", _("being placed")
        IN_DOUBT = "in_doubt", _("in doubt")
        PLACED = "placed", _("placed")
        REFUSED = "refused", _("refused")
        CANCELLED = "cancelled", _("cancelled")

    class Period(models.TextChoices):
        """How long is paid in advance."""

        MONTH = "month", _("1 month")
        THREE_MONTHS = "3month", _("3 months")

    class AutorenewPeriod(models.TextChoices):
        """By how much autorenewal prolongs."""

        MONTH = "month", _("every month")
        YEAR = "year", _("every year")

    class Routing(models.TextChoices):
        """Where calls shall go once the number is active."""

        NONE = "", _("decide later")
        SIP_LOGIN = "sip", _("SIP login of the account")
        SIP_URI = "uri", _("SIP URI")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="orders")
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="orders")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="orders"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    country = models.ForeignKey(Country, null=True, on_delete=models.PROTECT, related_name="+")
    direction = models.ForeignKey(Direction, null=True, on_delete=models.PROTECT, related_name="+")
    number_chosen = models.BooleanField(default=False, help_text="The number step is done.")
    wanted_number_id = models.CharField(max_length=60, blank=True, help_text="Of the API; empty: the operator chooses.")
    wanted_number = models.CharField(max_length=20, blank=True)
    group = models.ForeignKey(DocumentGroup, null=True, on_delete=models.PROTECT, related_name="orders")
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)
    receive_sms = models.BooleanField(_("receive SMS"), default=False)
    period = models.CharField(_("paid in advance"), max_length=8, choices=Period.choices, default=Period.MONTH)
    autorenew_period = models.CharField(
        _("autorenewal"), max_length=8, choices=AutorenewPeriod.choices, default=AutorenewPeriod.MONTH
    )
    # What was shown and confirmed by the person who ordered
    connect_fee = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    monthly_fee = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    total = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, blank=True)
    # Approval: who confirmed the order, and who of the staff decided about it
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    submitted_at = models.DateTimeField(null=True, help_text="When it was confirmed and began to wait for approval.")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    is_approved = models.BooleanField(null=True, help_text="What was decided; empty: nothing.")
    word = SealedTextField(_("a word to the customer"), blank=True, help_text="Of who decided, to the customer.")
    routing = models.CharField(max_length=4, choices=Routing.choices, blank=True, default=Routing.NONE)
    sip_id = models.CharField(max_length=200, blank=True)
    test_mode = models.BooleanField(_("test mode"), default=False)
    routing_wanted_at = models.DateTimeField(null=True, help_text="When the routing was chosen.")
    routing_operation = models.OneToOneField(
        Operation, null=True, on_delete=models.SET_NULL, related_name="routed_order"
    )
    operation = models.OneToOneField(Operation, null=True, on_delete=models.PROTECT, related_name="order")
    number = models.ForeignKey(Number, null=True, on_delete=models.PROTECT, related_name="orders")
    error = SealedTextField(blank=True, help_text="Zadarma's words may name people.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    placed_at = models.DateTimeField(null=True)

    tenancy = Tenancy(customer="customer", connection="connection")

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            # One number explains one order. A number that is lost and ordered again is another row.
            models.UniqueConstraint(fields=["number"], condition=Q(number__isnull=False), name="order_number_once")
        ]
        indexes = [
            models.Index(fields=["state", "-created_at"], name="order_state"),
            models.Index(fields=["customer", "-created_at"], name="order_of_customer"),
            models.Index(fields=["-created_at", "-id"], name="order_newest"),
        ]

    def __str__(self) -> str:
        return f"order {self.pk}"

    @property
    def months(self) -> int:
        """How many months are paid in advance."""
        return 3 if self.period == self.Period.THREE_MONTHS else 1

    def total_of(self, connect_fee: Decimal, monthly_fee: Decimal) -> Decimal:
        """What must be paid today at these fees."""
        return connect_fee + monthly_fee * self.months


Order._meta.get_field("wanted_number").register_lookup(Like)
