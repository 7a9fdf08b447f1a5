"""Waking Celery tasks. Rows are the truth: a broker that is down is logged, and the sweeper wakes what was missed."""

import logging
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def _send(task: str, ids: tuple[int, ...], after: float = 0.0) -> None:
    try:
        current_app.send_task(task, args=ids, retry=False, countdown=after or None)
    except (OperationalError, OSError) as error:
        log.warning("could not wake %s: %s", task, type(error).__name__)


def wake(task: str, *ids: int, after: float = 0.0) -> None:
    """Wake `task` with row ids, once the transaction under way (if any) has committed. Never raises for the broker.

    With `after` it starts so many seconds later.
    """
    transaction.on_commit(partial(_send, task, ids, **({"after": after} if after else {})), robust=True)
