"""Which numbers something is done with: those ticked, all that the list's filter finds, or those refused before."""

from uuid import UUID

from django.http import QueryDict

from direct_numbers import batch_showing, bulk
from direct_numbers.views.number_list import listing_of
from people.tenancy import Viewer


def expanded(viewer: Viewer, data: QueryDict) -> QueryDict:
    """`data` with `ids` as they are meant.

    With `all` they are those that the list shows for the address in `filter`, the first 500 where it finds more.
    """
    if "all" not in data:
        return data
    chosen = data.copy()
    for name in ("all", "filter"):
        chosen.pop(name, None)
    rows = listing_of(viewer, QueryDict(data.get("filter", ""))).rows
    pks = rows.values_list("pk", flat=True)[: bulk.MOST_NUMBERS]
    chosen.setlist("ids", [str(pk) for pk in pks])
    return chosen


def how_many(viewer: Viewer, data: QueryDict) -> int:
    """How many numbers the filter finds, where all of them were meant; else 0."""
    if "all" not in data:
        return 0
    return listing_of(viewer, QueryDict(data.get("filter", ""))).rows.select_related(None).count()


def refused(viewer: Viewer, batch: UUID) -> list[batch_showing.Outcome]:
    """Those of a form that can be tried again."""
    return [row for row in batch_showing.of_batch(viewer, batch) if row.may_be_tried_again]
