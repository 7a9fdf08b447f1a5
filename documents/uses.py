"""What uses a document group: the numbers and orders above this app tell it here, since documents don't know them."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from documents.models import DocumentGroup, type_label
from people.tenancy import Viewer
from sync.showing import Told


@dataclass(frozen=True)
class Use:
    """A number or an order that uses a group: how it is called, where its page is, its state, and what it wants.

    `wants` are its direction's documents, `{"type": the API's word or "", "text": the API's prose}` each. `waits`:
    it is not connected yet, or not ordered.
    """

    subject: str
    url: str
    told: Told
    phone: str = ""
    wants: list[dict[str, str]] = field(default_factory=list)
    waits: bool = False


Source = Callable[[Viewer, DocumentGroup], Iterable[Use]]
Counter = Callable[[Viewer, Collection[DocumentGroup]], dict[int, int]]
Wants = Callable[[Viewer, Collection[DocumentGroup]], dict[int, set[str]]]
_sources: list[tuple[Source, Counter, Wants]] = []


def register(source: Source, waiting: Counter, wants: Wants) -> None:
    """Called by the apps above in `AppConfig.ready`.

    `source(viewer, group)` tells what of the viewer's uses a group, what waits for it first. `waiting(viewer, groups)`
    tells how many wait for each, and `wants(viewer, groups)` which types of document these want, by the group's primary
    key and in a fixed number of queries.
    """
    if (source, waiting, wants) not in _sources:
        _sources.append((source, waiting, wants))


def of(viewer: Viewer, group: DocumentGroup) -> list[Use]:
    """What uses `group`, of what `viewer` may see."""
    return [use for source, _waiting, _wants in _sources for use in source(viewer, group)]


def waiting(viewer: Viewer, groups: Collection[DocumentGroup]) -> dict[int, int]:
    """How many numbers and orders of the viewer's wait for each of `groups`, by primary key; none are left out."""
    counts: dict[int, int] = {}
    for _source, count, _wants in _sources:
        for pk, more in count(viewer, groups).items():
            counts[pk] = counts.get(pk, 0) + more
    return counts


def types_wanted(viewer: Viewer, groups: Collection[DocumentGroup]) -> dict[int, set[str]]:
    """Which types of document the numbers and orders that wait want of each of `groups`, by primary key."""
    found: dict[int, set[str]] = {}
    for _source, _waiting, wants in _sources:
        for pk, types in wants(viewer, groups).items():
            found.setdefault(pk, set()).update(types)
    return found


def wanted(uses: Iterable[Use]) -> dict[str, list[str]]:
    """What those that wait want: document type → the API's sentences on it. Documents without a type are under ""."""
    found: dict[str, list[str]] = {}
    for use in uses:
        for want in use.wants if use.waits else []:
            texts = found.setdefault(want.get("type", ""), [])
            text = want.get("text", "")
            if text and text not in texts:
                texts.append(text)
    return found


def label_of(document_type: str, texts: list[str]) -> str:
    """A wanted document's own name, or, where it has no type, what the API says of it."""
    name = type_label(document_type) if document_type else "; ".join(texts)
    return name[:1].upper() + name[1:]
