"""The pages of the audit: who may open them, what they tell, how they are narrowed, and the file."""

import csv
import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from people import audit, audit_files, audit_signals, audit_views, audit_words, data_keys, erasing
from people.audit_models import AuditEntry
from people.models import Customer, User
from sync import accounts, requests
from sync.models import Connection
from tests import factories
from tests.support.queries import sent_to_the_database
from tests.support.reading import text_of

pytestmark = pytest.mark.django_db
PAGE, FILE = "/audit/", "/audit/csv/"


def shown(client: Client, **address: object) -> list[int]:
    """The keys of the rows that a page shows."""
    page = client.get(PAGE, address)
    assert page.status_code == 200
    return [row.entry.pk for row in page.context["rows"]]


def table(client: Client, query: str = "") -> list[dict[str, str]]:
    """The rows of the file."""
    answer = client.post(f"{FILE}{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


@pytest.mark.parametrize(
    ("who", "status"),
    [("staff", 200), ("auditor", 200), ("operator", 403), ("manager", 403), ("member", 403), ("outsider", 403)],
)
def test_who_may_see_it(
    client: Client,
    staff: User,
    auditor: User,
    operator: User,
    manager: User,
    member: User,
    outsider: User,
    who: str,
    status: int,
) -> None:
    client.force_login(locals()[who])
    assert client.get(PAGE).status_code == status
    assert client.post(FILE).status_code == status
    assert client.get(FILE).status_code == 405
    assert AuditEntry.objects.count() == (1 if status == 200 else 0)


def test_what_is_noted_of_accounts_is_told_in_words(browser_of_staff: Client, offline: Connection) -> None:
    other = factories.ConnectionFactory(name="Other", api_key="another")
    accounts.rename(other, "Renamed", None)
    accounts.make_default(other, None)
    accounts.pause_by_hand(other, None)
    requests.resume(other)
    fields = {
        field
        for row in AuditEntry.objects.all()
        for field in {**row.detail.get("before", {}), **row.detail.get("after", {})}
    }
    assert fields == {"name", "default", "by"} and fields <= set(audit_words.FIELDS)
    told = text_of(browser_of_staff.get(PAGE, {"what": "accounts"}))
    for words in ("name changed", "default account yes", "how by hand", "Zadarma account switched on", "Renamed"):
        assert words in told.replace(":", "").replace("– ", ""), told


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("how: password, passkey", "what: authenticator app", "total: EUR 1,234.50", "how many: 2")),
        ("de", ("1.234,50 EUR",)),
    ],
)
def test_ways_to_sign_in_and_sums_are_told_in_the_readers_words(
    browser_of_staff: Client, staff: User, language: str, words: tuple[str, ...]
) -> None:
    about = ("user", staff.pk)
    audit.record("session.signed_in", staff, about=about, after={"method": "password, webauthn"})
    audit.record("account.mfa_added", staff, about=about, after={"type": "totp"})
    audit.record("order.submitted", staff, about=("order", 1), after={"total": "1234.5000", "currency": "EUR"})
    audit.record("session.ended", staff, about=about, after={"count": 2})
    browser_of_staff.cookies["django_language"] = language
    told = text_of(browser_of_staff.get(PAGE))
    assert [one for one in words if one not in told] == []
    assert [raw for raw in ("webauthn", "totp", "1234.5", "currency", "Währung") if raw in told] == []


def test_who_is_not_known_is_told_in_words(browser_of_staff: Client) -> None:
    audit_signals.note_failure("password", None, closed=False)
    (row,) = browser_of_staff.get(PAGE).context["rows"]
    assert row.about.text == "an address without an account"


@pytest.mark.parametrize(("who", "is_there"), [("staff", True), ("auditor", True), ("operator", False)])
def test_the_room_shows_the_tab_to_whom_it_opens(
    client: Client, staff: User, auditor: User, operator: User, offline: Connection, who: str, *, is_there: bool
) -> None:
    client.force_login(locals()[who])
    for url in ("/activity/", "/activity/journal/"):
        assert (f'href="{PAGE}"' in client.get(url).content.decode()) == is_there


