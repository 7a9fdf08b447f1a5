"""Which papers a number or an order waits for, and who must act: told on its own page."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from direct_numbers.models import Direction, Number, Order
from documents import papers
from documents import queries as document_queries
from documents.models import DocumentGroup
from people.permissions import May
from people.tenancy import Viewer

INTERESTING = ("rejected", "lack", "checking")


@dataclass(frozen=True)
class Paper:
    """One paper that is waited for: state (of a checklist), what it is, a word, and a note on what to do."""

    state: str
    text: str
    word: str
    note: str


@dataclass(frozen=True)
class WaitsFor:
    """What is waited for. `kind` is that of an alert; `action_url` leads to exactly what mends it."""

    kind: str
    title: str
    text: str
    papers: list[Paper]
    group: DocumentGroup
    action_url: str = ""
    action_label: str = ""


def of_number(viewer: Viewer, number: Number) -> WaitsFor | None:
    """What `number` waits for, where it is not connected yet and its papers are known to `viewer`."""
    if number.gone_at or number.status in (Number.Status.ON, Number.Status.PARKING) or not number.group_remote_id:
        return None
    rows = document_queries.groups(viewer).filter(connection=number.connection_id, remote_id=number.group_remote_id)
    group = rows.first()
    return _of(viewer, group, number.direction) if group else None


def of_order(viewer: Viewer, order: Order) -> WaitsFor | None:
    """What a placed order waits for, until its number is active."""
    if order.state != Order.State.PLACED or order.group_id is None:
        return None
    if order.number and (order.number.is_active or order.number.gone_at):
        return None
    group = document_queries.groups(viewer).filter(pk=order.group_id).first()
    return _of(viewer, group, order.direction) if group else None


def _of(viewer: Viewer, group: DocumentGroup, direction: Direction | None) -> WaitsFor | None:
    uploads = direction.uploads if direction else []
    wanted = {upload.get("type", ""): [upload.get("text", "")] for upload in uploads}
    documents = group.documents.filter(gone_at=None).select_related("group")
    files = papers.file_rows(group, documents, to_staff=viewer.is_staff)
    rows = papers.type_rows(group, files, wanted, viewer)
    open_rows = [row for row in rows if row.state in INTERESTING and (row.is_wanted or row.state == "rejected")]
    shown = [Paper(row.state, row.label, row.told.label, _note(row)) for row in open_rows]
    urgent = next((row for row in open_rows if row.state in ("rejected", "lack")), None)
    url, label = reverse("group", args=[group.pk]), _("Open the papers")
    if urgent is not None:
        if viewer.may(May.EDIT_PAPERS) and urgent.url:
            url, label = urgent.url, _("Replace it") if urgent.state == "rejected" else _("Upload it")
        title = _("It waits for you: papers are rejected or missing")
        text = _("It is connected once Zadarma has checked them.")
        if not viewer.may(May.EDIT_PAPERS) and not viewer.is_staff:
            title = _("It waits for papers: please give them to your provider's staff")
        return WaitsFor("danger", title, text, shown, group, url, label)
    if group.wrong_address:
        title = _("It waits for you: the address was rejected")
        if viewer.may(May.EDIT_PAPERS) and not group.is_readonly:
            url, label = reverse("group-edit", args=[group.pk]) + "#id_street", _("Correct the address")
        elif not viewer.may(May.EDIT_PAPERS) and not viewer.is_staff:
            title = _("It waits for the address: please talk to your provider's staff")
        said = _("Zadarma says: “%(reason)s”") % {"reason": group.wrong_address}
        return WaitsFor("danger", title, said, shown, group, url, label)
    if shown:
        title = _("Zadarma is checking the papers")
        return WaitsFor("info", title, _("Nobody here needs to do anything."), shown, group, url, label)
    return None


def _note(row: papers.TypeRow) -> str:
    if row.reason:
        return _("Zadarma says: “%(reason)s”") % {"reason": row.reason}
    return "; ".join(text for text in row.texts if text)
