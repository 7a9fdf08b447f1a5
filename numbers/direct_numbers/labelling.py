"""Labels put on numbers and taken off again: local facts that no reading touches."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from direct_numbers.models import Label, Labelling, Number
from people.models import Customer
from people.permissions import May
from people.tenancy import Viewer

# So many different labels has a customer, or the staff, at most: they are a handful of words, not notes.
MOST_LABELS = 200


class TooMany(Exception):
    """There are as many different labels as there may be."""


@dataclass(frozen=True)
class Mark:
    """A label as people name it: its word, and whether it is the customer's (`theirs`) or the staff's own."""

    name: str
    theirs: bool


def clean_name(text: str) -> str:
    """A label's word without line breaks, signs that show nothing, and blanks at its ends or doubled."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def may_put(mark: Mark, number: Number, viewer: Viewer) -> bool:
    """Whether `viewer` may put this label on the number, or take it off: on a number of nobody only the staff's."""
    if mark.theirs:
        return number.customer_id is not None and viewer.may(May.ROUTE, number.customer_id)
    return viewer.is_staff and viewer.may(May.ROUTE)


def put(
    mark: Mark,
    pks: Collection[int],
    visible: QuerySet[Number],
    viewer: Viewer,
    whose: Mapping[int, int | None] | None = None,
) -> int:
    """Put a label on those of the numbers that `viewer` may label. Returns how many did not have it.

    `visible` are the numbers that the person may see; `whose` tells for which customer each one was meant: those that
    have changed hands since are left alone. Raises `TooMany`.
    """
    with transaction.atomic():
        numbers = _locked(mark, pks, visible, viewer)
        numbers = [row for row in numbers if whose is None or whose[row.pk] == row.customer_id]
        labels = _labels(mark, {row.customer_id if mark.theirs else None for row in numbers})
        wanted = {(row.pk, labels[row.customer_id if mark.theirs else None]) for row in numbers}
        there = Labelling.objects.filter(number__in=[row.pk for row in numbers], label__in=set(labels.values()))
        new = wanted - set(there.values_list("number_id", "label_id"))
        Labelling.objects.bulk_create(Labelling(number_id=number, label_id=label) for number, label in sorted(new))
        return len(new)


def take_off(mark: Mark, pks: Collection[int], visible: QuerySet[Number], viewer: Viewer) -> int:
    """Take a label off those of the numbers that `viewer` may label. Returns how many had it."""
    with transaction.atomic():
        numbers = _locked(mark, pks, visible, viewer)
        rows = Labelling.objects.filter(number__in=[row.pk for row in numbers], label__name__iexact=mark.name)
        return _drop(rows.filter(label__customer__isnull=not mark.theirs))


def take_strangers_off(pks: Collection[int], customer: Customer | None) -> None:
    """In the transaction in which numbers change hands: labels of whoever had them before are not for `customer`."""
    rows = Labelling.objects.filter(number__in=pks, label__customer__isnull=False)
    _drop(rows.exclude(label__customer=customer) if customer else rows)


def _locked(mark: Mark, pks: Collection[int], visible: QuerySet[Number], viewer: Viewer) -> list[Number]:
    """The numbers to label, locked: they must not change hands meanwhile."""
    rows = visible.filter(pk__in=pks, gone_at=None).select_for_update(of=("self",)).order_by("pk")
    return [row for row in rows if may_put(mark, row, viewer)]


def _labels(mark: Mark, owners: Iterable[int | None]) -> dict[int | None, int]:
    """The label of this word of each owner (None: the staff), locked; made where there is none, in capitals or not."""
    wanted = set(owners)
    found = _of(mark, wanted)
    missing = wanted - set(found)
    for owner in missing:
        if Label.objects.filter(customer=owner).count() >= MOST_LABELS:
            raise TooMany
    if missing:
        # Somebody else may make the same one at this moment: then theirs is taken.
        rows = [Label(name=mark.name, customer_id=owner) for owner in missing]
        Label.objects.bulk_create(rows, ignore_conflicts=True)
        found = _of(mark, wanted)
    return found


def _of(mark: Mark, owners: set[int | None]) -> dict[int | None, int]:
    whose = Q(customer__in=owners - {None}) | (Q(customer=None) if None in owners else Q(pk__in=[]))
    rows = Label.objects.filter(whose, name__iexact=mark.name).select_for_update(of=("self",)).order_by("pk")
    exact_last = sorted(rows, key=lambda row: row.name == mark.name)
    return {row.customer_id: row.pk for row in exact_last}


def _drop(rows: QuerySet[Labelling]) -> int:
    """Take labels off; one that is on no number any more is gone."""
    used = set(rows.values_list("label_id", flat=True))
    count, _kinds = Labelling.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()
    locked = Label.objects.filter(pk__in=used).select_for_update().order_by("pk")
    unused = [row.pk for row in locked]
    Label.objects.filter(pk__in=unused, labellings=None).delete()
    return count
