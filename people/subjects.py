"""How rows are named and linked, by type and number. people knows no app above it: they register theirs in `ready`."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from people.models import Customer, User


@dataclass(frozen=True)
class Subject:
    """What something is about: a phone number or words, and the page of it ("" where there is none)."""

    text: str = ""
    phone: str = ""
    url: str = ""


# By id, in one query, whatever their number; what is not there (any more) is left out.
Naming = Callable[[Collection[int]], Mapping[int, Subject]]
_namings: dict[str, Naming] = {}


def register(object_type: str, naming: Naming) -> None:
    """Say how objects of `object_type` are named."""
    _namings[object_type] = naming


def named(objects: Iterable[tuple[str, int | None]]) -> dict[tuple[str, int | None], Subject]:
    """The names of `objects` (type, id): one query for each type among them."""
    wanted: dict[str, set[int]] = {}
    for object_type, pk in objects:
        if pk is not None:
            wanted.setdefault(object_type, set()).add(pk)
    told: dict[tuple[str, int | None], Subject] = {}
    for object_type, pks in wanted.items():
        found = _namings[object_type](pks) if object_type in _namings else {}
        told |= {(object_type, pk): found.get(pk) or Subject(_unnamed(object_type, pk)) for pk in pks}
    return told


def _unnamed(object_type: str, pk: int) -> str:
    known = {
        "number": _("number"),
        "order": _("order"),
        "group": _("document group"),
        "upload": _("file"),
        "user": _("person"),
        "customer": _("customer"),
        "connection": _("Zadarma account"),
        "invitation": _("invitation"),
        "operation": _("receipt"),
    }
    return f"{known.get(object_type, object_type)} {pk}"


def people(pks: Collection[int]) -> dict[int, Subject]:
    """People by name or e-mail; of those erased nothing is told."""
    rows = User.objects.filter(pk__in=pks).only("name", "email")
    return {row.pk: Subject(_("erased person") if row.is_erased else str(row)) for row in rows}


def customers(pks: Collection[int]) -> dict[int, Subject]:
    """Customers by name, with their page."""
    rows = Customer.objects.filter(pk__in=pks).only("name")
    return {row.pk: Subject(row.name, url=reverse("customer-edit", args=[row.pk])) for row in rows}


register("user", people)
register("customer", customers)
