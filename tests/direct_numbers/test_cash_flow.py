"""How a balance falls as numbers renew themselves."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from direct_numbers import cash_flow
from direct_numbers.cash_flow import Due, Reserved, forecast, later

TODAY = date(2026, 1, 10)
AMOUNTS = st.decimals(min_value=0, max_value=500, places=4)
DAYS = st.integers(min_value=-40, max_value=200).map(lambda days: TODAY + timedelta(days=days))
DUES = st.builds(
    Due,
    account=st.just(1),
    currency=st.just("EUR"),
    day=st.none() | DAYS,
    fee=st.none() | st.decimals(min_value=0, max_value=30, places=2),
    renews=st.sampled_from([True, True, False, None]),
    period=st.sampled_from(["month", "year", "", "3month"]),
    count=st.integers(min_value=1, max_value=9),
    is_parked=st.sampled_from([False, False, False, True]),
)
RESERVED = st.builds(
    Reserved, account=st.just(1), currency=st.just("EUR"), cost=st.none() | AMOUNTS, count=st.integers(1, 3)
)


def due(day: date, fee: str = "2", count: int = 1, **more: object) -> Due:
    """Numbers that renew themselves each month."""
    return replace(Due(1, "EUR", day, Decimal(fee), True, "month", count), **more)  # type: ignore[arg-type]


def run(start: str, *dues: Due, today: date = TODAY, **more: object) -> cash_flow.Forecast:
    """A forecast from so much money."""
    return forecast(Decimal(start), dues, today, **more)  # type: ignore[arg-type]


@given(start=AMOUNTS, dues=st.lists(DUES, max_size=12), reserved=st.lists(RESERVED, max_size=3))
def test_what_is_paid_and_what_is_left_are_what_was_there(
    start: Decimal, dues: list[Due], reserved: list[Reserved]
) -> None:
    found = forecast(start, dues, TODAY, reserved=reserved)
    assert found.paid + found.end == start
    left = start
    for line in found.days:
        left -= line.paid
        assert line.balance == left >= 0
        assert line.needed <= line.balance
    assert len(found.days) == cash_flow.DAYS + 1


@given(start=AMOUNTS, dues=st.lists(DUES, max_size=10), data=st.data())
def test_the_order_of_the_rows_does_not_matter(start: Decimal, dues: list[Due], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(dues))
    assert forecast(start, dues, TODAY) == forecast(start, shuffled, TODAY)


@given(start=AMOUNTS, dues=st.lists(DUES, max_size=8))
def test_numbers_added_up_fare_as_each_by_itself(start: Decimal, dues: list[Due]) -> None:
    each = [replace(row, count=1) for row in dues for _ in range(row.count)]
    together, apart = forecast(start, dues, TODAY), forecast(start, each, TODAY)
    assert together.days == apart.days
    assert (together.runway, together.missing) == (apart.runway, apart.missing)


@given(start=AMOUNTS, dues=st.lists(DUES, max_size=10))
def test_with_what_is_missing_nothing_falls(start: Decimal, dues: list[Due]) -> None:
    short = forecast(start, dues, TODAY)
    topped_up = forecast(start + short.missing, dues, TODAY)
    assert topped_up.fall is None and topped_up.missing == 0
    assert (short.fall is None) == (short.missing == 0)


def test_rows_that_differ_in_their_count_only_are_one() -> None:
    found = run("5", due(TODAY, count=1), due(TODAY, count=3))
    assert found == run("5", due(TODAY, count=3), due(TODAY, count=1))
    assert found.fall is not None and (found.fall.due.count, found.fall.skipped) == (4, 2)


def test_the_first_number_that_falls_its_day_and_what_lacks() -> None:
    soon, next_day = TODAY + timedelta(days=3), TODAY + timedelta(days=4)
    found = run("5", due(soon, "2"), due(next_day, "2", 3))
    assert found.fall is not None
    assert (found.fall.day, found.fall.short, found.fall.count) == (next_day, Decimal(3), 2)
    assert (found.fall.due.fee, found.fall.skipped) == (Decimal(2), 1)
    assert found.runway == 4
    lines = {line.day: line for line in found.days}
    assert (lines[next_day].renewed, lines[next_day].fallen, lines[next_day].balance) == (1, 2, Decimal(1))


def test_what_fell_pays_no_more_and_what_is_paid_next_month_still_can_be() -> None:
    found = run("2", due(TODAY, "5"), due(TODAY + timedelta(days=1), "1"))
    assert [(line.day, line.fallen) for line in found.days if line.fallen] == [
        (TODAY, 1),
        (date(2026, 3, 11), 1),
    ]
    assert found.paid == 2


def test_money_for_longer_than_looked_ahead_has_no_runway_in_days() -> None:
    found = run("100", due(TODAY + timedelta(days=3)))
    assert (found.runway, found.fall, found.missing) == (None, None, 0)


def test_a_balance_of_exactly_the_fee_pays_it() -> None:
    assert run("2", due(TODAY + timedelta(days=80))).runway is None
    assert run("1.9999", due(TODAY + timedelta(days=80))).runway == 80


def test_the_cheaper_of_a_day_renew_first() -> None:
    found = run("3", due(TODAY, "3"), due(TODAY, "1", 2))
    assert found.fall is not None
    assert (found.days[0].renewed, found.fall.due.fee, found.fall.short) == (2, Decimal(3), Decimal(2))


def test_numbers_without_autorenewal_end_and_pay_nothing() -> None:
    found = run("1", due(TODAY + timedelta(days=9), "5", 4, renews=False))
    assert (found.paid, found.fall, found.days[9].ended) == (0, None, 4)
    assert sum(line.ended for line in run("1", due(TODAY), due(TODAY, renews=None)).days) == 0


def test_a_year_pays_twelve_fees_at_once_and_not_again() -> None:
    found = run("100", due(TODAY, "2", period="year"))
    assert (found.paid, [line.day for line in found.days if line.paid]) == (24, [TODAY])


@pytest.mark.parametrize(
    ("row", "is_estimate"),
    [
        (due(TODAY), False),
        (due(TODAY, period="year"), False),
        (due(TODAY, period="3month"), True),
        (due(TODAY, period=""), True),
        (due(TODAY, renews=None), True),
        (due(TODAY, renews=False, period=""), False),
    ],
)
def test_what_zadarma_does_not_tell_is_taken_for_a_month_and_said(row: Due, is_estimate: bool) -> None:
    found = run("100", row)
    assert found.is_estimate == is_estimate
    assert found.days[0].paid == (24 if row.period == "year" else 0 if row.renews is False else 2)


@pytest.mark.parametrize(
    ("day", "today", "paid_on"),
    [
        # The last day of a month: the next one's last day, and from there on.
        (date(2026, 1, 31), date(2026, 1, 10), [(1, 31), (2, 28), (3, 28)]),
        (date(2028, 1, 31), date(2028, 1, 10), [(1, 31), (2, 29), (3, 29)]),
        (date(2028, 2, 29), date(2028, 2, 28), [(2, 29), (3, 29), (4, 29)]),
        (date(2026, 11, 30), date(2026, 11, 30), [(11, 30), (12, 30), (1, 30), (2, 28)]),
    ],
)
def test_months_end_on_different_days(day: date, today: date, paid_on: list[tuple[int, int]]) -> None:
    found = run("1000", due(day), today=today)
    assert [(line.day.month, line.day.day) for line in found.days if line.paid] == paid_on


def test_a_year_from_a_leap_day_ends_a_day_earlier() -> None:
    assert later(date(2028, 2, 29), 12) == date(2029, 2, 28)


def test_a_date_that_has_passed_is_paid_today_once_and_then_on_its_own_day() -> None:
    found = run("100", due(date(2025, 11, 25)))
    assert [line.day for line in found.days if line.paid] == [
        TODAY,
        date(2026, 1, 25),
        date(2026, 2, 25),
        date(2026, 3, 25),
    ]


def test_reserved_numbers_take_their_first_payment_before_anything_renews() -> None:
    waits = [Reserved(1, "EUR", Decimal(3)), Reserved(1, "EUR", Decimal(9)), Reserved(1, "EUR", None, 2)]
    found = run("4", due(TODAY, "2"), reserved=waits)
    assert (found.days[0].paid, found.days[0].renewed, found.days[0].balance) == (3, 1, 1)
    assert (found.unpaid_reserved, found.short_for_reserved) == (3, Decimal(9))
    assert found.fall is not None and found.fall.short == 1


# What if


@given(dues=st.lists(DUES, max_size=8), months=st.integers(1, 12))
def test_paying_further_loses_no_number(dues: list[Due], months: int) -> None:
    chosen = dues[::2]
    found = cash_flow.prolonged(dues, chosen, months)
    assert sum(row.count for row in found.dues) == sum(row.count for row in dues)
    assert found.count + found.untold == sum(row.count for row in chosen)
    told = [row for row in chosen if row.day and row.fee is not None]
    assert sum(found.costs.values()) == sum(row.fee * months * row.count for row in told if row.fee is not None)


def test_paying_further_moves_the_end_and_takes_the_next_renewals_off() -> None:
    rows = [due(TODAY + timedelta(days=5), "2"), due(TODAY + timedelta(days=6), "3", renews=False)]
    found = cash_flow.prolonged(rows, rows, 2)
    assert found.costs == {(1, "EUR"): Decimal(10)}
    assert {row.day for row in found.dues} == {date(2026, 3, 15), date(2026, 3, 16)}
    after = run("90", *found.dues)
    assert [line.day for line in after.days if line.paid or line.ended] == [date(2026, 3, 15), date(2026, 3, 16)]


def test_a_parked_number_that_is_paid_renews_itself_again_and_until_then_does_not() -> None:
    parked = due(TODAY - timedelta(days=3), is_parked=True)
    assert run("10", parked).paid == 0
    found = cash_flow.prolonged([parked, due(TODAY - timedelta(days=3))], [parked], 1)
    assert sorted((row.day, row.is_parked) for row in found.dues) == [
        (TODAY - timedelta(days=3), False),
        (date(2026, 2, 7), False),
    ]


def test_sums_of_currencies_stand_beside_each_other() -> None:
    rows = [due(TODAY, "2"), replace(due(TODAY, "3"), currency="USD"), replace(due(TODAY, "4"), account=2)]
    assert cash_flow.prolonged(rows, rows, 1).costs == {
        (1, "EUR"): Decimal(2),
        (1, "USD"): Decimal(3),
        (2, "EUR"): Decimal(4),
    }


def test_those_that_end_soon_are_those_that_dont_renew_themselves() -> None:
    ends = due(TODAY + timedelta(days=30), renews=False)
    rows = [
        ends,
        due(TODAY + timedelta(days=3)),
        due(TODAY + timedelta(days=31), renews=False),
        due(TODAY - timedelta(days=1), renews=False),
        due(TODAY + timedelta(days=1), renews=False, is_parked=True),
    ]
    assert cash_flow.ending_soon(rows, TODAY) == [ends]


def test_balances_of_several_accounts_are_only_looked_at_together() -> None:
    rich, poor = run("100"), run("1", due(TODAY + timedelta(days=2), "4"))
    days = cash_flow.together([rich, poor])
    assert days[1][1:] == (Decimal(101), Decimal(101))
    assert days[2][1:] == (Decimal(101), Decimal(97))
    assert poor.runway == 2
