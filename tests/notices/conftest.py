"""What the tests of notices share: a moment, an account with money, numbers that end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from direct_numbers.models import Number
from notices import planning, scanning, sending
from notices.models import Delivery, Preference
from people.models import Customer, User
from sync.models import Connection
from tests import factories


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Noon of a Monday in March; what asks the clock is told so, too, until a test sets it on by `clock`."""
    moment = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    cache.clear()
    return moment


@pytest.fixture
def clock(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], datetime]:
    """Sets the clock to another moment."""

    def to(moment: datetime) -> datetime:
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return moment

    return to


@pytest.fixture
def account(now: datetime, db: None) -> Connection:
    """An account with plenty of money."""
    made: Connection = factories.ConnectionFactory(
        name="Main account", balance=1000, balance_currency="EUR", balance_at=now
    )
    return made


@pytest.fixture
def ending(account: Connection, customer: Customer, now: datetime) -> Number:
    """A number of the first customer that ends in 20 days, autorenewal off."""
    stop_at = now + timedelta(days=20)
    number: Number = factories.NumberFactory(
        connection=account, customer=customer, number="442037691880", autorenew=False, stop_at=stop_at,
        stop_text="2026-03-22 14:00:00",
    )  # fmt: skip
    return number


def look(now: datetime) -> None:
    """Scan and settle who is told."""
    assert scanning.scan(now)
    planning.plan(now)


def look_and_send(now: datetime) -> int:
    """The same, and send what is due."""
    look(now)
    return sending.send_due(now)


def at_once(*users: User) -> None:
    """They want everything at once."""
    from notices.kinds import Topic

    for user in users:
        ways = dict.fromkeys(Topic.values, "at_once")
        Preference.objects.update_or_create(user=user, defaults={"ways": ways})


def told(*users: User) -> dict[str, set[str]]:
    """Of which kinds each was told, or will be, with thresholds."""
    found: dict[str, set[str]] = {user.email: set() for user in users}
    for row in Delivery.objects.select_related("notice", "user"):
        found[row.user.email].add(f"{row.notice.kind} {row.notice.threshold or ''}".strip())
    return found


def open_of(rows: Any) -> list[tuple[str, int]]:
    """Kind and threshold of what is open."""
    return list(rows.filter(done_at=None).order_by("kind", "threshold").values_list("kind", "threshold"))
