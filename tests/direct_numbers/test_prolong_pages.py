"""The pages of paying further: what they show, what they refuse, and who may see them."""

import re
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers.models import Number
from people.models import Customer, User
from sync.models import Connection, Operation
from tests.factories import ConnectionFactory, OperationFactory
from tests.support.prolonging import URL, ending, fields_of, nothing_happened, open_page
from tests.support.queries import sent_to_the_database
from tests.support.reading import text_of

pytestmark = pytest.mark.django_db


def test_the_page_shows_months_cost_new_date_and_balance(account: Connection, browser_of_staff: Client) -> None:
    number = ending(account)
    OperationFactory(connection=account, kind="order", hold_amount=5, hold_currency="EUR", object_type="order")
    page = browser_of_staff.get(reverse("number-prolong", args=[number.pk]), {"months": "6"})
    text = text_of(page)
    for wanted in (
        "31 January 2027",
        "31 July 2027",
        "EUR 12.00 EUR 2.00 a month",
        "Balance now as of",
        "EUR 50.00",
        "Held for orders under way EUR 5.00",
        "Balance after EUR 33.00",
        "Pay 1 number for 6 months: EUR 12.00",
    ):
        assert wanted in text
    assert page.context["as_of"] == account.numbers_as_of
    assert 'aria-current="true"' in page.content.decode()  # the quick choice of 6 months


@pytest.mark.parametrize(
    ("months", "until"), [(1, "28 February 2027"), (13, "29 February 2028"), (36, "31 January 2030")]
)
def test_months_end_where_the_calendar_ends_them(
    account: Connection, browser_of_staff: Client, months: int, until: str
) -> None:
    assert until in text_of(open_page(browser_of_staff, [ending(account)], months))


def test_looking_writes_nothing_and_asks_zadarma_nothing(account: Connection, browser_of_staff: Client) -> None:
    number = ending(account)
    for url in (reverse("number-prolong", args=[number.pk]), f"{URL}?ids={number.pk}&months=3"):
        browser_of_staff.get(url)  # the account can't be reached: a call would be an error
        with sent_to_the_database() as sent:
            assert browser_of_staff.get(url).status_code == 200
        assert sent.written <= {"django_session", "people_user"}


def test_quick_choices_keep_the_selection(account: Connection, browser_of_staff: Client) -> None:
    one, other = ending(account), ending(account)
    page = open_page(browser_of_staff, [one, other], 3)
    urls = re.findall(r'class="chip" href="([^"]+)"', page.content.decode())
    assert len(urls) == 4
    assert f"{URL}?ids={one.pk}&amp;ids={other.pk}&amp;months=12" in urls
    alone = browser_of_staff.get(reverse("number-prolong", args=[one.pk]))
    assert f'href="/numbers/{one.pk}/prolong/?months=12"' in alone.content.decode()


def test_currencies_stand_beside_each_other(account: Connection, browser_of_staff: Client) -> None:
    dollars = ConnectionFactory(name="Dollars", balance=Decimal(1), balance_currency="USD")
    rows = [ending(account), ending(account, monthly_fee=3), ending(dollars, currency="USD")]
    page = open_page(browser_of_staff, rows, 2)
    assert page.context["totals"] == [("EUR", Decimal(10)), ("USD", Decimal(4))]
    told = {row.connection.name: (row.total, row.balance_after, row.is_covered) for row in page.context["accounts"]}
    assert told == {"Offline": (Decimal(10), Decimal(40), True), "Dollars": (Decimal(4), Decimal(-3), False)}
    assert "Dollars: USD 3.00 are missing." in text_of(page)
    assert "Pay 3 numbers for 2 months: EUR 10.00 + USD 4.00" in text_of(page)


HINDRANCES = [
    ({"status": "reserved_on"}, "It is only reserved"),
    ({"stop_at": None, "stop_text": ""}, "Zadarma has told no end date of this number yet."),
    ({"monthly_fee": None}, "Zadarma has told no fee of this number yet."),
    ({"gone_at": timezone.now()}, "Zadarma no longer lists this number."),
]


@pytest.mark.parametrize(("given", "why"), HINDRANCES)
def test_what_cannot_be_paid_is_listed_apart_with_the_reason(
    account: Connection, browser_of_staff: Client, given: dict[str, Any], why: str
) -> None:
    good, bad = ending(account), ending(account, **given)
    page = open_page(browser_of_staff, [good, bad])
    assert why in text_of(page)
    assert "1 number above is left out." in text_of(page)
    assert fields_of(page)["ids"] == [str(good.pk)]
    alone = browser_of_staff.get(reverse("number-prolong", args=[bad.pk]))
    assert alone.status_code == 200 and why in text_of(alone)
    assert 'name="batch"' not in alone.content.decode()


def test_a_paused_account_pays_nothing(account: Connection, browser_of_staff: Client) -> None:
    number = ending(account)
    fields = fields_of(open_page(browser_of_staff, [number]))
    Connection.objects.update(state="paused")
    answer = browser_of_staff.post(URL, fields)
    assert answer.status_code == 409
    assert "The Zadarma account of this number is paused." in text_of(answer)
    assert nothing_happened()


