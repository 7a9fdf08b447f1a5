"""How states are told to people: badge and sentence; and those of sync runs."""

from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext as _

from sync.models import SyncRun

KINDS_OF_BADGE = {
    SyncRun.State.RUNNING: "waiting",
    SyncRun.State.DONE: "active",
    SyncRun.State.FAILED: "needs",
}


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
