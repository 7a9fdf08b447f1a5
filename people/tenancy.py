"""Who sees which rows. Every queryset that reaches a page goes through `scope`.

Imports no app: a model says for itself how it belongs to somebody, in an attribute `tenancy`:
- `Tenancy(customer="customer")`: rows of a customer, by that path; rows of nobody are staff's;
- `Tenancy(shared=True)`: the same for everybody (countries, directions);
- `Tenancy()`: staff only;
and with `connection="connection"` rows of hidden connections (the demo, once real keys exist) are left out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404

from people.permissions import May, allows

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Tenancy:
    """How a model's rows belong to a customer and to a connection (paths of lookups; "" where they don't)."""

    customer: str = ""
    connection: str = ""
    shared: bool = False


@dataclass(frozen=True)
class Viewer:
    """Who asks: nobody (anonymous), staff with their role, or a person with a role for each customer in `roles`."""

    user_id: int | None = None
    staff_role: str = ""
    roles: Mapping[int, str] = field(default_factory=dict)

    @property
    def is_staff(self) -> bool:
        """Whether they are the partner's staff, who see every customer's rows."""
        return bool(self.staff_role)

    @property
    def customer_ids(self) -> Collection[int]:
        """The customers whose rows they see, where they are not staff."""
        return frozenset(self.roles)

    def may(self, what: str, customer_id: int | None = None) -> bool:
        """Whether they may do `what` (of `permissions.May`): with this customer, or without one, with any of theirs."""
        wanted = May(what)
        if self.user_id is None:
            return False
        if self.is_staff:
            return allows(self.staff_role, wanted)
        if customer_id is not None:
            return allows(self.roles.get(customer_id, ""), wanted)
        return any(allows(role, wanted) for role in self.roles.values())

    @property
    def can(self) -> dict[str, bool]:
        """For templates: what they may do with any of their customers, by its name (`viewer.can.order`)."""
        return {what.value: self.may(what) for what in May}


class HasTenancy(Protocol):
    """A model that says how it is scoped."""

    tenancy: Tenancy


class NotScoped(Exception):
    """The model does not say to whom its rows belong, so nobody may see them."""


def scope(queryset: QuerySet[M], viewer: Viewer) -> QuerySet[M]:
    """Return the rows of `queryset` that `viewer` may see. Raises `NotScoped` for a model without `tenancy`."""
    found = _scope(queryset, viewer)
    found.query.is_scoped = True  # type: ignore[attr-defined]  # kept by every queryset made of it; a test asks for it
    return found


def _scope(queryset: QuerySet[M], viewer: Viewer) -> QuerySet[M]:
    tenancy = getattr(queryset.model, "tenancy", None)
    if not isinstance(tenancy, Tenancy):
        raise NotScoped(queryset.model.__name__)
    if viewer.user_id is None:
        return queryset.none()
    if tenancy.connection:
        queryset = queryset.filter(**{f"{tenancy.connection}__is_hidden": False})
    if tenancy.shared or viewer.is_staff:
        return queryset.all()
    if not tenancy.customer:
        return queryset.none()
    return queryset.filter(**{f"{tenancy.customer}__in": list(viewer.customer_ids)})


def scoped_or_404(queryset: QuerySet[M], viewer: Viewer, **lookup: object) -> M:
    """The one row of `lookup` that `viewer` may see, or 404 (not 403: what is not yours does not exist)."""
    found = scope(queryset, viewer).filter(**lookup).first()
    if found is None:
        raise Http404
    return found