def test_a_row_tells_who_what_about_from_where_and_before_and_after(
    browser_of_staff: Client, staff: User, customer: Customer, operator: User
) -> None:
    token = audit.address.set("192.0.2.9")
    audit.record(
        "member.role_changed",
        operator,
        about=("user", staff.pk),
        customer=customer,
        before={"role": "viewer", "shows_prices": False},
        after={"role": "manager", "shows_prices": True, "name": "changed", "customer": customer.pk},
    )
    audit.address.reset(token)
    told = text_of(browser_of_staff.get(PAGE))
    for words in (
        "Role of a member changed",
        "role: viewer → became manager",
        "people of the customer see prices: no → became yes",
        "name: changed",
        "customer: First customer",
        "operator@partner.example",
        "staff@partner.example",
        "First customer",
        "192.0.2.9",
    ):
        assert words in told, words


def test_an_object_with_a_page_is_linked(browser_of_staff: Client, staff: User, offline: Connection) -> None:
    number = factories.NumberFactory(connection=offline, number="442037691880")
    audit.record("number.assigned", staff, about=("number", number.pk), after={"operation": 12})
    audit.record("number.assigned", staff, about=("number", 987654))
    audit.record("something.new", staff, about=("gadget", 3))
    page = browser_of_staff.get(PAGE)
    assert f'href="/numbers/{number.pk}/"' in page.content.decode()
    assert 'href="/activity/journal/12/"' in page.content.decode()
    assert "number 987654" in text_of(page) and "gadget 3" in text_of(page) and "Something.new" in text_of(page)


def test_who_was_erased_has_no_name_and_no_address(browser_of_staff: Client, staff: User, operator: User) -> None:
    token = audit.address.set("192.0.2.9")
    audit.record("order.approved", operator, about=("order", 1))
    audit.address.reset(token)
    erasing.erase_person(operator, staff)
    data_keys.forget()
    told = text_of(browser_of_staff.get(PAGE, {"who": operator.pk}))
    assert "erased person" in told and "erased" in told
    assert "operator" not in told and "192.0.2.9" not in told and "erased.invalid" not in told


