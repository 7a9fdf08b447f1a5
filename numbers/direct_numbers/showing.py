"""How numbers and orders are told to people: badge, what it means, what happens next and who must act."""

from dataclasses import replace
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from direct_numbers import approving
from direct_numbers.choosing import own_logins
from direct_numbers.models import Direction, Number, Order
from direct_numbers.refusals import reason_for_customers
from documents.models import GroupValidity, type_label
from people.permissions import May
from people.tenancy import Viewer
from sync import telling
from sync.models import Operation
from sync.operations import REPLACED
from sync.showing import Told, next_look, waits_for
from sync.showing import sort_key as sort_key

# A planned operation leaves within seconds; one this old could not be sent.
LATE = timedelta(seconds=15)


def number_status(number: Number, viewer: Viewer, *, papers_are_checked: bool = False) -> Told:
    """The status of a number: what happens next and who must act. Only staff are told of the account's balance.

    `papers_are_checked`: all that it waits for was given since, and Zadarma checks it.
    """
    if number.gone_at:
        return Told("parked", _("gone"), _("Zadarma no longer lists this number. Its history is kept here."))
    if number.status == Number.Status.ON and number.is_on_test:
        return Told("test", _("active, test mode"), _("Calls are answered by a test announcement."))
    status = Number.Status
    kind, label = {
        status.ON: ("active", _("active")),
        status.PARKING: ("parked", _("parked")),
        status.CHECKING: ("waiting", _("waits for activation")),
        status.CHECKING_UPLOAD: ("needs", _("documents needed")),
        status.RESERVED_ON: ("needs", _("reserved until paid")),
        status.RESERVED_CHECKING: ("needs", _("reserved until paid")),
        status.RESERVED_CHECKING_UPLOAD: ("needs", _("reserved until paid")),
    }.get(number.status, ("neutral", number.status or _("unknown")))  # type: ignore[call-overload]
    texts = _for_staff(number) if viewer.is_staff else _for_customers(number, viewer)
    if number.status == status.CHECKING_UPLOAD and papers_are_checked:
        return Told("waiting", _("waits for activation"), texts[status.CHECKING])
    return Told(kind, label, texts.get(number.status, _("A status new to this panel.")))


def _for_staff(number: Number) -> dict[str, str]:
    """What each status means to those who pay and upload."""
    status = Number.Status
    return {
        status.ON: _("Calls arrive.") if number.sip else _("No call arrives yet: choose where calls go."),
        status.PARKING: _(
            "Switched off. Zadarma keeps it for 7 days, then it is lost, unless it is paid further before."
        ),
        status.CHECKING: _("Zadarma is checking the papers or connecting it. Nothing to do."),
        status.CHECKING_UPLOAD: _(
            "Zadarma waits for documents before it connects this number. Upload them here, in the papers it uses."
        ),
        status.RESERVED_ON: _("The balance was too small. Top it up and the number is connected."),
        status.RESERVED_CHECKING: _("The balance was too small. Once paid, Zadarma checks and connects it."),
        status.RESERVED_CHECKING_UPLOAD: _("The balance was too small, and documents are needed as well."),
    }


def _for_customers(number: Number, viewer: Viewer) -> dict[str, str]:
    """The same to those whose number it is: to do it themselves where their role has it, else to ask for it."""
    may_route, may_pay, may_give = (viewer.may(what) for what in (May.ROUTE, May.PAY, May.EDIT_PAPERS))
    unpaid = _("Your provider's staff must complete the payment before it is connected. You need not do anything.")
    status = Number.Status
    return {
        status.ON: _on(number, may_route=may_route),
        status.PARKING: _("Switched off. It is kept for 7 days, then it is lost, unless it is paid further before.")
        if may_pay
        else _("Switched off. After 7 days it is lost: please tell your provider if you want to keep it."),
        status.CHECKING: _("The papers are being checked, or it is being connected. You need not do anything."),
        status.CHECKING_UPLOAD: _(
            "Documents are missing before it can be connected. Upload them here, in the papers it uses."
        )
        if may_give
        else _("Documents are missing before it can be connected. Please send them to your provider's staff."),
        status.RESERVED_ON: unpaid,
        status.RESERVED_CHECKING: unpaid,
        status.RESERVED_CHECKING_UPLOAD: _(
            "Your provider's staff must complete the payment, and documents are needed: upload them in the papers it "
            "uses."
        )
        if may_give
        else _("Your provider's staff must complete the payment, and documents are needed: please send them those."),
    }


