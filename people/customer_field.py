"""Choosing a customer: a select where there are few; where there are many, part of a name and those it finds.

It works without JavaScript: "Search" sends the form, which comes back with those found.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.models import Customer

MANY = 50  # from so many customers on, a select is no help any more
MOST_FOUND = 20
MOST_ROWS = 200  # of one bulk change
NOBODY = "nobody"  # where that is an option of its own


class Chosen(str):
    """The primary key that was chosen ("": nobody), and the words typed to find a customer."""

    words: str = ""
    only_looks: bool = False


def matching(customers: QuerySet[Customer], words: str) -> QuerySet[Customer]:
    """Those whose name or reference holds `words`."""
    return customers.filter(Q(name__icontains=words) | Q(reference__icontains=words))


def filter_choices(customers: QuerySet[Customer], chosen: str) -> list[tuple[str, str]]:
    """For a filter: all customers where they are few, or only the one chosen (a primary key as text)."""
    few = list(customers.values_list("pk", "name")[: MANY + 1])
    if len(few) > MANY:
        one = one_of(customers, chosen)
        few = [(one.pk, one.name)] if one else []
    return [(str(pk), name) for pk, name in few]


def one_of(customers: QuerySet[Customer], text: str) -> Customer | None:
    """The customer of a primary key in an address, if it is one."""
    is_key = text.isascii() and text.isdigit() and len(text) < 19
    return customers.filter(pk=int(text)).first() if is_key else None


class CustomerChoice(forms.Select):
    """A select, with a field for words above it where there are many customers."""

    template_name = "components/customer_choice.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Chosen:
        """Both controls' values."""
        chosen = Chosen(data.get(name) or "")
        chosen.words = str(data.get(f"{name}_words", "")).replace("\0", "").strip()[:60]
        chosen.only_looks = f"{name}_look" in data
        return chosen

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Only as many options as a person can look through."""
        among: Any = self.choices  # what the field tells of itself: its queryset, and itself
        customers: QuerySet[Customer] = among.queryset
        words = getattr(value, "words", "")
        shown = list(customers[: MANY + 1])
        is_many = len(shown) > MANY
        if is_many and words:
            shown = list(matching(customers, words)[:MOST_FOUND])
            if len(shown) == 1:
                value = str(shown[0].pk)
        elif is_many:
            one = one_of(customers, str(value or ""))
            shown = [one] if one else []
        nobody = among.field.nobody_label
        none = _("please choose") if nobody or (is_many and words) else among.field.empty_label
        options = [(str(row.pk), f"{row.name} ({row.reference})" if row.reference else row.name) for row in shown]
        options += [(NOBODY, nobody)] if nobody else []
        select = forms.Select(choices=[("", none), *options])
        context = select.get_context(name, value, attrs)
        context["widget"]["template_name"] = self.template_name
        return {**context, "is_many": is_many, "words": words}


class CustomerField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the customers, or nobody. `queryset` is set by the form.

    With `nobody_label`, nobody is an option of its own, and choosing nothing is a mistake.
    """

    widget = CustomerChoice
    default_error_messages = {
        "invalid_choice": gettext_lazy("This customer is not there any more."),
        "nothing_chosen": gettext_lazy("Choose a customer first."),
    }

    def __init__(self, *, nobody_label: Any = "", **kwargs: Any) -> None:
        self.nobody_label = nobody_label
        super().__init__(queryset=None, required=False, **kwargs)

    def clean(self, value: Any) -> Customer | None:
        """Who was chosen; words alone choose only who has exactly this name or reference."""
        words = getattr(value, "words", "")
        if words:
            return self._found(words, str(value), only_looks=value.only_looks)
        if getattr(value, "only_looks", False):
            raise ValidationError(_("Please type a part of the name or reference, then search."))
        if self.nobody_label and not value:
            raise ValidationError(self.error_messages["nothing_chosen"], code="nothing_chosen")
        return super().clean("" if value == NOBODY else str(value or ""))  # type: ignore[no-any-return]

    def _found(self, words: str, chosen: str, *, only_looks: bool) -> Customer:
        assert self.queryset is not None
        found = list(matching(self.queryset, words)[: MOST_FOUND + 1])
        exactly = [row for row in found if words.casefold() in (row.name.casefold(), row.reference.casefold())]
        wanted = [row for row in found if str(row.pk) == chosen] or (exactly if len(exactly) == 1 else [])
        if wanted and not only_looks:
            return wanted[0]
        if not found:
            raise ValidationError(_("No customer matches. Try a shorter part of the name or reference."))
        if len(found) > MOST_FOUND:
            raise ValidationError(_("Many match. Choose among the first, or type more of the name."))
        raise ValidationError(_("Choose one of those found, then send it again."))


class RowsField(forms.Field):
    """The primary keys of rows ticked in a list."""

    widget = forms.MultipleHiddenInput
    default_error_messages = {
        "required": gettext_lazy("Nothing is selected. Tick rows in the list first."),
        "many": gettext_lazy("At most 200 at once. Please select fewer."),
    }

    def to_python(self, value: Any) -> list[int]:
        """Numbers only; what is none is left out."""
        given = [text for text in value or [] if str(text).isascii() and str(text).isdigit() and len(str(text)) < 19]
        found = sorted({int(text) for text in given})
        if len(found) > MOST_ROWS:
            raise ValidationError(self.error_messages["many"], code="many")
        return found


class BulkAssignForm(forms.Form):
    """Which rows, to whom. "Nobody" must be chosen on purpose. `is_sent`: not only opened from a list."""

    ids = RowsField()
    customer = CustomerField(label=gettext_lazy("Customer"), nobody_label=gettext_lazy("nobody: take them back"))

    def __init__(self, data: Any, *, customers: QuerySet[Customer], is_sent: bool) -> None:
        super().__init__(data)
        self.is_sent = is_sent
        self.fields["customer"].queryset = customers  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Before it is sent, nobody need have chosen."""
        if not self.is_sent:
            self.errors.pop("customer", None)
        return self.cleaned_data
