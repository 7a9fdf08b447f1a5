"""Whether a document group satisfies a direction, and what documents do to the numbers that wait for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .catalog import Direction
from .state import CHECKING, CHECKING_UPLOAD, ON, RESERVED, Account, Group, Number
from .timeline import connect
from .world import World


@dataclass(frozen=True, slots=True)
class Validity:
    """The four answers of ``/v1/documents/groups/valid/``."""

    is_information_match: bool
    is_documents_uploaded: bool
    is_documents_verified: bool
    is_address_match: bool


def validity(group: Group, direction: Direction) -> Validity:
    """What the group satisfies. A rejected file counts as not uploaded; only the newest file of a type counts."""
    needs = direction.requirements
    files = [group.latest(document_type) for document_type in needs.uploads]
    asks_address = needs.is_local or bool(needs.uploads)
    return Validity(
        is_information_match=all(group.fields.get(name) for name in needs.fields),
        is_documents_uploaded=all(file is not None and file.rejected is None for file in files),
        is_documents_verified=all(file is not None and file.is_verified for file in files),
        is_address_match=not (asks_address and group.wrong_address)
        and (not needs.is_local or group.fields.get("country") == direction.country.iso),
    )


def status_for(group: Group, direction: Direction) -> str:
    """The status that an order with this group begins with, were it paid."""
    answers = validity(group, direction)
    if not answers.is_documents_uploaded:
        return CHECKING_UPLOAD
    return ON if answers.is_documents_verified and direction.connect_days == 0 else CHECKING


def ready_at(group: Group, direction: Direction, now: datetime) -> datetime | None:
    """When an order gets active if all that it needs is verified now; None while something is not."""
    answers = validity(group, direction)
    is_verified = answers.is_documents_uploaded and answers.is_documents_verified
    return now + timedelta(days=direction.connect_days) if is_verified else None


def review(world: World, account: Account, group: Group) -> None:
    """Bring the account's orders that use this group into the status its documents now allow."""
    now = world.now()
    for number in account.numbers.values():
        if number.group_id != group.id or number.is_connected:
            continue
        before = (number.status, number.ready_at)
        _review_one(world, group, number, now)
        if (number.status, number.ready_at) != before:
            world.changed(account, number)
            if number.is_connected:
                world.record(account, "connected", origin="time", number=number, at=now)


def _review_one(world: World, group: Group, number: Number, now: datetime) -> None:
    direction = world.direction_of(number)
    status = status_for(group, direction)
    ready = ready_at(group, direction, now)
    if number.is_reserved:
        number.status, number.ready_at = RESERVED + status, ready
    elif number.status in (CHECKING, CHECKING_UPLOAD):
        if status == ON:
            connect(number)
        elif status == CHECKING:
            number.status, number.ready_at = status, (number.ready_at or ready) if ready else None
        else:
            number.status, number.ready_at = status, None
