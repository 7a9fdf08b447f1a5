"""Notices in words, for who reads them: what it is, why it matters, and the page that mends it.

What is told is looked up as `viewer` may see it, so that a number given to somebody else since is told to nobody.
`headline` and `brief` go into e-mails: they leave the panel, so they name no person and repeat nothing of Zadarma's.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from direct_numbers import queries as numbers
from direct_numbers import showing
from direct_numbers.models import Number, Order
from documents import queries as documents
from documents import showing as document_showing
from documents.models import DocumentGroup
from notices.kinds import SOON_DAYS, Kind
from notices.models import Notice
from people.permissions import May
from people.phones import international
from people.tenancy import Viewer
from sync import queries as sync_queries
from sync import telling
from sync.models import Connection, Operation


@dataclass(frozen=True)
class Told:
    """One notice: a badge (`kind`, `label`), a phone number or a `subject`, a sentence, and where to go on."""

    notice: Notice
    kind: str
    label: str
    text: str
    url: str
    action: str
    headline: str
    subject: str = ""
    phone: str = ""
    brief: str = ""

    @property
    def mail_text(self) -> str:
        """The sentence as it stands in an e-mail."""
        return self.brief or self.text

    @property
    def was(self) -> str:
        """What it was about, once it is done."""
        text = self.notice.get_kind_display()
        return text[:1].upper() + text[1:]

    @property
    def owner(self) -> str:
        """Whose it is."""
        return self.notice.customer.name if self.notice.customer else ""


Teller = Callable[[Viewer, Notice, Any], Told]


def told(viewer: Viewer, notices: Iterable[Notice]) -> list[Told]:
    """Each of `notices` in words, in their order; one query for each type of subject among them."""
    rows = list(notices)
    subjects = {name: _subjects(viewer, name, rows) for name in _FOUND_BY}
    found = []
    for row in rows:
        subject = subjects.get(row.subject_type, {}).get(row.subject_id)
        if subject is not None:
            found.append(_TELLERS[row.kind](viewer, row, subject))
    return found


def _subjects(viewer: Viewer, name: str, rows: Sequence[Notice]) -> dict[int, Any]:
    wanted = {row.subject_id for row in rows if row.subject_type == name}
    return {row.pk: row for row in _FOUND_BY[name](viewer, wanted)} if wanted else {}


def day(moment: datetime | None) -> str:
    """A date for sentences, in the reader's zone: "7 March", with its year where that is not this one."""
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    if local.year == timezone.localtime().year:
        return formats.date_format(local, pgettext("date without year", "j F"))
    return formats.date_format(local, pgettext("date with year", "j F Y"))


def _place(number: Number) -> str:
    return number.direction.name if number.direction else number.description


def _is_near(row: Notice) -> str:
    return "needs" if row.threshold <= SOON_DAYS else "waiting"


def _ends(viewer: Viewer, row: Notice, number: Number) -> Told:
    names = {"number": international(number.number), "date": day(row.moment)}
    text = _("Autorenewal is off: this number ends on %(date)s. After that it is parked for 7 days, then lost.") % names
    url, action = reverse("number", args=[number.pk]), _("Open the number")
    if viewer.may(May.PAY, number.customer_id):
        url, action = reverse("number-prolong", args=[number.pk]), _("Pay it further")
    elif not viewer.is_staff:
        text = f"{text} {_('Please tell your provider if you want to keep it.')}"
    headline = _("%(number)s ends on %(date)s") % names
    return Told(row, _is_near(row), _("ends soon"), text, url, action, headline, _place(number), number.number)


def _unpaid(viewer: Viewer, row: Notice, number: Number) -> Told:
    names = {"number": international(number.number), "date": day(row.moment)}
    text = _(
        "It would renew itself on %(date)s, but the balance of the account does not cover what falls due until then. "
        "Top the account up at Zadarma."
    )
    headline = _("%(number)s: no money for its renewal on %(date)s") % names
    url, action = reverse("account-list"), _("See the account")
    if not viewer.may(May.SEE_CONNECTIONS):
        url, action = reverse("number", args=[number.pk]), _("Open the number")
    label = _("no money to renew")
    return Told(row, _is_near(row), label, text % names, url, action, headline, _place(number), number.number)


def _parked(viewer: Viewer, row: Notice, number: Number) -> Told:
    status = showing.number_status(number, viewer)
    url, action = reverse("number", args=[number.pk]), _("Open the number")
    if viewer.may(May.PAY, number.customer_id):
        url, action = reverse("number-prolong", args=[number.pk]), _("Pay it further")
    headline = _("%(number)s is parked") % {"number": international(number.number)}
    return Told(row, "needs", status.label, status.text, url, action, headline, _place(number), number.number)


def _documents(viewer: Viewer, row: Notice, number: Number) -> Told:
    status = showing.number_status(number, viewer)
    headline = _("%(number)s waits for documents") % {"number": international(number.number)}
    url, action = reverse("number", args=[number.pk]), _("Open the number")
    return Told(row, status.kind, status.label, status.text, url, action, headline, _place(number), number.number)


