"""Many customers, each with a manager, papers, numbers, orders and charges, written in bulk: 10,000 in seconds."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection as database
from django.db import models
from django.utils import timezone

from direct_numbers.models import Charge, Direction, Number, Order
from documents.models import Document, DocumentGroup
from people import data_keys
from people.models import AuditEntry, Customer, Membership, User
from sync.models import Change, Operation
from tests import factories
from tests.support.isolation import Rows

NUMBERS_EACH = 10
# Of so many customers one has papers that were not accepted, a parked number and an order that waits for approval.
TROUBLED = 5
# One number more of so many customers belongs to nobody yet.
UNASSIGNED = 2


def written(rows: Iterable[models.Model]) -> list[Any]:
    """Write rows of one model, a few thousand at once. Returns them."""
    found = list(rows)
    manager: Any = type(found[0])._default_manager
    manager.bulk_create(found, batch_size=2000)
    return found


def directions_of(rows: Rows) -> list[Direction]:
    """Where their numbers are: every other one where `rows` has its number, the rest in ten more countries."""
    codes = ("AT", "BE", "CH", "CZ", "DE", "DK", "ES", "FR", "IT", "NL")
    elsewhere = [factories.DirectionFactory(country=factories.CountryFactory(iso=iso, name_en=iso)) for iso in codes]
    return [direction for other in elsewhere for direction in (rows.direction, other)]


def add_customers(rows: Rows, directions: Sequence[Direction], which: range, actor: User) -> None:
    """Customers number `which`, at the same account as `rows`; what `actor` did with each stands in the audit."""
    connection, now = rows.connection, timezone.now()
    customers = written(Customer(name=f"Customer {n:05}") for n in which)
    person_keys, group_keys = data_keys.make(len(which)), data_keys.make(len(which))
    users = written(
        User(email=f"p{n}@many.example", password="!", data_key_id=key)
        for n, key in zip(which, person_keys, strict=True)
    )
    pairs = zip(users, customers, strict=True)
    written(Membership(user=user, customer=customer, role="manager") for user, customer in pairs)
    groups = written(
        DocumentGroup(
            connection=connection,
            customer=customer,
            remote_id=str(10**6 + n),
            data_key_id=key,
            fields={"first_name": f"Given{n}", "last_name": "Family", "country": "DE"},
            country_iso="DE",
            wrong_document="" if n % TROUBLED else "too dark",
        )
        for n, customer, key in zip(which, customers, group_keys, strict=True)
    )
    written(Document(group=group, document_type="passport", name="passport.jpg", is_verified=True) for group in groups)

    def number_of(n: int, k: int, customer: Customer | None) -> Number:
        return Number(
            connection=connection,
            customer=customer,
            number=f"4930{n:05}{k:02}",
            status="on" if n % TROUBLED or k else "parking",
            direction=directions[n % len(directions)],
            country_name="United Kingdom",
            description="London",
            group_remote_id=str(10**6 + n) if customer else "",
            monthly_fee=2,
            currency="EUR",
            autorenew=True,
            start_at=now,
            stop_at=now + timedelta(days=40 + n % 300),
        )

    def numbers() -> Iterator[Number]:
        for n, customer in zip(which, customers, strict=True):
            for k in range(NUMBERS_EACH):
                yield number_of(n, k, customer)
            if n % UNASSIGNED == 0:
                yield number_of(n, 99, None)

    made = written(numbers())
    written(
        Order(
            connection=connection,
            customer=customer,
            direction=directions[n % len(directions)],
            country=directions[n % len(directions)].country,
            state=state,
            wanted_number=f"4940{n:05}",
            created_by=user,
        )
        for n, customer, user in zip(which, customers, users, strict=True)
        for state in ("placed", "approval" if n % TROUBLED == 0 else "draft")
    )
    theirs = made[:: NUMBERS_EACH * UNASSIGNED + 1]  # the first number of every other customer
    operations = written(
        Operation(
            connection=connection, kind="prolong", object_type="number", object_id=number.pk, state="done", actor=actor
        )
        for number in theirs
    )
    written(
        Charge(customer=number.customer, operation=operation, amount=2, currency="EUR", markup_percent=0, at=now)
        for number, operation in zip(theirs, operations, strict=True)
    )
    written(
        Change(connection=connection, object_type="number", object_id=number.pk, field="status", new="on", seen_at=now)
        for number in made
    )
    written(
        AuditEntry(
            at=now - timedelta(seconds=n),
            actor_id=actor.pk,
            action=action,
            object_type="customer",
            object_id=customer.pk,
            customer_id=customer.pk,
            data_key_id=actor.data_key_id,
            detail={"after": {"name": "changed"}},
        )
        for n, customer in zip(which, customers, strict=True)
        for action in ("customer.created", "customer.changed")
    )
    with database.cursor() as cursor:
        cursor.execute("ANALYZE")
