"""Scoped getters for pages about customers."""

from django.db.models import QuerySet

from people.models import Customer, Membership, PrivacyEvent, User
from people.tenancy import Viewer, scope, scoped_or_404

SECRETS = ("default_connection__api_key", "default_connection__api_secret")


def _shown() -> QuerySet[Customer]:
    """Customers of the demo disappear with it."""
    return Customer.objects.exclude(is_demo=True, default_connection__is_hidden=True)


def customers(viewer: Viewer) -> QuerySet[Customer]:
    """The customers `viewer` may see, by name, for whom something can be done: those erased are left out."""
    return customers_and_erased(viewer).filter(erased_at=None)


def customers_and_erased(viewer: Viewer) -> QuerySet[Customer]:
    """The customers `viewer` may see, by name, and what is left of those erased."""
    return scope(_shown().select_related("default_connection").defer(*SECRETS), viewer)


def customer(viewer: Viewer, pk: int) -> Customer:
    """One customer, or 404."""
    return scoped_or_404(_shown(), viewer, pk=pk)


def current_customer(viewer: Viewer) -> Customer | None:
    """The customer whose pages a person sees; None for staff, and for people who belong to none."""
    return None if viewer.is_staff else customers(viewer).first()


def own_customers(user: User) -> QuerySet[Customer]:
    """All customers that a person belongs to, by name; their pages show one at a time."""
    return customers(user.viewer())


def colleagues(viewer: Viewer) -> set[int]:
    """The people of the viewer's customers, by primary key."""
    return set(scope(Membership.objects.all(), viewer).values_list("user_id", flat=True))


def privacy_events(viewer: Viewer, customer: Customer) -> QuerySet[PrivacyEvent]:
    """When a customer's data were exported or erased, and by whom; newest first."""
    return scope(PrivacyEvent.objects.filter(customer=customer).select_related("actor"), viewer)
