"""How it is told what papers suit: badges, what is likely, and how many of each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from direct_numbers import prices
from direct_numbers.models import Country, Direction, Number, Offer
from direct_numbers.showing import requirements, sort_key
from direct_numbers.suitability import AGED, ORDER, Kind, Row, Verdict
from documents.models import DocumentGroup
from people.tenancy import Viewer
from sync.showing import Told

# More rows than this on a page, and countries are folded.
MOST_UNFOLDED = 12
# A row names so many numbers.
MOST_NUMBERS = 8


def badge(verdict: Verdict) -> Told:
    """The badge of a verdict. Whether it is only likely is said beside it."""
    match verdict.kind:
        case Kind.READY if verdict.outdated:
            return Told("neutral", _("was ready"))
        case Kind.READY:
            return Told("active", _("ready"))
        case Kind.ONE:
            return Told("needs", _("one thing missing"))
        case Kind.WAITING:
            return Told("waiting", _("being checked"))
        case Kind.MORE:
            return Told("parked", _("several things missing"))
    return Told("neutral", _("ask again") if verdict.outdated else _("not asked yet"))


def note(verdict: Verdict, needs_papers: bool) -> str:
    """What a verdict rests on, where that is not simply an answer; "" else."""
    if verdict.kind == Kind.UNKNOWN and verdict.outdated:
        return _("It wanted something else when Zadarma was last asked.")
    if not needs_papers and verdict.as_of is None:
        return _("No papers are wanted.")
    if verdict.likely and verdict.by:
        return _("Told by %(name)s, which wants the same.") % {"name": verdict.by.name}
    return ""


def ask_label(questions: int, minutes: int) -> str:
    """What the button says that has Zadarma asked: how much that is, and how long it takes."""
    many = ngettext("about %(count)d question", "about %(count)d questions", questions) % {"count": questions}
    long = ngettext("about %(count)d minute", "about %(count)d minutes", minutes) % {"count": minutes}
    return _("Ask Zadarma (%(questions)s, %(minutes)s)") % {"questions": many, "minutes": long}


def kind_labels() -> dict[Kind, str]:
    """The kinds as groups of rows, in their order."""
    return {
        Kind.READY: _("Ready"),
        Kind.ONE: _("One thing missing"),
        Kind.WAITING: _("Being checked"),
        Kind.MORE: _("More missing"),
        Kind.UNKNOWN: _("Not asked yet"),
    }


@dataclass(frozen=True)
class Line:
    """A group and a direction as a row of a page: the badge, what it rests on, and what lacks.

    `verdict` is None where the papers are not the reader's to see. `problem` says why it could not be asked just now.
    """

    direction: Direction
    group: DocumentGroup | None
    verdict: Verdict | None
    told: Told
    note: str = ""
    price: Decimal | None = None
    currency: str = ""
    numbers: list[Number] = field(default_factory=list)
    problem: str = ""

    @property
    def wanted(self) -> list[dict[str, str]]:
        """What the direction wants, in the reader's language."""
        return requirements(self.direction)

    @property
    def changed_since(self) -> bool:
        """Whether papers or requirements have changed since the answer; that one is old is said beside its age."""
        told = self.verdict
        return bool(told and told.outdated and told.as_of and told.as_of >= timezone.now() - AGED)

    @property
    def more_numbers(self) -> int:
        """How many numbers there are beyond those that a row names."""
        return max(0, len(self.numbers) - MOST_NUMBERS)


def line(direction: Direction, group: DocumentGroup | None, verdict: Verdict | None, **more: Any) -> Line:
    """The row of a group and a direction; `more` are a price with its currency, numbers, a problem."""
    if verdict is None:
        return Line(direction, group, None, Told("neutral", _("papers of your provider")), **more)
    return Line(direction, group, verdict, badge(verdict), note(verdict, direction.needs_papers), **more)


def price_of(offer: Offer | None, group: DocumentGroup, viewer: Viewer) -> dict[str, Any]:
    """What an offer costs a month, as `viewer` is shown it with this group."""
    if offer is None:
        return {}
    return {"price": prices.shown(offer.monthly_fee, group.customer, viewer), "currency": offer.currency}


def nearest_first(row: Line) -> tuple[int, bool]:
    """How near a row is: what was answered goes before what is only likely."""
    return (ORDER[row.verdict.kind], row.verdict.likely) if row.verdict else (len(ORDER), False)


@dataclass(frozen=True)
class OfCountry:
    """A country with its directions, nearest first, and how many there are of each kind."""

    country: Country
    rows: list[Line]
    counts: list[tuple[str, str, int]]


def by_country(rows: Iterable[Row], group: DocumentGroup, viewer: Viewer) -> list[OfCountry]:
    """Rows by country, in the reader's alphabet; within one by how near they are, then by name."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.direction.country_id, []).append(row)
    countries = []
    for mine in found.values():
        mine.sort(key=lambda row: (ORDER[row.verdict.kind], row.verdict.likely, sort_key(row.direction.name)))
        lines = [line(row.direction, group, row.verdict, **price_of(row.offer, group, viewer)) for row in mine]
        countries.append(OfCountry(mine[0].direction.country, lines, _counts(mine)))
    return sorted(countries, key=lambda one: sort_key(one.country.name))


def count_by_kind(rows: Iterable[Row]) -> dict[Kind, int]:
    """How many rows there are of each kind."""
    counts = dict.fromkeys(Kind, 0)
    for row in rows:
        counts[row.verdict.kind] += 1
    return counts


def _counts(rows: list[Row]) -> list[tuple[str, str, int]]:
    """(kind, its label, how many) for those kinds that there are."""
    labels = kind_labels()
    return [(kind.value, labels[kind], many) for kind, many in count_by_kind(rows).items() if many]


def ready_note(rows: Iterable[Row]) -> str:
    """What the figure of those that are ready rests on: how many of them are out of date, else how many are likely."""
    ready = [row.verdict for row in rows if row.verdict.kind == Kind.READY]
    if old := sum(verdict.outdated for verdict in ready):
        return ngettext("%(count)d of them out of date", "%(count)d of them out of date", old) % {"count": old}
    if likely := sum(verdict.likely for verdict in ready):
        return ngettext("%(count)d of them likely", "%(count)d of them likely", likely) % {"count": likely}
    return _("nothing more is needed") if ready else ""


def chips(counts: dict[Kind, int], current: str, url: Any) -> list[dict[str, Any]]:
    """Filter chips, one a kind and one for all; `url(kind)` is where each leads."""
    everything = {"label": _("All"), "url": url(""), "current": not current, "count": sum(counts.values())}
    return [everything] + [
        {"label": label, "url": url(kind.value), "current": current == kind, "count": counts[kind]}
        for kind, label in kind_labels().items()
    ]
