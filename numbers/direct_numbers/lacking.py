"""What a document group lacks for a direction: the four answers, put together with what is mirrored, in names."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from direct_numbers.models import Direction
from documents.models import DocumentGroup, GroupValidity, type_label


class What(StrEnum):
    """Of what kind the thing is that lacks."""

    DOCUMENT = "document"
    DATA = "data"
    ADDRESS = "address"
    CHECK = "check"


@dataclass(frozen=True)
class Lack:
    """One thing that lacks: its own name in the reader's language, and why or how where that is known.

    `document_type` is the API's word for the document that would mend it, where it is one.
    """

    what: What
    name: str
    note: str = ""
    document_type: str = ""


@dataclass(frozen=True)
class Papers:
    """A group with the kinds of the files that it has at Zadarma."""

    group: DocumentGroup
    types: frozenset[str] = frozenset()


def things_lacking(answer: GroupValidity, direction: Direction, papers: Papers) -> tuple[Lack, ...]:
    """Everything that stands between these papers and the direction, by name; empty when it can be activated.

    The API says of data only whether all of it fits: each sentence of the direction is named then, since any of them
    may be what lacks. Zadarma's check is named only where nothing else is missing for it to begin.
    """
    documents = _documents(answer, direction, papers)
    lacks = [*documents, *_data(answer, direction), *_address(answer, direction, papers.group)]
    if not documents and not answer.is_documents_verified:
        lacks.append(Lack(What.CHECK, _("Zadarma's check"), _("under way, nothing to do")))
    return tuple(lacks)


def rejected_type(answer: GroupValidity | None, group: DocumentGroup) -> str:
    """The kind of document that stands rejected; "" when there is none, or a later answer says all are verified."""
    seen = group.checked_at
    if answer and seen and answer.as_of > seen and answer.is_documents_uploaded and answer.is_documents_verified:
        return ""
    return group.wrong_document_type


def is_rejected_for(answer: GroupValidity | None, direction: Direction, group: DocumentGroup) -> bool:
    """Whether a document that this direction wants stands rejected, whatever an earlier answer said of it."""
    rejected = rejected_type(answer, group)
    return bool(rejected) and rejected in {upload.get("type", "") for upload in direction.uploads_en}


def _name(upload: dict[str, str]) -> str:
    name = type_label(upload.get("type", "")) or upload.get("text", "") or _("a document")
    return name[:1].upper() + name[1:]


def _documents(answer: GroupValidity, direction: Direction, papers: Papers) -> list[Lack]:
    rejected = rejected_type(answer, papers.group)
    lacks = []
    for upload in direction.uploads:
        document_type = upload.get("type", "")
        if document_type and document_type == rejected:
            lacks.append(Lack(What.DOCUMENT, _name(upload), _("rejected: give a new one"), document_type))
        elif not answer.is_documents_uploaded and document_type not in papers.types:
            text = upload.get("text", "") if document_type else ""
            lacks.append(Lack(What.DOCUMENT, _name(upload), text, document_type))
    if lacks or answer.is_documents_uploaded:
        return lacks
    names = _joined(_name(upload) for upload in direction.uploads) or _("A document")
    return [Lack(What.DOCUMENT, names, _("Zadarma does not count the file that is there: give a new one"))]


def _joined(names: Iterable[str]) -> str:
    between = _("or")
    return f" {between} ".join(dict.fromkeys(names))


def _data(answer: GroupValidity, direction: Direction) -> list[Lack]:
    if answer.is_information_match:
        return []
    sentences = list(dict.fromkeys(direction.specify)) or [_("The personal data")]
    return [Lack(What.DATA, sentence) for sentence in sentences]


def _address(answer: GroupValidity, direction: Direction, group: DocumentGroup) -> list[Lack]:
    if answer.is_address_match:
        return []
    if group.wrong_address:
        return [Lack(What.ADDRESS, _("Another address"), _("the one that is there was rejected"))]
    # Where the data fit, a direction's only sentence is the one about the address.
    note = direction.specify[0] if answer.is_information_match and len(direction.specify) == 1 else ""
    return [Lack(What.ADDRESS, _("An address that fits"), note)]
