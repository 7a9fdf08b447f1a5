"""Waking Celery tasks. Rows are the truth: a broker that is down is logged, and a sweeper wakes what was missed."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def send(task: str, ids: tuple[int, ...] = (), after: float = 0.0) -> None:
    """Wake `task` with row ids now, or so many seconds later. Never raises for the broker."""
    try:
        current_app.send_task(task, args=ids, retry=False, countdown=after or None)
    except (OperationalError, OSError) as error:
        log.warning("could not wake %s: %s", task, type(error).__name__)
