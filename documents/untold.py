"""What Zadarma takes of a group and never tells again: the panel alone keeps it."""

from collections.abc import Mapping
from typing import Any

NOT_TOLD = ("date_of_birth",)


def with_untold(told: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """A group's fields as `told`, and those that no answer tells as they are `known` here. An empty one is none."""
    kept = {name: known[name] for name in NOT_TOLD if known.get(name) and not told.get(name)}
    return {**told, **kept}
