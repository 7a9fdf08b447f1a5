"""What is kept of a customer's papers: told for an export, and erased with their keys."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents import showing
from documents.models import Document, DocumentGroup, NameToken, Upload, type_label
from people import data_keys
from people.models import Customer, DataKey
from people.personal import Counts, File, Source
from sync.journal import Operation
from sync.telling import ERASED, exported


def _groups(customer: Customer) -> QuerySet[DocumentGroup]:
    return DocumentGroup.objects.filter(customer=customer).order_by("pk")


def operations(customer: Customer) -> QuerySet[Operation]:
    """What was asked of Zadarma for this customer's papers."""
    groups = _groups(customer).order_by().values("pk")
    uploads = Upload.objects.filter(group__customer=customer).order_by().values("pk")
    theirs = Q(object_type="group", object_id__in=groups) | Q(object_type="upload", object_id__in=uploads)
    return Operation.objects.filter(theirs).order_by("pk")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


# Export ---------------------------------------------------------------------------------------------------------------


def _export(customer: Customer) -> tuple[dict[str, Any], Iterable[File]]:
    groups = list(_groups(customer))
    uploads = list(Upload.objects.filter(group__customer=customer).defer("content").order_by("pk"))
    documents = list(Document.objects.filter(group__customer=customer).order_by("pk"))
    told = {
        "document_groups": [
            {
                "number_at_zadarma": group.remote_id,
                "fields": group.fields,
                "refused_because": showing.why_refused(group, to_staff=False),
                "rejected_document_type": group.wrong_document_type,
                "rejected_document": group.wrong_document,
                "rejected_address": group.wrong_address,
                "first_seen": _iso(group.first_seen),
                "checked": _iso(group.checked_at),
                "gone": _iso(group.gone_at),
                "erased": _iso(group.erased_at),
                "documents": [_document(row) for row in documents if row.group_id == group.pk],
                "uploads": [_upload(row) for row in uploads if row.group_id == group.pk],
            }
            for group in groups
        ],
        "operations_on_papers": [exported(row) for row in operations(customer).select_related("connection")],
    }
    return told, [(f"{row.pk}-{row.name or row.document_type}", partial(_content, row.pk)) for row in uploads]


def _document(row: Document) -> dict[str, Any]:
    return {
        "kind": type_label(row.document_type),
        "name": row.name,
        "verified": row.is_verified,
        "first_seen": _iso(row.first_seen),
        "gone": _iso(row.gone_at),
    }


def _upload(row: Upload) -> dict[str, Any]:
    return {
        "kind": type_label(row.document_type),
        "name": row.name,
        "name_at_zadarma": row.doc_name,
        "type": row.content_type,
        "bytes": row.size,
        "sha256": row.sha256,
        "refused_because": _("Zadarma did not take this file.") if row.error else "",
        "uploaded": _iso(row.created_at),
        "arrived": _iso(row.arrived_at),
        "verified": _iso(row.verified_at),
        "deleted": _iso(row.deleted_at),
    }


def _content(pk: int) -> bytes | None:
    """A file that is still kept."""
    return Upload.objects.filter(pk=pk).values_list("content", flat=True).first() or None


# Erasing --------------------------------------------------------------------------------------------------------------


def _hinders(customer: Customer) -> list[str]:
    """Whoever claims or plans an operation on these groups waits for their keys, and finds them destroyed."""
    keys = DataKey.objects.select_for_update().filter(document_group__customer=customer).order_by("pk")
    list(keys.values_list("pk"))
    list(_groups(customer).select_for_update().values_list("pk"))
    count = operations(customer).filter(state__in=Operation.OPEN).count()
    if not count:
        return []
    return [
        ngettext(
            "%(count)d change of their papers is still under way at Zadarma.",
            "%(count)d changes of their papers are still under way at Zadarma.",
            count,
        )
        % {"count": count}
    ]


def _erase(customer: Customer, now: datetime) -> Counts:
    groups = _groups(customer).filter(erased_at=None)
    pks = list(groups.values_list("pk", flat=True))
    about = operations(customer)
    # Those whose key is destroyed read as empty from then on; what an older panel sealed otherwise is emptied.
    for row in about.filter(data_key=None):
        Operation.objects.filter(pk=row.pk).update(
            params=_without_names(row), answer={}, evidence={ERASED: True}, error=""
        )
    keys = data_keys.destroy(groups.values_list("data_key", flat=True))
    NameToken.objects.filter(group__in=pks).delete()
    uploads = Upload.objects.filter(group__in=pks)
    emptied = uploads.update(name="", doc_name="", sha256="", error="", content=b"", document=None, deleted_at=now)
    documents, _rows = Document.objects.filter(group__in=pks).delete()
    DocumentGroup.objects.filter(pk__in=pks).update(
        fields={},
        error="",
        wrong_document_type="",
        wrong_document="",
        wrong_address="",
        country_iso="",
        is_readonly=True,  # nobody may send anything into it any more
        confirmed_at=now,  # a reading that began before this leaves the row alone
        erased_at=now,
    )
    return {"document groups": len(pks), "keys": keys, "documents": documents, "uploads": emptied}


def _without_names(operation: Operation) -> dict[str, Any]:
    """What an upload was of; nothing of a group's data."""
    kept = ("document_type", "group_id", "size", "direction_id")
    return {name: operation.params[name] for name in kept if name in operation.params}


def _stays(customer: Customer) -> list[str]:
    """Document groups can't be deleted at Zadarma."""
    mine = Q(documents__gone_at=None)
    groups = _groups(customer).filter(gone_at=None).exclude(remote_id="").select_related("connection")
    told = groups.defer("connection__api_key", "connection__api_secret").annotate(files=Count("documents", filter=mine))
    return [_stay(group, group.files) for group in told]


def _stay(group: DocumentGroup, files: int) -> str:
    names = {"id": group.remote_id, "account": group.connection.name, "count": files}
    if group.erased_at is not None:  # how many files it had there is no longer known
        return _("Document group %(id)s stays in the account %(account)s with its files.") % names
    if not files:
        return _("Document group %(id)s stays in the account %(account)s; no files are known of.") % names
    return (
        ngettext(
            "Document group %(id)s stays in the account %(account)s with %(count)d file.",
            "Document group %(id)s stays in the account %(account)s with %(count)d files.",
            files,
        )
        % names
    )


PAPERS = Source("documents", _export, _erase, _hinders, _stays)
