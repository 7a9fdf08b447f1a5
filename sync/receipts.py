"""The evidence receipt: all that is known of one operation, in words, for a person who must understand it."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from people.models import User
from sync import settling, telling
from sync.kinds import Seen
from sync.models import Operation
from sync.operations import CONTRADICTS, ENDED, REPLACED, last_moment_sent
from sync.pace import settle_after
from sync.showing import Told, exact, known_kind
from sync.telling import Line, Sight, Subject
from sync.words import money

State = Operation.State


@dataclass(frozen=True)
class Answer:
    """What Zadarma answered: a sentence, the facts, and the technical words of the log, if any."""

    text: str
    lines: list[Line] = field(default_factory=list)
    technical: str = ""


@dataclass(frozen=True)
class Look:
    """One look at the account: when, what was seen, and what that is worth."""

    at: str
    sight: Sight
    verdict: Told


@dataclass(frozen=True)
class Money:
    """What it may cost, what it cost: `warnings` are told where they differ, `notes` where nothing is wrong."""

    lines: list[Line]
    warnings: list[str]
    notes: list[str]


@dataclass(frozen=True)
class Candidate:
    """What a person may name as the effect."""

    value: str
    name: Subject
    lines: list[Line]


def asked(operation: Operation) -> list[Line]:
    """Who asked for it, when, and when it was sent and settled."""
    lines = [
        Line(_("Asked for by"), str(operation.actor) if operation.actor else _("the schedule")),
        Line(_("Asked for at"), exact(operation.created_at)),
    ]
    if operation.sent_at:
        lines.append(Line(_("Sent at"), exact(operation.sent_at)))
    if operation.settled_at:
        lines.append(Line(_("Settled at"), exact(operation.settled_at)))
    return lines


def answer(operation: Operation) -> Answer:
    """What Zadarma answered, or why no answer came."""
    told = telling.telling_of(operation)
    match operation.state:
        case State.PLANNED:
            return Answer(_("It has not been sent, so there is no answer yet."))
        case State.CANCELLED:
            return Answer(_("It was never sent."))
        case State.SENT:
            return Answer(_("Zadarma has not answered yet."))
        case State.REFUSED if operation.sent_at:
            unsaid = _("no longer kept") if telling.is_erased(operation) else _("no reason given")
            reason = operation.error.rstrip(".") or unsaid
            return Answer(_("Zadarma refused it: “%(reason)s”.") % {"reason": reason})
        case State.REFUSED:
            return Answer(
                _("It was not sent to Zadarma. The check before sending found: %(reason)s")
                % {"reason": operation.error or _("no longer kept")}
            )
        case State.DONE if not _found_later(operation):
            return Answer(_("Zadarma confirmed it."), told.answer(operation.answer))
    kept = operation.evidence.get("answer", {})
    technical = _why_in_doubt(operation)
    return Answer(_no_answer(operation), told.answer(kept) if kept else [], technical)


def _found_later(operation: Operation) -> bool:
    """Whether it is known to be done from the account or from a person, not from Zadarma's answer."""
    looks = operation.evidence.get("looks", [])
    return "decision" in operation.evidence or bool(looks and looks[-1]["seen"] == Seen.PRESENT)


def _no_answer(operation: Operation) -> str:
    error = _why_in_doubt(operation)
    if operation.evidence.get("answer") or error.startswith(CONTRADICTS):
        return _("Zadarma answered, but its answer contradicts what this panel knows, so it was not believed.")
    if operation.evidence.get("accepted"):
        return _("Zadarma said that it was accepted, but the rest of the answer could not be read.")
    if error == ENDED:
        return _("No answer was noted: the panel was stopped, or broke down, while it waited for it.")
    return _(
        "No usable answer arrived: the connection broke, it took too long, or what came could not be read. That does "
        "not say whether it took effect."
    )


def _why_in_doubt(operation: Operation) -> str:
    """What was noted when its answer was missed: with the evidence once it is done, else where errors stand."""
    error = str(operation.evidence.get("error") or operation.error)
    return "" if error == REPLACED else error