# Whose they are


def test_who_may_only_look_pays_nothing(
    account: Connection, browser_of_staff: Client, customer: Customer, member: User
) -> None:
    number = ending(account, customer=customer)
    fields = fields_of(open_page(browser_of_staff, [number]))
    browser_of_staff.force_login(member)
    urls = [reverse("number-prolong", args=[number.pk]), f"{URL}?ids={number.pk}&months=1"]
    assert [browser_of_staff.get(url).status_code for url in urls] == [403, 403]
    assert browser_of_staff.post(URL, fields).status_code == 403
    assert nothing_happened()
    for url in (reverse("number-list"), reverse("number", args=[number.pk])):
        assert "Pay further" not in text_of(browser_of_staff.get(url))


def test_a_manager_sees_no_balance_and_no_others(
    account: Connection,
    browser_of_staff: Client,
    customer: Customer,
    other_customer: Customer,
    manager: User,
) -> None:
    mine, theirs = ending(account, customer=customer), ending(account, customer=other_customer)
    browser_of_staff.force_login(manager)
    assert open_page(browser_of_staff, [theirs]).status_code == 404
    page = open_page(browser_of_staff, [mine, theirs], 12)
    assert theirs.number not in page.content.decode() and "Second customer" not in page.content.decode()
    assert "EUR 24.00" in text_of(page) and "50.00" not in text_of(page) and "Balance" not in text_of(page)
    fields = fields_of(page)
    both = browser_of_staff.post(URL, {**fields, "ids": [mine.pk, theirs.pk]})
    assert both.status_code == 400 and nothing_happened()
    Connection.objects.update(balance=Decimal("7.77"))
    dear = browser_of_staff.post(URL, fields)
    assert dear.status_code == 409 and "7.77" not in dear.content.decode() and nothing_happened()
    assert "This can't be paid right now. Please ask your provider's staff." in text_of(dear)


def results_of(connection: Connection, numbers: list[Number], **given: Any) -> uuid.UUID:
    """A form's prolongations."""
    batch = uuid.uuid4()
    for number in numbers:
        OperationFactory(
            connection=connection,
            kind="prolong",
            object_id=number.pk,
            batch=batch,
            params={"number": number.number, "months": 1},
            hold_amount=2,
            hold_currency="EUR",
            **given,
        )
    return batch


def test_the_result_shows_a_customer_their_own_numbers_and_no_reason(
    account: Connection, client: Client, customer: Customer, other_customer: Customer, member: User, outsider: User
) -> None:
    mine, theirs = ending(account, customer=customer), ending(account, customer=other_customer)
    both = results_of(account, [mine, theirs], state="refused", error="The balance is EUR 7.77.")
    only_theirs = results_of(account, [theirs], state="done")
    client.force_login(member)
    page = client.get(reverse("prolong-result", args=[both]))
    assert len(page.context["outcomes"]) == 1
    assert "7.77" not in text_of(page) and "50.00" not in text_of(page) and theirs.number[-4:] not in text_of(page)
    assert "Nothing was paid." in text_of(page) and page.context["again_url"] == ""
    for name in ("prolong-result", "prolong-progress"):
        assert client.get(reverse(name, args=[only_theirs])).status_code == 404
        assert client.get(reverse(name, args=[uuid.uuid4()])).status_code == 404


def test_the_result_of_a_hidden_account_is_not_found(account: Connection, browser_of_staff: Client) -> None:
    batch = results_of(account, [ending(account)])
    Connection.objects.update(is_hidden=True, is_default=False)
    assert browser_of_staff.get(reverse("prolong-result", args=[batch])).status_code == 404


def test_another_kind_of_the_same_form_is_no_result(account: Connection, browser_of_staff: Client) -> None:
    number, batch = ending(account), uuid.uuid4()
    OperationFactory(connection=account, kind="incoming_channels", object_id=number.pk, batch=batch)
    assert browser_of_staff.get(reverse("prolong-result", args=[batch])).status_code == 404


STATES = [
    ({"state": "planned"}, "waits its turn", 0, 2),
    ({"state": "planned", "waits_for": "outage"}, "not sent yet It could not be sent yet", 0, 15),
    ({"state": "sent"}, "on its way", 0, 2),
    ({"state": "done", "paid_amount": 2, "paid_currency": "EUR"}, "paid", 1, None),
    ({"state": "refused", "error": "No."}, "not paid No.", 1, None),
    (
        {"state": "refused", "error": "No.", "sent_at": timezone.now()},
        "Zadarma answered: “No”. Nothing was paid.",
        1,
        None,
    ),
    ({"state": "unknown"}, "in doubt Zadarma's answer did not arrive.", 0, 15),
    ({"state": "needs_person"}, "needs a person The account does not show clearly", 1, None),
    ({"state": "not_done"}, "the end date shows that nothing was paid.", 1, None),
    ({"state": "cancelled"}, "stopped It was not sent. Nothing was paid.", 1, None),
]


