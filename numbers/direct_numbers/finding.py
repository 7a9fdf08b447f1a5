"""Numbers and orders by a few words, for one box that finds everything: whatever a person may type of a number."""

import re
from contextlib import suppress
from uuid import UUID

from django.db.models import Q, QuerySet

from direct_numbers import queries
from direct_numbers.models import Order
from people.tenancy import Viewer

# Before a number that is dialled from abroad ("0044 …") or within a country ("020 …"); a few digits stay as they are.
_DIALLED = re.compile(r"^0{1,2}(?=[0-9*?]{6})")
_SIGNS = re.compile(r"[\s+()./-]")


def digits_of(words: str) -> str:
    """The digits or mask that `words` are ("+44 20*" is 4420*), without the zeros dialled before; "" for text."""
    compact = _SIGNS.sub("", words)
    return _DIALLED.sub("", compact) if re.fullmatch(r"[0-9*?]+", compact) else ""


def numbers(viewer: Viewer, words: str, most: int) -> list[int]:
    """The first numbers that match, by primary key, by number; the one that is exactly `words` goes first."""
    digits = digits_of(words)
    mine = queries.numbers(viewer).select_related(None)
    found = queries.matching(mine, digits or words).order_by("number", "pk").values_list("pk", flat=True)
    exactly = mine.filter(number=digits).order_by("pk").values_list("pk", flat=True)
    first = list(exactly[:most]) if digits else []
    return list(dict.fromkeys([*first, *found[:most]]))[:most]


def orders(viewer: Viewer, words: str) -> QuerySet[Order]:
    """The orders that match: by number, place, customer, or by their whole id."""
    return narrow_orders(queries.orders(viewer), words, viewer)


def narrow_orders(rows: QuerySet[Order], words: str, viewer: Viewer) -> QuerySet[Order]:
    """Those of `rows` that match. By a number that is somebody else's by now only staff find an order."""
    if digits := digits_of(words):
        if set(digits) & {"*", "?"}:
            mask = digits.replace("*", "%").replace("?", "_")
            numbered = Q(wanted_number__like=mask) | Q(number__number__like=mask)
        else:
            numbered = Q(wanted_number__contains=digits) | Q(number__number__contains=digits)
        is_theirs = Q(number=None) | Q(number__customer__in=list(viewer.customer_ids))
        return rows.filter(numbered) if viewer.is_staff else rows.filter(numbered & is_theirs)
    found = Q(customer__name__icontains=words)
    for field in ("direction__name_en", "direction__name_de", "country__name_en", "country__name_de"):
        found |= Q(**{f"{field}__icontains": words})
    with suppress(ValueError):
        found |= Q(public_id=UUID(words))
    return rows.filter(found)
