"""Sending what is due: each notice once to a person, by however many workers.

Rows are the truth. A worker claims what is due for a person (compare-and-set, for a while), asks anew what concerns
them now, says that it hands the e-mail over, hands it over, and says that it was taken. A claim whose worker died is
free again after its lease. One that died while handing over leaves it open whether the e-mail left: it is not repeated.
A mail server that fails is tried again later and later.
"""

import logging
import uuid
from datetime import datetime, timedelta

from django.core.mail import EmailMessage
from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.utils import timezone

from notices import choosing, mails, queries, telling
from notices.kinds import SOON_DAYS, Kind, Topic
from notices.models import Delivery, Way
from people.models import User

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
MOST_PEOPLE = 500  # of one pass; the next one goes on
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=2)
MOST_ATTEMPTS = 40  # over three days

State = Delivery.State
URGENT_FIRST = ("notice__urgency", F("notice__moment").asc(nulls_last=True), "notice")


class NotTaken(Exception):
    """The mail server did not take it. Its text names the error, and no address."""


def send_due(now: datetime) -> int:
    """Send what is due, a person at a time. Returns how many e-mails left.

    After one that the mail server did not take the others wait for the next pass: it is most likely not there.
    """
    release_expired(now)
    due = Delivery.objects.filter(state=State.WAITING, due_at__lte=now)
    people = list(due.order_by().values_list("user", flat=True).distinct()[:MOST_PEOPLE])
    sent = 0
    for pk in people:
        try:
            sent += send_to(pk, timezone.now())
        except NotTaken as reason:
            log.warning("the mail server did not take a notice for person %s: %s", pk, reason)
            break
    return sent


def release_expired(now: datetime) -> None:
    """What a worker claimed and left is free again; what it was handing over stays unclear."""
    expired = Delivery.objects.filter(lease_until__lt=now)
    expired.filter(state=State.CLAIMED).update(state=State.WAITING, claim="", lease_until=None)
    expired.filter(state=State.HANDING).update(state=State.UNSURE, claim="", lease_until=None)


def send_to(user_pk: int, now: datetime) -> bool:
    """Send one person what is due for them, in one e-mail. False where nothing is to be told. Raises `NotTaken`."""
    claim = uuid.uuid4().hex
    due = Delivery.objects.filter(user=user_pk, state=State.WAITING, due_at__lte=now)
    if not due.update(state=State.CLAIMED, claim=claim, lease_until=now + LEASE):
        return False
    mine = Delivery.objects.filter(claim=claim, state=State.CLAIMED)
    user = User.objects.get(pk=user_pk)
    _drop_unwanted(user, mine)
    rows = list(mine.select_related("notice__customer").order_by(*URGENT_FIRST)[: mails.MOST_NAMED])
    if not rows:
        return False
    all_of_them = mine.aggregate(
        count=Count("pk"), first=Min("pk"), last=Max("pk"), urgent=Count("pk", filter=~Q(way=Way.DIGEST))
    )
    count = all_of_them["count"]
    with mails.reading_as(user):
        told = telling.told(user.viewer(), [row.notice for row in rows])
        key = (count, all_of_them["first"], all_of_them["last"])
        letter = mails.of_notices(user, told, count, is_summary=not all_of_them["urgent"], key=key)
    # From here on nobody else sends it, whatever happens to this process.
    if mine.filter(lease_until__gt=timezone.now()).update(state=State.HANDING) != count:
        return False
    _hand_over(letter, Delivery.objects.filter(claim=claim, state=State.HANDING))
    return True


def _drop_unwanted(user: User, mine: QuerySet[Delivery]) -> None:
    """Drop those that do not concern the person any more, or that they do not want.

    What is done by now is not told. Who was switched off, left the customer or has another role is told no more than
    the panel would show them.
    """
    mine.exclude(notice__in=queries.open_notices(user.viewer()).order_by().values("pk")).delete()
    chosen = choosing.of([user])[user.pk].ways
    for topic, way in chosen.items():
        if way == Way.OFF:
            mine.filter(_about(topic)).delete()


def _about(topic: str) -> Q:
    """The deliveries of notices of a topic."""
    if topic in (Topic.SOON, Topic.LATER):
        is_soon = Q(notice__threshold__lte=SOON_DAYS)
        return Q(notice__kind__in=[Kind.ENDS, Kind.UNPAID]) & (is_soon if topic == Topic.SOON else ~is_soon)
    return Q(notice__kind=topic)


def _hand_over(letter: EmailMessage, mine: QuerySet[Delivery]) -> None:
    try:
        letter.send()
    except Exception as error:  # noqa: BLE001  # whatever a mail server brings, it is tried again
        attempts = 1 + (mine.aggregate(most=Max("attempts"))["most"] or 0)
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts - 1, 10))
        name = type(error).__name__[:60]
        state = State.WAITING if attempts < MOST_ATTEMPTS else State.FAILED
        due_at = timezone.now() + wait
        mine.update(state=state, attempts=attempts, error=name, claim="", lease_until=None, due_at=due_at)
        raise NotTaken(name) from None
    mine.update(state=State.SENT, sent_at=timezone.now(), claim="", lease_until=None, error="")
