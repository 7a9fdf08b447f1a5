"""Which directions a document group can activate, told from the answers kept. Nothing is asked of Zadarma here.

Directions of one country that want the same are a class: what Zadarma answered for one of them is likely true for the
others. So a whole account is known after one question for each class, and not one for each pair.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from direct_numbers import queries
from direct_numbers.lacking import Lack, Papers, What, things_lacking
from direct_numbers.models import Direction, Offer
from documents import queries as document_queries
from documents import validity
from documents.models import DocumentGroup, GroupValidity

# An answer older than this is shown as out of date, and asked again.
AGED = timedelta(days=1)
Class = tuple[int, str]
Answers = Mapping[str, GroupValidity]


class Kind(StrEnum):
    """How far a group is from activating a direction, nearest first."""

    READY = "ready"
    ONE = "one"
    WAITING = "waiting"
    MORE = "more"
    UNKNOWN = "unknown"


ORDER = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True)
class Verdict:
    """What is known of a group and a direction.

    - `lacks`: everything that is missing, by name;
    - `likely`: told by `by`, another direction of the class, rather than by an answer of its own;
    - `as_of`: when that was answered; None where nothing was (no papers are wanted, or nothing was asked yet);
    - `outdated`: the group or what is wanted has changed since, or the answer is older than a day.
    """

    kind: Kind
    lacks: tuple[Lack, ...] = ()
    likely: bool = False
    as_of: datetime | None = None
    outdated: bool = False
    by: Direction | None = None


@dataclass(frozen=True)
class Row:
    """A direction that the group's account is offered, with the verdict."""

    offer: Offer
    verdict: Verdict

    @property
    def direction(self) -> Direction:
        """The direction itself."""
        return self.offer.direction


@dataclass(frozen=True)
class Matrix:
    """All directions for one group; `questions` are the directions to ask for, one of each class not answered."""

    rows: list[Row]
    questions: list[Direction]


def is_usable(group: DocumentGroup) -> bool:
    """Whether Zadarma can be asked about a group: it has arrived there, and is neither gone nor erased."""
    return bool(group.remote_id) and group.gone_at is None and group.erased_at is None


def class_of(direction: Direction) -> Class:
    """The directions of a country that want the same belong together."""
    return direction.country_id, direction.requirement


def is_outdated(answer: GroupValidity, group: DocumentGroup, requirement: str, now: datetime) -> bool:
    """Whether an answer should be asked anew before anybody relies on it."""
    return validity.is_overtaken(answer, group, requirement) or answer.as_of < now - AGED


def not_overtaken(groups: Iterable[DocumentGroup], direction: Direction) -> dict[int, GroupValidity]:
    """The kept answers of `groups` since which neither their papers nor what is wanted has changed, by primary key."""
    by_group = {group.pk: group for group in groups}
    answers = validity.known(by_group.values(), direction.remote_id)
    return {
        pk: answer
        for pk, answer in answers.items()
        if not validity.is_overtaken(answer, by_group[pk], direction.requirement)
    }


def matrix(group: DocumentGroup, now: datetime) -> Matrix:
    """Every direction that the group's account is offered, in a fixed number of queries. Needs `group.connection`."""
    offers = list(queries.all_offers(group.connection))
    answers = document_queries.answers(group)
    papers = Papers(group, document_queries.types_of([group])[group.pk])
    classes = _classes(offer.direction for offer in offers)
    rows = [
        Row(offer, verdict(offer.direction, classes[class_of(offer.direction)], answers, papers, now))
        for offer in offers
    ]
    return Matrix(rows, _questions(classes, answers, group, now))


def questions(group: DocumentGroup, now: datetime) -> list[Direction]:
    """For which directions Zadarma must be asked so that something is known of all of them: one of each class."""
    classes = _classes(offer.direction for offer in queries.all_offers(group.connection))
    return _questions(classes, document_queries.answers(group), group, now)


def verdict(
    direction: Direction, mates: Iterable[Direction], answers: Answers, papers: Papers, now: datetime
) -> Verdict:
    """What the answers (by direction id) say of `direction`; `mates` are its class, itself among them.

    Its own answer goes first, unless it is out of date and that of a mate is not. Where mates' answers differ the
    least favourable one counts: more than that is not known.
    """
    own = answers.get(direction.remote_id)
    is_own = own is not None and own.requirement == direction.requirement
    if not direction.needs_papers and not is_own:
        return Verdict(Kind.READY)
    told = {
        mate.remote_id: answer
        for mate in mates
        if (answer := answers.get(mate.remote_id)) and answer.requirement == direction.requirement
    }
    fresh = {key: row for key, row in told.items() if not is_outdated(row, papers.group, direction.requirement, now)}
    by = _who_tells(direction.remote_id, fresh) or _who_tells(direction.remote_id, told)
    if not by:
        return Verdict(Kind.UNKNOWN, as_of=own.as_of if own else None, outdated=own is not None)
    answer = told[by]
    lacks = things_lacking(answer, direction, papers)
    return Verdict(
        kind_of(lacks),
        lacks,
        likely=by != direction.remote_id,
        as_of=answer.as_of,
        outdated=by not in fresh,
        by=next(mate for mate in mates if mate.remote_id == by),
    )


def kind_of(lacks: Iterable[Lack]) -> Kind:
    """How far one is with these things lacking."""
    whats = [lack.what for lack in lacks]
    things = len(whats) - whats.count(What.CHECK)
    if things:
        return Kind.ONE if things == 1 else Kind.MORE
    return Kind.WAITING if whats else Kind.READY


def _who_tells(own: str, answers: Answers) -> str:
    """Whose answer counts for the direction `own`: its own, else the least favourable, of these the newest."""
    if own in answers or not answers:
        return own if own in answers else ""
    return min(answers, key=lambda key: (_favour(answers[key]), -answers[key].as_of.timestamp()))


def _favour(answer: GroupValidity) -> int:
    return sum(getattr(answer, name) for name in validity.ANSWERS)


def _classes(directions: Iterable[Direction]) -> dict[Class, list[Direction]]:
    classes: dict[Class, list[Direction]] = {}
    for direction in directions:
        classes.setdefault(class_of(direction), []).append(direction)
    return classes


def _questions(
    classes: Mapping[Class, list[Direction]], answers: Answers, group: DocumentGroup, now: datetime
) -> list[Direction]:
    found = []
    for (_country, requirement), mates in classes.items():
        told = [mate for mate in mates if mate.remote_id in answers]
        is_known = any(not is_outdated(answers[mate.remote_id], group, requirement, now) for mate in told)
        if mates[0].needs_papers and not is_known:
            found.append(min(told or mates, key=_by_id))
    return sorted(found, key=_by_id)


def _by_id(direction: Direction) -> tuple[int, str]:
    return len(direction.remote_id), direction.remote_id
