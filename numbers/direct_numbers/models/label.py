"""Labels: words of our own on numbers. Zadarma knows nothing of them, and no reading touches them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from direct_numbers.models.number import Number
from people.models import Customer
from people.tenancy import Tenancy

LONGEST = 30


class Label(models.Model):
    """A word by which numbers are found again. The staff's own, which no customer sees, or a customer's.

    A label that is on no number any more is gone: there is nothing else to be told of it.
    """

    name = models.CharField(_("label"), max_length=LONGEST)
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="labels")
    numbers = models.ManyToManyField(Number, through="Labelling", related_name="labels")

    tenancy = Tenancy(customer="customer")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(customer=None), name="label_of_staff_once"),
            models.UniqueConstraint(
                fields=["customer", "name"], condition=~Q(customer=None), name="label_of_customer_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Labelling(models.Model):
    """That a label is on a number."""

    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="labellings")
    number = models.ForeignKey(Number, on_delete=models.CASCADE, related_name="labellings")

    tenancy = Tenancy(customer="label__customer", connection="number__connection")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number", "label"], name="label_on_number_once")]

    def __str__(self) -> str:
        return f"{self.label_id} on {self.number_id}"