def _on(number: Number, *, may_route: bool) -> str:
    if number.sip:
        return _("Calls arrive.")
    if may_route:
        return _("No call arrives yet: choose where calls go.")
    return _("No call arrives yet: your provider's staff choose where to.")


def login_name(number: Number, viewer: Viewer) -> str:
    """The name of the SIP login that calls go to; customers are told it of their own logins alone."""
    return number.sip_name if viewer.is_staff or number.sip in own_logins(number.customer) else ""


def order_status(order: Order, viewer: Viewer) -> Told:
    """The state of an order: what happens next and who must act."""
    match order.state:
        case Order.State.DRAFT:
            return Told("neutral", _("draft"), _("Nothing is ordered yet. Go on where you left off."))
        case Order.State.APPROVAL:
            return Told(_approval_kind(order, viewer), _("waiting for approval"), _approval(order, viewer))
        case Order.State.PLACING:
            return Told("waiting", _("being placed"), _placing(order, viewer))
        case Order.State.IN_DOUBT:
            is_stuck = order.operation is None or order.operation.state == Operation.State.NEEDS_PERSON
            return Told("needs" if is_stuck else "waiting", _("in doubt"), _doubt(order, viewer))
        case Order.State.REFUSED:
            return Told("needs", _("not ordered"), _refusal(order, viewer))
        case Order.State.CANCELLED:
            return Told("parked", _("cancelled"), _("Nothing was ordered. Nobody needs to do anything."))
    if getattr(order, "is_passed_on", False):
        return Told("neutral", _("placed"), _("The number of this order now belongs to somebody else."))
    if order.number is None:
        return Told("waiting", _("placed"), _("The number will be shown here soon. Nobody needs to do anything."))
    told = number_status(order.number, viewer)
    is_to_be_routed = order.number.is_active and not order.number.sip and order.routing
    return replace(told, text="") if is_to_be_routed else told


def is_passed_on(order: Order, viewer: Viewer) -> bool:
    """Whether the number that the order brought is somebody else's now, as far as `viewer` is concerned."""
    return bool(not viewer.is_staff and order.number and order.number.customer_id not in viewer.customer_ids)


def without_a_strangers_number(order: Order, viewer: Viewer) -> Order:
    """The order as `viewer` may see it: a number given to somebody else since is theirs alone. Not to be saved."""
    if is_passed_on(order, viewer):
        order.number, order.wanted_number = None, ""
        order.is_passed_on = True  # type: ignore[attr-defined]
    return order


def _approval_kind(order: Order, viewer: Viewer) -> str:
    return "needs" if viewer.may(May.APPROVE) and not approving.is_own(order, viewer.user_id) else "waiting"


def _approval(order: Order, viewer: Viewer) -> str:
    """Who must act. The number is not held for them while they wait."""
    if not viewer.is_staff:
        return _(
            "Nothing is ordered yet, and the number is not reserved: your provider's staff must approve it first. You "
            "need not do anything."
        )
    if viewer.may(May.APPROVE) and not approving.is_own(order, viewer.user_id):
        return _("Nothing is ordered yet, and the number is not reserved: you must approve it first.")
    return _("Nothing is ordered yet, and the number is not reserved: another person of the staff must approve it.")


def _placing(order: Order, viewer: Viewer) -> str:
    """Why it has not been placed yet. Of the balance and of paused accounts only staff are told."""
    operation = order.operation
    if operation is None or not is_late(operation):
        return _("The order is on its way to Zadarma. This takes a few seconds.")
    if not viewer.is_staff:
        return _("The order could not be sent yet. It leaves by itself as soon as it can. You need not do anything.")
    if operation.waits_for == Operation.Waits.OTHERS:
        return _("Another order in this direction must be settled first. This one leaves by itself after it.")
    if operation.waits_for == Operation.Waits.OUTAGE:
        return _("Zadarma can't be reached. The order leaves as soon as it can; until then you can stop it.")
    if operation.waits_for:
        return waits_for(operation)
    return _("The order could not be sent yet. It leaves by itself; until then you can stop it.")


