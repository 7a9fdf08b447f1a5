"""The filter of the audit. The address holds ids and dates, nothing of anybody."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from people.audit_queries import NOBODY
from people.audit_words import choices

# Far enough for any audit, and near enough for every zone's arithmetic.
DAYS = [MinValueValidator(date(1970, 1, 2)), MaxValueValidator(date(9998, 12, 31))]
LARGEST = 2**63 - 1


class AuditFilter(forms.Form):
    """What narrows the audit; everything optional, wrong values are ignored."""

    what = forms.ChoiceField(label=_("What"), required=False)
    who = forms.ChoiceField(label=_("Who"), required=False)
    customer = forms.IntegerField(required=False, min_value=1, max_value=LARGEST)
    about = forms.CharField(required=False, max_length=60)
    since = forms.DateField(
        label=_("From"), required=False, validators=DAYS, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("To"), required=False, validators=DAYS, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    before = forms.IntegerField(required=False, min_value=1, max_value=LARGEST)
    after = forms.IntegerField(required=False, min_value=1, max_value=LARGEST)

    NARROWING = ("what", "who", "customer", "about", "since", "until")
    # With which the address says where in the list a page begins.
    PLACES = ("before", "after")

    def __init__(self, data: Any, *, people: Any) -> None:
        super().__init__(data)
        self.fields["what"].choices = choices()  # type: ignore[attr-defined]
        self.fields["who"].choices = [  # type: ignore[attr-defined]
            ("", _("anybody")),
            (NOBODY, _("nobody signed in")),
            *((str(person.pk), _("erased person") if person.is_erased else str(person)) for person in people),
        ]
        self.is_valid()

    @staticmethod
    def person_in(data: Any) -> list[int]:
        """Whom the address names, if it does: to be among the choices."""
        who = str(data.get("who", ""))
        return [int(who)] if who.isascii() and who.isdigit() and int(who) <= LARGEST else []

    def clean_about(self) -> tuple[str, int] | None:
        """A type of object and its id: `number:12`."""
        kind, _colon, pk = str(self.cleaned_data["about"]).partition(":")
        if not kind and not pk:
            return None
        if not (kind.isalpha() and pk.isascii() and pk.isdigit() and int(pk) <= LARGEST):
            raise ValidationError("no such object")
        return kind, int(pk)

    def value(self, name: str) -> Any:
        """The cleaned value of a field, or None where it is empty or wrong."""
        return self.cleaned_data.get(name) or None

    def wanted(self) -> dict[str, Any]:
        """What narrows the audit, by name."""
        return {name: self.value(name) for name in self.NARROWING if self.value(name)}
