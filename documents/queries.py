"""Scoped getters for pages about documents."""

from collections.abc import Collection, Iterable

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from documents import names
from documents.models import MAIN_GROUP, Document, DocumentGroup, Download, GroupValidity, Upload, type_label
from people.tenancy import Viewer, scope, scoped_or_404
from sync.models import Connection


def groups(viewer: Viewer) -> QuerySet[DocumentGroup]:
    """The document groups `viewer` may see, with how many files each has, and how many of them are checked."""
    rows = scope(DocumentGroup.objects.filter(gone_at=None), viewer)
    mine = Q(documents__gone_at=None, documents__replaced_at=None)
    newer = Upload.objects.filter(group=OuterRef("pk"), document_type=OuterRef("wrong_document_type"), error="")
    unjudged = Q(arrived_at=None, deleted_at=None) | Q(arrived_at__gt=OuterRef("checked_at"))
    rows = rows.annotate(is_replaced=Exists(newer.filter(unjudged)))
    return rows.select_related("connection", "customer").annotate(
        file_count=Count("documents", filter=mine, distinct=True),
        verified_count=Count("documents", filter=mine & Q(documents__is_verified=True), distinct=True),
    )


def group(viewer: Viewer, pk: int) -> DocumentGroup:
    """One group, or 404."""
    return scoped_or_404(DocumentGroup.objects.select_related("connection", "customer"), viewer, pk=pk)


def groups_among(viewer: Viewer, pks: Collection[int]) -> QuerySet[DocumentGroup]:
    """Those of the groups `pks` that `viewer` may see, gone ones too."""
    rows = scope(DocumentGroup.objects.filter(pk__in=pks), viewer)
    return rows.select_related("connection", "customer").order_by("pk")


def unassigned(rows: QuerySet[DocumentGroup]) -> QuerySet[DocumentGroup]:
    """Those that belong to nobody yet, and could be given to a customer."""
    return rows.filter(customer=None, erased_at=None).exclude(remote_id=MAIN_GROUP)


def count_unassigned(viewer: Viewer) -> int:
    """How many of those `viewer` may see belong to nobody yet."""
    return unassigned(scope(DocumentGroup.objects.filter(gone_at=None), viewer)).count()


def upload(viewer: Viewer, pk: int) -> Upload:
    """One file that was given here, without its content, or 404."""
    return scoped_or_404(Upload.objects.select_related("group__connection").defer("content"), viewer, pk=pk)


def content(viewer: Viewer, row: Upload) -> bytes:
    """The content of a file that was given here, b"" where it is kept no longer, or 404."""
    found = scope(Upload.objects.filter(pk=row.pk), viewer).values_list("content", flat=True).first()
    return bytes(found or b"")


def downloads(viewer: Viewer, group: DocumentGroup) -> list[Download]:
    """Who was given the content of the group's files, newest first (the last 20)."""
    rows = scope(Download.objects.filter(upload__group=group), viewer)
    rows = rows.select_related("user", "upload").defer("upload__content", "upload__sha256", "upload__name")
    found = list(rows[:20])
    for row in found:
        row.label = type_label(row.upload.document_type)  # type: ignore[attr-defined]
    return found


def files(group: DocumentGroup) -> QuerySet[Document]:
    """The files of a group that `viewer` was already allowed to see."""
    return group.documents.filter(gone_at=None)


def orderable(viewer: Viewer, connection: Connection, customer_id: int | None) -> QuerySet[DocumentGroup]:
    """Groups that an order of `customer_id` (None: of nobody yet) at `connection` may use, the customer's own first.

    A customer's order takes that customer's groups. The main group and groups of nobody are staff's own choice
    for numbers that belong to nobody yet, and those of nobody also for a customer whose papers were entered upstream.
    """
    rows = groups(viewer).filter(connection=connection, erased_at=None)
    if customer_id is not None:
        rows = rows.filter(Q(customer_id=customer_id) | Q(customer=None) & ~Q(remote_id="0"))
    else:
        rows = rows.filter(customer=None)
    return rows.order_by(F("customer_id").asc(nulls_last=True), "pk")


def types_given(groups: Collection[DocumentGroup]) -> dict[int, set[str]]:
    """Of which types Zadarma lists a document, by the group's primary key."""
    found: dict[int, set[str]] = {}
    rows = Document.objects.filter(group__in=[group.pk for group in groups], gone_at=None)
    for group_id, document_type in rows.values_list("group_id", "document_type"):
        found.setdefault(group_id, set()).add(document_type)
    return found


def named(viewer: Viewer, words: str) -> QuerySet[DocumentGroup]:
    """The groups in whose names each of `words` begins a word."""
    return names.found(groups(viewer), words)


def first_named(viewer: Viewer, words: str, most: int) -> list[int]:
    """The first groups in whose names each of `words` begins a word, by primary key."""
    rows = scope(DocumentGroup.objects.filter(gone_at=None, erased_at=None), viewer)
    return list(names.found(rows, words).order_by("pk").values_list("pk", flat=True)[:most])


def needing_attention(viewer: Viewer) -> QuerySet[DocumentGroup]:
    """Groups whose papers or address the check rejected, or that Zadarma refused to create.

    Not those whose rejected paper was given anew: Zadarma has to say something about that first.
    """
    rejected = (~Q(wrong_document_type="") | ~Q(wrong_document="")) & Q(is_replaced=False)
    return groups(viewer).filter(rejected | ~Q(wrong_address="") | ~Q(error=""), erased_at=None)


def answers(group: DocumentGroup) -> dict[str, GroupValidity]:
    """What Zadarma answered of a group, by the id of the direction."""
    return {row.direction_remote_id: row for row in GroupValidity.objects.filter(group=group)}


def answers_among(groups: Iterable[DocumentGroup], directions: Collection[str]) -> dict[int, dict[str, GroupValidity]]:
    """The same for several groups and only these directions, by the group's primary key."""
    found: dict[int, dict[str, GroupValidity]] = {group.pk: {} for group in groups}
    for row in GroupValidity.objects.filter(group__in=found, direction_remote_id__in=directions):
        found[row.group_id][row.direction_remote_id] = row
    return found


def types_of(groups: Iterable[DocumentGroup]) -> dict[int, frozenset[str]]:
    """Of which kinds a group has files at Zadarma, by the group's primary key."""
    found: dict[int, set[str]] = {group.pk: set() for group in groups}
    rows = Document.objects.filter(group__in=found, gone_at=None)
    for pk, document_type in rows.order_by().values_list("group_id", "document_type").distinct():
        found[pk].add(document_type)
    return {pk: frozenset(types) for pk, types in found.items()}


def given_types(groups: Iterable[DocumentGroup]) -> dict[int, set[str]]:
    """`types_of`, and those of files that were given here and are on their way there."""
    rows = list(groups)
    found = {pk: set(types) for pk, types in types_of(rows).items()}
    under_way = Upload.objects.filter(group__in=found, document=None, error="", deleted_at=None)
    for pk, document_type in under_way.order_by().values_list("group_id", "document_type").distinct():
        found[pk].add(document_type)
    return found


def askable(viewer: Viewer) -> QuerySet[DocumentGroup]:
    """The groups of `viewer` about which Zadarma can be asked: there, and neither gone nor erased."""
    rows = scope(DocumentGroup.objects.filter(gone_at=None, erased_at=None), viewer).exclude(remote_id="")
    return rows.select_related("connection", "customer")