def _doubt(order: Order, viewer: Viewer) -> str:
    """Whether the number was ordered: who finds it out, and when."""
    operation = order.operation
    if operation is None or operation.state == Operation.State.NEEDS_PERSON:
        if viewer.is_staff:
            return _(
                "Zadarma's answer did not arrive, and the account does not show clearly whether the number was "
                "ordered. You must decide. Do not order it again before."
            )
        return _("It is not clear yet whether the number was ordered. Your provider's staff are looking into it.")
    return _(
        "Zadarma's answer did not arrive. The panel looks at the account until it is clear whether the number was "
        "ordered; it is not ordered a second time. %(look)s"
    ) % {"look": next_look(operation)}


def _refusal(order: Order, viewer: Viewer) -> str:
    """Why an order was not placed. What Zadarma answered is in its own words and language, so it is named as such.

    Customers are told what is about their choices alone: it may be the balance of the partner's account.
    """
    if order.is_approved is False:
        if viewer.is_staff:
            return _("It was not approved. Nothing was ordered. It can be corrected and sent anew.")
        return _("Your provider did not approve it. Nothing was ordered. You can correct it and send it anew.")
    if not viewer.is_staff and (reason := reason_for_customers(order)):
        return _("%(reason)s Nothing was ordered and nothing was paid.") % {"reason": reason}
    if not viewer.is_staff:
        return _("Nothing was ordered and nothing was paid. Your provider's staff know why, and can order again.")
    operation = order.operation
    if operation and operation.state == Operation.State.NOT_DONE:
        if operation.decided_by_id:
            return _("It was decided by hand that nothing was ordered. Nothing was paid. You can order again.")
        return _(
            "The account shows that it did not take effect: nothing was ordered, nothing was paid. You can order again."
        )
    if not order.error:
        return _("Zadarma refused the order. Nothing was paid.")
    if operation and operation.sent_at and operation.state == Operation.State.REFUSED:
        return _("Zadarma answered: “%(reason)s”. Nothing was paid.") % {"reason": order.error.rstrip(".")}
    return order.error


def is_late(operation: Operation | None) -> bool:
    """Whether an operation still waits to be sent although its time has come."""
    if operation is None or operation.state != Operation.State.PLANNED:
        return False
    return bool(operation.waits_for) or operation.created_at < timezone.now() - LATE


def why_late(operation: Operation, viewer: Viewer) -> str:
    """Why a change has not been sent yet. Of the balance and of paused accounts only staff are told."""
    if operation.waits_for and (viewer.is_staff or operation.waits_for == Operation.Waits.OUTAGE):
        return waits_for(operation)
    return _("It could not be sent yet. It leaves by itself.")


def operation_name(operation: Operation) -> str:
    """What an operation does, in words."""
    return telling.name_of(operation)


def operation_target(operation: Operation) -> str:
    """What an operation on a number sets, in a word; "" where there is nothing to add."""
    return telling.telling_of(operation).brief(operation)


def operation_note(operation: Operation, viewer: Viewer) -> str:
    """Why an operation is where it is; "" where its state says it all. What was logged for us is not shown.

    Why something was refused may be the balance, in Zadarma's words: customers are not told.
    """
    if not viewer.is_staff:
        return ""
    match operation.state:
        case Operation.State.REFUSED if operation.sent_at and operation.error:
            return _("Zadarma answered: “%(reason)s”.") % {"reason": operation.error.rstrip(".")}
        case Operation.State.REFUSED:
            return operation.error
        case Operation.State.UNKNOWN | Operation.State.NEEDS_PERSON:
            return _("Zadarma's answer did not arrive.")
        case Operation.State.NOT_DONE if operation.error == REPLACED:
            return _("A later change replaced it.")
    return ""


def field_name(field: str) -> str:
    """A mirrored field's name, in words."""
    names = {
        "status": _("Status"),
        "autorenew": _("Autorenewal"),
        "autorenew_period": _("Autorenewal period"),
        "sip": _("Calls go to"),
        "sip_name": _("Name of the SIP login"),
        "number_name": _("Caller name"),
        "stop_text": _("Paid until"),
        "start_text": _("Connected on"),
        "monthly_fee": _("Monthly fee"),
        "channels": _("Channels"),
        "is_on_test": _("Test mode"),
        "receive_sms": _("SMS"),
        "group_remote_id": _("Document group"),
        "description": _("City"),
        "gone_at": _("No longer listed"),
        "customer": _("Customer"),
        "minutes": _("Incoming traffic"),
    }
    return names.get(field, field)