@pytest.mark.parametrize(("given", "words", "settled", "pace"), STATES)
def test_each_outcome_is_told_and_looked_at_while_it_moves(
    account: Connection, browser_of_staff: Client, given: dict[str, Any], words: str, settled: int, pace: int | None
) -> None:
    batch = results_of(account, [ending(account)], **given)
    page = browser_of_staff.get(reverse("prolong-result", args=[batch]))
    assert words in text_of(page)
    assert page.context["summary"].settled == settled
    polled = re.findall(r'data-hx-get="(/numbers/prolong/[^"]+)" data-hx-trigger="every (\d+)s"', page.content.decode())
    assert [int(seconds) for _url, seconds in polled] == ([pace] if pace else [])
    if pace:
        url = polled[0][0]
        assert browser_of_staff.get(url).status_code == 204  # nothing new
        Operation.objects.update(state="done", answer={"stop": "2027-02-28 23:59:59"})
        news = browser_of_staff.get(url)
        assert news.status_code == 200 and b"<html" not in news.content and b"data-hx-get" not in news.content


def test_a_date_that_differs_from_the_expected_one_is_a_warning(account: Connection, browser_of_staff: Client) -> None:
    batch = results_of(
        account,
        [ending(account)],
        state="done",
        evidence={"before": {"stop": "2027-01-31 23:59:59"}},
        answer={"stop": "2027-02-14 23:59:59", "stop_at": "2027-02-14T21:59:59+00:00"},
        paid_amount=2,
        paid_currency="USD",
    )
    text = text_of(browser_of_staff.get(reverse("prolong-result", args=[batch])))
    assert "Zadarma charged USD 2.00; EUR 2.00 were confirmed." in text
    assert "The number ends on 14 February 2027; 28 February 2027 was expected." in text


@pytest.mark.parametrize("url", ["list", "prolong", "result"])
def test_one_number_and_three_take_the_same_queries(account: Connection, browser_of_staff: Client, url: str) -> None:
    counted = []
    rows = [ending(account)]
    for _ in range(2):
        OperationFactory(connection=account, kind="prolong", object_id=rows[0].pk, state="refused", hold_currency="EUR")
        batch = results_of(account, rows, state="done", answer={"stop": "2027-02-28 23:59:59"})
        address = {
            "list": reverse("number-list"),
            "prolong": f"{URL}?months=1&" + "&".join(f"ids={row.pk}" for row in rows),
            "result": reverse("prolong-result", args=[batch]),
        }[url]
        browser_of_staff.get(address)
        with sent_to_the_database() as sent:
            assert browser_of_staff.get(address).status_code == 200
        counted.append(sent.count)
        rows += [ending(account), ending(account)]
    assert counted[0] == counted[1]


# The ways there


def test_the_list_sends_what_is_selected(account: Connection, browser_of_staff: Client) -> None:
    rows = [ending(account), ending(account)]
    html = browser_of_staff.get(reverse("number-list")).content.decode()
    form = re.search(r'<form action="/numbers/prolong/" data-bulk>.*?</form>', html, re.DOTALL)
    assert form and 'method="post"' not in form.group()
    boxes = re.findall(
        r'<input type="checkbox" class="form-check-input row-select" name="ids" value="(\d+)"', form.group()
    )
    assert sorted(boxes) == sorted(str(row.pk) for row in rows)
    assert 'name="months" value="1"' in form.group() and "Pay further …" in form.group()


@pytest.mark.parametrize(
    ("given", "prominent"),
    [
        ({"stop_at": timezone.now() + timedelta(days=5)}, True),
        ({"stop_at": timezone.now() + timedelta(days=90)}, False),
        ({"stop_at": timezone.now() + timedelta(days=5), "autorenew": True}, False),
        ({"status": "parking", "autorenew": True}, True),
    ],
)
def test_the_page_of_a_number_leads_to_paying_it_further(
    account: Connection, browser_of_staff: Client, asks_once: None, given: dict[str, Any], prominent: bool
) -> None:
    number = ending(account, **given)
    html = browser_of_staff.get(reverse("number", args=[number.pk])).content.decode()
    link = f'href="/numbers/{number.pk}/prolong/"'
    assert html.count(link) == (2 if prominent else 1)
    assert (f'class="btn btn-primary" {link}' in html) is prominent


@pytest.mark.parametrize("given", [{"status": "reserved_on"}, {"gone_at": timezone.now()}])
def test_a_number_that_cannot_be_paid_offers_no_way(
    account: Connection, browser_of_staff: Client, asks_once: None, given: dict[str, Any]
) -> None:
    number = ending(account, **given)
    assert "/prolong/" not in browser_of_staff.get(reverse("number", args=[number.pk])).content.decode()


def test_a_parked_number_says_that_it_can_be_saved_here(account: Connection, browser_of_staff: Client) -> None:
    number = ending(account, status="parking")
    text = text_of(browser_of_staff.get(reverse("number", args=[number.pk])))
    assert "then it is lost, unless it is paid further before." in text
    assert "It is parked for 7 days, then lost. Paid further, it is active again." in text
