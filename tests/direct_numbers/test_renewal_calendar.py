"""The renewal calendar: which day brings what, in the reader's time zone and at the reader's prices."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from direct_numbers import calendar_months, prices, queries, renewal_calendar
from direct_numbers.calendar_months import Month
from direct_numbers.models import Number
from people.models import Customer, User
from sync.models import Connection
from tests import factories
from tests.support.queries import sent_to_the_database
from tests.support.reading import text_of

CALENDAR = "/renewals/"
DECEMBER = Month(2026, 12)
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
pytestmark = pytest.mark.django_db


def at(day: int, hour: int = 12, **more: Any) -> Any:
    """A number whose date is in December 2026 (UTC)."""
    given = {"monthly_fee": Decimal(2), "currency": "EUR", "autorenew": True, "autorenew_period": "month", **more}
    return factories.NumberFactory(stop_at=datetime(2026, 12, day, hour, tzinfo=UTC), **given)


def shown(client: Client, **query: str) -> list[str]:
    """The numbers of the list, in its order."""
    page = client.get(CALENDAR, {"month": "2026-12", "view": "list", **query}).context["page"]
    return [row.number for row in page]


@pytest.fixture
def some(offline: Connection, customer: Customer) -> dict[str, Number]:
    """Numbers to which different things happen."""
    here = {"connection": offline}
    return {
        "renews": at(5, number="4420000001", **here),
        "renews for a year": at(5, number="4420000002", autorenew_period="year", **here),
        "ends": at(5, number="4420000003", autorenew=False, currency="USD", customer=customer, **here),
        "parked": at(20, number="4420000004", status="parking", **here),
        "not known": at(20, number="4420000005", autorenew=None, monthly_fee=None, currency="", **here),
        "gone": at(5, number="4420000006", gone_at=timezone.now(), **here),
        "next month": factories.NumberFactory(
            number="4420000007", stop_at=datetime(2027, 1, 3, tzinfo=UTC), autorenew=True, **here
        ),
    }


def test_a_month_counts_what_renews_and_what_ends_by_currency(
    browser_of_staff: Client, some: dict[str, Number]
) -> None:
    page = browser_of_staff.get(CALENDAR, {"month": "2026-12"})
    whole = page.context["whole"]
    assert (whole.renews.count, whole.renews.sums) == (2, [(Decimal(26), "EUR")])  # a month, and a year
    assert (whole.ends.count, whole.ends.sums) == (2, [(Decimal(2), "EUR"), (Decimal(2), "USD")])
    assert (whole.unknown.count, whole.unknown.sums, whole.unknown.unpriced) == (1, [], 1)
    text = text_of(page)
    assert "December 2026" in text and "2 renew" in text and "EUR 26.00" in text and "1 ends" in text
    cells = {cell["day"]: cell for week in page.context["weeks"] for cell in week if cell}
    assert [day.day for day, cell in cells.items() if cell["due"]] == [5, 20]
    assert cells[date(2026, 12, 5)]["url"] == "?day=2026-12-05"


def test_each_day_leads_to_its_numbers(browser_of_staff: Client, some: dict[str, Number]) -> None:
    page = browser_of_staff.get(CALENDAR + "?day=2026-12-05")
    assert [row.number for row in page.context["page"]] == ["4420000001", "4420000002", "4420000003"]
    assert "Saturday, 5 December 2026" in text_of(page)
    assert page.context["day_due"].count == 3
    assert "for 12 months" in text_of(page)
    nothing = browser_of_staff.get(CALENDAR + "?day=2026-12-06")
    assert "Nothing on this day" in text_of(nothing)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, "12345"),
        ({"autorenewal": "renews"}, "12"),
        ({"autorenewal": "ends"}, "34"),
        ({"customer": "none"}, "1245"),
        ({"customer": "none", "autorenewal": "ends"}, "4"),
        ({"autorenewal": "nonsense", "customer": "x"}, "12345"),
    ],
)
def test_filters_narrow_list_and_sums_alike(
    browser_of_staff: Client, some: dict[str, Number], query: dict[str, str], wanted: str
) -> None:
    assert [number[-1] for number in shown(browser_of_staff, **query)] == list(wanted)
    whole = browser_of_staff.get(CALENDAR, {"month": "2026-12", **query}).context["whole"]
    assert whole.count == len(wanted)


def test_filters_and_view_are_kept_on_the_way_to_other_months(
    browser_of_staff: Client, some: dict[str, Number]
) -> None:
    query = {"month": "2026-12", "view": "list", "autorenewal": "ends", "customer": "none"}
    context = browser_of_staff.get(CALENDAR, query).context
    kept = "customer=none&autorenewal=ends&view=list&month="
    assert context["next_url"] == f"?{kept}2027-01" and context["previous_url"] == f"?{kept}2026-11"


@pytest.mark.parametrize("wrong", ["2026-13", "2026-00", "1999-12", "2101-01", "９999-01", "x", "2026-1"])
def test_a_month_that_is_none_is_this_one(browser_of_staff: Client, some: dict[str, Number], wrong: str) -> None:
    today = timezone.localdate()
    assert browser_of_staff.get(CALENDAR, {"month": wrong}).context["month"] == date(today.year, today.month, 1)
    assert browser_of_staff.get(CALENDAR, {"day": wrong + "-41"}).context["day"] is None


def test_the_calendar_ends_somewhere(browser_of_staff: Client) -> None:
    assert browser_of_staff.get(CALENDAR, {"month": "2100-12"}).context["next_url"] == ""
    assert browser_of_staff.get(CALENDAR, {"month": "2000-01"}).context["previous_url"] == ""


def test_an_empty_month_says_when_the_next_date_is(browser_of_staff: Client, some: dict[str, Number]) -> None:
    page = browser_of_staff.get(CALENDAR, {"month": "2026-02"})
    assert "Nothing in February 2026" in text_of(page)
    assert page.context["later"] == date(2026, 12, 5)
    assert page.context["later_url"] == "?month=2026-12"
    Number.objects.all().delete()
    assert "Numbers stand here as soon as they have a date" in text_of(browser_of_staff.get(CALENDAR))


# Time zones ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        (BERLIN, datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC), date(2026, 11, 30)),
        (BERLIN, datetime(2026, 11, 30, 23, 0, tzinfo=UTC), date(2026, 12, 1)),
        (BERLIN, datetime(2026, 12, 31, 22, 59, 59, 999999, tzinfo=UTC), date(2026, 12, 31)),
        (BERLIN, datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
        (NEW_YORK, datetime(2026, 12, 1, 4, 59, 59, tzinfo=UTC), date(2026, 11, 30)),
        (NEW_YORK, datetime(2026, 12, 1, 5, 0, tzinfo=UTC), date(2026, 12, 1)),
        (NEW_YORK, datetime(2027, 1, 1, 4, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
        (NEW_YORK, datetime(2027, 1, 1, 5, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_a_number_stands_at_the_day_of_the_readers_clock(
    offline: Connection, staff: User, zone: ZoneInfo, moment: datetime, day: date
) -> None:
    factories.NumberFactory(connection=offline, stop_at=moment, autorenew=True, monthly_fee=2, currency="EUR")
    rows = queries.numbers(staff.viewer())
    found = {}
    for month in (Month(2026, 11), DECEMBER, Month(2027, 1)):
        days = renewal_calendar.days_due(rows, month, zone, staff.viewer(), None)
        found |= {when: due.count for when, due in days.items()}
        assert {calendar_months.month_of(when) for when in days} <= {month}
        listed = renewal_calendar.between(rows, month.first, month.last, zone).count()
        assert listed == sum(due.count for due in days.values())
    assert found == {day: 1}


def test_the_page_uses_the_readers_time_zone(browser_of_staff: Client, staff: User, offline: Connection) -> None:
    factories.NumberFactory(connection=offline, stop_at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC), autorenew=True)
    User.objects.filter(pk=staff.pk).update(time_zone=str(NEW_YORK))
    assert browser_of_staff.get(CALENDAR, {"month": "2026-12"}).context["whole"].count == 1
    User.objects.filter(pk=staff.pk).update(time_zone=str(BERLIN))
    assert browser_of_staff.get(CALENDAR, {"month": "2026-12"}).context["whole"].count == 0
    assert browser_of_staff.get(CALENDAR, {"month": "2027-01"}).context["whole"].count == 1


def test_weeks_begin_with_monday_and_hold_each_day_once() -> None:
    for month in (DECEMBER, Month(2024, 2), Month(2027, 2)):
        weeks = month.weeks()
        days = [day for week in weeks for day in week if day]
        assert days == [month.first + timedelta(days=n) for n in range((month.last - month.first).days + 1)]
        assert all(day.weekday() == place for week in weeks for place, day in enumerate(week) if day)
    assert calendar_months.named("2026-12") == DECEMBER


# Prices --------------------------------------------------------------------------------------------------------------

FEES = st.decimals(min_value=0, max_value=500, places=4)
ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), FEES), st.sampled_from(["EUR", "USD", ""]), st.sampled_from(["month", "year", "odd"]),
        st.sampled_from([True, False, None]), st.sampled_from(["on", "parking"]), st.integers(1, 3),
    ),
    max_size=12,
)  # fmt: skip
PERCENT = st.decimals(min_value=0, max_value=999, places=2)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, percent=PERCENT)
def test_sums_are_those_of_the_prices_row_by_row(
    offline: Connection, customer: Customer, staff: User, member: User, rows: list[Any], percent: Decimal
) -> None:
    Number.objects.all().delete()
    Customer.objects.filter(pk=customer.pk).update(markup_percent=percent)
    customer.refresh_from_db()
    for n, (fee, currency, period, autorenew, status, day) in enumerate(rows):
        more = {"monthly_fee": fee, "currency": currency, "autorenew_period": period, "status": status}
        at(day, number=f"44{n}", autorenew=autorenew, connection=offline, customer=customer, **more)
    for viewer in (staff.viewer(), member.viewer()):
        mine = queries.numbers(viewer)
        days = renewal_calendar.days_due(mine, DECEMBER, UTC, viewer, None if viewer.is_staff else customer)
        got = {
            (day.day, name, currency): amount
            for day, due in days.items()
            for name in ("renews", "ends", "unknown")
            for amount, currency in getattr(due, name).sums
        }
        wanted: dict[tuple[int, str, str], Decimal] = defaultdict(Decimal)
        for fee, currency, period, autorenew, status, day in rows:
            happens = "ends" if status == "parking" or autorenew is False else "renews" if autorenew else "unknown"
            months = 12 if happens == "renews" and period == "year" else 1
            if fee is not None:
                own = prices.fees(Decimal(0), fee, None if viewer.is_staff else customer)
                wanted[day, happens, currency] += own.total(months)
        assert got == wanted
        assert sum(due.count for due in days.values()) == len(rows)


def test_a_customer_sees_own_prices_or_none(
    client: Client, offline: Connection, customer: Customer, other_customer: Customer, member: User
) -> None:
    Customer.objects.filter(pk=customer.pk).update(markup_percent=Decimal("37.5"))
    at(5, number="4420000001", connection=offline, customer=customer, monthly_fee=Decimal("7.31"))
    at(5, number="4420000002", connection=offline, customer=other_customer, monthly_fee=Decimal("3.33"))
    client.force_login(member)
    for query in ({"month": "2026-12"}, {"day": "2026-12-05"}):
        text = text_of(client.get(CALENDAR, query))
        assert "EUR 10.05" in text and "7.31" not in text and "3.33" not in text and "4.58" not in text
        assert client.get(CALENDAR, query).context["whole"].count == 1
    assert shown(client, customer=str(other_customer.pk)) == ["4420000001"]  # no filter of theirs
    Customer.objects.update(shows_prices=False)
    for query in ({"month": "2026-12"}, {"day": "2026-12-05"}):
        page = client.get(CALENDAR, query)
        assert "money" not in page.content.decode()
        assert page.context["whole"].renews.sums == []


# Many ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [{}, {"view": "list"}, {"day": "2026-12-05"}])
def test_a_month_takes_the_same_queries_whatever_its_numbers(
    browser_of_staff: Client, offline: Connection, query: dict[str, str]
) -> None:
    counted = []
    for rows in (1, 30):
        for n in range(rows):
            more = {"monthly_fee": Decimal(n), "customer": factories.CustomerFactory()}
            at(5 + n % 3 * (not query.get("day")), connection=offline, **more)
        browser_of_staff.get(CALENDAR, {"month": "2026-12", **query})
        with sent_to_the_database() as sent:
            assert browser_of_staff.get(CALENDAR, {"month": "2026-12", **query}).status_code == 200
        counted.append(sent.count)
    assert counted == [16 if query else 14] * 2
