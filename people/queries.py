"""Scoped getters for pages about customers."""

from django.db.models import QuerySet

from people.models import Customer
from people.tenancy import Viewer, scope, scoped_or_404


def customers(viewer: Viewer) -> QuerySet[Customer]:
    """The customers `viewer` may see, by name."""
    return scope(Customer.objects.select_related("default_connection"), viewer)


def customer(viewer: Viewer, pk: int) -> Customer:
    """One customer, or 404."""
    return scoped_or_404(Customer.objects.all(), viewer, pk=pk)
