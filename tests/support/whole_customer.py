"""A customer with a row of everything, in each of which one word of theirs stands, and where that word is kept."""

import re
from types import SimpleNamespace
from typing import Any

from django.db import connection as database
from django.utils import timezone

from documents import names
from people import data_keys
from people.keys import Unreadable, unseal_bytes
from people.models import Customer, Session, User
from sync.models import Change, Connection
from tests import factories


def whole_customer(word: str, connection: Connection, number: str = "442055501234") -> SimpleNamespace:
    """Rows in which `word` stands: sealed, in clear, and in what operations carry."""
    customer = Customer.objects.create(name=f"{word} Ltd", reference=f"R-{word}")
    member = User.objects.create_user(f"{word.lower()}@first.example", "correct horse battery", name=f"Ann {word}")
    member.memberships.create(customer=customer)
    group = factories.DocumentGroupFactory(
        connection=connection,
        customer=customer,
        fields={"first_name": "Anna", "last_name": word, "street": f"{word} street 1", "country": "DE"},
        error=f"{word} is refused",
        wrong_document=f"{word} can't be read",
        wrong_address=f"{word} street is unknown",
    )
    names.index([group])
    document = factories.DocumentFactory(group=group, name=f"{word}.jpg")
    upload = factories.UploadFactory(
        group=group,
        name=f"{word}-scan.pdf",
        doc_name=f"{word}.jpg",
        content=f"%PDF {word}".encode(),
        error=f"no {word}",
    )
    theirs = factories.NumberFactory(
        connection=connection,
        customer=customer,
        number=number,
        number_name=word,
        sip=f"{word}@pbx.example",
        group_remote_id=group.remote_id,
    )
    customer.labels.create(name=f"{word} line").labellings.create(number=theirs)
    for field in ("number_name", "sip"):
        change(theirs, field, old=word, new=f"{word}2")
    order = factories.OrderFactory(
        connection=connection,
        customer=customer,
        group=group,
        state="placed",
        number=theirs,
        purpose=f"hotline of {word}",
        error=f"{word} once refused",
        routing="uri",
        sip_id=f"{word}@pbx.example",
    )
    done = {"connection": connection, "state": "done", "sent_at": timezone.now(), "settled_at": timezone.now()}
    operations = SimpleNamespace(
        group=factories.OperationFactory(
            **done | {"state": "refused"},
            kind="group_update",
            object_type="group",
            object_id=group.pk,
            data_key=group.data_key,
            params={"fields": {"last_name": word}},
            error=f"{word} is refused",
        ),
        created=factories.OperationFactory(
            **done,
            kind="group_create",
            object_type="group",
            object_id=group.pk,
            data_key=group.data_key,
            params={"fields": {"last_name": word}, "direction_id": "1"},
            answer={"id": group.remote_id, "fields": {"last_name": word}, "is_readonly": False},
        ),
        upload=factories.OperationFactory(
            **done,
            kind="document_upload",
            object_type="upload",
            object_id=upload.pk,
            params={"document_type": "passport", "group_id": group.remote_id, "size": 8},
            answer={"name": f"{word}.jpg"},
        ),
        order=factories.OperationFactory(
            **done | {"state": "refused", "sent_at": None},
            kind="order",
            object_type="order",
            object_id=order.pk,
            params={
                "direction_id": "1",
                "documents_group_id": group.remote_id,
                "number_id": "",
                "number": number,
                "purpose": f"hotline of {word}",
                "receive_sms": None,
                "period": "month",
                "autorenew_period": "month",
            },
            evidence={"error": f"{word}?", "decision": {"at": "", "verdict": "done", "note": f"asked {word}"}},
            error=f"{word} is refused",
        ),
        name=factories.OperationFactory(
            **done,
            object_id=theirs.pk,
            params={"caller_name": word, "customer": customer.pk},
            answer={"caller_name": word},
        ),
        sip=factories.OperationFactory(
            **done,
            kind="set_sip_id",
            object_id=theirs.pk,
            params={"sip_id": f"{word}@pbx.example", "test_mode": False, "customer": customer.pk},
            answer={"sip": f"{word}@pbx.example", "is_on_test": False},
        ),
    )
    return SimpleNamespace(
        word=word,
        customer=customer,
        member=member,
        group=group,
        document=document,
        upload=upload,
        number=theirs,
        order=order,
        operations=operations,
    )


def change(number: Any, field: str, old: str, new: str) -> Change:
    """A change that a reading saw."""
    return Change.objects.create(
        connection_id=number.connection_id,
        object_type="number",
        object_id=number.pk,
        field=field,
        old=old,
        new=new,
        seen_at=timezone.now(),
    )


def cells() -> list[tuple[str, bytes]]:
    """Every value of the whole database, as bytes, with table and column."""
    found = []
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {database.ops.quote_name(table)}")
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(columns, row, strict=True):
                    if value is not None:
                        raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                        found.append((f"{table}.{name}", raw))
    return found


def places_of(word: str) -> set[str]:
    """The columns in which `word` stands, capitals or not, as far as the panel's keys can open them."""
    data_keys.forget()
    wanted = word.lower().encode()
    found = {place for place, value in cells() if wanted in value.lower() or wanted in opened(value).lower()}
    sessions = [session.get_decoded() for session in Session.objects.all()]
    return found | ({"django_session"} if word.lower() in str(sessions).lower() else set())


def opened(value: bytes) -> bytes:
    """What stands behind a ciphertext; nothing where it is none, or nobody can open it."""
    try:
        if value.startswith(b"gAAAA"):
            return unseal_bytes(value)
        if re.match(rb"[0-9]+:gAAAA", value):
            return data_keys.unseal_any(value) or b""
    except Unreadable:
        pass
    return b""
