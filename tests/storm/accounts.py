"""The accounts of a storm: at the stand-in and in the panel, with money, papers and numbers to prolong."""

import random
from dataclasses import dataclass, field

from django.utils import timezone

from direct_numbers.models import Direction, Number, Offer
from documents.models import DocumentGroup
from sync.models import CallBudget, Connection, SyncRun
from tests.simulator.api import Api
from tests.storm.plan import CHOSEN, MIXED, UNLISTED, Size
from tests.storm.stage import key_pairs
from tests.support.scenes import read
from tests.support.simulator import SimulatorProcess

OUTSIDERS_GROUP = "0"
MONEY = 200_000
DAY = 86_400


@dataclass
class Account:
    """One account: its connection, the papers that the panel orders with, what it had at the start."""

    key: str
    secret: str
    connection: Connection
    group: DocumentGroup
    opening_balance: float


@dataclass
class Scene:
    """All accounts, and the numbers that will be prolonged; the last of them end within a day."""

    accounts: list[Account]
    directions: dict[int, Direction]
    to_prolong: list[Number] = field(default_factory=list)
    near_their_end: list[Number] = field(default_factory=list)


def furnish(simulator: SimulatorProcess, size: Size) -> Scene:
    """Give the accounts money, papers and numbers at the stand-in, and let the panel read them."""
    Connection.objects.update(is_hidden=True)  # the one of the environment
    dice = random.Random(f"accounts {size.seed}")
    furnished = [_account(simulator, key, secret) for key, secret in key_pairs(size.accounts)]
    if size.prolongs:
        _add_numbers(simulator, dice, furnished, size.numbers)
    ends = _add_ending(simulator, dice, furnished, size)
    for account in furnished:
        kinds = ("numbers", "documents") if Offer.objects.exists() else ("numbers", "documents", "catalog")
        read(account.connection, *kinds)
        _copy_offers(account.connection)
        account.group = DocumentGroup.objects.get(connection=account.connection, remote_id=account.group.remote_id)
    scene = Scene(furnished, _directions())
    connections = [account.connection for account in furnished]
    rows = Number.objects.filter(connection__in=connections).select_related("connection")
    scene.to_prolong = list(rows.exclude(number__in=ends))
    dice.shuffle(scene.to_prolong)
    scene.near_their_end = list(rows.filter(number__in=ends).order_by("stop_at"))
    scene.to_prolong += scene.near_their_end
    CallBudget.objects.update(used=0, closed_until=None)
    return scene


def _account(simulator: SimulatorProcess, key: str, secret: str) -> Account:
    balance = simulator.top_up(MONEY, key=key)
    group_id = Api(simulator, key, secret).create_group()
    connection = Connection.objects.create(name=key, api_url=simulator.url, api_key=key, api_secret=secret)
    group = DocumentGroup(connection=connection, remote_id=str(group_id))
    return Account(key, secret, connection, group, balance)


def _add_numbers(simulator: SimulatorProcess, dice: random.Random, accounts: list[Account], count: int) -> None:
    """Numbers of every age: most have weeks left, one in eight autorenews or parks while the storm lasts."""
    for place in range(count):
        stop_in = dice.uniform(15, 60) if place % 8 == 7 else dice.uniform(5, 60) * DAY
        simulator.add_numbers(
            direction_id=dice.choice(CHOSEN),
            status="on",
            key=accounts[place % len(accounts)].key,
            autorenew=place % 16 == 15 or dice.random() < 0.5,
            stop_in=stop_in,
        )


def _add_ending(simulator: SimulatorProcess, dice: random.Random, accounts: list[Account], size: Size) -> list[str]:
    """Numbers that do not autorenew, and may do so at any moment of the storm where somebody lets them: which ones."""
    added = []
    for place in range(size.crossings):
        key = accounts[place % len(accounts)].key
        more = {"key": key, "status": "on", "autorenew": False, "stop_in": DAY / 2 + place}
        added += simulator.add_numbers(direction_id=dice.choice(CHOSEN), **more)
    return added


def _copy_offers(connection: Connection) -> None:
    """The catalogue is the same for all accounts but for the currency: reading it once is enough."""
    if Offer.objects.filter(connection=connection).exists():
        return
    first = Connection.objects.filter(offers__isnull=False).first()
    rows = list(Offer.objects.filter(connection=first))
    for row in rows:
        row.pk, row.connection, row.currency = None, connection, connection.balance_currency
    Offer.objects.bulk_create(rows)
    now = timezone.now()
    SyncRun.objects.create(
        connection=connection, kind="catalog", state="done", started_at=now, finished_at=now, lease_until=now
    )


def _directions() -> dict[int, Direction]:
    wanted = (UNLISTED, MIXED, *CHOSEN)
    rows = Direction.objects.select_related("country").filter(remote_id__in=[str(remote_id) for remote_id in wanted])
    return {int(row.remote_id): row for row in rows}
