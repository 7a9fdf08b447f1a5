"""Before and after of a row for the audit: ids, amounts and states as they are, of what is personal only the change."""

from collections.abc import Collection
from typing import Any

from django.db.models import Model

CHANGED = "changed"


def snapshot(row: Model, fields: Collection[str]) -> dict[str, Any]:
    """The values of `fields` as plain JSON; of a relation its primary key."""
    return {name: _plain(getattr(row, row._meta.get_field(name).attname)) for name in fields}  # type: ignore[union-attr]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value)


def differences(
    before: dict[str, Any], after: dict[str, Any], personal: Collection[str] = ()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What differs, as (before, after) for `audit.record`; of the `personal` ones only that they do."""
    changed = [name for name, value in after.items() if before.get(name) != value]
    open_to_all = [name for name in changed if name not in personal]
    hidden = {name: CHANGED for name in changed if name in personal}
    return {name: before.get(name) for name in open_to_all}, {**{name: after[name] for name in open_to_all}, **hidden}
