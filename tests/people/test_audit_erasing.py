"""Erasing people and changing the encryption key: the chain holds, and what is personal is gone."""

import io
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from people import audit, audit_checking, audit_sealing, data_keys, erasing, personal
from people.audit_models import AuditChain, AuditEntry
from people.models import Customer, Invitation, User
from tests.support.audit_rows import noted, sealed

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "192.0.2.77"


def hold() -> int:
    """How many rows are whole."""
    audit_sealing.seal()
    return audit_checking.check(timezone.now()).rows


def from_where(person: User | None) -> list[str]:
    """From where a person did what the audit tells, as any process reads it."""
    data_keys.forget()
    return [row.detail.get("from", "") for row in AuditEntry.objects.filter(actor_id=person and person.pk)]


def test_addresses_stand_nowhere_in_clear(staff: User) -> None:
    sealed(2, staff)
    noted(1, None)
    with database.cursor() as cursor:
        cursor.execute("SELECT * FROM people_auditentry")
        stored = str(cursor.fetchall())
    assert ADDRESS not in stored and "manager" not in stored
    assert from_where(staff) == [ADDRESS] * 2


def test_erasing_a_customer_erases_from_where_its_people_came(
    customer: Customer, member: User, manager: User, outsider: User, staff: User
) -> None:
    for person in (member, manager, outsider, staff):
        sealed(2, person)
    personal.erase(customer, staff)
    assert from_where(member) == from_where(manager) == ["", ""]
    assert from_where(outsider) == [ADDRESS] * 2
    assert from_where(staff)[-2:] == [ADDRESS] * 2
    assert hold() == 9
    erased = AuditEntry.objects.get(action="customer.erased")
    assert (erased.actor_id, erased.customer_id, erased.object_id) == (staff.pk, customer.pk, customer.pk)


def test_who_belongs_to_another_customer_too_keeps_their_key(
    customer: Customer, other_customer: Customer, member: User
) -> None:
    member.memberships.create(customer=other_customer)
    sealed(1, member)
    personal.erase(customer, None)
    assert from_where(member) == [ADDRESS]


def test_a_person_of_the_staff_is_erased_alone(staff: User, operator: User) -> None:
    sealed(2, operator)
    sealed(1, staff)
    erasing.erase_person(operator, staff)
    assert (operator.is_erased, operator.is_active, operator.staff_role, operator.name) == (True, False, "", "")
    assert from_where(operator) == ["", ""] and from_where(staff) == ["", ADDRESS]
    assert hold() == 4
    assert AuditEntry.objects.get(action="person.erased").object_id == operator.pk


def test_keys_that_a_person_had_before_are_destroyed_too(staff: User, operator: User) -> None:
    sealed(1, operator)
    (other,) = data_keys.make()
    User.objects.filter(pk=operator.pk).update(data_key=other)
    operator.refresh_from_db()
    sealed(1, operator)
    erasing.erase_person(operator, staff)
    assert from_where(operator) == ["", ""]


def test_the_audits_own_key_is_never_destroyed(staff: User, operator: User) -> None:
    data_keys.destroy([operator.data_key_id or 0])
    entry = noted(1, operator)[0]  # as by a process that had not heard of the erasing
    assert entry.data_key_id == AuditChain.objects.get().data_key_id
    erasing.erase_person(operator, staff)
    noted(1, None)
    assert from_where(None) == [ADDRESS]


def test_a_failed_sign_in_is_erased_with_whom_it_was_for(staff: User, operator: User) -> None:
    token = audit.address.set(ADDRESS)
    entry = audit.record("session.failed", None, about=("user", operator.pk))
    audit.address.reset(token)
    assert entry.data_key_id == operator.data_key_id
    assert from_where(None) == [ADDRESS]
    erasing.erase_person(operator, staff)
    assert from_where(None) == [""]


def test_the_last_owner_stays(staff: User, operator: User) -> None:
    with pytest.raises(erasing.LastOwner):
        erasing.erase_person(staff, operator)
    assert not User.objects.get(pk=staff.pk).is_erased
    assert not AuditEntry.objects.exists()


def test_what_the_sign_in_keeps_goes_too(client: Client, staff: User, operator: User) -> None:
    from allauth.account.models import EmailAddress

    assert EmailAddress.objects.filter(user=operator).exists()
    Invitation.objects.create(
        email="Operator@Partner.example", staff_role="operator", digest="d", expires_at=timezone.now()
    )
    client.force_login(operator)
    assert client.get("/").status_code == 200
    erasing.erase_person(operator, staff)
    assert not EmailAddress.objects.filter(user=operator).exists() and not Invitation.objects.exists()
    assert client.get("/").status_code == 302
    with database.cursor() as cursor:
        for table in database.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            assert "operator@partner" not in str(cursor.fetchall()).lower(), table


def test_the_command_erases_by_e_mail(staff: User, operator: User) -> None:
    out = io.StringIO()
    call_command("erase_person", "Operator@partner.example", "--yes", stdout=out)
    assert out.getvalue() == f"Erased: person {operator.pk}.\n"
    for wrong in ("operator@partner.example", f"erased-{operator.pk}@erased.invalid"):
        with pytest.raises(CommandError, match="no such person"):
            call_command("erase_person", wrong, "--yes")
    with pytest.raises(CommandError, match="last owner"):
        call_command("erase_person", staff.email, "--yes")


def test_another_encryption_key_leaves_the_chain_whole(staff: User, settings: Settings) -> None:
    sealed(3, staff)
    noted(2, None)
    hold()

    def stored() -> list[Any]:
        return list(audit_sealing.stored(AuditEntry.objects.order_by("seq")))

    before, new = stored(), Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, *settings.ENCRYPTION_KEYS]
    call_command("rotate_keys", stdout=io.StringIO())
    assert stored() == before
    settings.ENCRYPTION_KEYS = [new]
    assert hold() == 5
    assert from_where(staff) == [ADDRESS] * 3 and from_where(None) == [ADDRESS] * 2
