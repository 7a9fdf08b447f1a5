"""Data keys that a transaction made or destroyed which was then rolled back: nothing of it is remembered."""

import pytest
from django.db import transaction

from documents import groups
from documents.models import DocumentGroup
from people import data_keys
from people.models import DataKey
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
NAME = {"first_name": "Anna", "last_name": "Berg"}
OTHER = {"first_name": "Otto", "last_name": "Tal"}


class Undone(Exception):
    """Rolls a transaction back."""


@pytest.mark.parametrize("is_nested", [False, True])
def test_a_number_that_was_rolled_back_is_not_sealed_for_with_the_key_it_had(*, is_nested: bool) -> None:
    with transaction.atomic(durable=True):
        if is_nested:
            DataKey.objects.create(sealed="")
        with pytest.raises(Undone), transaction.atomic():
            (number,) = data_keys.make()
            data_keys.seal_for(number, b"first")
            raise Undone
        if not is_nested:
            transaction.set_rollback(True)
    (again,) = data_keys.make()
    sealed = data_keys.seal_for(again, b"second")
    data_keys.forget()  # as another process has it
    assert data_keys.unseal_any(sealed) == b"second"


def test_another_process_may_have_taken_the_number_meanwhile() -> None:
    with pytest.raises(Undone), transaction.atomic():
        (number,) = data_keys.make()
        data_keys.seal_for(number, b"first")
        raise Undone
    (theirs,) = data_keys.make()
    text = DataKey.objects.get(pk=theirs).sealed
    with pytest.raises(Undone), transaction.atomic():
        (number,) = data_keys.make()
        data_keys.seal_for(number, b"first")
        raise Undone
    DataKey.objects.create(pk=number, sealed=text)
    theirs_sealed = b"%d:%b" % (number, data_keys.seal_for(theirs, b"theirs").partition(b":")[2])
    assert data_keys.unseal_any(theirs_sealed) == b"theirs"


def test_the_group_after_a_double_click_is_read_by_every_process() -> None:
    connection, actor = factories.ConnectionFactory(), factories.UserFactory(staff_role="owner")
    first = groups.create_group(connection, None, NAME, actor)
    assert groups.create_group(connection, None, NAME, actor) == first
    other = groups.create_group(connection, None, OTHER, actor)
    data_keys.forget()
    assert DocumentGroup.objects.get(pk=other.pk).fields == OTHER


def test_an_erasing_that_was_rolled_back_leaves_its_keys_readable() -> None:
    (number,) = data_keys.make()
    sealed = data_keys.seal_for(number, b"kept")
    with pytest.raises(Undone), transaction.atomic():
        data_keys.destroy([number])
        assert data_keys.unseal_any(sealed) is None
        raise Undone
    assert data_keys.unseal_any(sealed) == b"kept"
