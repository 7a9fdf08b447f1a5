"""Accounts managed in the panel: tested when saved, never shown again, changed without downtime."""

import logging
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from people.models import AuditEntry, User
from sync import accounts, budget, gateway, operations, requests
from sync.connections import sync_with_environment
from sync.key_digest import digest_of
from sync.models import CallBudget, Connection, Operation
from tests.factories import ConnectionFactory, DocumentGroupFactory, NumberFactory, OperationFactory
from tests.support.queries import sent_to_the_database
from tests.support.simulator import SimulatorProcess
from zadarma import BadCredentials

QUERIES_OF_THE_LIST = 13
PAIR = {"key": "second-key", "secret": "second-secret"}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _api(settings: Settings, simulator: SimulatorProcess) -> None:
    settings.ZADARMA_API_URL, settings.SIMULATOR_URL = simulator.url, ""
    settings.ZADARMA_API_KEY = settings.ZADARMA_API_SECRET = ""


def shown(answer: object) -> str:
    return answer.getvalue().decode()  # type: ignore[attr-defined,no-any-return]


def test_an_account_is_tested_then_kept_and_its_pair_is_nowhere_to_be_read(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = browser_of_staff.post(reverse("account-new"), {"name": "Branch", **PAIR}, follow=True)
    made = Connection.objects.get(name="Branch")
    assert (made.api_key, made.api_secret, made.api_url) == ("second-key", "second-secret", simulator.url)
    assert (made.key_digest, made.is_default, bool(made.zone)) == (digest_of("second-key"), False, True)
    assert made.balance is not None and made.balance_currency
    assert {call["path"] for call in simulator.requests(key="second-key")} == {
        "/v1/info/balance/",
        "/v1/info/timezone/",
    }
    pages = [shown(answer)]
    pages += [shown(browser_of_staff.get(reverse(name))) for name in ("account-list", "account-new", "home")]
    pages += [shown(browser_of_staff.get(reverse(n, args=[made.pk]))) for n in ("account-edit", "account-pair")]
    pages += [shown(browser_of_staff.get(reverse("run-list"))), caplog.text]
    pages += [
        str([row.get_decoded() for row in Session.objects.all()]),
        str([r.detail for r in AuditEntry.objects.all()]),
    ]
    assert not [page for page in pages if "second-key" in page or "second-secret" in page]
    assert AuditEntry.objects.filter(action="connection.added", object_id=made.pk).count() == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"key": "second-key", "secret": "wrong-secret"}, "did not accept"),
        ({"key": "demo-key", "secret": "demo-secret"}, "already in use"),
        ({"key": "two words", "secret": "x"}, "without blanks"),
    ],
)
def test_what_does_not_fit_is_not_kept_and_not_shown_again(
    browser_of_staff: Client, connection: Connection, given: dict[str, str], says: str
) -> None:
    answer = browser_of_staff.post(reverse("account-new"), {"name": "Branch", **given})
    assert (answer.status_code, Connection.objects.count()) == (422, 1)
    assert says in shown(answer)
    assert not [word for word in (given["key"], "wrong-secret", "demo-secret") if word in shown(answer)]


def test_in_an_outage_nothing_is_kept(browser_of_staff: Client, simulator: SimulatorProcess, asks_once: None) -> None:
    simulator.fault("reset_before", path="/v1/info/", count=-1)
    answer = browser_of_staff.post(reverse("account-new"), {"name": "Branch", **PAIR})
    assert answer.status_code == 422
    assert "must be typed again" in shown(answer)
    assert not Connection.objects.exists()


def test_the_database_refuses_the_same_key_twice(connection: Connection) -> None:
    assert connection.key_digest == digest_of("demo-key")
    with pytest.raises(IntegrityError), transaction.atomic():
        ConnectionFactory(key_digest=digest_of("demo-key"))


