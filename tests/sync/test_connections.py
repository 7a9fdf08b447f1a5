"""The environment names the default account; the demo steps aside for it."""

import pytest
from django.db import connection as database
from pytest_django.fixtures import Settings

from direct_numbers import demo
from direct_numbers.models import Country, Direction, Number, Offer, Order
from documents.models import Document, DocumentGroup
from people.models import Customer, User
from people.tenancy import scope
from sync import operations
from sync.connections import sync_with_environment
from sync.models import Change, Connection, Operation, SyncRun
from tests.factories import NumberFactory
from tests.support.scenes import draft, place, read
from tests.support.simulator import SimulatorProcess


@pytest.fixture
def with_demo(settings: Settings, simulator: SimulatorProcess) -> Connection:
    """The demo's account, as a first start without keys makes it."""
    settings.SIMULATOR_URL, settings.SIMULATOR_KEY, settings.SIMULATOR_SECRET = simulator.url, "demo-key", "demo-secret"
    connection = sync_with_environment()
    assert connection is not None
    return connection


@pytest.fixture
def with_keys(settings: Settings, simulator: SimulatorProcess) -> None:
    """Real keys in the environment (of the stand-in's second account)."""
    settings.ZADARMA_API_URL = simulator.url
    settings.ZADARMA_API_KEY, settings.ZADARMA_API_SECRET = "second-key", "second-secret"


@pytest.mark.django_db
def test_nothing_named_nothing_made() -> None:
    assert sync_with_environment() is None
    assert not Connection.objects.exists()


@pytest.mark.django_db
def test_without_keys_the_demo_is_the_default(with_demo: Connection) -> None:
    assert (with_demo.is_demo, with_demo.is_default, with_demo.is_hidden) == (True, True, False)


@pytest.mark.django_db
def test_keys_of_the_environment_are_the_default_account(with_keys: None, simulator: SimulatorProcess) -> None:
    connection = sync_with_environment()
    assert connection is not None
    assert (connection.api_url, connection.api_key, connection.api_secret) == (
        simulator.url,
        "second-key",
        "second-secret",
    )
    assert (connection.is_default, connection.is_demo) == (True, False)


@pytest.mark.django_db
def test_a_second_start_changes_nothing(with_keys: None) -> None:
    first = sync_with_environment()
    assert first is not None
    before = Connection.objects.values().get()
    assert sync_with_environment() == first
    assert Connection.objects.values().get() == before


@pytest.mark.django_db
def test_a_rotated_secret_replaces_the_old_one_and_switches_the_account_on(with_keys: None, settings: Settings) -> None:
    first = sync_with_environment()
    assert first is not None
    Connection.objects.update(state="paused", paused_because="bad key pair")
    assert sync_with_environment() is not None
    assert Connection.objects.get().state == "paused"  # the same secret would fail again
    settings.ZADARMA_API_SECRET = "rotated"
    again = sync_with_environment()
    assert again == first
    assert again is not None
    assert (again.api_secret, again.state, again.paused_because) == ("rotated", "active", "")


@pytest.mark.django_db
def test_the_key_pair_is_ciphertext_in_the_database(with_keys: None) -> None:
    sync_with_environment()
    with database.cursor() as cursor:
        cursor.execute("SELECT api_key, api_secret FROM sync_connection")
        row = cursor.fetchone()
    assert row[0] and "second-key" not in row[0]
    assert row[1] and "second-secret" not in row[1]


@pytest.mark.django_db(transaction=True)
def test_once_real_keys_exist_the_demos_rows_are_seen_by_nobody(
    with_demo: Connection, with_keys: None, staff: User
) -> None:
    read(with_demo)
    draft(with_demo, staff)
    viewer = staff.viewer()
    models = (Number, DocumentGroup, Document, Order, SyncRun, Offer)
    assert all(scope(model.objects.all(), viewer).exists() for model in models)
    real = sync_with_environment()
    assert real is not None
    assert real.is_default
    with_demo.refresh_from_db()
    assert (with_demo.is_hidden, with_demo.is_default, with_demo.usable) == (True, False, False)
    assert [model.__name__ for model in models if scope(model.objects.all(), viewer).exists()] == []


@pytest.mark.django_db(transaction=True)
def test_clear_demo_removes_the_demo_and_nothing_else(
    with_demo: Connection, with_keys: None, staff: User, customer: Customer
) -> None:
    demo.make_customers(with_demo)
    demo.make_customers(with_demo)
    assert Customer.objects.filter(is_demo=True).count() == 2
    read(with_demo)
    operations.perform(place(draft(with_demo, staff), staff).pk)
    read(with_demo, "numbers")
    real = sync_with_environment()
    assert real is not None
    read(real)
    kept = NumberFactory(connection=real, customer=Customer.objects.filter(is_demo=True).first(), direction=None)
    theirs = Offer.objects.filter(connection=real).count()
    assert demo.clear() > theirs
    assert not Connection.objects.filter(is_demo=True).exists()
    assert not Order.objects.exists()
    assert not Operation.objects.exists()
    assert not Change.objects.filter(object_type="number").exists()
    assert Offer.objects.filter(connection=real).count() == theirs > 0
    assert Direction.objects.count() == theirs
    assert Country.objects.exists()
    assert {c.name for c in Customer.objects.all()} == {customer.name, kept.customer.name}
    assert demo.clear() == 0
