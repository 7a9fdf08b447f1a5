"""Does a document group suit a direction? Asked of the API while a person chooses, kept with its age."""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from documents.models import DocumentGroup, GroupValidity
from sync import budget, gateway
from zadarma import Client, Refused

# An answer younger than this is shown without asking again.
FRESH = timedelta(minutes=10)
ANSWERS = ("is_information_match", "is_documents_uploaded", "is_documents_verified", "is_address_match")


def check(
    groups: Iterable[DocumentGroup],
    direction_remote_id: str,
    now: datetime | None = None,
    *,
    requirement: str = "",
    again: bool = False,
    until: float | None = None,
) -> dict[int, GroupValidity]:
    """The four answers for each group, by its primary key (GET /v1/documents/groups/valid/<ID>/).

    `requirement` is what the direction wants, as a digest: it is kept with the answer. Answers younger than ten minutes
    are not asked again, unless `again`, or the group or what is wanted has changed since. A group the API refuses to
    judge is left out, and so are those whose turn did not come before `until` (of the monotonic clock).
    All groups belong to one connection. Raises `ZadarmaError`, `NotUsable`; what was answered before is kept.
    """
    began = now or timezone.now()
    groups = [group for group in groups if group.remote_id]
    kept = {}
    if not again:
        by_group = {group.pk: group for group in groups}
        for pk, row in known(groups, direction_remote_id).items():
            if row.as_of > began - FRESH and not is_overtaken(row, by_group[pk], requirement):
                kept[pk] = row
    asked = [group for group in groups if group.pk not in kept]
    if asked:
        with gateway.client(asked[0].connection, budget.CLICK) as api:
            for group in asked:
                if until is not None and time.monotonic() > until:
                    break
                answer = ask(api, group, direction_remote_id, requirement, now)
                if answer:
                    kept[group.pk] = answer
    return kept


def known(groups: Iterable[DocumentGroup], direction_remote_id: str) -> dict[int, GroupValidity]:
    """The answers kept, however old, by the group's primary key."""
    rows = GroupValidity.objects.filter(
        group__in=[group.pk for group in groups], direction_remote_id=direction_remote_id
    )
    return {row.group_id: row for row in rows}


def is_overtaken(answer: GroupValidity, group: DocumentGroup, requirement: str) -> bool:
    """Whether the group's papers, or what the direction wants, have changed since that answer."""
    return answer.requirement != requirement or (group.changed_at is not None and group.changed_at > answer.as_of)


def ask(
    api: Client, group: DocumentGroup, direction_remote_id: str, requirement: str, now: datetime | None = None
) -> GroupValidity | None:
    """Ask for one group and keep the answer; None when the API refuses to judge it. Raises other `ZadarmaError`s.

    The answer is as old as the question: what changed while it was on its way may be missing from it.
    """
    now = now or timezone.now()
    try:
        answer = api.document_group_validity(group.remote_id, direction_remote_id)
    except Refused:
        return None
    row = GroupValidity(
        group=group,
        direction_remote_id=direction_remote_id,
        requirement=requirement,
        as_of=now,
        **{name: getattr(answer, name) for name in ANSWERS},
    )
    GroupValidity.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["group", "direction_remote_id"],
        update_fields=[*ANSWERS, "requirement", "as_of"],
    )
    return row
