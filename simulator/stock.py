"""The numbers that can be ordered: which exist, which are listed, which are taken.

A number is computed from the seed, its direction and its index, so nothing but indices is kept. Each direction
lists twenty; a taken one vanishes and the next index takes its place (``/v1/direct_numbers/available/``).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from .catalog import Catalog, Direction

LISTED = 20


@dataclass(frozen=True, slots=True)
class Available:
    """A number on offer; ``id`` is what ``/v1/direct_numbers/order/`` takes as ``number_id``."""

    id: str
    direction_id: int
    number: str


@dataclass(slots=True)
class Shelf:
    """Indices of one direction that are on offer, and the next that has never been."""

    listed: list[int] = field(default_factory=list)
    next_index: int = 0


class Stock:
    """Numbers on offer in every direction. Not safe across threads: the world's lock guards it."""

    def __init__(self, catalog: Catalog, seed: int) -> None:
        self._catalog = catalog
        self._seed = seed
        self._shelves: dict[int, Shelf] = {}
        neighbours: dict[str, list[int]] = {}
        for direction in catalog.directions.values():
            neighbours.setdefault(direction.prefix, []).append(direction.id)
        self._neighbours = neighbours

    def shelf(self, direction: Direction) -> Shelf:
        """The direction's shelf, filled with twenty at the first look."""
        found = self._shelves.get(direction.id)
        if found is None:
            found = self._shelves[direction.id] = Shelf(list(range(LISTED)), LISTED)
        return found

    def shelves(self) -> dict[int, Shelf]:
        """Those shelves that were looked at, by direction id."""
        return self._shelves

    def number(self, direction: Direction, index: int) -> str:
        """The phone number (digits, no plus) at this index. Directions that share an area code never share one."""
        shared = self._neighbours[direction.prefix]
        space = 8 * 10 ** (direction.subscriber_digits - 1)
        draw = self._draw(direction.prefix)
        step = draw % space | 1
        while step % 5 == 0:
            step += 2
        position = index * len(shared) + shared.index(direction.id)
        subscriber = (position * step + draw // 7) % space + space // 4
        return f"{direction.prefix}{subscriber:0{direction.subscriber_digits}d}"

    def number_id(self, direction: Direction, index: int) -> str:
        """The text that stands for this number in an order."""
        draw = self._draw(f"{direction.id}/{index}")
        return f"{1000 + draw % 9000}p0D{direction.id}D0t{10 + draw // 9000 % 90}r{100000 + index}"

    def on_offer(self, direction: Direction) -> list[Available]:
        """What the direction lists now; nothing where the operator assigns the number."""
        if direction.is_unlisted:
            return []
        return [
            Available(self.number_id(direction, index), direction.id, self.number(direction, index))
            for index in self.shelf(direction).listed
        ]

    def index_of(self, direction: Direction, number_id: str) -> int | None:
        """The index behind a number id if it is still on offer in this direction."""
        match = re.fullmatch(r"\d+p0D\d+D0t\d+r(\d+)", number_id)
        if match is None or direction.is_unlisted:
            return None
        index = int(match[1]) - 100000
        on_offer = index in self.shelf(direction).listed and self.number_id(direction, index) == number_id
        return index if on_offer else None

    def take(self, direction: Direction, index: int | None = None) -> str:
        """Take one number off the shelf (the first where none is named), put the next one up, and return it."""
        shelf = self.shelf(direction)
        taken = shelf.listed[0] if index is None else index
        shelf.listed.remove(taken)
        shelf.listed.append(shelf.next_index)
        shelf.next_index += 1
        return self.number(direction, taken)

    def withdraw(self, number: str) -> Direction | None:
        """Take this very number off its shelf, as when someone else bought it. The direction, or None if not listed."""
        for direction in self._catalog.directions.values():
            if number.startswith(direction.prefix):
                for index in self.shelf(direction).listed:
                    if self.number(direction, index) == number:
                        self.take(direction, index)
                        return direction
        return None

    def _draw(self, name: str) -> int:
        return int.from_bytes(hashlib.sha256(f"{self._seed}/{name}".encode()).digest()[:8], "big")
