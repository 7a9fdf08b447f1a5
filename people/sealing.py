"""For migrations: a column that stood in clear becomes ciphertext, and back."""

from collections.abc import Callable
from typing import Any

from django.db import migrations

from people.vault import seal, unseal


def sealing(app: str, models: tuple[str, ...], field: str, longest: int) -> migrations.RunPython:
    """The step between a plain text column and a `SealedTextField`, for `field` of `models` in `app`.

    The column must be a plain `TextField` when it runs, forth as well as back; `longest` is what it held before.
    """

    def each(apps: Any, change: Callable[[str], str]) -> None:
        for name in models:
            rows = apps.get_model(app, name).objects
            for pk, text in rows.exclude(**{field: ""}).values_list("pk", field).iterator():
                rows.filter(pk=pk).update(**{field: change(text)})

    def forth(apps: Any, schema_editor: Any) -> None:
        each(apps, seal)

    def back(apps: Any, schema_editor: Any) -> None:
        each(apps, lambda text: unseal(text)[:longest])

    return migrations.RunPython(forth, back)
