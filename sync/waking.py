"""Waking Celery tasks. Rows are the truth: a broker that is down is logged, and the sweeper wakes what was missed."""

import logging
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def _send(task: str, ids: tuple[int, ...]) -> None:
    try:
        current_app.send_task(task, args=ids, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("could not wake %s: %s", task, type(error).__name__)


def wake(task: str, *ids: int) -> None:
    """Wake `task` with row ids, once the transaction under way (if any) has committed. Never raises for the broker."""
    transaction.on_commit(partial(_send, task, ids), robust=True)
