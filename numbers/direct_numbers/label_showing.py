"""Labels as people see them: customers their own, staff all."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet

from direct_numbers.labelling import Mark, clean_name
from direct_numbers.models import Label, Labelling, Number
from direct_numbers.models.label import LONGEST
from people.tenancy import Viewer, scope

# So many words are offered for choosing: past that, people type them.
MOST_OFFERED = 200


def of_numbers(numbers: Iterable[Number], viewer: Viewer) -> dict[int, list[Mark]]:
    """The labels of each of `numbers`, by its primary key, by name: one query, whatever their number."""
    found: dict[int, list[Mark]] = {}
    rows = scope(Labelling.objects.filter(number__in=[row.pk for row in numbers]), viewer).order_by("label__name", "pk")
    for pk, name, customer in rows.values_list("number_id", "label__name", "label__customer"):
        found.setdefault(pk, []).append(Mark(name, customer is not None))
    return found


def words(viewer: Viewer) -> list[str]:
    """The words on numbers that `viewer` sees, each once, by name."""
    is_used = Exists(Labelling.objects.filter(label=OuterRef("pk"), number__gone_at=None))
    rows = scope(Label.objects.filter(is_used), viewer).order_by("name")
    return list(rows.values_list("name", flat=True).distinct()[:MOST_OFFERED])


def choices(viewer: Viewer, chosen: str) -> list[tuple[str, str]]:
    """The same for a filter. What was chosen is always among them: a bookmark may name a word of which none is left."""
    offered = words(viewer)
    is_word = chosen not in ("", *offered) and len(chosen) <= LONGEST and chosen == clean_name(chosen)
    return [(word, word) for word in ([chosen, *offered] if is_word else offered)]


def labelled(rows: QuerySet[Number], word: str, viewer: Viewer) -> QuerySet[Number]:
    """Those of `rows` on which a label of this word is that `viewer` may see."""
    mine = scope(Labelling.objects.filter(number=OuterRef("pk"), label__name=word), viewer)
    return rows.filter(Exists(mine))