def before(operation: Operation) -> tuple[str, list[Line]]:
    """What stood in the account before it was sent: when that was read, and what it was."""
    kept = operation.evidence.get("before", {})
    read_at = parse_datetime(kept.get("at", ""))
    return (exact(read_at) if read_at else ""), telling.telling_of(operation).before(kept)


def looks(operation: Operation) -> list[Look]:
    """The looks at the account since its answer was missed, oldest first. A kind without evidence has none."""
    told = telling.telling_of(operation)
    found = []
    for look in operation.evidence.get("looks", []):
        at = parse_datetime(look["at"])
        if look["facts"] and at:
            found.append(Look(exact(at), told.look(operation, look["facts"]), _verdict(operation, look, at)))
    return found


def _verdict(operation: Operation, look: dict[str, Any], at: datetime) -> Told:
    match look["seen"]:
        case Seen.PRESENT if operation.state in Operation.IN_DOUBT:
            text = _("But it explains something else already, so it was not taken for this.")
            return Told("needs", _("unclear"), text)
        case Seen.PRESENT:
            return Told("active", _("found"), _("It took effect."))
        case Seen.CONFLICT:
            return Told("needs", _("unclear"), telling.why(look["why"]))
    if not look["is_complete"]:
        text = _("Not everything could be read, so that nothing was found proves nothing.")
        return Told("neutral", _("proves nothing"), text)
    if look["why"]:  # it belongs to somebody else
        return Told("parked", _("not found"), telling.why(look["why"]))
    if not settling.is_late(operation, at):
        text = _("Too early to conclude: until %(time)s it may still take effect.") % {
            "time": exact(decidable_at(operation))
        }
        return Told("waiting", _("not found yet"), text)
    return Told("parked", _("not found"), _("Two such looks at a complete list mean that it did not take effect."))


def decidable_at(operation: Operation) -> datetime:
    """From when on it may be said that it did not take effect."""
    return last_moment_sent(operation) + settle_after()


def candidates(operation: Operation) -> list[Candidate]:
    """What the last look offers a person to name as the effect."""
    seen = operation.evidence.get("looks", [])
    if operation.state not in Operation.IN_DOUBT or not seen:
        return []
    told = telling.telling_of(operation)
    return [
        Candidate(
            str(one["value"]),
            told.candidate(operation, one),
            [*told.answer(one["answer"]), *told.candidate_lines(operation, one)],
        )
        for one in seen[-1]["candidates"]
    ]


def fell_by(operation: Operation) -> Decimal | None:
    """By how much the balance fell around the call; None where it was not read before and after."""
    if operation.balance_before is None or operation.balance_after is None:
        return None
    return operation.balance_before - operation.balance_after


def money_of(operation: Operation) -> Money | None:
    """What it may cost and what it cost; None for a kind that costs nothing."""
    if not _is_paid(operation):
        return None
    currency = operation.hold_currency or operation.paid_currency or operation.connection.balance_currency
    confirmed, paid, fell = operation.hold_amount, operation.paid_amount, fell_by(operation)
    lines = []
    if confirmed is None:
        lines.append(Line(_("Confirmed"), _("no sum: Zadarma does not say what it costs")))
    else:
        lines.append(Line(_("Confirmed, at most"), amount=confirmed, currency=operation.hold_currency))
    if operation.state == State.DONE:
        if paid is None:
            lines.append(Line(_("Paid"), _("Zadarma does not say it; the balance tells")))
        else:
            lines.append(Line(_("Paid, as Zadarma says"), amount=paid, currency=operation.paid_currency))
    lines += _balances(operation, currency)
    return Money(lines, _warnings(operation, currency, fell), _notes(operation))


def _is_paid(operation: Operation) -> bool:
    kind = known_kind(operation)
    paid = kind is not None and kind.paid
    return paid or operation.hold_amount is not None or operation.paid_amount is not None