@pytest.fixture
def various(
    staff: User, operator: User, customer: Customer, other_customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> dict[str, int]:
    """Rows that differ in what they can be narrowed by."""

    def days_ago(days: int) -> None:
        moment = timezone.now() - timedelta(days=days)
        monkeypatch.setattr(audit, "timezone", SimpleNamespace(now=lambda: moment))

    made = {}
    days_ago(9)
    made["old"] = audit.record("session.failed", None)
    days_ago(2)
    made["mine"] = audit.record("customer.changed", staff, about=("customer", customer.pk), customer=customer)
    days_ago(1)
    made["theirs"] = audit.record("number.assigned", operator, about=("number", 7), customer=other_customer)
    days_ago(0)
    made["new"] = audit.record("order.approved", operator, about=("order", 7), customer=customer)
    monkeypatch.setattr(audit, "timezone", timezone)
    return {name: row.pk for name, row in made.items()}


def test_it_is_narrowed_by_what_the_address_says(
    browser_of_staff: Client,
    various: dict[str, int],
    staff: User,
    operator: User,
    customer: Customer,
) -> None:
    def named(**address: object) -> list[str]:
        by_pk = {pk: name for name, pk in various.items()}
        return [by_pk[pk] for pk in shown(browser_of_staff, **address)]

    today = timezone.localdate()
    assert named() == ["new", "theirs", "mine", "old"]
    assert named(who=operator.pk) == ["new", "theirs"]
    assert named(who="nobody") == ["old"]
    assert named(what="customers") == ["theirs", "mine"]
    assert named(what="order.approved") == ["new"]
    assert named(customer=customer.pk) == ["new", "mine"]
    assert named(about="number:7") == ["theirs"]
    assert named(since=today - timedelta(days=1)) == ["new", "theirs"]
    assert named(until=today - timedelta(days=2)) == ["mine", "old"]
    assert named(customer=customer.pk, who=staff.pk) == ["mine"]
    assert named(what="audit") == []


@pytest.mark.parametrize(
    "address",
    [
        {"who": "x"},
        {"who": "9" * 40},
        {"what": "nonsense"},
        {"customer": "-1"},
        {"about": "number"},
        {"about": "number:" + "9" * 40},
        {"about": "<b>:1"},
        {"since": "yesterday"},
        {"before": "0"},
        {"before": "987654"},
        {"after": "x\0"},
        {"who": "\0", "about": "\0:1"},
    ],
)
def test_wrong_values_narrow_nothing(
    browser_of_staff: Client, various: dict[str, int], address: dict[str, str]
) -> None:
    assert len(shown(browser_of_staff, **address)) == len(various)


def test_pages_lead_through_all_rows_and_back(
    browser_of_staff: Client, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_views, "PAGE_SIZE", 3)
    pks = [audit.record("order.approved", staff).pk for _each in range(2)]
    moment = timezone.now()
    monkeypatch.setattr(audit, "timezone", SimpleNamespace(now=lambda: moment))
    pks += [audit.record("order.approved", staff).pk for _each in range(6)]
    seen: list[list[int]] = []
    url, back = PAGE, ""
    while url:
        page = browser_of_staff.get(url)
        seen.append([row.entry.pk for row in page.context["rows"]])
        back = page.context["newer_url"] and PAGE + page.context["newer_url"]
        url = page.context["older_url"] and PAGE + page.context["older_url"]
    assert sum(seen, []) == pks[::-1]
    assert [len(part) for part in seen] == [3, 3, 2]
    page = browser_of_staff.get(back)
    assert [row.entry.pk for row in page.context["rows"]] == seen[1]
    page = browser_of_staff.get(PAGE + page.context["newer_url"])
    assert [row.entry.pk for row in page.context["rows"]] == seen[0]
    assert (
        browser_of_staff.get(PAGE + page.context["newer_url"] if page.context["newer_url"] else PAGE).context[
            "newer_url"
        ]
        == ""
    )


def test_an_empty_audit_says_what_will_stand_there(browser_of_staff: Client, staff: User) -> None:
    empty = browser_of_staff.get(PAGE)
    assert "Nothing was noted yet" in text_of(empty) and FILE not in empty.content.decode()
    audit.record("order.approved", staff)
    nothing = browser_of_staff.get(PAGE, {"what": "audit"})
    assert "Nothing matches" in text_of(nothing) and "Clear filters" in text_of(nothing)


def test_the_file_holds_the_narrowed_rows_and_is_noted(
    browser_of_staff: Client, various: dict[str, int], staff: User, customer: Customer
) -> None:
    rows = table(browser_of_staff, f"?customer={customer.pk}&what=orders")
    assert [row["Action"] for row in rows] == ["order.approved"]
    noted = AuditEntry.objects.get(action="audit.exported")
    assert noted.actor_id == staff.pk
    assert noted.detail["after"] == {"customer": str(customer.pk), "what": "orders"}


def test_no_cell_of_the_file_is_a_formula_or_a_second_row(
    browser_of_staff: Client, staff: User, customer: Customer
) -> None:
    Customer.objects.filter(pk=customer.pk).update(name='=HYPERLINK("http://x.example")')
    User.objects.filter(pk=staff.pk).update(name="+1\n@SUM(1),x")
    audit.record("customer.changed", staff, about=("customer", customer.pk), customer=None, after={"kind": "-2\r\n=3"})
    answer = browser_of_staff.post(FILE)
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"), newline="")))
    assert len(rows) == 3
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r\n")]
    assert rows[2][4] == '\'=HYPERLINK("http://x.example")'
    assert 'filename="audit-' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
def test_the_file_is_the_same_in_pieces(
    browser_of_staff: Client, various: dict[str, int], monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(audit_files, "CHUNK", chunk)
    rows = table(browser_of_staff)
    assert [row["Action"] for row in rows][1:] == [
        "order.approved",
        "number.assigned",
        "customer.changed",
        "session.failed",
    ]


def test_the_file_takes_as_many_queries_for_three_rows_as_for_thirty(staff: User, browser_of_staff: Client) -> None:
    counted = []
    for count in (3, 27):
        for _each in range(count):
            person = factories.UserFactory()
            audit.record("member.role_changed", person, about=("user", staff.pk), customer=factories.CustomerFactory())
        with sent_to_the_database() as sent:
            list(audit_files.lines(AuditEntry.objects.order_by("-at", "-pk"), "en"))
        counted.append(sent.count)
    assert counted[0] == counted[1]
