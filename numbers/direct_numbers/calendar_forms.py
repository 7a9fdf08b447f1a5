"""What narrows the renewal calendar; everything optional, wrong values are ignored."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from direct_numbers import calendar_months
from direct_numbers.calendar_months import Month
from direct_numbers.models import Number
from direct_numbers.renewal_calendar import ENDS, RENEWS, happening

MONTH, LIST = "month", "list"


class CalendarFilter(forms.Form):
    """Which month or day, how it is shown, and of which numbers."""

    customer = forms.ChoiceField(label=_("Customer"), required=False)
    autorenewal = forms.ChoiceField(
        label=_("Autorenewal"),
        required=False,
        choices=[("", _("all numbers")), (RENEWS, _("renews itself")), (ENDS, _("ends"))],
    )
    month = forms.CharField(required=False, max_length=7)
    day = forms.CharField(required=False, max_length=10)
    view = forms.ChoiceField(required=False, choices=[(MONTH, MONTH), (LIST, LIST)])

    def __init__(self, data: Any, *, today: date, customers: list[tuple[str, str]] | None) -> None:
        super().__init__(data)
        self.today = today
        if customers is None:  # a customer's own calendar
            del self.fields["customer"]
        else:
            first = [("", _("all customers")), ("none", _("nobody yet"))]
            self.fields["customer"].choices = [*first, *customers]  # type: ignore[attr-defined]

    def value(self, name: str) -> str:
        """The cleaned value of a field, or "" where it was wrong."""
        return str(self.cleaned_data.get(name) or "") if self.is_valid() or name in self.cleaned_data else ""

    @property
    def chosen_day(self) -> date | None:
        """The one day that is asked for."""
        return calendar_months.day_named(self.value("day"))

    @property
    def chosen_month(self) -> Month:
        """The month that is asked for: that of the day; without either, this one."""
        if day := self.chosen_day:
            return calendar_months.month_of(day)
        return calendar_months.named(self.value("month")) or calendar_months.month_of(self.today)

    @property
    def is_list(self) -> bool:
        """Whether it is shown as a list; one day always is."""
        return self.value("view") == LIST or self.chosen_day is not None

    def narrow(self, rows: QuerySet[Number]) -> QuerySet[Number]:
        """Those of `rows` of which numbers are asked for."""
        if customer := self.value("customer"):
            rows = rows.filter(customer=None) if customer == "none" else rows.filter(customer_id=int(customer))
        if happens := self.value("autorenewal"):
            rows = happening(rows).filter(Q(happens=happens))
        return rows

    def address(self, **changed: str | Month | date) -> dict[str, str]:
        """What the address of another month, day or view holds: the same filters, and what is `changed`."""
        names = [name for name in ("customer", "autorenewal", "view") if name in self.fields]
        kept: dict[str, str | Month | date] = {name: self.value(name) for name in names}
        kept["month"] = "" if "day" in changed else self.chosen_month
        told = {name: str(value) for name, value in {**kept, **changed}.items()}
        return {name: text for name, text in told.items() if text}