def test_a_row_made_by_other_ways_has_its_digest_unless_another_has_that_key(connection: Connection) -> None:
    other = Connection.objects.create(name="Other", api_url="http://127.0.0.1:9", api_key="k", api_secret="s")
    twin = Connection.objects.create(name="Twin", api_url="http://127.0.0.1:9", api_key="demo-key", api_secret="s")
    assert [other.key_digest, twin.key_digest] == [digest_of("k"), None]
    assert accounts.digest_anew() == 0


def test_the_same_key_is_refused_where_a_hidden_account_has_it(connection: Connection) -> None:
    Connection.objects.update(is_hidden=True, is_default=False)
    with pytest.raises(accounts.SameKey):
        accounts.add("Again", "demo-key", "demo-secret", None)


def test_a_new_pair_takes_the_old_ones_place_and_switches_the_account_on(
    browser_of_staff: Client, connection: Connection
) -> None:
    requests_before = Connection.objects.get(pk=connection.pk)
    gateway.pause(connection, "no")
    answer = browser_of_staff.post(reverse("account-pair", args=[connection.pk]), PAIR)
    connection.refresh_from_db()
    assert answer.status_code == 302
    assert (connection.api_key, connection.state, connection.pair_number) == ("second-key", "active", 2)
    with gateway.client(requests_before, budget.CLICK) as old, gateway.client(connection, budget.CLICK) as new:
        assert old.balance() != new.balance()  # what is under way goes on with the pair it began with
    gateway.pause(requests_before, "an answer to the old pair")
    connection.refresh_from_db()
    assert connection.state == "active"
    gateway.pause(connection, "an answer to this one")
    connection.refresh_from_db()
    assert connection.state == "paused"


def test_a_pair_of_another_account_is_noticed_unless_a_person_says_otherwise(
    browser_of_staff: Client, connection: Connection
) -> None:
    NumberFactory(connection=connection, number="442011111111")
    page = reverse("account-pair", args=[connection.pk])
    answer = browser_of_staff.post(page, PAIR)
    assert answer.status_code == 422
    assert 'name="is_same_account"' in shown(answer) and "second-" not in shown(answer)
    connection.refresh_from_db()
    assert connection.api_key == "demo-key"
    assert browser_of_staff.post(page, {**PAIR, "is_same_account": "on"}).status_code == 302
    connection.refresh_from_db()
    assert connection.api_key == "second-key"


def test_a_pair_of_an_account_with_another_currency_is_noticed(connection: Connection) -> None:
    Connection.objects.update(balance_currency="SEK")
    connection.refresh_from_db()
    with pytest.raises(accounts.OtherAccount):
        accounts.change_pair(connection, "second-key", "second-secret", None)
    accounts.change_pair(connection, "second-key", "second-secret", None, is_same_account=True)
    connection.refresh_from_db()
    assert (connection.api_key, connection.balance_currency != "SEK") == ("second-key", True)


def test_the_key_of_another_account_is_not_taken_and_nothing_is_asked(
    connection: Connection, simulator: SimulatorProcess
) -> None:
    other = Connection.objects.create(name="x", api_url=simulator.url, api_key="second-key", api_secret="second-secret")
    Connection.objects.update(key_digest=None)  # as before the digests
    for attempt in (
        lambda: accounts.change_pair(connection, "second-key", "second-secret", None, is_same_account=True),
        lambda: accounts.add("Again", "second-key", "second-secret", None),
    ):
        with pytest.raises(accounts.SameKey):
            attempt()
    assert simulator.requests("/v1/info/") == []
    assert set(Connection.objects.values_list("pk", "pair_number")) == {(connection.pk, 1), (other.pk, 1)}