def _balances(operation: Operation, currency: str) -> list[Line]:
    lines, fell = [], fell_by(operation)
    read_at = parse_datetime(operation.evidence.get("before", {}).get("at", ""))
    if operation.balance_before is not None:
        note = _("read at %(time)s") % {"time": exact(read_at)} if read_at else ""
        lines.append(Line(_("Balance before"), amount=operation.balance_before, currency=currency, note=note))
    if operation.balance_after is not None:
        note = _read_after(operation)
        lines.append(Line(_("Balance after"), amount=operation.balance_after, currency=currency, note=note))
    elif operation.state == State.DONE:
        lines.append(Line(_("Balance after"), _("not read")))
    if fell is not None:
        label = _("The balance fell by") if fell >= 0 else _("The balance rose by")
        lines.append(Line(label, amount=abs(fell), currency=currency))
    return lines


def _read_after(operation: Operation) -> str:
    if operation.settled_at is None:
        return ""
    if _found_later(operation):
        return _("read when it was found done, at %(time)s") % {"time": exact(operation.settled_at)}
    return _("read just after %(time)s") % {"time": exact(operation.settled_at)}


def _warnings(operation: Operation, currency: str, fell: Decimal | None) -> list[str]:
    confirmed, paid = operation.hold_amount, operation.paid_amount
    found: list[str] = []
    if confirmed is None:
        return found
    sure = money(confirmed, operation.hold_currency)
    if paid is not None and (paid, operation.paid_currency) != (confirmed, operation.hold_currency):
        told = money(paid, operation.paid_currency)
        found.append(_("Zadarma took %(paid)s; %(confirmed)s was confirmed.") % {"paid": told, "confirmed": sure})
    if paid is None and fell is not None and fell != confirmed:  # only the balance tells what it cost
        if fell < 0:
            text = _(
                "The balance rose by %(rose)s, though %(confirmed)s was confirmed: money came in at the same time. "
                "Compare it with the payments in the Zadarma account."
            )
        elif fell > confirmed:
            text = _(
                "The balance fell by %(fell)s, more than the %(confirmed)s that was confirmed. Other charges of the "
                "same moments may be in it: compare it with the payments in the Zadarma account."
            )
        else:
            text = _(
                "The balance fell by %(fell)s, less than the %(confirmed)s that was confirmed: it cost less, money "
                "came in at the same time, or it is not paid yet. Compare it with the payments in the Zadarma account."
            )
        found.append(text % {"fell": money(fell, currency), "rose": money(-fell, currency), "confirmed": sure})
    return found


def _notes(operation: Operation) -> list[str]:
    if operation.hold_amount is None:
        return []
    held = {"amount": money(operation.hold_amount, operation.hold_currency)}
    if operation.state in Operation.OPEN:
        return [_("%(amount)s is held for it until it is settled: nothing else can spend it.") % held]
    if operation.state in (State.REFUSED, State.NOT_DONE, State.CANCELLED):
        return [_("Nothing is held for it any more.")]
    return []


def decision(operation: Operation) -> list[Line]:
    """Who decided, when and why; empty where no person did."""
    kept = operation.evidence.get("decision")
    if not kept:
        return _said(operation)
    verdict = _("It took effect") if kept["verdict"] == "done" else _("It did not take effect")
    named = telling.telling_of(operation).answer(operation.answer) if kept["verdict"] == "done" else []
    return [
        Line(_("Decided"), verdict),
        *named,
        Line(_("By"), str(operation.decided_by) if operation.decided_by else _("a person who has left")),
        Line(_("At"), exact(parse_datetime(kept["at"]))),
        Line(_("Note"), kept["note"] or "–"),
    ]


def _said(operation: Operation) -> list[Line]:
    """What a person said whom the last look made superfluous."""
    said = operation.evidence.get("said")
    if not said:
        return []
    by = User.objects.filter(pk=said.get("by")).first()
    return [
        Line(_("Said"), _("It took effect") if said["verdict"] == "done" else _("It did not take effect")),
        Line(_("Decided"), _("by what the account showed at that moment")),
        Line(_("By"), str(by) if by else _("a person who has left")),
        Line(_("At"), exact(parse_datetime(said["at"]))),
        Line(_("Note"), said["note"] or "–"),
    ]
