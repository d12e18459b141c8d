"""How work gets into the queue, and how it makes room there for other work."""

from collections.abc import Callable
from datetime import timedelta

from celery import Task
from django.core.cache import cache
from django.db import transaction

#: Long work makes room for other tasks after this time and queues itself again.
TURN = timedelta(seconds=20)
#: A task that has waited so many seconds in the queue may be lost.
QUEUED = 60
#: Nightly work is spread over this time. Less than an hour: the queue hands out again what it has
#: not heard of for so long.
SPREAD = timedelta(minutes=40)


def queue_on_commit(queue: Callable[..., object], *args: object, **options: object) -> None:
    """Call `queue` as soon as all is stored, which outside of a transaction is now.

    If the queue is away, that is only logged: nothing is queued that the beat would not find, or
    bring again. No partial is handed on: Django stumbles when it logs one, which has no name.
    """
    transaction.on_commit(lambda: queue(*args, **options), robust=True)


def queue_once(task: Task, pk: int) -> None:
    """Have a worker do `task` for the row `pk` on commit, unless that waits in the queue already.

    Only for a task that says `begins` first of all.
    """
    queue_on_commit(_queue_unless_it_waits, task, pk)


def begins(task: Task, pk: int) -> None:
    """`task` has left the queue: it may not see what comes from now on, which queues it anew."""
    cache.delete(_place(task, pk))


def turn_of(pk: int) -> int:
    """How many seconds into the night a row has its turn: neighbours are a minute apart."""
    return pk * 61 % SPREAD.seconds


def _queue_unless_it_waits(task: Task, pk: int) -> None:
    if cache.add(_place(task, pk), True, timeout=QUEUED):
        task.delay(pk)


def _place(task: Task, pk: int) -> str:
    return f"queued-{task.name}-{pk}"
