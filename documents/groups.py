"""Creating and changing document groups: what people want, and how it reaches Zadarma."""

import json
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from documents import hands, names
from documents.mirror import group_values
from documents.models import DocumentGroup
from people.models import Customer, User
from sync import operations
from sync.kinds import Finding, Kind, Seen
from sync.models import Connection, Operation
from sync.words import in_language_of
from zadarma import Client
from zadarma import types as api_types


def create_group(
    connection: Connection,
    customer: Customer | None,
    fields: dict[str, str],
    actor: User,
    direction_remote_id: str = "",
) -> DocumentGroup:
    """Plan a new group (POST /v1/documents/groups/create/); with a direction the API checks the data against it.

    The row exists at once, without a remote id until Zadarma has created it. The same data of the same customer sent
    again meanwhile (a double click) leads to the same group.
    """
    key = _same_data(customer, fields)
    try:
        return _create(connection, customer, fields, actor, direction_remote_id, key)
    except operations.AlreadyOpen:
        first = Operation.objects.filter(connection=connection, exclusive_key=key).latest("pk")
        return DocumentGroup.objects.get(pk=first.object_id)


def _same_data(customer: Customer | None, fields: dict[str, str]) -> str:
    """A key that only the same data of the same customer have, and that tells nothing of them."""
    data = json.dumps([customer.pk if customer else None, fields], sort_keys=True)
    return f"group:{salted_hmac('documents.groups', data, algorithm='sha256').hexdigest()[:40]}"


def _create(
    connection: Connection,
    customer: Customer | None,
    fields: dict[str, str],
    actor: User,
    direction_remote_id: str,
    key: str,
) -> DocumentGroup:
    with transaction.atomic():
        group = DocumentGroup.objects.create(
            connection=connection,
            customer=customer,
            fields=fields,
            country_iso=fields.get("country", ""),
            is_company=bool(fields.get("organization")),
        )
        names.index([group])
        operations.plan(
            CREATE.name,
            connection,
            ("group", group.pk),
            {"fields": fields, "direction_id": direction_remote_id},
            actor,
            exclusive_key=key,
            serial_key="group_create",
            data_key=group.data_key_id,
            customer_id=group.customer_id,
        )
    return group


def update_group(group: DocumentGroup, fields: dict[str, str], actor: User) -> Operation:
    """Plan a change of a group's data to `fields` (PUT /v1/documents/groups/update/). Raises `AlreadyOpen`.

    The API keeps what it is not sent: a field that had a value and has none now is sent empty.
    """
    latest = latest_change(group)
    sent = (latest.params.get("fields") or {}) if latest else {}
    before = [name for known in (group.fields, sent) for name, value in known.items() if value]
    emptied = {name: "" for name in before if name not in fields}
    return operations.plan(
        UPDATE.name,
        group.connection,
        ("group", group.pk),
        {"fields": {**emptied, **fields}, hands.CUSTOMER: group.customer_id},
        actor,
        exclusive_key=f"group:{group.pk}",
        data_key=group.data_key_id,
        customer_id=group.customer_id,
    )


def latest_change(group: DocumentGroup) -> Operation | None:
    """The last operation that was to set a group's data, whatever became of it."""
    rows = Operation.objects.filter(object_type="group", object_id=group.pk, kind__in=[CREATE.name, UPDATE.name])
    return rows.select_related("actor").order_by("-pk").first()


def retry_refused(group: DocumentGroup, fields: dict[str, str], actor: User) -> Operation:
    """Plan the creation of a group again that Zadarma refused, with corrected data. Raises `AlreadyOpen`."""
    last = Operation.objects.filter(kind=CREATE.name, object_type="group", object_id=group.pk).first()
    with transaction.atomic():
        group.fields, group.error = fields, ""
        group.country_iso, group.is_company = fields.get("country", ""), bool(fields.get("organization"))
        group.save(update_fields=["fields", "error", "country_iso", "is_company"])
        names.index([group])
        return operations.plan(
            CREATE.name,
            group.connection,
            ("group", group.pk),
            {"fields": fields, "direction_id": last.params.get("direction_id", "") if last else ""},
            actor,
            exclusive_key=f"group:{group.pk}",
            serial_key="group_create",
            previous=last,
            data_key=group.data_key_id,
            customer_id=group.customer_id,
        )


def _group(operation: Operation) -> DocumentGroup:
    return DocumentGroup.objects.get(pk=operation.object_id)


def _look_whose(api: Client, operation: Operation) -> dict[str, Any]:
    """Before data are changed, also again: they must still be theirs for whom it was asked. Raises `Stop`."""
    hands.check(operation, _group(operation))
    return {}


def _is_theirs(operation: Operation) -> bool:
    return hands.is_theirs(operation, _group(operation))


def _ids_before(api: Client, operation: Operation) -> dict[str, Any]:
    """Groups may only be told apart by their ids: keep those that exist before a new one is made."""
    listing = api.document_groups()
    return {"groups": [group.id for group in listing.rows], "is_complete": not listing.rejected}


