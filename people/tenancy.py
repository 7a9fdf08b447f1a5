"""Who sees which rows. Every queryset that reaches a page goes through `scope`.

Imports no app: a model says for itself how it belongs to somebody, in an attribute `tenancy`:
- `Tenancy(customer="customer")`: rows of a customer, by that path; rows of nobody are staff's;
- `Tenancy(shared=True)`: the same for everybody (countries, directions);
- `Tenancy()`: staff only;
and with `connection="connection"` rows of hidden connections (the demo, once real keys exist) are left out.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Tenancy:
    """How a model's rows belong to a customer and to a connection (paths of lookups; "" where they don't)."""

    customer: str = ""
    connection: str = ""
    shared: bool = False


@dataclass(frozen=True)
class Viewer:
    """Who asks: nobody (anonymous), staff, or a person who belongs to the customers in `customer_ids`."""

    user_id: int | None = None
    is_staff: bool = False
    customer_ids: Collection[int] = field(default_factory=frozenset)

    @property
    def may_change(self) -> bool:
        """Whether this viewer may order, route and edit. Roles of customers come with a later issue."""
        return self.is_staff


class HasTenancy(Protocol):
    """A model that says how it is scoped."""

    tenancy: Tenancy


class NotScoped(Exception):
    """The model does not say to whom its rows belong, so nobody may see them."""


def scope(queryset: QuerySet[M], viewer: Viewer) -> QuerySet[M]:
    """Return the rows of `queryset` that `viewer` may see. Raises `NotScoped` for a model without `tenancy`."""
    tenancy = getattr(queryset.model, "tenancy", None)
    if not isinstance(tenancy, Tenancy):
        raise NotScoped(queryset.model.__name__)
    if viewer.user_id is None:
        return queryset.none()
    if tenancy.connection:
        queryset = queryset.filter(**{f"{tenancy.connection}__is_hidden": False})
    if tenancy.shared or viewer.is_staff:
        return queryset
    if not tenancy.customer:
        return queryset.none()
    return queryset.filter(**{f"{tenancy.customer}__in": list(viewer.customer_ids)})


def scoped_or_404(queryset: QuerySet[M], viewer: Viewer, **lookup: object) -> M:
    """The one row of `lookup` that `viewer` may see, or 404 (not 403: what is not yours does not exist)."""
    found = scope(queryset, viewer).filter(**lookup).first()
    if found is None:
        raise Http404
    return found
