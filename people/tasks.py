"""Celery tasks of people."""

from celery import shared_task

from people import audit_sealing


@shared_task(name=audit_sealing.SEAL)
def seal_audit() -> None:
    """Chain what was noted since."""
    audit_sealing.seal()
