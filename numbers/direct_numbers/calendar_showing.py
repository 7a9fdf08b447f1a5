"""What the page of the renewal calendar shows."""

from datetime import date, tzinfo
from typing import Any
from urllib.parse import urlencode

from django.db.models import Min, QuerySet
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from direct_numbers import calendar_months, renewal_calendar
from direct_numbers.calendar_forms import LIST, MONTH, CalendarFilter
from direct_numbers.calendar_months import Month
from direct_numbers.models import Number
from direct_numbers.renewal_calendar import Due
from people.models import Customer
from people.tenancy import Viewer


def month(
    mine: QuerySet[Number], form: CalendarFilter, zone: tzinfo, viewer: Viewer, customer: Customer | None
) -> dict[str, Any]:
    """The month that is asked for: its days, its sums, where else one can go, and how old all of it is."""
    month = form.chosen_month
    days = renewal_calendar.days_due(mine, month, zone, viewer, customer)
    whole = renewal_calendar.together(days.values())
    later = None if whole.count else renewal_calendar.next_day(mine, month.next.first, zone)
    weekday_names = [formats.date_format(date(2024, 1, day), "l") for day in range(1, 8)]  # it began with a Monday
    return {
        "month": month.first,
        "title": title(month),
        "weekdays": [(name, formats.date_format(date(2024, 1, day), "D")) for day, name in enumerate(weekday_names, 1)],
        "weeks": [[_cell(day, days, form) for day in week] for week in month.weeks()],
        "whole": whole,
        "as_of": _oldest(mine, month, zone),
        "is_this_month": month == calendar_months.month_of(form.today),
        "previous_url": _url(form, month=month.previous) if month.previous.is_within_reach else "",
        "next_url": _url(form, month=month.next) if month.next.is_within_reach else "",
        "today_url": _url(form, month=calendar_months.month_of(form.today)),
        "tabs": [
            {"label": _("Month"), "url": _url(form, view=MONTH), "current": not form.is_list},
            {"label": _("List"), "url": _url(form, view=LIST), "current": form.is_list},
        ],
        "day": form.chosen_day,
        "day_title": full(form.chosen_day) if form.chosen_day else "",
        "day_due": days.get(form.chosen_day, Due()) if form.chosen_day else None,
        "later": later,
        "later_url": _url(form, month=calendar_months.month_of(later)) if later else "",
    }


def title(month: Month) -> str:
    """A month by its name: "December 2026"."""
    return formats.date_format(month.first, pgettext("month of a calendar", "F Y"))


def full(day: date) -> str:
    """A day by its name: "Saturday, 5 December 2026"."""
    return formats.date_format(day, pgettext("date with weekday", "l, j F Y"))


def _url(form: CalendarFilter, **changed: Any) -> str:
    return f"?{urlencode(form.address(**changed))}"


def _cell(day: date | None, days: dict[date, Due], form: CalendarFilter) -> dict[str, Any] | None:
    if day is None:
        return None
    due = days.get(day)
    url = _url(form, day=day, view="") if due else ""
    return {"day": day, "title": full(day), "due": due, "url": url, "is_today": day == form.today}


def _oldest(mine: QuerySet[Number], month: Month, zone: tzinfo) -> Any:
    """As of when the month is true: as old as the oldest account of its numbers."""
    rows = renewal_calendar.between(mine, month.first, month.last, zone).select_related(None).order_by()
    return rows.aggregate(oldest=Min("connection__numbers_as_of"))["oldest"]


def listed(mine: QuerySet[Number], form: CalendarFilter, zone: tzinfo) -> QuerySet[Number]:
    """The numbers of the day or month that is asked for, by date."""
    month = form.chosen_month
    first, last = form.chosen_day or month.first, form.chosen_day or month.last
    return renewal_calendar.by_date(renewal_calendar.between(mine, first, last, zone))


def tell(row: Any, viewer: Viewer) -> None:
    """Say of a number in the list what is paid at its date."""
    row.months = renewal_calendar.months_paid(row.happens, row.autorenew_period)
    row.price = renewal_calendar.price(row.monthly_fee, row.months, row.customer, viewer)
