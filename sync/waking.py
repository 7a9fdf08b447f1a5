"""Waking Celery tasks with what a transaction wrote, once it has committed."""

from functools import partial

from django.db import transaction

from people.waking import send


def _send(task: str, ids: tuple[int, ...], after: float = 0.0) -> None:
    send(task, ids, after)


def wake(task: str, *ids: int, after: float = 0.0) -> None:
    """Wake `task` with row ids, once the transaction under way (if any) has committed. Never raises for the broker.

    With `after` it starts so many seconds later.
    """
    transaction.on_commit(partial(_send, task, ids, **({"after": after} if after else {})), robust=True)