def connect_time(direction: Direction) -> str:
    """How long activation takes, as advertised."""
    days = direction.connect_days
    if days is None:
        return _("not told")
    if days == 0:
        return _("at once, once the papers are checked") if direction.uploads else _("at once")
    return _("about %(days)d days") % {"days": days} if days > 1 else _("about 1 day")


def lacking(validity: GroupValidity | None, *, is_rejected: bool = False) -> list[dict[str, str]]:
    """The API's four answers as a checklist: `{"state", "text", "word"}` each. A document rejected since is missing."""
    if validity is None:
        return []
    uploaded = validity.is_documents_uploaded and not is_rejected
    verified = validity.is_documents_verified and not is_rejected
    data_fit, address_fits = validity.is_information_match, validity.is_address_match
    return [
        {
            "state": "have" if data_fit else "lack",
            "text": _("Personal data"),
            "word": _("fit") if data_fit else _("incomplete"),
        },
        {
            "state": "have" if address_fits else "lack",
            "text": _("Address"),
            "word": _("fits") if address_fits else _("does not fit this direction"),
        },
        {
            "state": "have" if uploaded else "lack",
            "text": _("Documents"),
            "word": _("uploaded") if uploaded else _("missing"),
        },
        {
            "state": "have" if verified else ("checking" if uploaded else "lack"),
            "text": _("Check by Zadarma"),
            "word": _("passed") if verified else (_("under way") if uploaded else _("not yet")),
        },
    ]


def verdict(validity: GroupValidity | None, *, is_rejected: bool = False) -> Told | None:
    """What the four answers mean for an order with this group; None while they are unknown.

    `is_rejected` says that a document which is wanted stands rejected: then it is missing, whatever was answered.
    """
    if validity is None:
        return None
    if validity.suits and not is_rejected:
        return Told("active", _("fits"), _("Nothing is lacking for this direction."))
    if not validity.may_order:
        return Told("needs", _("does not fit"), _("Zadarma would refuse an order with this group."))
    if validity.is_documents_uploaded and not is_rejected:
        return Told("waiting", _("being checked"), _("You can order now. The number is active once they are checked."))
    text = _("You can order now and upload the documents here, before or afterwards.")
    return Told("waiting", _("documents missing"), text)


# In which order groups are offered, by the kind of their verdict.
SUITS = {"active": 0, "waiting": 1, "needs": 2}


def requirements(direction: Direction, *, files: bool = True) -> list[dict[str, str]]:
    """What Zadarma wants for a direction, in plain words: `{"icon", "title", "text"}` each; empty: nothing."""
    wanted = []
    for upload in direction.uploads if files else []:
        title, text = type_label(upload.get("type", "")), upload.get("text", "")
        title = title[:1].upper() + title[1:]
        wanted.append({"icon": "papers", "title": title or text, "text": text if title else ""})
    return wanted + [{"icon": "edit", "title": text, "text": ""} for text in direction.specify]


STEP_NAMES = ("country", "direction", "number", "documents", "review", "routing")


def steps(order: Order, current: str, urls: dict[str, str]) -> list[dict[str, str]]:
    """The step bar: `{"key", "label", "state", "url"}` each; done steps can be returned to while it is a draft."""
    labels = {
        "country": _("Country"),
        "direction": _("Direction"),
        "number": _("Number"),
        "documents": _("Documents"),
        "review": _("Review"),
        "routing": _("Routing"),
    }
    is_draft = order.state == Order.State.DRAFT
    done = {
        "country": order.country_id is not None,
        "direction": order.direction_id is not None,
        "number": order.number_chosen,
        "documents": order.group_id is not None,
        "review": not is_draft,
        "routing": bool(order.routing),
    }
    bar = []
    for key in STEP_NAMES:
        state = "current" if key == current else ("done" if done[key] else "todo")
        reachable = (done[key] and is_draft) or (key == "routing" and not is_draft)
        bar.append({"key": key, "label": labels[key], "state": state, "url": urls[key] if reachable else ""})
    return bar
