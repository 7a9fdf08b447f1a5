"""The state file: a snapshot (JSON) and, beside it, a journal of what changed since.

A changing call is answered after one line was appended to the journal, so a process that is killed right
afterwards has lost nothing, and a big account is not written out for every small change. The snapshot is
rewritten (to a temporary file, then renamed) at the start, at the end and when the journal gets long.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from .state import Account, Group, Number
from .stock import Shelf
from .world import Changes, World

_LONGEST_JOURNAL = 32 * 1024 * 1024


class Store:
    """Keeps a world in a file. Without a path it keeps nothing. The world's lock is held by the caller."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._generation = 0
        self._journal: int | None = None
        self._written = 0

    def load(self, world: World) -> bool:
        """Restore the world from the file; False when there is none to restore from."""
        if self._path is None or not self._path.exists():
            return False
        snapshot = json.loads(self._path.read_text("utf-8"))
        self._generation = snapshot["generation"]
        world.become(World(snapshot["seed"], world.shape))
        _apply(world, snapshot)
        for line in self._journal_lines():
            _apply(world, line)
        world.changes = Changes(first_new_entry=len(world.ledger))
        for account in world.accounts.values():
            for number in account.numbers.values():
                account.schedule(number)
        return True

    def commit(self, world: World) -> None:
        """Append what changed to the journal. Returns when the operating system has it."""
        changes = world.changes
        if self._path is None or not (changes or len(world.ledger) > changes.first_new_entry):
            return
        line = json.dumps(_difference(world), separators=(",", ":")).encode() + b"\n"
        world.changes = Changes(first_new_entry=len(world.ledger))
        if self._journal is None or self._written > _LONGEST_JOURNAL:
            self.snapshot(world)
        else:
            self._append(line)

    def snapshot(self, world: World) -> None:
        """Write everything out and begin a new journal."""
        if self._path is None:
            return
        self._generation += 1
        everything = {"generation": self._generation, "seed": world.seed, **_everything(world)}
        temporary = self._path.with_name(self._path.name + ".tmp")
        temporary.write_text(json.dumps(everything, separators=(",", ":")), "utf-8")
        os.replace(temporary, self._path)
        self.close()
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        self._journal = os.open(self._journal_path(), flags, 0o600)
        self._written = 0
        self._append(json.dumps({"generation": self._generation}).encode() + b"\n")
        world.changes = Changes(first_new_entry=len(world.ledger))

    def close(self) -> None:
        """Let go of the journal."""
        if self._journal is not None:
            os.close(self._journal)
            self._journal = None

    def _append(self, line: bytes) -> None:
        assert self._journal is not None
        left = memoryview(line)
        while left:
            left = left[os.write(self._journal, left) :]
        self._written += len(line)

    def _journal_path(self) -> Path:
        assert self._path is not None
        return self._path.with_name(self._path.name + ".journal")

    def _journal_lines(self) -> list[dict[str, Any]]:
        """The journal's lines if it continues this very snapshot; a torn last line was never answered for."""
        path = self._journal_path()
        if not path.exists():
            return []
        lines = path.read_bytes().split(b"\n")[:-1]
        if not lines or json.loads(lines[0])["generation"] != self._generation:
            return []
        return [json.loads(line) for line in lines[1:]]


def _head(world: World) -> dict[str, Any]:
    return {
        "offset": world.offset.total_seconds(),
        "next_group_id": world.next_group_id,
        "prices": {str(key): [str(fee) for fee in fees] for key, fees in world.prices.items()},
        "requirements": {str(key): profile for key, profile in world.requirements.items()},
    }


def _shelf(shelf: Shelf) -> list[Any]:
    return [shelf.listed, shelf.next_index]


def _everything(world: World) -> dict[str, Any]:
    return {
        "head": _head(world),
        "shelves": {str(key): _shelf(shelf) for key, shelf in world.stock.shelves().items()},
        "accounts": {key: account.head() for key, account in world.accounts.items()},
        "numbers": [[key, name, n.packed()] for key, a in world.accounts.items() for name, n in a.numbers.items()],
        "groups": [[key, group.packed()] for key, a in world.accounts.items() for group in a.groups.values()],
        "ledger": world.ledger,
    }


def _difference(world: World) -> dict[str, Any]:
    changes, accounts = world.changes, world.accounts
    found = {(key, name): accounts[key].numbers.get(name) for key, name in changes.numbers}
    return {
        "head": _head(world) if changes.is_head_changed else None,
        "shelves": {str(key): _shelf(world.stock.shelves()[key]) for key in changes.shelves},
        "accounts": {key: accounts[key].head() for key in changes.accounts},
        "numbers": [[key, name, number.packed() if number else None] for (key, name), number in found.items()],
        "groups": [[key, accounts[key].groups[group_id].packed()] for key, group_id in changes.groups],
        "ledger": world.ledger[changes.first_new_entry :],
    }


def _apply(world: World, saved: dict[str, Any]) -> None:
    if saved["head"]:
        world.offset = timedelta(seconds=saved["head"]["offset"])
        world.next_group_id = saved["head"]["next_group_id"]
        prices = saved["head"]["prices"].items()
        world.prices = {int(key): (Decimal(fees[0]), Decimal(fees[1])) for key, fees in prices}
        for key, profile in saved["head"].get("requirements", {}).items():
            world.set_requirements(world.catalog.directions[int(key)], profile)
    for key, (listed, next_index) in saved["shelves"].items():
        world.stock.shelves()[int(key)] = Shelf(listed, next_index)
    for key, head in saved["accounts"].items():
        account = world.accounts.setdefault(key, Account(key, Decimal(0)))
        account.restore_head(head)
    for key, name, number in saved["numbers"]:
        if number is None:
            world.accounts[key].numbers.pop(name, None)
        else:
            world.accounts[key].numbers[name] = Number.unpacked(number)
    for key, group in saved["groups"]:
        unpacked = Group.unpacked(group)
        world.accounts[key].groups[unpacked.id] = unpacked
    world.ledger.extend(saved["ledger"])
