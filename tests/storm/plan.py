"""What a storm is made of: how big it is, and the seeded list of what people want to buy in it."""

import random
from collections.abc import Iterable
from dataclasses import dataclass

#: Directions that ask for no papers. In the first two the operator chooses the number for some orders or for all.
UNLISTED = 17705
MIXED = 13756
CHOSEN = (13755, 17702, 17708)
#: How many customers order for themselves (`tests.storm.clients`), and the part of the orders that is theirs.
CLIENTS, THEIRS = 4, 0.45


@dataclass(frozen=True)
class Size:
    """How big a storm is. `guard` names the guard that is missing (`tests.storm.broken`), if any."""

    backend: str = "sqlite"
    orders: int = 300
    prolongs: int = 200
    seed: int = 1
    workers: int = 1
    accounts: int = 6
    guard: str = ""

    @property
    def intents(self) -> int:
        """How many times somebody wants to spend money."""
        return self.orders + self.prolongs

    @property
    def is_big(self) -> bool:
        """Whether it is so big that all that can go wrong must go wrong at least once."""
        return self.intents >= 100

    @property
    def kills(self) -> int:
        """How often a worker is killed on the way."""
        return max(3, self.intents // 125) if self.is_big else 1

    @property
    def outside(self) -> int:
        """How many numbers are ordered past the panel, beside those that intents wanted."""
        return max(2, self.orders // 5)

    @property
    def numbers(self) -> int:
        """How many numbers there are to prolong, most of them twice."""
        return max(1, self.prolongs // 2)

    @property
    def crossings(self) -> int:
        """How many numbers beside those are paid for in doubt; at least half renew themselves meanwhile."""
        return max(8, self.prolongs // 20) if self.is_big and self.prolongs else 0

    @property
    def charges(self) -> int:
        """How many calls are charged to the accounts."""
        return max(2, self.intents // 4)


@dataclass(frozen=True)
class Handling:
    """How a click and its message fare: clicked so often; delivered so often (0: lost), at once or later."""

    clicks: int = 1
    messages: int = 1


@dataclass(frozen=True)
class OrderIntent:
    """One number that somebody wants. `stolen`: somebody else takes the chosen number (`here`: in this account).

    `client` is whose order it is, by place; None is the partner's own. `is_paired`: the same is ordered by the same
    customer in another window at the same moment.
    """

    account: int
    direction: int
    is_chosen: bool
    period: str
    handling: Handling
    stolen: str = ""
    client: int | None = None
    is_paired: bool = False


@dataclass(frozen=True)
class ProlongIntent:
    """One prolongation of a number that is there from the start, by its place among all of them."""

    place: int
    months: int
    handling: Handling


Intent = OrderIntent | ProlongIntent


def intents(size: Size) -> list[Intent]:
    """Everything that people want in this storm, in the order in which they ask for it. The same for the same seed."""
    return _mixed(random.Random(size.seed), size, size.orders, range(size.prolongs), THEIRS)


def more(size: Size, turn: int, orders: int, prolongs: int) -> list[Intent]:
    """What the partner wants beside that, for so many of the `turn`-th time that too little was sent to Zadarma.

    Nothing for customers, whose limits may be used up by then.
    """
    dice = random.Random(f"{size.seed} more {turn}")
    return _mixed(dice, size, orders, [dice.randrange(size.numbers) for _ in range(prolongs)], 0.0)


def _mixed(dice: random.Random, size: Size, orders: int, places: Iterable[int], theirs: float) -> list[Intent]:
    """So many orders, this part of them customers', and a prolongation of the number at each of `places`."""
    bursts: list[list[Intent]] = []
    left = orders
    while left:
        burst = _orders(dice, size, min(left, dice.randint(1, 5)), theirs)
        bursts.append(burst)
        left -= len(burst)
    bursts += [[_prolong(dice, size, place % size.numbers)] for place in places]
    dice.shuffle(bursts)
    return [intent for burst in bursts for intent in burst]


def _orders(dice: random.Random, size: Size, count: int, theirs: float) -> list[Intent]:
    """Several orders in one direction of one account, at the same moment: of the partner or of one customer."""
    account = dice.randrange(size.accounts)
    direction = dice.choices((UNLISTED, MIXED, *CHOSEN), (2, 2, 4, 4, 4))[0]
    client = dice.randrange(CLIENTS) if dice.random() < theirs else None
    if client is not None:
        account = client % size.accounts
    return [_order(dice, size, account, direction, client) for _ in range(count)]


def _order(dice: random.Random, size: Size, account: int, direction: int, client: int | None) -> OrderIntent:
    is_chosen = direction in CHOSEN or (direction == MIXED and dice.random() < 0.6)
    stolen = dice.choices(("", "elsewhere", "here"), (94, 4, 2))[0] if is_chosen else ""
    period = dice.choice(("month", "3month"))
    is_paired = client is not None and dice.random() < 0.15
    return OrderIntent(account, direction, is_chosen, period, _handling(dice, size), stolen, client, is_paired)


def _prolong(dice: random.Random, size: Size, place: int) -> ProlongIntent:
    return ProlongIntent(place, dice.choice((1, 1, 1, 3, 6, 12)), _handling(dice, size))


def _handling(dice: random.Random, size: Size) -> Handling:
    clicks = dice.choices((1, 2), (85, 15))[0]
    messages = 3 if size.guard == "claim" else dice.choices((0, 1, 2, 3), (7, 73, 14, 6))[0]
    return Handling(clicks, messages)
