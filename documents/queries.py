"""Scoped getters for pages about documents."""

from django.db.models import Count, Q, QuerySet

from documents.models import Document, DocumentGroup
from people.tenancy import Viewer, scope, scoped_or_404
from sync.models import Connection


def groups(viewer: Viewer) -> QuerySet[DocumentGroup]:
    """The document groups `viewer` may see, with how many files each has, and how many of them are checked."""
    rows = scope(DocumentGroup.objects.filter(gone_at=None), viewer)
    mine = Q(documents__gone_at=None)
    return rows.select_related("connection", "customer").annotate(
        file_count=Count("documents", filter=mine, distinct=True),
        verified_count=Count("documents", filter=mine & Q(documents__is_verified=True), distinct=True),
    )


def group(viewer: Viewer, pk: int) -> DocumentGroup:
    """One group, or 404."""
    return scoped_or_404(DocumentGroup.objects.select_related("connection", "customer"), viewer, pk=pk)


def files(group: DocumentGroup) -> QuerySet[Document]:
    """The files of a group that `viewer` was already allowed to see."""
    return group.documents.filter(gone_at=None)


def orderable(viewer: Viewer, connection: Connection, customer_id: int | None) -> list[DocumentGroup]:
    """Groups that an order of `customer_id` (None: of nobody yet) at `connection` may use.

    A customer's order takes that customer's groups. The main group and groups of nobody are staff's own choice
    for numbers that belong to nobody yet, and those of nobody also for a customer whose papers were entered upstream.
    """
    rows = groups(viewer).filter(connection=connection, erased_at=None)
    if customer_id is not None:
        rows = rows.filter(Q(customer_id=customer_id) | Q(customer=None) & ~Q(remote_id="0"))
    else:
        rows = rows.filter(customer=None)
    return list(rows.order_by("pk"))


def needing_attention(viewer: Viewer) -> QuerySet[DocumentGroup]:
    """Groups whose papers or address the check rejected, or that Zadarma refused to create."""
    wrong = ~Q(wrong_document_type="") | ~Q(wrong_address="") | ~Q(error="")
    return groups(viewer).filter(wrong)
