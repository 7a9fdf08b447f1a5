"""The accounts of a storm: at the stand-in and in the panel, with money, papers and numbers to prolong."""

import random
from dataclasses import dataclass, field

from django.utils import timezone

from direct_numbers.models import Direction, Number, Offer
from documents.models import DocumentGroup
from sync.models import CallBudget, Connection, SyncRun
from tests.simulator.api import Api
from tests.storm.plan import CHOSEN, MIXED, UNLISTED
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
    """All accounts, and the numbers that will be prolonged."""

    accounts: list[Account]
    directions: dict[int, Direction]
    to_prolong: list[Number] = field(default_factory=list)


def furnish(simulator: SimulatorProcess, accounts: int, numbers: int, seed: int) -> Scene:
    """Give the accounts money, papers and numbers at the stand-in, and let the panel read them."""
    Connection.objects.update(is_hidden=True)  # the one of the environment
    dice = random.Random(f"accounts {seed}")
    furnished = [_account(simulator, key, secret) for key, secret in key_pairs(accounts)]
    _add_numbers(simulator, dice, furnished, numbers)
    for account in furnished:
        kinds = ("numbers", "documents") if Offer.objects.exists() else ("numbers", "documents", "catalog")
        read(account.connection, *kinds)
        _copy_offers(account.connection)
        account.group = DocumentGroup.objects.get(connection=account.connection, remote_id=account.group.remote_id)
    scene = Scene(furnished, _directions())
    connections = [account.connection for account in furnished]
    scene.to_prolong = list(Number.objects.filter(connection__in=connections).select_related("connection"))
    dice.shuffle(scene.to_prolong)
    CallBudget.objects.update(used=0, closed_until=None)
    return scene


def _account(simulator: SimulatorProcess, key: str, secret: str) -> Account:
    balance = simulator.top_up(MONEY, key=key)
    group_id = Api(simulator, key, secret).create_group()
    connection = Connection.objects.create(name=key, api_url=simulator.url, api_key=key, api_secret=secret)
    group = DocumentGroup(connection=connection, remote_id=str(group_id))
    return Account(key, secret, connection, group, balance)


def _add_numbers(simulator: SimulatorProcess, dice: random.Random, accounts: list[Account], count: int) -> None:
    """Numbers of every age: most have weeks left, some autorenew or park while the storm lasts."""
    for place in range(count):
        lot = dice.random()
        stop_in = dice.uniform(5, 60) * DAY if lot < 0.9 else dice.uniform(15, 80)
        simulator.add_numbers(
            direction_id=dice.choice(CHOSEN),
            status="on",
            key=accounts[place % len(accounts)].key,
            autorenew=dice.random() < 0.5,
            stop_in=stop_in,
        )


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
