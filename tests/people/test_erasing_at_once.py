"""Erasing while something is claimed or ordered in another process: whoever comes second sees the first."""

import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import connection as database
from django.db import transaction

from people import personal
from people.models import Customer, User
from sync import operations
from sync.models import Operation
from tests import factories
from tests.support.whole_customer import whole_customer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def whole() -> SimpleNamespace:
    """The customer that is erased."""
    return whole_customer("Qxaver", factories.ConnectionFactory())


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Do `work` beside this thread. Returns the thread, and what came of it once it has ended."""
    came: list[object] = []

    def run() -> None:
        try:
            came.append(work())
        except Exception as error:  # noqa: BLE001 - told to the test
            came.append(error)
        finally:
            database.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, came


if database.vendor == "postgresql":  # SQLite has one writer at a time

    def test_what_was_claimed_first_hinders(whole: SimpleNamespace) -> None:
        late = factories.OperationFactory(
            connection=whole.group.connection,
            kind="group_update",
            object_type="group",
            object_id=whole.group.pk,
            data_key=whole.group.data_key,
            state="cancelled",
            params={"fields": {"last_name": "Qxaver"}},
        )
        with transaction.atomic():
            assert operations._is_kept(late)
            thread, came = in_thread(lambda: personal.erase(whole.customer, None))
            thread.join(0.5)
            assert thread.is_alive(), "it did not wait for the claim"
            Operation.objects.filter(pk=late.pk).update(state="sent")
        thread.join(20)
        assert isinstance(came[0], personal.Hindered)
        assert Customer.objects.get(pk=whole.customer.pk).erased_at is None

    def test_an_order_handed_over_first_hinders(whole: SimpleNamespace) -> None:
        draft = factories.OrderFactory(customer=whole.customer, connection=whole.group.connection)
        with transaction.atomic():
            assert type(draft).objects.filter(pk=draft.pk, state="draft").update(state="placing")
            thread, came = in_thread(lambda: personal.erase(whole.customer, None))
            thread.join(0.5)
            assert thread.is_alive(), "it did not wait for the order"
        thread.join(20)
        assert isinstance(came[0], personal.Hindered)

    def test_an_order_handed_over_second_finds_nothing_to_order(whole: SimpleNamespace) -> None:
        draft = factories.OrderFactory(customer=whole.customer, connection=whole.group.connection)
        with transaction.atomic():
            personal.erase(whole.customer, None)
            mine = type(draft).objects.filter(pk=draft.pk, state="draft")
            thread, came = in_thread(lambda: mine.update(state="placing"))
            thread.join(0.5)
            assert thread.is_alive(), "it did not wait for the erasing"
        thread.join(20)
        assert came == [0]

    def test_two_at_once_erase_once(whole: SimpleNamespace) -> None:
        people = [User.objects.create_user(f"staff{number}@partner.example", staff_role="owner") for number in range(2)]
        both = [in_thread(lambda who=who: personal.erase(whole.customer, who)) for who in people]
        for thread, _came in both:
            thread.join(20)
        came = [result for _thread, results in both for result in results]
        assert sorted(type(one).__name__ for one in came) == ["ErasedAlready", "dict"]
        assert whole.customer.privacy_events.count() == 1
