"""What the stand-in's ledger holds of a storm: the truth that the panel's rows are compared with."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Entry = dict[str, Any]
Name = tuple[str, str]


def _lists() -> Any:
    return defaultdict(list)


def _sums() -> Any:
    return defaultdict(Decimal)


@dataclass
class Ledger:
    """What took effect: orders by what they said they were for, prolongations by account and number, money by account.

    `renewals` are what numbers renewed by themselves, `switched_on` when somebody let them do so. `outside` are account
    and number of what others ordered, `paid` is what the panel's orders and prolongations cost, `spent` all that left
    the account.
    """

    orders: dict[str, list[Entry]] = field(default_factory=_lists)
    prolongs: dict[Name, list[Entry]] = field(default_factory=_lists)
    renewals: dict[Name, list[Entry]] = field(default_factory=_lists)
    switched_on: dict[Name, list[Entry]] = field(default_factory=_lists)
    outside: set[Name] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)
    paid: dict[str, Decimal] = field(default_factory=_sums)
    spent: dict[str, Decimal] = field(default_factory=_sums)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Ledger":
        """Read the entries that `GET /__simulator__/ledger` shows."""
        found = cls()
        for entry in entries:
            found._add(entry)
        return found

    def _add(self, entry: Entry) -> None:
        kind, key, is_ours = entry["kind"], entry["key"], entry["origin"] == "api"
        amount = Decimal(str(entry["amount"]))
        self.kinds[kind if is_ours or kind != "order" else "order outside"] += 1
        if kind == "order" and is_ours:
            self.orders[entry["purpose"]].append(entry)
        elif kind == "order":
            self.outside.add((key, entry["number"]))
        elif kind == "prolong":
            self.prolongs[key, entry["number"]].append(entry)
        elif kind == "autorenew":
            self.renewals[key, entry["number"]].append(entry)
        elif kind == "autoprolongation" and entry["value"] == "on":
            self.switched_on[key, entry["number"]].append(entry)
        if kind in ("order", "prolong") and is_ours:
            self.paid[key] += amount
        self.spent[key] += amount if kind != "top_up" else 0