def test_whoever_is_slower_with_the_same_key_is_told_so(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    tested = accounts.examine("second-key", "second-secret")
    kept = accounts.keep("Faster", tested, None)
    Connection.objects.filter(pk=kept.pk).update(key_digest=None)
    with pytest.raises(accounts.SameKey):
        accounts.keep("Slower", tested, None)
    accounts.digest_anew()
    with pytest.raises(accounts.SameKey):
        accounts.keep("Slower", tested, None)
    monkeypatch.setattr(accounts, "holder_of", lambda *given, **more: None)  # looked before the faster one was kept
    with pytest.raises(accounts.SameKey):
        accounts.keep("Slower", tested, None)
    with pytest.raises(accounts.SameKey):
        accounts.change_pair(connection, "second-key", "second-secret", None, is_same_account=True)
    assert list(Connection.objects.exclude(pk=connection.pk)) == [kept]


def test_a_pair_that_is_not_accepted_changes_nothing(browser_of_staff: Client, connection: Connection) -> None:
    before = Connection.objects.values().get()
    answer = browser_of_staff.post(reverse("account-pair", args=[connection.pk]), {"key": "x", "secret": "y"})
    assert (answer.status_code, Connection.objects.values().get()) == (422, before)


def test_every_call_that_is_not_accepted_pauses_and_home_says_who_mends_it(
    connection: Connection, staff: User, operator: User, client: Client
) -> None:
    Connection.objects.update(api_secret="wrong")
    connection.refresh_from_db()
    with gateway.client(connection, budget.CLICK) as api, pytest.raises(BadCredentials):
        api.balance()
    connection.refresh_from_db()
    assert connection.state == "paused"
    client.force_login(staff)
    assert reverse("account-pair", args=[connection.pk]) in shown(client.get("/"))
    client.force_login(operator)
    assert reverse("account-pair", args=[connection.pk]) not in shown(client.get("/"))
    assert "Ask an owner" in shown(client.get("/"))


@pytest.mark.parametrize("who", ["operator", "auditor", "manager"])
def test_only_an_owner_changes_accounts(
    client: Client, connection: Connection, request: pytest.FixtureRequest, who: str
) -> None:
    client.force_login(request.getfixturevalue(who))
    looks = client.get(reverse("account-list"))
    assert looks.status_code == (403 if who == "manager" else 200)
    before = Connection.objects.values().get()
    for name in ("account-edit", "account-pair", "account-default", "account-pause", "connection-resume"):
        assert client.post(reverse(name, args=[connection.pk]), PAIR).status_code == 403
    assert client.post(reverse("account-new"), {"name": "x", **PAIR}).status_code == 403
    assert client.post(reverse("account-import"), {"text": "a,b,c"}).status_code == 403
    assert Connection.objects.values().get() == before


def test_default_name_and_pause(browser_of_staff: Client, connection: Connection) -> None:
    other = accounts.add("Other", "second-key", "second-secret", None)
    browser_of_staff.post(reverse("account-default", args=[other.pk]))
    assert list(Connection.objects.filter(is_default=True)) == [other]
    browser_of_staff.post(reverse("account-edit", args=[other.pk]), {"name": "Renamed"})
    browser_of_staff.post(reverse("account-pause", args=[other.pk]))
    other.refresh_from_db()
    assert (other.name, other.state) == ("Renamed", "paused")
    waits = plan_on(other, Operation.Waits.ACCOUNT)
    requests.resume(other)
    other.refresh_from_db()
    waits.refresh_from_db()
    assert (other.state, waits.not_before) == ("active", None)
    told = AuditEntry.objects.values_list("action", flat=True)
    assert {"connection.changed", "connection.paused"} <= set(told)


def test_what_was_changed_in_the_panel_is_not_undone_by_the_environment(
    settings: Settings, simulator: SimulatorProcess
) -> None:
    settings.ZADARMA_API_KEY, settings.ZADARMA_API_SECRET = "demo-key", "demo-secret"
    first = sync_with_environment()
    assert first is not None
    accounts.change_pair(first, "second-key", "second-secret", None, is_same_account=True)
    sync_with_environment()
    sync_with_environment()
    kept = Connection.objects.get()
    assert (kept.pk, kept.api_key, kept.key_digest) == (first.pk, "second-key", digest_of("second-key"))
    settings.ZADARMA_API_KEY, settings.ZADARMA_API_SECRET = "third-key", "third-secret"
    sync_with_environment()
    assert Connection.objects.count() == 2  # what is new there counts


def test_a_default_chosen_in_the_panel_stays_at_the_next_start(settings: Settings) -> None:
    settings.ZADARMA_API_KEY, settings.ZADARMA_API_SECRET = "demo-key", "demo-secret"
    sync_with_environment()
    other = accounts.add("Other", "second-key", "second-secret", None)
    accounts.make_default(other, None)
    assert sync_with_environment() == other


def plan_on(account: Connection, waits_for: str) -> Operation:
    """A planned operation that is not to be tried before tomorrow."""
    tomorrow = timezone.now() + timedelta(days=1)
    return OperationFactory(connection=account, waits_for=waits_for, not_before=tomorrow)


def test_a_new_pair_sends_what_waited_for_it_and_nothing_else(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[tuple[object, ...]] = []
    gateway.pause(connection, "no")
    waits, outage = (plan_on(connection, why) for why in (Operation.Waits.ACCOUNT, Operation.Waits.OUTAGE))
    elsewhere = plan_on(ConnectionFactory(api_key="elsewhere"), Operation.Waits.ACCOUNT)
    monkeypatch.setattr(operations, "wake", lambda *given: woken.append(given))
    accounts.change_pair(connection, "second-key", "second-secret", None)
    assert woken == [("sync.perform_operation", waits.pk)]
    for row in (waits, outage, elsewhere):
        row.refresh_from_db()
    assert (waits.not_before, bool(outage.not_before), bool(elsewhere.not_before)) == (None, True, True)


def test_an_answer_to_the_old_pair_lets_an_operation_wait_a_moment_only(
    connection: Connection, simulator: SimulatorProcess
) -> None:
    row = OperationFactory(connection=connection, kind="set_caller_name", params={"caller_name": "x"})
    number = NumberFactory(connection=connection)
    Operation.objects.filter(pk=row.pk).update(object_id=number.pk)
    simulator.set_secret("rotated")
    before = Operation.objects.select_related("connection").get(pk=row.pk)
    try:
        accounts.change_pair(connection, "demo-key", "rotated", None, is_same_account=True)
        operations.postpone_for_pair(before)
        before.refresh_from_db()
        assert (before.waits_for, before.not_before < timezone.now() + timedelta(minutes=2)) == ("outage", True)  # type: ignore[operator]
    finally:
        simulator.set_secret("demo-secret")
    Connection.objects.update(state="paused")
    operations.postpone_for_pair(before)
    before.refresh_from_db()
    assert before.waits_for == "account"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_queries_with_one_account_as_with_many(
    browser_of_staff: Client, connection: Connection, count: int
) -> None:
    for number in range(count - 1):
        other = ConnectionFactory(api_key=f"key {number}", state="paused")
        NumberFactory.create_batch(2, connection=other)
        DocumentGroupFactory.create_batch(3, connection=other)
        CallBudget.objects.create(connection=other)
    page = reverse("account-list")
    browser_of_staff.get(page)
    with sent_to_the_database() as sent:
        answer = browser_of_staff.get(page)
    assert shown(answer).count('id="account-') == count
    rows = answer.context["accounts"]
    told = [(row.number_count, row.group_count) for row in rows]
    assert told == [(0, 0), *[(2, 3)] * (count - 1)]
    assert sent.count == QUERIES_OF_THE_LIST, "\n".join(sent.statements)


def test_the_client_that_tests_a_pair_changes_nothing(connection: Connection, simulator: SimulatorProcess) -> None:
    with (
        gateway.client_for_pair(simulator.url, "second-key", "second-secret") as api,
        pytest.raises(RuntimeError, match="only tested"),
    ):
        api.prolong(number="442011111111", months=1)
    assert simulator.changing_requests() == []


def test_an_account_that_no_key_can_read_does_not_hold_up_the_others(
    connection: Connection, settings: Settings
) -> None:
    known = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    Connection.objects.create(name="Lost", api_url="http://127.0.0.1:9", api_key="lost", api_secret="lost")
    settings.ENCRYPTION_KEYS = known
    assert accounts.holder_of("demo-key") == connection
    assert accounts.holder_of("second-key") is None
    assert accounts.outdated_digests() == accounts.digest_anew() == 0
