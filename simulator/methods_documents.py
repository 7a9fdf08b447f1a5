"""Methods about document groups and their files."""

from __future__ import annotations

import re

from . import shapes, verification
from .calls import Answer, Call
from .messages import Refused, text
from .state import DOCUMENT_TYPES, GROUP_FIELDS, Document, Group

REQUIRED = (
    "email", "salutation", "first_name", "last_name", "country", "city", "address", "zip_code", "street",
    "building_number", "phone",
)  # fmt: skip

_NEVER_NULL = ("region", "type_of_id", "id_number")

_FORMS = {
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "salutation": "MR|MS|COMPANY",
    "country": "[A-Z]{2}",
    "nationality": "([A-Z]{2})?",
    "type_of_id": "(PASSPORT|DNI|NIE|RESIDENCE_PERMIT|NATIONAL_ID_CARD|BUSINESS_REGISTRATION)?",
    "date_of_birth": r"(\d{4}-\d{2}-\d{2})?",
    "issuing_date": r"(\d{4}-\d{2}-\d{2})?",
}


def groups(call: Call) -> Answer:
    """GET /v1/documents/groups/list/"""
    return {"groups": [shapes.group(group) for group in call.account.groups.values()]}


def group(call: Call) -> Answer:
    """GET /v1/documents/groups/get/<ID>/"""
    return {"group": shapes.group(call.group("group_id", call.words[0]))}


def create_group(call: Call) -> Answer:
    """POST /v1/documents/groups/create/: with ``direction_id`` the data are checked against that direction."""
    created = Group(0, _group_fields(call))
    created.id = call.world.new_group_id()
    call.account.groups[created.id] = created
    return _keep(call, created, "group_create")


def update_group(call: Call) -> Answer:
    """PUT /v1/documents/groups/update/<GROUPID>/: all required fields again; the others stay unless given."""
    found = call.group("group_id", call.words[0])
    if found.is_readonly:
        raise Refused("readonly")
    found.fields = {**found.fields, **_group_fields(call, found)}
    found.wrong_address = None
    answer = _keep(call, found, "group_update")
    verification.review(call.world, call.account, found)
    return answer


def _keep(call: Call, kept: Group, kind: str) -> Answer:
    call.world.changed(call.account, kept)
    call.record(kind, group_id=kept.id, fields=dict(kept.fields))
    return {"group": shapes.group(kept)}


def _group_fields(call: Call, before: Group | None = None) -> dict[str, str | None]:
    """The fields given, checked. Those that may be null are null when empty or absent from a new group."""
    for name in REQUIRED:
        if not call.text(name).strip():
            raise Refused("missing", name=name)
    for name, form in _FORMS.items():
        if name in call.params and not re.fullmatch(form, call.params[name]):
            raise Refused("invalid", name=name)
    given: dict[str, str | None] = {
        name: call.params.get(name) or ("" if name in _NEVER_NULL else None)
        for name in GROUP_FIELDS
        if before is None or name in call.params
    }
    if "direction_id" in call.params:
        direction = call.direction(call.params["direction_id"])
        answers = verification.validity(Group(0, {**(before.fields if before else {}), **given}), direction)
        if not answers.is_information_match:
            raise Refused("information")
        if not answers.is_address_match:
            raise Refused("address")
    return given


def valid(call: Call) -> Answer:
    """GET /v1/documents/groups/valid/<ID>/"""
    found = call.group("group_id", call.words[0])
    answers = verification.validity(found, call.direction(call.text("direction_id")))
    return {
        "is_information_match": shapes.yes_no(answers.is_information_match),
        "is_documents_uploaded": shapes.yes_no(answers.is_documents_uploaded),
        "is_documents_verified": shapes.yes_no(answers.is_documents_verified),
        "is_address_match": shapes.yes_no(answers.is_address_match),
    }


def upload(call: Call) -> Answer:
    """POST /v1/documents/upload/: the file waits to be checked; orders that wanted it move on."""
    found = call.group("group_id")
    document_type = call.choice("document_type", DOCUMENT_TYPES)
    if call.upload is None or call.upload.field != "file" or not call.upload.content:
        raise Refused("missing", name="file")
    name = call.upload.name or f"{document_type}.bin"
    found.documents.append(Document(document_type, name))
    call.world.changed(call.account, found)
    call.record("upload", group_id=found.id, document_type=document_type, name=name, size=len(call.upload.content))
    verification.review(call.world, call.account, found)
    return {"message": text("uploaded", call.account.language, name=name), "doc_name": name}


def files(call: Call) -> Answer:
    """GET /v1/documents/files/: without ``group_id``, those of the main group."""
    found = call.group("group_id", call.text("group_id", "0"))
    return {"documents": [shapes.document(entry) for entry in found.documents]}


def checking_wrongs(call: Call) -> Answer:
    """GET /v1/direct_numbers/checking-wrongs/: what was found wrong with a group's newest files and address."""
    found = call.group("group_id")
    newest = [found.latest(document_type) for document_type in DOCUMENT_TYPES]
    wrong = next((file for file in newest if file is not None and file.rejected is not None), None)
    document = {"document_type": wrong.type, "message": wrong.rejected} if wrong else {}
    address = {"message": found.wrong_address} if found.wrong_address else {}
    return {
        "info": {
            "wrong_document": shapes.empty_map_as_list(document, call.is_production),
            "wrong_address": shapes.empty_map_as_list(address, call.is_production),
        }
    }
