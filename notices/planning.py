"""Who is told of a notice: settled once for each, as a `Delivery` a person. Whether they still may is asked when it is
sent (`notices.sending`)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import QuerySet

from notices import choosing
from notices.kinds import NEEDS, topic_of
from notices.models import Delivery, Notice, Way
from people.models import Membership, User
from people.permissions import allows

CHUNK = 500
# A person and the role in which they would be told.
Recipient = tuple[User, str]


def plan(now: datetime) -> int:
    """Settle who is told of the notices for which it is not settled yet. Returns how many those were."""
    count = 0
    last = 0
    while rows := list(_unplanned().filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = rows[-1].pk
        count += len(rows)
        Delivery.objects.bulk_create(_deliveries(rows, now), ignore_conflicts=True, batch_size=1000)
        Notice.objects.filter(pk__in=[row.pk for row in rows], planned_at=None).update(planned_at=now)
    return count


def _unplanned() -> QuerySet[Notice]:
    rows = Notice.objects.filter(planned_at=None, done_at=None).select_related("connection")
    return rows.defer("connection__api_key", "connection__api_secret", "connection__retired_pairs")


def _deliveries(rows: Sequence[Notice], now: datetime) -> list[Delivery]:
    staff, people = _staff(), _people_of({row.customer_id for row in rows if row.customer_id})
    everybody = [user for user, _role in [*staff, *(pair for pairs in people.values() for pair in pairs)]]
    choices = choosing.of({user.pk: user for user in everybody}.values())
    found = []
    for row in rows:
        if row.connection.is_demo:  # nothing is lost there: it stands in the panel, and nobody is written to
            continue
        topic, need = topic_of(row.kind, row.threshold), NEEDS[row.kind]
        for user, role in [*staff, *people.get(row.customer_id or 0, [])]:
            choice = choices[user.pk]
            way = choice.way(topic, role)
            if way == Way.OFF or not allows(role, need):
                continue
            found.append(Delivery(notice=row, user=user, way=way, due_at=choice.due_at(way, now)))
    return found


def _staff() -> list[Recipient]:
    rows = User.objects.filter(is_active=True).exclude(staff_role="").order_by("pk")
    return [(user, user.staff_role) for user in rows.only("pk", "staff_role", "time_zone")]


def _people_of(customers: Iterable[int]) -> dict[int, list[Recipient]]:
    """The people of each customer who are let in."""
    rows = Membership.objects.filter(
        customer__in=list(customers),
        customer__access_ended_at=None,
        customer__erased_at=None,
        user__is_active=True,
        user__staff_role="",
    )
    found: dict[int, list[Recipient]] = defaultdict(list)
    for row in rows.select_related("user").order_by("pk"):
        found[row.customer_id].append((row.user, row.role))
    return found
