"""The kinds of notice: who may see them, how urgent they are, and by which topic people choose how they are told."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notices.models import Notice, Way
from people.permissions import May, allows

Kind = Notice.Kind

# A number's end and an account's last covered day come nearer in these steps, in days.
THRESHOLDS = (1, 3, 7, 14, 30)
BALANCE_THRESHOLDS = (1, 3, 7, 14)
SOON_DAYS = 7

# What one must be allowed to, to be told of it. Whose rows: `people.tenancy`.
NEEDS: Mapping[str, May] = {
    Kind.ENDS: May.SEE,
    Kind.UNPAID: May.SEE_MONEY,
    Kind.PARKED: May.SEE,
    Kind.DOCUMENTS: May.SEE,
    Kind.REJECTED: May.SEE,
    Kind.APPROVAL: May.APPROVE,
    Kind.IN_DOUBT: May.SETTLE,
    Kind.BALANCE: May.SEE_MONEY,
    Kind.PAUSED: May.SEE_CONNECTIONS,
}


class Topic(models.TextChoices):
    """What a person chooses a way for."""

    SOON = "soon", _("A number ends within a week")
    LATER = "later", _("A number ends within a month")
    PARKED = "parked", _("A number is parked")
    DOCUMENTS = "documents", _("A number waits for documents")
    REJECTED = "rejected", _("Papers are rejected")
    APPROVAL = "approval", _("An order waits for approval")
    IN_DOUBT = "in_doubt", _("It is not clear whether something took effect")
    BALANCE = "balance", _("The balance of an account runs low")
    PAUSED = "paused", _("An account is paused")


@dataclass(frozen=True)
class About:
    """`needs`: what one of these a person must be allowed to; `at_once`: to whom it is urgent (None: to nobody)."""

    help: Promise | str
    needs: tuple[May, ...]
    at_once: May | None


TOPICS: Mapping[str, About] = {
    Topic.SOON: About(
        _("Autorenewal is off, or the money for it is lacking: 7, 3 days and 1 day before."), (May.SEE,), May.SEE
    ),
    Topic.LATER: About(
        _("Autorenewal is off, or the money for it is lacking: 30 and 14 days before."), (May.SEE,), None
    ),
    Topic.PARKED: About(_("It is switched off, kept for 7 days and then lost."), (May.SEE,), May.SEE),
    Topic.DOCUMENTS: About(_("It is connected only once they are there."), (May.SEE,), None),
    Topic.REJECTED: About(_("A document, an address or a change was not accepted."), (May.SEE,), May.SEE),
    Topic.APPROVAL: About(_("Of a customer whose orders need it. Never your own."), (May.APPROVE,), May.APPROVE),
    Topic.IN_DOUBT: About(
        _("An order, a payment or a change that only a person can settle."), (May.SETTLE,), May.SETTLE
    ),
    Topic.BALANCE: About(
        _("What falls due by autorenewal uses it up in 14, 7, 3 days or 1 day."), (May.SEE_MONEY,), May.SEE_MONEY
    ),
    Topic.PAUSED: About(
        _("Zadarma did not accept its key pair: nothing is read or changed there."),
        (May.SEE_CONNECTIONS,),
        May.MANAGE_CONNECTIONS,
    ),
}


# To customers nothing is told of the money of the partner's account.
HELP_WITHOUT_MONEY: Mapping[str, Promise | str] = {
    Topic.SOON: _("Autorenewal is off: 7, 3 days and 1 day before."),
    Topic.LATER: _("Autorenewal is off: 30 and 14 days before."),
}


def help_of(topic: str, *, sees_money: bool) -> str:
    """When one is told of `topic`."""
    text = TOPICS[topic].help if sees_money else HELP_WITHOUT_MONEY.get(topic, TOPICS[topic].help)
    return str(text)


def topic_of(kind: str, threshold: int) -> Topic:
    """By which topic people choose how they are told of a notice."""
    if kind in (Kind.ENDS, Kind.UNPAID):
        return Topic.SOON if threshold <= SOON_DAYS else Topic.LATER
    return Topic(kind)


def urgency_of(kind: str, threshold: int) -> int:
    """How urgent it is; 0 first."""
    match kind:
        case Kind.PAUSED | Kind.PARKED:
            return 0
        case Kind.IN_DOUBT:
            return 1
        case Kind.ENDS | Kind.UNPAID:
            return 0 if threshold <= 1 else 1 if threshold <= SOON_DAYS else 4
        case Kind.BALANCE:
            return 0 if threshold <= 3 else 2
        case Kind.REJECTED | Kind.APPROVAL:
            return 2
    return 3


def default_way(topic: str, role: str) -> Way:
    """How somebody of `role` is told who chose nothing: at once of what is urgent to them, else once a day."""
    at_once = TOPICS[topic].at_once
    return Way.AT_ONCE if at_once is not None and allows(role, at_once) else Way.DIGEST


def way_of(topic: str, role: str, chosen: Mapping[str, str]) -> Way:
    """How somebody of `role` is told, given what they chose."""
    way = chosen.get(topic, "")
    return Way(way) if way in Way.values else default_way(topic, role)
