"""One box that finds numbers, customers, document groups and orders: a few of each, and where all of them are.

Each group asks for at most a hundred and one primary keys and then for the rows of those shown: nothing is counted
that nobody reads.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from direct_numbers import finding, showing
from direct_numbers import queries as number_queries
from documents import queries as document_queries
from people import queries as people_queries
from people.customer_field import matching
from people.permissions import May
from people.tenancy import Viewer

SHOWN, COUNTED = 8, 100


@dataclass(frozen=True)
class Hit:
    """Something found: about a phone number, or what `title` names."""

    url: str
    title: str = ""
    phone: str = ""
    note: str = ""
    owner: str = ""
    badge: tuple[str, str] | None = None


@dataclass(frozen=True)
class Found:
    """What was found of one kind: `count` of them, or more; `all_url` leads to the list of all.

    `posts`: that list is asked for with these fields in a form, so that no name stands in an address.
    """

    key: str
    label: str
    icon: str
    hits: list[Hit]
    count: int
    all_url: str
    posts: dict[str, str] = field(default_factory=dict)

    @property
    def there_are_more(self) -> bool:
        """Whether there are more than could be counted."""
        return self.count > COUNTED

    @property
    def counted(self) -> str:
        """How many, in figures: "100+" where there are more."""
        return f"{COUNTED}+" if self.there_are_more else str(self.count)

    @property
    def are_left_out(self) -> bool:
        """Whether not all of them are shown."""
        return self.count > len(self.hits)


def search(viewer: Viewer, words: str, *, with_papers: bool) -> list[Found]:
    """What `viewer` may see that matches `words`, kind by kind; kinds of which there is nothing are left out."""
    found = [_numbers(viewer, words), _orders(viewer, words)]
    if viewer.may(May.SEE_CUSTOMERS):
        found.insert(1, _customers(viewer, words))
    if with_papers:
        found.append(_papers(viewer, words))
    return [kind for kind in found if kind.hits]


def _rows_in_order(rows: Any, pks: list[int]) -> list[Any]:
    by_pk = {row.pk: row for row in rows}
    return [by_pk[pk] for pk in pks if pk in by_pk]


def _numbers(viewer: Viewer, words: str) -> Found:
    pks = finding.numbers(viewer, words, COUNTED + 1)
    hits = []
    for row in _rows_in_order(number_queries.numbers_among(viewer, pks[:SHOWN]), pks[:SHOWN]):
        told = showing.number_status(row, viewer)
        place = row.direction.name if row.direction else row.description
        note = " · ".join(dict.fromkeys(part for part in (row.number_name, place) if part))
        owner = str(row.customer or "") if viewer.is_staff else ""
        url = reverse("number", args=[row.pk])
        hits.append(Hit(url, phone=row.number, note=note, owner=owner, badge=(told.kind, told.label)))
    query = urlencode({"q": finding.digits_of(words) or words})
    return Found("numbers", _("Numbers"), "numbers", hits, len(pks), f"{reverse('number-list')}?{query}")


def _customers(viewer: Viewer, words: str) -> Found:
    rows = list(matching(people_queries.customers(viewer), words).order_by("name", "pk")[: COUNTED + 1])
    hits = [
        Hit(
            reverse("customer-edit", args=[row.pk]),
            title=row.name,
            note=row.reference,
            badge=("parked", _("access ended")) if row.access_ended_at else None,
        )
        for row in rows[:SHOWN]
    ]
    url = f"{reverse('customer-list')}?{urlencode({'q': words})}"
    return Found("customers", _("Customers"), "customers", hits, len(rows), url)


def _orders(viewer: Viewer, words: str) -> Found:
    matched = finding.orders(viewer, words)
    pks = list(matched.select_related(None).values_list("pk", flat=True)[: COUNTED + 1])
    hits = []
    for row in _rows_in_order(number_queries.orders(viewer).filter(pk__in=pks[:SHOWN]), pks[:SHOWN]):
        showing.without_a_strangers_number(row, viewer)
        told = showing.order_status(row, viewer)
        place = row.direction.name if row.direction else row.country.name if row.country else _("No country chosen yet")
        digits = row.number.number if row.number else row.wanted_number
        owner = str(row.customer or "") if viewer.is_staff else ""
        url = reverse("order", args=[row.public_id])
        hits.append(Hit(url, title=place, phone=digits, owner=owner, badge=(told.kind, told.label)))
    url = f"{reverse('order-list')}?{urlencode({'q': words})}"
    return Found("orders", _("Orders"), "orders", hits, len(pks), url)


def _papers(viewer: Viewer, words: str) -> Found:
    pks = document_queries.first_named(viewer, words, COUNTED + 1)
    rows = _rows_in_order(document_queries.groups_among(viewer, pks[:SHOWN]), pks[:SHOWN])
    hits = [
        Hit(
            reverse("group", args=[row.pk]),
            title=row.title,
            owner=str(row.customer or "") if viewer.is_staff else "",
            badge=None,
        )
        for row in rows
    ]
    return Found("papers", _("Papers"), "papers", hits, len(pks), reverse("group-search"), {"name": words})
