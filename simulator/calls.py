"""One call of an API method: who calls, with which parameters, and how a parameter is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .catalog import Direction
from .messages import Refused
from .state import Account, Group, Number
from .world import World

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """The file part of a multipart body."""

    field: str
    name: str
    content: bytes


@dataclass(slots=True)
class Call:
    """A call that was signed and is about to take effect. ``n`` is its place in the log of requests;
    ``origin`` is what the ledger says caused it: ``api``, or ``outside`` for one that passed no panel."""

    world: World
    account: Account
    params: dict[str, str]
    n: int | None = None
    words: tuple[str, ...] = ()
    upload: Upload | None = None
    origin: str = "api"
    now: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.now = self.world.now()

    @property
    def is_production(self) -> bool:
        """Whether answers have production's shape rather than the vendor's description's."""
        return self.world.shape == "production"

    @property
    def language(self) -> str:
        """The language asked for, else the account's."""
        return self.params.get("language") or self.account.language

    def text(self, name: str, default: str | None = None) -> str:
        """A parameter that must be there unless there is a default."""
        value = self.params.get(name)
        if value is None:
            if default is None:
                raise Refused("missing", name=name)
            return default
        return value

    def choice(self, name: str, among: Collection[str], default: str | None = None) -> str:
        """A parameter with one of these values."""
        value = self.text(name, default)
        if value not in among:
            raise Refused("invalid", name=name)
        return value

    def integer(self, name: str, least: int, most: int) -> int:
        """A parameter that is a whole number within these bounds."""
        return self.number_in(name, self.text(name), least, most)

    @staticmethod
    def number_in(name: str, value: str, least: int, most: int) -> int:
        """The value as a whole number within these bounds."""
        if not re.fullmatch(r"[0-9]{1,12}", value) or not least <= int(value) <= most:
            raise Refused("invalid", name=name)
        return int(value)

    def direction(self, value: str) -> Direction:
        """The direction with this id, or word."""
        found = self.world.catalog.find(value)
        if found is None:
            raise Refused("direction")
        return found

    def group(self, name: str, value: str | None = None) -> Group:
        """The account's document group named by this parameter, or by the value given instead."""
        group_id = self.number_in(name, self.text(name) if value is None else value, 0, 10**12)
        found = self.account.groups.get(group_id)
        if found is None:
            raise Refused("group")
        return found

    def number(self) -> Number:
        """The account's number that the parameter ``number`` names, with or without a plus."""
        found = self.account.numbers.get(self.text("number").removeprefix("+"))
        if found is None:
            raise Refused("number")
        return found

    def typed_number(self) -> Number:
        """The same for methods that want ``type`` beside it: production insists, the description omits it."""
        if self.is_production or "type" in self.params:
            given = self.choice("type", ("common", "order"))
            found = self.number()
            if found.type != given:
                raise Refused("number")
            return found
        return self.number()

    def record(self, kind: str, **facts: Any) -> None:
        """Write into the ledger that this call took effect."""
        self.world.record(self.account, kind, origin=self.origin, request=self.n, **facts)


Method = Callable[[Call], Answer]
