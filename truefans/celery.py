"""The Celery application. Tasks are found in each app's `tasks`; the schedule is in settings."""

import os

from celery import Celery, Task
from celery.signals import worker_ready
from django.db import InterfaceError, OperationalError
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truefans.settings")


class PatientTask(Task):
    """A database that restarts is back in a moment: every task may run twice, so it waits for it.

    What it keeps waiting for longer than the quarter of a minute that the attempts take, the beat
    takes up or brings again.
    """

    autoretry_for = (OperationalError, InterfaceError)
    retry_backoff = True
    retry_jitter = False
    max_retries = 4


app = Celery("truefans", task_cls=PatientTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


@worker_ready.connect
def resume_what_was_interrupted(**_: object) -> None:
    """A worker that comes up asks at once for what another left behind."""
    for task in ("resume_syncs", "resume_changes"):
        app.send_task(f"revenue.tasks.resuming.{task}", kwargs={"silent_for": 0})
