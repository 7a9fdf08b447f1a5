"""How a person wants to be told."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from notices.kinds import TOPICS, Topic, help_of
from notices.models import DIGEST_HOUR, Way
from people.permissions import May
from people.tenancy import Viewer

HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


def topics_of(viewer: Viewer) -> list[Topic]:
    """What `viewer` can be told of."""
    return [topic for topic in Topic if any(viewer.may(need) for need in TOPICS[topic].needs)]


class PreferenceForm(forms.Form):
    """The hour of the summary, and a way for each topic that their role has to do with."""

    hour = forms.TypedChoiceField(
        label=_("The summary of the day comes at"), choices=HOURS, coerce=int, initial=DIGEST_HOUR
    )

    def __init__(
        self, *args: Any, viewer: Viewer, topics: Sequence[Topic], ways: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.topics = topics
        for topic in topics:
            self.fields[topic.value] = forms.ChoiceField(
                label=topic.label,
                choices=Way.choices,
                initial=ways[topic],
                help_text=help_of(topic, sees_money=viewer.may(May.SEE_MONEY)),
            )

    @property
    def ways(self) -> dict[str, str]:
        """What was chosen, by topic."""
        return {topic.value: str(self.cleaned_data[topic.value]) for topic in self.topics}
