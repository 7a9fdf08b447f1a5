"""The mirror of an account's numbers: every field, written where something changed, never emptied by an outage."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from direct_numbers import mirror
from direct_numbers.models import Number
from people.models import Customer
from sync import runs
from sync.models import Change, Connection, SyncRun
from tests.support.queries import sent_to_the_database
from tests.support.scenes import number_of, read
from tests.support.simulator import SimulatorProcess
from zadarma import Client

LISTING = "^/v1/direct_numbers/$"
MIRRORED = {
    "numbers_number",
    "numbers_country",
    "numbers_direction",
    "numbers_offer",
    "sync_change",
    "documents_documentgroup",
    "documents_document",
}
pytestmark = pytest.mark.django_db


def test_every_field_of_a_number_is_mirrored(connection: Connection) -> None:
    read(connection)
    assert Number.objects.count() == 24
    number = number_of(connection, "London")
    assert number.number.startswith("4420") and len(number.number) == 12
    assert (number.status, number.type, number.country_name, number.description) == (
        "on",
        "common",
        "United Kingdom",
        "London",
    )
    assert (number.direction_remote_id, number.group_remote_id) == ("13755", "0")
    assert number.direction is not None and number.direction.name_en == "London"
    assert (number.sip, number.sip_name, number.number_name) == ("480012", "Sales", "London")
    assert (number.monthly_fee, number.currency) == (Decimal("2.00"), "EUR")
    assert (number.autorenew, number.autorenew_period, number.is_on_test, number.receive_sms) == (
        True,
        "month",
        False,
        True,
    )
    assert number.start_at is not None and number.stop_at is not None
    assert number.start_at < timezone.now() < number.stop_at
    local = number.stop_at.astimezone(timezone.get_fixed_timezone(timedelta(hours=2)))  # the account's zone
    assert connection.zone == "UTC+2"
    assert f"{local:%Y-%m-%d %H:%M:%S}" == number.stop_text
    assert (number.channels, number.customer, number.gone_at) == (2, None, None)


def test_every_status_of_the_demo_is_there(connection: Connection) -> None:
    read(connection, "numbers")
    assert set(Number.objects.values_list("status", flat=True)) == set(Number.Status.values)


@pytest.mark.parametrize("shape", ["production", "description"])
def test_a_second_reading_writes_nothing(connection: Connection, simulator: SimulatorProcess, shape: str) -> None:
    simulator.set_shape(shape)
    read(connection)
    changes = Change.objects.count()
    with sent_to_the_database() as sent:
        again = read(connection)
    assert sent.written & MIRRORED == set()
    assert {"sync_syncrun", "sync_connection"} <= sent.written  # the probe sees writes
    assert [(run.state, run.created, run.updated, run.gone) for run in again] == [("done", 0, 0, 0)] * 3
    assert Change.objects.count() == changes
    simulator.set_shape("production")


def test_the_descriptions_shape_is_mirrored_without_what_it_leaves_out(
    connection: Connection, simulator: SimulatorProcess
) -> None:
    simulator.set_shape("description")
    read(connection, "numbers")
    assert Number.objects.count() == 24
    assert set(Number.objects.values_list("direction_remote_id", flat=True)) == {""}
    simulator.set_shape("production")
    read(connection, "numbers")
    assert number_of(connection).direction_remote_id == "13755"
    simulator.set_shape("description")
    read(connection, "numbers")
    assert number_of(connection).direction_remote_id == "13755"  # what is not said is not taken away
    simulator.set_shape("production")


def queries_of_reading(numbers: int) -> tuple[int, int]:
    """How many statements and listing calls the first and second reading of so many numbers take."""
    with SimulatorProcess(key="k", secret="s", numbers=numbers) as process:
        account = Connection.objects.create(name=str(numbers), api_url=process.url, api_key="k", api_secret="s")
        with sent_to_the_database() as sent:
            read(account, "numbers")
        assert Number.objects.filter(connection=account).count() == numbers
        assert len(process.requests("/v1/direct_numbers/")) == 1
        with sent_to_the_database() as second:
            read(account, "numbers")
        assert len(process.requests("/v1/direct_numbers/")) == 2
        process.move_time(hours=1)
        assert sent.written >= {"numbers_number"}
        assert second.written & MIRRORED == set()
    return sent.count, second.count


def test_ten_thousand_numbers_take_one_listing_and_queries_by_the_chunk() -> None:
    few, few_again = queries_of_reading(1_000)
    many, many_again = queries_of_reading(10_000)
    # SQLite takes fewer parameters at once, so that Django cuts its chunks smaller there.
    assert many - few <= (10_000 // runs.CHUNK - 1) * 40
    assert many_again <= few_again + 1
    assert few_again <= 21


def test_changes_of_thousands_of_numbers_are_written_by_the_chunk() -> None:
    with SimulatorProcess(key="k", secret="s", numbers=2_000) as process:
        account = Connection.objects.create(name="big", api_url=process.url, api_key="k", api_secret="s")
        read(account, "numbers")
        Number.objects.filter(connection=account).update(channels=99)
        with sent_to_the_database() as sent:
            (run,) = read(account, "numbers")
    assert run.updated == 2_000
    assert Change.objects.filter(run=run, field="channels", old="99").count() == 2_000
    updates = [text for text in sent.statements if text.startswith('UPDATE "numbers_number"')]
    assert 2 <= len(updates) < 2_000 / 50


@pytest.mark.parametrize("fault", ["error", "html", "truncated", "bad_json", "reset_after", "rate"])
def test_a_failed_listing_marks_nothing_missing(
    connection: Connection, simulator: SimulatorProcess, asks_once: None, fault: str
) -> None:
    read(connection, "numbers")
    as_of = connection.numbers_as_of
    simulator.remove_number(number_of(connection).number)
    simulator.fault(fault, path=LISTING, count=-1)
    (run,) = read(connection, "numbers")
    assert (run.state, run.gone, run.created) == ("failed", 0, 0)
    assert run.error
    assert Number.objects.filter(gone_at=None).count() == 24
    assert connection.numbers_as_of == as_of
    assert not Change.objects.exists()


def test_a_number_taken_away_is_marked_gone_and_comes_back_as_a_new_one_of_nobody(
    connection: Connection, simulator: SimulatorProcess, customer: Customer
) -> None:
    number = number_of(connection)
    Number.objects.filter(pk=number.pk).update(customer=customer)
    simulator.remove_number(number.number)
    (run,) = read(connection, "numbers")
    number.refresh_from_db()
    assert (run.gone, number.gone_at, number.customer) == (1, run.started_at, customer)
    change = Change.objects.get(object_type="number", object_id=number.pk)
    assert (change.field, change.run) == ("gone_at", run)
    simulator.add_numbers(number=number.number, direction_id=13755)
    (run,) = read(connection, "numbers")
    back = Number.objects.get(number=number.number, gone_at=None)
    assert (run.created, back.customer) == (1, None)
    assert back.pk != number.pk
    number.refresh_from_db()
    assert number.gone_at is not None


def test_what_belongs_to_us_is_never_overwritten(connection: Connection, customer: Customer) -> None:
    number = number_of(connection)
    Number.objects.filter(pk=number.pk).update(customer=customer, status="parking")
    read(connection, "numbers")
    number.refresh_from_db()
    assert (number.status, number.customer) == ("on", customer)


def test_a_difference_becomes_a_change(connection: Connection, simulator: SimulatorProcess) -> None:
    number = number_of(connection)
    simulator.set_status(number.number, "parking")
    (run,) = read(connection, "numbers")
    number.refresh_from_db()
    assert (number.status, run.updated) == ("parking", 1)
    change = Change.objects.get(object_type="number", object_id=number.pk, field="status")
    assert (change.old, change.new, change.run, change.connection) == ("on", "parking", run, connection)


def test_an_account_that_moves_to_another_zone_changes_what_is_told_not_the_moments(
    connection: Connection, simulator: SimulatorProcess
) -> None:
    number = number_of(connection)
    simulator.control("POST", "timezone", timezone="UTC+3")
    read(connection, "numbers")
    changed = Change.objects.filter(object_id=number.pk).values_list("field", flat=True)
    assert "stop_at" not in changed


def test_an_unknown_status_is_kept_as_text(connection: Connection) -> None:
    number = number_of(connection)
    Number.objects.filter(pk=number.pk).update(status="frozen_by_moon")
    number.refresh_from_db()
    assert number.get_status_display() == "frozen_by_moon"
    read(connection, "numbers")
    change = Change.objects.get(object_id=number.pk, field="status")
    assert change.old == "frozen_by_moon"


def test_a_listing_begun_before_a_change_was_confirmed_does_not_overwrite_it(connection: Connection) -> None:
    number = number_of(connection)

    def confirmed_meanwhile(run: SyncRun, api: Client) -> None:
        number.confirm(timezone.now(), number_name="Support1")
        Number.objects.filter(pk=number.pk).update(channels=99)
        mirror.sync_numbers(run, api)

    runs.perform(connection, "numbers", confirmed_meanwhile)
    number.refresh_from_db()
    assert (number.number_name, number.channels) == ("Support1", 2)  # only what was confirmed is spared
    read(connection, "numbers")
    number.refresh_from_db()
    assert number.number_name == "London"


def test_a_listing_begun_before_an_order_was_confirmed_does_not_make_its_number_missing(
    connection: Connection,
) -> None:
    read(connection, "numbers")

    def ordered_meanwhile(run: SyncRun, api: Client) -> None:
        Number.objects.create(connection=connection, number="441112223334", confirmed_at=timezone.now())
        mirror.sync_numbers(run, api)

    run = runs.perform(connection, "numbers", ordered_meanwhile)
    assert run is not None and run.gone == 0
    assert Number.objects.get(number="441112223334").gone_at is None
    (run,) = read(connection, "numbers")
    assert run.gone == 1


def test_accounts_do_not_touch_each_others_numbers(connection: Connection, simulator: SimulatorProcess) -> None:
    read(connection, "numbers")
    other = Connection.objects.create(
        name="Other", api_url=simulator.url, api_key="second-key", api_secret="second-secret"
    )
    (run,) = read(other, "numbers")
    assert (run.state, run.gone) == ("done", 0)
    assert Number.objects.filter(connection=connection, gone_at=None).count() == 24


def test_refreshing_one_number_asks_two_methods_and_writes_what_differs(
    connection: Connection, simulator: SimulatorProcess
) -> None:
    number = number_of(connection)
    simulator.set_status(number.number, "parking")
    simulator.clear_requests()
    mirror.refresh_number(number)
    assert [(entry["method"], entry["path"]) for entry in simulator.requests()] == [
        ("GET", "/v1/direct_numbers/number/"),
        ("GET", "/v1/direct_numbers/autoprolongation/"),
    ]
    assert {entry["params"]["type"] for entry in simulator.requests()} == {"common"}
    number.refresh_from_db()
    assert number.status == "parking" and number.refreshed_at is not None
    assert Change.objects.get(object_id=number.pk, field="status").run is None


def test_an_empty_listing_after_a_full_one_counts_once_a_second_agrees(
    simulator: SimulatorProcess, connection: Connection
) -> None:
    read(connection)
    for number in Number.objects.values_list("number", flat=True):
        simulator.remove_number(number)
    first = read(connection, "numbers")[0]
    assert (first.state, first.seen, first.gone) == ("done", 0, 0)
    assert Number.objects.filter(gone_at=None).count() == 24
    second = read(connection, "numbers")[0]
    assert (second.seen, second.gone) == (0, 24)
