"""The Celery application. Tasks are found in each app's `tasks.py`; the schedule is in settings."""

import os

from celery import Celery
from celery.signals import worker_ready
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truefans.settings")

app = Celery("truefans")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


@worker_ready.connect
def resume_what_was_interrupted(**_: object) -> None:
    """A worker that comes up asks at once for what another left behind."""
    app.send_task("revenue.tasks.resume_syncs", kwargs={"silent_for": 0})