def _answer(group: api_types.DocumentGroup) -> dict[str, Any]:
    return {"id": group.id, "fields": group.fields(), "is_readonly": group.is_readonly}


def _send_create(api: Client, operation: Operation) -> dict[str, Any]:
    direction_id = operation.params["direction_id"] or None
    return _answer(api.create_document_group(operation.params["fields"], direction_id=direction_id))


def _send_update(api: Client, operation: Operation) -> dict[str, Any]:
    return _answer(api.update_document_group(_group(operation).remote_id, operation.params["fields"]))


def _apply(operation: Operation) -> None:
    answer = operation.answer
    told = api_types.DocumentGroup(id=answer["id"], **answer["fields"], is_readonly=answer["is_readonly"])
    group = _group(operation)
    # A listing may have adopted the new group before the answer was written: then ours takes its place.
    twins = DocumentGroup.objects.filter(
        connection_id=group.connection_id, user_id=group.user_id, remote_id=told.id, gone_at=None
    )
    twins.exclude(pk=group.pk).update(gone_at=timezone.now())
    now = timezone.now()
    values = group_values(told, {**group.fields, **operation.params["fields"]})
    told_at = {"remote_id": told.id, "error": "", "confirmed_at": now, "changed_at": now}
    DocumentGroup.objects.filter(pk=group.pk).update(**told_at, **values)
    group.fields = values["fields"]
    names.index([group])


def why_not(operation: Operation) -> str:
    """Why it ended without effect, for people: what Zadarma or a check said; what was logged for us is not shown."""
    if operation.error == operations.REPLACED:
        return ""
    if operation.state != Operation.State.NOT_DONE:
        return operation.error
    with in_language_of(operation.actor):
        return _("Zadarma's answer did not arrive, and the account does not show it: it was not done. Send it again.")


def _ended(operation: Operation) -> None:
    """Say at the papers why not; the next customer is not told of what was the former one's."""
    if operation.params and not _is_theirs(operation):
        return
    DocumentGroup.objects.filter(pk=operation.object_id).update(error=why_not(operation))


def _same_person(told: api_types.DocumentGroup, wanted: dict[str, str]) -> bool:
    """Whether what a group tells, a name at least, is what was wanted. It never tells the date of birth."""
    have = told.fields()
    shared = {name for name, value in wanted.items() if value.strip() and have.get(name)}
    is_named = bool(shared & {"last_name", "organization"})
    return is_named and all(_plain(have[name]) == _plain(wanted[name]) for name in shared)


def _plain(text: str) -> str:
    """Capitals, spaces and signs left aside: Zadarma may write them in its own way."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _look_for_group(api: Client, operation: Operation) -> Finding:
    """A group with these data and a new id is the one (creates run one at a time)."""
    listing = api.document_groups()
    kept = operation.evidence.get("before", {})
    before = set(kept.get("groups", []))
    wanted = operation.params["fields"]
    new = [group for group in listing.rows if group.id not in before and not _is_known(operation, group.id)]
    fits = [group for group in new if _same_person(group, wanted)]
    facts = {"listed": len(listing.rows), "unreadable": len(listing.rejected), "fits": [group.id for group in fits]}
    candidates = [{"value": group.id, "answer": _answer(group)} for group in fits or new]
    if new and not fits:  # somebody else's, or ours with its data written otherwise: a person can tell
        return Finding(
            Seen.CONFLICT, facts | {"others": [group.id for group in new]}, why="others", candidates=candidates
        )
    if not fits:  # groups are never deleted: a listing without those of before is not the whole
        is_whole = not listing.rejected and before <= {group.id for group in listing.rows}
        return Finding(Seen.ABSENT, facts, is_complete=is_whole)
    if len(fits) > 1:
        return Finding(Seen.CONFLICT, facts, why="several", candidates=candidates)
    if not kept.get("is_complete"):  # it may have stood there before, unreadable
        return Finding(Seen.CONFLICT, facts, why="unsure", candidates=candidates)
    return Finding(Seen.PRESENT, facts, _answer(fits[0]), candidates=candidates)


def _is_known(operation: Operation, remote_id: str) -> bool:
    """Whether another operation made this group: one group explains one operation."""
    made = DocumentGroup.objects.filter(connection=operation.connection, remote_id=remote_id, gone_at=None)
    ours = Operation.objects.filter(kind=CREATE.name, state=Operation.State.DONE, connection=operation.connection)
    return ours.filter(object_type="group", object_id__in=made.values("pk")).exclude(pk=operation.pk).exists()


CREATE = Kind("group_create", _send_create, before=_ids_before, apply=_apply, ended=_ended, settle=_look_for_group)
UPDATE = Kind(
    "group_update",
    _send_update,
    before=_look_whose,
    may_go=_is_theirs,
    apply=_apply,
    ended=_ended,
    repeatable=True,
)
