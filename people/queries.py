"""Scoped getters for pages about customers."""

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from people import invitations as inviting
from people.models import Customer, Invitation, Membership, PrivacyEvent, SpendingLimit, User
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


def members(viewer: Viewer, customer: Customer) -> QuerySet[Membership]:
    """The people of a customer, by e-mail."""
    rows = scope(Membership.objects.filter(customer=customer), viewer)
    return rows.select_related("user").order_by("user__email")


def member(viewer: Viewer, pk: int) -> Membership:
    """That somebody belongs to a customer, or 404."""
    return scoped_or_404(Membership.objects.select_related("user", "customer"), viewer, pk=pk)


def invitations(viewer: Viewer, customer: Customer | None) -> QuerySet[Invitation]:
    """Those to a customer, or (without one) to the staff, that nobody accepted or withdrew; newest first."""
    return inviting.waiting(scope(Invitation.objects.filter(customer=customer), viewer).select_related("invited_by"))


def invitation(viewer: Viewer, pk: int) -> Invitation:
    """One invitation, or 404."""
    return scoped_or_404(Invitation.objects.all(), viewer, pk=pk)


def _staff() -> QuerySet[User]:
    return User.objects.exclude(staff_role="").filter(is_active=True)


def staff(viewer: Viewer) -> QuerySet[User]:
    """The partner's people by e-mail, with whether each has a second factor."""
    factors = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return scope(_staff(), viewer).annotate(has_second_factor=Exists(factors)).order_by("email")


def staff_member(viewer: Viewer, pk: int) -> User:
    """One of the partner's people, or 404."""
    return scoped_or_404(_staff(), viewer, pk=pk)


def counts(viewer: Viewer, customer: Customer) -> dict[str, int]:
    """How many numbers, orders and document groups a customer has (rows of hidden accounts left out)."""
    return {
        "numbers": scope(customer.numbers.filter(gone_at=None), viewer).count(),
        "orders": scope(customer.orders.all(), viewer).count(),
        "papers": scope(customer.document_groups.filter(gone_at=None), viewer).count(),
    }


def count_numbers(viewer: Viewer, customers: Iterable[Customer]) -> None:
    """Say of each of these customers how many numbers it has: `number_count`, rows of hidden accounts left out."""
    mine = Q(numbers__gone_at=None, numbers__connection__is_hidden=False)
    rows = scope(Customer.objects.filter(pk__in=[row.pk for row in customers]), viewer).order_by()
    found = dict(rows.annotate(found=Count("numbers", filter=mine)).values_list("pk", "found"))
    for row in customers:
        row.number_count = found.get(row.pk, 0)  # type: ignore[attr-defined]


def limits(viewer: Viewer, customer: Customer) -> QuerySet[SpendingLimit]:
    """What a customer may spend a month, by currency."""
    return scope(SpendingLimit.objects.filter(customer=customer), viewer)
