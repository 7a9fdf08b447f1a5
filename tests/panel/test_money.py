"""How long the money lasts: on Home, on its own page, and in the frame; told to staff and to nobody else."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from direct_numbers import runways
from direct_numbers.models import Number
from panel.templatetags import panel as panel_tags
from people.models import User
from people.tenancy import Viewer
from sync import budget
from sync.budget import Calls
from sync.models import CallBudget, Connection
from tests import factories
from tests.support.queries import sent_to_the_database
from tests.support.reading import text_of

STAFF = Viewer(1, "owner")
pytestmark = pytest.mark.django_db


def account(balance: str | None = "10", **more: Any) -> Connection:
    """An account that was read just now."""
    now = timezone.now()
    told = {"balance": balance and Decimal(balance), "balance_currency": "EUR", "balance_at": now, "numbers_as_of": now}
    made: Connection = factories.ConnectionFactory(**{**told, "zone": "UTC", **more})
    return made


def number(connection: Connection, days: int, fee: str | None = "2", **more: Any) -> Number:
    """A number that renews itself each month, and next in so many days."""
    stop = (timezone.now() + timedelta(days=days)).replace(hour=12, minute=0, second=0, microsecond=0)
    told = {"stop_at": stop, "stop_text": f"{stop:%Y-%m-%d %H:%M:%S}", "autorenew_period": "month"}
    made: Number = factories.NumberFactory(
        **{"connection": connection, "monthly_fee": fee and Decimal(fee), **told, **more}
    )
    return made


def runway_of(connection: Connection, now: datetime | None = None) -> runways.Runway:
    """What is told of one account."""
    found = runways.runways(STAFF, [connection], now or timezone.now()).accounts[0]
    runways.name_the_first(STAFF, [found])
    return found


def page_of(client: Client, query: str = "") -> str:
    """What the page of all accounts says."""
    answer = client.get(reverse("money") + query)
    assert answer.status_code == 200
    return text_of(answer)


# What is read of the mirror


def test_the_number_that_falls_first_is_named_with_its_day() -> None:
    connection = account("5")
    number(connection, 3)
    day = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=9)
    _late, _early, second, _last = [
        number(connection, 9, stop_at=stop, stop_text=f"{stop:%Y-%m-%d %H:%M:%S}")
        for stop in (day.replace(hour=hour) for hour in (15, 10, 12, 20))
    ]
    found = runway_of(connection)
    assert found.forecast is not None and found.forecast.fall is not None
    assert (found.days, found.forecast.fall.count, found.forecast.fall.short) == (9, 3, Decimal(5))
    assert found.number == second


def test_each_account_pays_its_own_numbers_from_its_own_balance() -> None:
    poor, rich = account("1"), account("1000")
    number(poor, 5)
    number(rich, 5)
    found = {one.connection: one for one in runways.runways(STAFF, [rich, poor], timezone.now()).accounts}
    assert (found[poor].days, found[rich].days) == (5, None)
    assert list(found)[0] == poor


def test_what_is_under_way_is_held() -> None:
    connection = account("3")
    number(connection, 5)
    hold = {"hold_amount": Decimal(2), "hold_currency": "EUR", "kind": "prolong"}
    factories.OperationFactory(connection=connection, state="sent", **hold)
    factories.OperationFactory(connection=connection, state="refused", **hold)
    factories.OperationFactory(connection=connection, state="sent", **{**hold, "hold_currency": "USD"})
    old = connection.balance_at - timedelta(hours=1) if connection.balance_at else None
    factories.OperationFactory(connection=connection, state="done", settled_at=old, **hold)
    found = runway_of(connection)
    assert (found.held, found.days) == (Decimal(2), 5)
    factories.OperationFactory(connection=connection, state="done", settled_at=timezone.now(), **hold)
    assert runway_of(connection).held == Decimal(4)


def test_no_currency_is_added_to_another() -> None:
    connection = account("30")
    number(connection, 5, fee="100", currency="USD")
    number(connection, 6)
    found = runway_of(connection)
    assert (found.days, found.foreign, found.takes) == (None, 1, Decimal(6))


def test_numbers_that_are_gone_hidden_parked_or_without_autorenewal_pay_nothing() -> None:
    connection, hidden = account("1"), account("1", is_hidden=True)
    number(connection, 5, gone_at=timezone.now())
    number(connection, 5, autorenew=False)
    number(connection, -2, status="parking")
    number(hidden, 5)
    assert (runway_of(connection).days, runway_of(connection).takes) == (None, 0)
    assert runway_of(hidden).takes == 0


def test_a_reserved_number_costs_what_was_confirmed_else_connecting_and_a_month() -> None:
    connection = account("20")
    plain = number(connection, 0, status="reserved_on", stop_at=None, stop_text="")
    factories.OfferFactory(connection=connection, direction=plain.direction, connect_fee=5)
    assert runway_of(connection).takes == Decimal(7)
    ordered = number(connection, 0, status="reserved_checking", stop_at=None, stop_text="")
    factories.OrderFactory(connection=connection, number=ordered, total=Decimal(9), currency="EUR", state="placed")
    found = runway_of(connection)
    assert found.takes == Decimal(16) and found.untold == 0
    assert found.forecast is not None and found.forecast.days[0].balance == Decimal(4)


def test_days_are_those_of_the_accounts_clock() -> None:
    connection = account("1", zone="UTC+9")
    late = datetime.fromisoformat("2026-03-01T16:00:00+00:00")
    number(connection, 0, stop_at=late + timedelta(hours=24), stop_text="2026-03-03 01:00:00")
    found = runway_of(connection, late)
    assert (found.today.isoformat(), found.days) == ("2026-03-02", 1)


def test_fees_added_up_by_the_database_stay_exact() -> None:
    connection = account("0.3")
    for _ in range(3):
        number(connection, 80, fee="0.1")
    assert runway_of(connection).days is None
    Connection.objects.update(balance=Decimal("0.2999"))
    connection.refresh_from_db()
    assert runway_of(connection).days == 80


# Pages


@pytest.mark.parametrize("who", ["staff", "operator", "auditor"])
def test_staff_see_it_on_home_and_on_its_page(client: Client, who: str, request: pytest.FixtureRequest) -> None:
    connection = account("3", name="Main account")
    first = number(connection, 20)
    number(connection, 4)
    client.force_login(request.getfixturevalue(who))
    for url in (reverse("home"), reverse("money")):
        words = text_of(client.get(url))
        assert "20 days" in words and "EUR 1.00 short" in words and "EUR 3.00" in words
        assert f"+{first.number[:2]}" in words
    assert "EUR 9.00 more cover all renewals of 90 days" in page_of(client)


@pytest.mark.parametrize("who", ["member", "manager"])
def test_customers_are_told_nothing_of_it(client: Client, who: str, request: pytest.FixtureRequest) -> None:
    user = request.getfixturevalue(who)
    connection = account("3.21")
    number(connection, 4, customer=user.memberships.get().customer)
    CallBudget.objects.create(connection=connection, minute=int(timezone.now().timestamp() // 60), used=7)
    client.force_login(user)
    assert client.get(reverse("money")).status_code == 403
    home = client.get(reverse("home"))
    assert home.context["money"] is None and home.context["frame"]["calls"] is None
    for hidden in ("3.21", "How long the money lasts", "Calls to Zadarma", reverse("money")):
        assert hidden not in home.content.decode()


def test_without_a_balance_or_a_fee_it_says_so(browser_of_staff: Client) -> None:
    connection = account(None)
    number(connection, 4)
    words = page_of(browser_of_staff)
    assert "Zadarma has told no balance of this account yet" in words
    assert "Zadarma has told no balance yet" in text_of(browser_of_staff.get("/"))
    Connection.objects.update(balance=Decimal(3), balance_currency="EUR")
    number(connection, 5, fee=None)
    number(connection, 5, stop_at=None, stop_text="")
    words = page_of(browser_of_staff)
    assert "2 numbers are left out: their end or their fee is not told." in words
    number(connection, 6, autorenew_period="3month")
    assert "An estimate: of some numbers" in page_of(browser_of_staff)


def test_without_an_account_the_page_says_what_comes(browser_of_staff: Client) -> None:
    assert "No account yet" in page_of(browser_of_staff)
    factories.ConnectionFactory()
    assert browser_of_staff.get("/").context["money"] is None


def test_enough_money_is_said_calmly(browser_of_staff: Client) -> None:
    number(account("100"), 4)
    words = text_of(browser_of_staff.get("/"))
    assert "more than 90 days" in words and "every renewal is covered" in words and "EUR 94.00 are left then" in words
    assert 'class="chart-danger"' not in browser_of_staff.get("/").content.decode()


def test_the_drawing_has_words_and_a_table_and_no_style_of_its_own(browser_of_staff: Client) -> None:
    connection = account("3", name='<b>"Odd" & account')
    number(connection, 4)
    number(connection, 20)
    answer = browser_of_staff.get(reverse("money"))
    html = answer.content.decode()
    drawing = re.search(r"<svg height.*?</svg>.*?</svg>", html, re.DOTALL)
    assert drawing is not None
    assert "style=" not in drawing[0] and "<b>" not in html
    assert 'role="img" aria-label="&lt;b&gt;&quot;Odd&quot; &amp; account: balance' in drawing[0]
    assert 'class="chart-danger"' in drawing[0] and "EUR 1.00 short" in drawing[0]
    rows = answer.context["shown"][0].chart.rows
    assert [row[1:] for row in rows if row[3] != "–" or row[2] != "–"] == [
        ["1", "EUR 2.00", "–", "–", "EUR 1.00"],
        ["–", "–", "1", "–", "EUR 1.00"],
        ["–", "–", "1", "–", "EUR 1.00"],
    ]


def test_accounts_of_one_currency_are_also_shown_together(browser_of_staff: Client) -> None:
    for balance, currency in (("10", "EUR"), ("20", "EUR"), ("40", "USD")):
        number(account(balance, balance_currency=currency), 4, currency=currency)
    (together,) = browser_of_staff.get(reverse("money")).context["currencies"]
    assert (together.currency, together.accounts, together.balance, together.takes) == ("EUR", 2, 30, 12)
    assert "each account pays its own numbers" in page_of(browser_of_staff)


def test_an_account_can_be_chosen_to_be_drawn(browser_of_staff: Client) -> None:
    accounts = [account(str(balance)) for balance in range(1, 6)]
    for one in accounts:
        number(one, 90 if one == accounts[-1] else 4)
    shown = browser_of_staff.get(f"{reverse('money')}?account={accounts[-1].pk}").context["shown"]
    assert [one.connection for one in shown] == [accounts[-1]]


# What if


def test_what_if_those_that_end_soon_are_paid_further(browser_of_staff: Client) -> None:
    connection = account("5", name="Main")
    ends = number(connection, 6, autorenew=False)
    number(connection, 20)
    assert "the money then lasts" not in page_of(browser_of_staff)
    words = page_of(browser_of_staff, "?months=2")
    assert "Paying 1 number further costs EUR 4.00 now." in words
    assert "Main: the money then lasts 20 days instead of 81 days." in re.sub("8[0-2]", "81", words)
    html = browser_of_staff.get(f"{reverse('money')}?months=2").content.decode()
    assert f"{reverse('numbers-prolong')}?ids={ends.pk}&amp;months=2" in html
    assert 'class="chart-line chart-if"' in html
    assert "EUR 1.00 lack" in page_of(browser_of_staff, "?months=3")


def test_what_if_numbers_of_the_address_are_paid_further(browser_of_staff: Client, auditor: User) -> None:
    connection, parked = account("5"), factories.NumberFactory
    one = number(connection, 8)
    lost = number(connection, -3, fee="3", status="parking")
    words = page_of(browser_of_staff, f"?ids={one.pk}&ids={lost.pk}")
    assert parked and "Paying 2 numbers further costs EUR 5.00 now." in words
    assert "What if I pay the 2 numbers chosen further?" in words
    browser_of_staff.force_login(auditor)
    url = f"{reverse('money')}?ids={one.pk}"
    assert reverse("numbers-prolong") not in browser_of_staff.get(url).content.decode()


@pytest.mark.parametrize("query", ["?months=0", "?months=37", "?months=x", "?ids=a", "?account=x", "?ids=1&months=²"])
def test_what_cant_be_read_is_refused(browser_of_staff: Client, query: str) -> None:
    account()
    assert browser_of_staff.get(reverse("money") + query).status_code == 400


def test_ids_that_nobody_has_cost_nothing(browser_of_staff: Client) -> None:
    number(account(), 4)
    assert "None of these can be paid further." in page_of(browser_of_staff, "?ids=987654")


# Calls


def test_the_frame_shows_staff_what_each_lane_has_used(browser_of_staff: Client) -> None:
    calm, busy = account(), account()
    now = timezone.now().replace(second=5)
    for lane, count in ((budget.CLICK, 2), (budget.OPERATION, 1), (budget.SYNC, 4)):
        for _ in range(count):
            budget.take(busy.pk, lane, now)
    budget.take(calm.pk, budget.SYNC, now)
    row = CallBudget.objects.get(connection=busy)
    assert (row.used, row.used_click, row.used_operation, row.used_sync) == (7, 2, 1, 4)
    CallBudget.objects.update(minute=int(timezone.now().timestamp() // 60) + 1)  # the test may run into the next one
    html = browser_of_staff.get(reverse("order-list")).content.decode()
    assert "Calls to Zadarma this minute: 7 of 100000 (people 2, changes 1, readings 4)" in html
    assert "people 2 · changes 1 · readings 4" in text_of(browser_of_staff.get("/"))
    later = now + timedelta(minutes=2)
    budget.take(busy.pk, budget.SYNC, later)
    row.refresh_from_db()
    assert (row.used, row.used_click, row.used_operation, row.used_sync) == (1, 0, 0, 1)
    budget.close(busy.pk, timezone.now() + timedelta(seconds=50))
    assert "its allowance is spent" in browser_of_staff.get(reverse("order-list")).content.decode()


# At any size


@pytest.mark.parametrize("url", ["/", "/money/", "/money/?months=1"])
def test_it_takes_as_many_queries_for_ten_numbers_as_for_two_thousand(browser_of_staff: Client, url: str) -> None:
    connection = account("1", is_default=True)
    direction = factories.DirectionFactory()

    def add(count: int) -> None:
        now = timezone.now()
        start = Number.objects.count()
        Number.objects.bulk_create(
            Number(
                connection=connection,
                direction=direction,
                number=f"4930{start + n:07}",
                status="on",
                monthly_fee=Decimal(n % 5),
                currency="EUR",
                autorenew=n % 3 != 0,
                autorenew_period="month",
                stop_at=now + timedelta(days=n % 60 + 1),
                stop_text=f"{now + timedelta(days=n % 60 + 1):%Y-%m-%d %H:%M:%S}",
            )
            for n in range(count)
        )

    add(10)
    browser_of_staff.get(url)
    with sent_to_the_database() as few:
        browser_of_staff.get(url)
    add(1990)
    with sent_to_the_database() as many:
        assert browser_of_staff.get(url).status_code == 200
    assert many.count == few.count
    assert many.count <= (42 if url == "/" else 18)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_meter_is_a_drawing_in_every_language(language: str) -> None:
    calls = Calls(used=30, by_lane={"click": 5, "operation": 5, "sync": 20}, allowed=100)
    with override(language):
        drawn = render_to_string("components/budget_meter.html", panel_tags.budget_meter(calls))
    paths = re.findall(r' d="([^"]*)"', drawn)
    assert len(paths) == 6
    assert all(re.fullmatch(r"M\d+(\.\d+)? \d+[vV]\d+", path) for path in paths)
