"""The Celery app and its beat schedule. Celery only wakes; rows in the database are the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("numberdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# One dispatcher looks every minute at what is due (numbers every 5 minutes, document groups every 15,
# the catalogue daily: sync.schedule), so that a run that found its connection busy is not lost until its next period.
app.conf.beat_schedule = {
    "start-due-sync-runs": {"task": "sync.start_due_runs", "schedule": 60.0, "options": {"expires": 55}},
    "sweep-operations": {"task": "sync.sweep_operations", "schedule": 30.0, "options": {"expires": 25}},
}
