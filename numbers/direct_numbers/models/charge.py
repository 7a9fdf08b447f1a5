"""What a customer is charged for an order or for paying a number further, at the customer's own price."""

from django.db import models
from django.db.models import Q

from direct_numbers.models.order import Order
from people.models import Customer
from people.tenancy import Tenancy
from sync.models import Operation


class Charge(models.Model):
    """What a paid operation, or an order that waits for approval, costs its customer: the monthly limit counts these.

    One of an operation that ended without effect, or of an order that was not approved, counts no more.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="charges")
    operation = models.OneToOneField(Operation, null=True, on_delete=models.PROTECT, related_name="charge")
    order = models.ForeignKey(Order, null=True, on_delete=models.CASCADE, related_name="charges")
    amount = models.DecimalField(max_digits=12, decimal_places=4, help_text="With the markup.")
    currency = models.CharField(max_length=3)
    markup_percent = models.DecimalField(max_digits=6, decimal_places=2)
    at = models.DateTimeField(help_text="When it was confirmed: the month it counts to.")
    waived_at = models.DateTimeField(null=True, help_text="Its order was not approved, or given up before.")

    tenancy = Tenancy(customer="customer")

    class Meta:
        indexes = [models.Index(fields=["customer", "currency", "at"], name="charge_of_month")]
        constraints = [
            models.CheckConstraint(
                condition=Q(operation__isnull=False) | Q(order__isnull=False), name="charge_for_something"
            )
        ]

    def __str__(self) -> str:
        return f"charge {self.pk} of customer {self.customer_id}"
