"""Celery tasks of notices: delegate to one function, survive running twice."""

from celery import shared_task
from django.utils import timezone

from notices import planning, scanning, sending
from sync.waking import wake


@shared_task(name="notices.scan")
def scan() -> None:
    """Raise and clear notices, settle who is told of them, and have it sent."""
    now = timezone.now()
    scanning.scan(now)
    if planning.plan(now):
        wake("notices.send")


@shared_task(name="notices.send")
def send() -> None:
    """Send the e-mails that are due."""
    sending.send_due(timezone.now())
