"""How accounts begin: an empty one for tests, one with any number of numbers, and the one for demonstrations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from .state import CHECKING, ON, PARKING, Account, Document, Group, Number, Sip
from .timeline import period_end
from .verification import ready_at, status_for
from .world import World

#: Time zone, currency and language of the second account, the third and so on.
_OTHERS = (("UTC-5", "USD", "en"), ("UTC+9", "EUR", "de"), ("UTC+0", "GBP", "en"))

_MIX = (ON,) * 16 + ("parking", "checking", "checking_upload", "reserved_on")


@dataclass(frozen=True, slots=True)
class Opening:
    """What the accounts open with: the first key's number of numbers, or the demonstration."""

    keys: tuple[str, ...]
    numbers: int = 0
    is_demo: bool = False


def person(**fields: str | None) -> dict[str, str | None]:
    """Fields of a group for a person in Berlin, unless told otherwise."""
    return {
        "email": "erika.muster@example.com",
        "salutation": "MS",
        "nationality": "DE",
        "first_name": "Erika",
        "middle_name": None,
        "last_name": "Mustermann",
        "country": "DE",
        "region": "",
        "city": "Berlin",
        "address": "Lindenallee 12, 10115",
        "zip_code": "10115",
        "street": "Lindenallee",
        "building_number": "12",
        "phone": "4930123456",
        "type_of_id": "PASSPORT",
        "id_number": "C01X00T47",
        **fields,
    }


def open_accounts(world: World, opening: Opening) -> None:
    """Make the accounts that the world lacks."""
    for place, key in enumerate(opening.keys):
        if key in world.accounts:
            continue
        account = _empty(world, key, place)
        if place == 0 and opening.is_demo:
            from .opening_demo import furnish

            furnish(world, account)
        if place == 0 and opening.numbers:
            add_numbers(world, account, opening.numbers)


def _empty(world: World, key: str, place: int) -> Account:
    account = Account(key, Decimal("100") if place == 0 else Decimal("50"))
    if place:
        account.timezone, account.currency, account.language = _OTHERS[(place - 1) % len(_OTHERS)]
    first = 480011 + 100 * place
    account.sips = [
        Sip(str(first), "Reception", 3, True),
        Sip(str(first + 1), "Sales", 5, False),
        Sip(str(first + 2), "Support", 3, True),
    ]
    account.groups[0] = Group(0, person(), True, [Document("passport", "passport.jpg", True)])
    world.accounts[key] = account
    world.changed(account, account.groups[0])
    return account


def add_numbers(
    world: World,
    account: Account,
    count: int,
    *,
    direction_id: int | None = None,
    status: str | None = None,
    number: str | None = None,
    autorenew: bool | None = None,
    stop_in: float | None = None,
) -> list[Number]:
    """Give the account so many numbers that it seems to have had for a while, free of charge.

    Without a direction they are spread over all of them; without a status most are active. ``number`` gives the
    (one) number its digits, so that one which was lost can come back. ``autorenew`` and ``stop_in`` (seconds from now
    until the period ends) replace what the mix would give them.
    """
    directions = list(world.catalog.directions.values())
    if direction_id is not None:
        directions = [world.catalog.directions[direction_id]]
    now, added = world.now(), []
    for place in range(len(account.numbers), len(account.numbers) + count):
        direction = directions[place * 7 % len(directions)]
        entry = Number(
            number=number or world.take(direction),
            direction_id=direction.id,
            group_id=0,
            status=status or _MIX[place * 3 % len(_MIX)],
            start=now,
            stop=now,
            sip=account.sips[place % len(account.sips)].id if account.sips else "",
            caller_name=f"Line{place + 1}" if place % 5 == 0 else None,
            autorenew=place % 4 != 3 if autorenew is None else autorenew,
            autorenew_period="year" if place % 6 == 5 else "month",
            receive_sms=place % 2 == 0 if direction.has_sms else None,
            minutes=60 * place if direction.is_revenue else None,
        )
        put(world, account, entry, now, days_ago=(place * 11) % 28, months_paid=1 + place % 3)
        if stop_in is not None:
            entry.stop = now + timedelta(seconds=stop_in)
            world.changed(account, entry)
        added.append(entry)
    return added


def put(world: World, account: Account, entry: Number, now: datetime, *, days_ago: int, months_paid: int) -> None:
    """Put a number with this status into the account with dates that suit the status.

    An active one began so many days ago and is paid for so many months; a parked one stopped up to five days ago.
    """
    if entry.status == PARKING:
        entry.stop = now - timedelta(days=days_ago % 6, hours=3)
        entry.start = entry.stop - timedelta(days=92)
        entry.is_connected = True
    elif entry.status == ON:
        entry.start = now - timedelta(days=days_ago, hours=2)
        entry.stop = period_end(account, entry.start, months_paid)
        entry.is_connected = True
    else:
        entry.start, entry.stop = now, period_end(account, now, entry.months)
        _await_verification(world, account, entry, now)
    account.numbers[entry.number] = entry
    world.changed(account, entry)


def _await_verification(world: World, account: Account, entry: Number, now: datetime) -> None:
    """Let one being checked get active on its day; one whose documents are being checked waits for the verdict."""
    group, direction = account.groups[entry.group_id], world.direction_of(entry)
    if entry.status.endswith(CHECKING):
        needed = status_for(group, direction)
        sure = now + timedelta(days=max(1, direction.connect_days))
        entry.ready_at = ready_at(group, direction, now) if needed == CHECKING else sure