def _rejected(viewer: Viewer, row: Notice, group: DocumentGroup) -> Told:
    is_replaced = group.is_replaced  # type: ignore[attr-defined]
    status = document_showing.group_status(
        group,
        group.file_count,  # type: ignore[attr-defined]
        group.verified_count,  # type: ignore[attr-defined]
        to_staff=viewer.is_staff,
        is_replaced=is_replaced,
    )
    url, action = reverse("group", args=[group.pk]), _("Open the papers")
    is_paper = bool(group.wrong_document_type or group.wrong_document) and not is_replaced
    if viewer.may(May.EDIT_PAPERS, group.customer_id):
        if is_paper and group.wrong_document_type and group.remote_id:
            url = f"{reverse('group-upload', args=[group.pk])}?type={group.wrong_document_type}"
            action = _("Replace it")
        elif group.wrong_address and not is_paper and not group.is_readonly:
            url, action = f"{reverse('group-edit', args=[group.pk])}#id_street", _("Correct the address")
    what = document_showing.type_label(group.wrong_document_type) if is_paper else ""
    names = {"group": group.remote_id or "–", "label": status.label, "what": what}
    headline = _("Document group %(group)s: %(label)s") % names
    brief = _("Why, and how to mend it, stands on its page.")
    if what:
        brief = _("It is about: %(what)s. Why, and how to mend it, stands on its page.") % names
    return Told(row, status.kind, status.label, status.text, url, action, headline, group.title, brief=brief)


def _approval(viewer: Viewer, row: Notice, order: Order) -> Told:
    status = showing.order_status(order, viewer)
    place = order.direction.name if order.direction else "–"
    headline = _("An order waits for your approval: %(place)s") % {"place": place}
    url = reverse("order", args=[order.public_id])
    subject = _("Order: %(place)s") % {"place": place}
    return Told(
        row, status.kind, status.label, status.text, url, _("See the order"), headline, subject, order.wanted_number
    )


def _in_doubt(viewer: Viewer, row: Notice, operation: Operation) -> Told:
    name, subject = telling.name_of(operation), operation.notice_subject  # type: ignore[attr-defined]
    what = f"{name}: {international(subject.phone) if subject.phone else subject.text or '–'}"
    text = _(
        "Zadarma's answer did not arrive, and the account does not show clearly whether it took effect. Decide it."
    )
    url = reverse("operation", args=[operation.pk])
    headline = _("In doubt: %(what)s") % {"what": what}
    about = name if subject.phone else what
    return Told(row, "needs", _("in doubt"), text, url, _("Settle it"), headline, about, subject.phone)


def _balance(viewer: Viewer, row: Notice, connection: Connection) -> Told:
    names = {"account": connection.name, "date": day(row.moment)}
    text = _(
        "What falls due by autorenewal is covered until %(date)s, not from then on. Top the account up at Zadarma."
    )
    headline = _("The balance of %(account)s lasts until %(date)s") % names
    url = reverse("account-list") if viewer.may(May.SEE_CONNECTIONS) else reverse("home")
    label = _("low balance")
    return Told(row, _is_near(row), label, text % names, url, _("See the account"), headline, connection.name)


def _paused(viewer: Viewer, row: Notice, connection: Connection) -> Told:
    text = _("Zadarma did not accept its key pair. Nothing is read or changed there.")
    url, action = reverse("account-list"), _("Look at it")
    if viewer.may(May.MANAGE_CONNECTIONS):
        url, action = reverse("account-pair", args=[connection.pk]), _("Change the key pair")
    else:
        text = f"{text} {_('Ask an owner of this panel to put it right.')}"
    headline = _("A Zadarma account is paused: %(name)s") % {"name": connection.name}
    return Told(row, "needs", _("account paused"), text, url, action, headline, connection.name)


def _operations(viewer: Viewer, pks: set[int]) -> list[Operation]:
    rows = list(sync_queries.operations(viewer).filter(pk__in=pks))
    subjects = telling.subjects_of(rows)
    for operation in rows:
        operation.notice_subject = subjects[operation.pk]  # type: ignore[attr-defined]
    return rows


_FOUND_BY: dict[str, Callable[[Viewer, set[int]], Iterable[Any]]] = {
    "number": numbers.numbers_among,
    "group": lambda viewer, pks: documents.groups(viewer).filter(pk__in=pks),
    "order": lambda viewer, pks: numbers.orders(viewer).filter(pk__in=pks),
    "operation": _operations,
    "connection": lambda viewer, pks: sync_queries.connections(viewer).filter(pk__in=pks),
}
_TELLERS: dict[str, Teller] = {
    Kind.ENDS: _ends,
    Kind.UNPAID: _unpaid,
    Kind.PARKED: _parked,
    Kind.DOCUMENTS: _documents,
    Kind.REJECTED: _rejected,
    Kind.APPROVAL: _approval,
    Kind.IN_DOUBT: _in_doubt,
    Kind.BALANCE: _balance,
    Kind.PAUSED: _paused,
}
