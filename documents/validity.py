"""Does a document group suit a direction? Asked of the API while a person chooses, kept with its age."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from documents.models import DocumentGroup, GroupValidity
from sync import budget, gateway
from zadarma import Refused

# An answer younger than this is shown without asking again.
FRESH = timedelta(minutes=10)
ANSWERS = ("is_information_match", "is_documents_uploaded", "is_documents_verified", "is_address_match")


def check(
    groups: Iterable[DocumentGroup], direction_remote_id: str, now: datetime | None = None, *, again: bool = False
) -> dict[int, GroupValidity]:
    """The four answers for each group, by its primary key (GET /v1/documents/groups/valid/<ID>/).

    Answers younger than ten minutes are not asked again, unless `again`. A group the API refuses to judge is left out.
    All groups belong to one connection. Raises `ZadarmaError`, `NotUsable`; what was answered before is kept.
    """
    now = now or timezone.now()
    groups = [group for group in groups if group.remote_id]
    kept = {pk: row for pk, row in known(groups, direction_remote_id).items() if row.as_of > now - FRESH and not again}
    asked = [group for group in groups if group.pk not in kept]
    if asked:
        told: list[GroupValidity] = []
        try:
            _ask(asked, direction_remote_id, now, told)
        finally:
            _keep(told)
        kept |= {row.group_id: row for row in told}
    return kept


def known(groups: Iterable[DocumentGroup], direction_remote_id: str) -> dict[int, GroupValidity]:
    """The answers kept, however old, by the group's primary key."""
    rows = GroupValidity.objects.filter(
        group__in=[group.pk for group in groups], direction_remote_id=direction_remote_id
    )
    return {row.group_id: row for row in rows}


def _ask(groups: list[DocumentGroup], direction_remote_id: str, now: datetime, told: list[GroupValidity]) -> None:
    """Ask for each group, one after the other, and add the answers to `told`."""
    with gateway.client(groups[0].connection, budget.CLICK) as api:
        for group in groups:
            try:
                answer = api.document_group_validity(group.remote_id, direction_remote_id)
            except Refused:
                continue
            told.append(
                GroupValidity(
                    group=group,
                    direction_remote_id=direction_remote_id,
                    as_of=now,
                    **{name: getattr(answer, name) for name in ANSWERS},
                )
            )


def _keep(told: list[GroupValidity]) -> None:
    GroupValidity.objects.bulk_create(
        told,
        update_conflicts=True,
        unique_fields=["group", "direction_remote_id"],
        update_fields=[*ANSWERS, "as_of"],
    )
