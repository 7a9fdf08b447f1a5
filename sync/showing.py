"""How states are told to people: badge and sentence; those of sync runs and of operations."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sync.kinds import Kind, kind_of
from sync.models import Operation, SyncRun
from sync.operations import REPLACED

KINDS_OF_BADGE = {
    SyncRun.State.RUNNING: "waiting",
    SyncRun.State.DONE: "active",
    SyncRun.State.FAILED: "needs",
}


def sort_key(name: str) -> str:
    """By which names are ordered: as a dictionary does, "Österreich" beside "Ostsee"."""
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()


@dataclass(frozen=True)
class Told:
    """A badge (kind: active, waiting, needs, parked, test, neutral) with its word, and a sentence."""

    kind: str
    label: str
    text: str = ""


@dataclass(frozen=True)
class ToldRun(Told):
    """A run's badge, how long it took, and what it is doing while it lasts."""

    took: str = ""
    step: str = ""


def run_status(run: SyncRun) -> ToldRun:
    """The state of a run."""
    kind = KINDS_OF_BADGE.get(SyncRun.State(run.state), "neutral")
    return ToldRun(kind, run.get_state_display(), took=took(run.duration), step=step(run.step))


def step(name: str) -> str:
    """What a run is doing: its own word for it in the reader's language; "DE en" (country, language) stays."""
    kind, _space, which = name.partition(" ")
    words = {
        "listing": _("fetching the list"),
        "comparing": _("comparing"),
        "writing": _("writing"),
        "groups": _("fetching the list"),
        "group": _("group %(id)s") % {"id": which},
    }
    return words.get(kind, name)


def took(seconds: float | None) -> str:
    """A duration as people say it: "0.4 s", "12 s", "3 min 5 s"; "" while it lasts."""
    if seconds is None:
        return ""
    if seconds < 10:
        return _("%(seconds)s s") % {"seconds": formats.number_format(max(seconds, 0.1), decimal_pos=1)}
    if seconds < 60:
        return _("%(seconds)s s") % {"seconds": f"{seconds:.0f}"}
    minutes, rest = divmod(round(seconds), 60)
    return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}


def exact(moment: datetime | None) -> str:
    """A moment to the second in the reader's zone: "21 November 2026, 23:08:30 CET"; "–" where there is none."""
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    day = formats.date_format(local, pgettext("date with year", "j F Y"))
    return f"{day}, {local:%H:%M:%S} {local.tzname()}"


def clock(moment: datetime) -> str:
    """When something will be, for sentences: "14:05", with its day where that is not today."""
    local = timezone.localtime(moment)
    if local.date() == timezone.localdate():
        return f"{local:%H:%M}"
    return f"{formats.date_format(local, pgettext('date without year', 'j F'))}, {local:%H:%M}"


def next_look(operation: Operation) -> str:
    """When the panel looks next at an operation in doubt, as a sentence."""
    if operation.look_at is None or operation.look_at <= timezone.now():
        return _("The panel looks again in a moment.")
    return _("The panel looks again at %(time)s.") % {"time": clock(operation.look_at)}


BADGES = {
    Operation.State.PLANNED: "waiting",
    Operation.State.SENT: "waiting",
    Operation.State.DONE: "active",
    Operation.State.REFUSED: "needs",
    Operation.State.UNKNOWN: "waiting",
    Operation.State.NOT_DONE: "parked",
    Operation.State.NEEDS_PERSON: "needs",
    Operation.State.CANCELLED: "parked",
}


def known_kind(operation: Operation) -> Kind | None:
    """Its kind; None where no app knows it (any more)."""
    try:
        return kind_of(operation)
    except KeyError:
        return None


def is_repeatable(operation: Operation) -> bool:
    """Whether it sets a value, so that sending it again does no harm."""
    kind = known_kind(operation)
    return kind is not None and kind.repeatable


def operation_status(operation: Operation) -> Told:
    """The state of an operation: what it means, what happens next, and who must act."""
    state = Operation.State(operation.state)
    return Told(BADGES[state], operation.get_state_display(), _MEANINGS[state](operation))


def waits_for(operation: Operation) -> str:
    """Why a planned one has not been sent, as a sentence for staff; "" while nothing is in its way."""
    waits = Operation.Waits
    told = {
        str(waits.OUTAGE): _("Zadarma can't be reached. It leaves as soon as it can."),
        str(waits.OTHERS): _("Something else must be settled first. It leaves by itself after that."),
        str(waits.MONEY): _("The balance is held for what is under way. It leaves by itself once that is settled."),
        str(waits.ACCOUNT): _("The account is paused. It leaves once the account is switched on again."),
        str(waits.MISTAKE): _("Something went wrong in the panel. It is tried again every few minutes."),
    }
    return told.get(operation.waits_for, "")


def _planned(operation: Operation) -> str:
    if not operation.connection.usable:
        return _("It has not been sent: the account is paused. It is sent once the account is switched on again.")
    if why := waits_for(operation):
        return why
    return _("It has not been sent. That takes a few seconds. Nobody needs to do anything.")


def _sent(operation: Operation) -> str:
    return _("It is on its way. Zadarma's answer is expected within seconds. Nobody needs to do anything.")


def _done(operation: Operation) -> str:
    if operation.decided_by_id:
        return _("It took effect: a person decided so. Nobody needs to do anything.")
    return _("It took effect. Nobody needs to do anything.")


def _refused(operation: Operation) -> str:
    if operation.sent_at:
        return _("Zadarma said no, so nothing was changed and nothing was paid.")
    return _("The panel did not send it, so nothing was changed and nothing was paid.")


def _unknown(operation: Operation) -> str:
    if is_repeatable(operation):
        return _(
            "Zadarma's answer did not arrive. The value is sent again, which does no harm. Nobody needs to do anything."
        )
    return _(
        "Nobody knows yet whether it took effect. It is not sent a second time. %(look)s Nobody needs to act yet."
    ) % {"look": next_look(operation)}


def _not_done(operation: Operation) -> str:
    if operation.error == REPLACED:
        return _("A later change of the same value replaced it. Nobody needs to do anything.")
    if operation.decided_by_id:
        return _("It did not take effect: a person decided so. It can be tried again.")
    return _("It did not take effect: the account showed no trace of it. It can be tried again.")


def _needs_person(operation: Operation) -> str:
    if is_repeatable(operation):
        if reason := operation.evidence.get("stopped"):
            return _(
                "Zadarma's answer did not arrive, and when it was to be sent again this came up: %(reason)s. Nobody "
                "knows whether the value was set. You must act: save the value anew."
            ) % {"reason": reason.rstrip(".")}
        return _("The value could not be set, however often it was sent. You must act: save the value anew.")
    return _(
        "The panel could not find out whether it took effect. You must decide: look into the Zadarma account, then say "
        "on this receipt what you found."
    )


def _cancelled(operation: Operation) -> str:
    if operation.error == REPLACED:
        return _("A later change of the same value replaced it. Nobody needs to do anything.")
    return _("It was stopped before it was sent. Nothing was changed.")


_MEANINGS = {
    Operation.State.PLANNED: _planned,
    Operation.State.SENT: _sent,
    Operation.State.DONE: _done,
    Operation.State.REFUSED: _refused,
    Operation.State.UNKNOWN: _unknown,
    Operation.State.NOT_DONE: _not_done,
    Operation.State.NEEDS_PERSON: _needs_person,
    Operation.State.CANCELLED: _cancelled,
}
