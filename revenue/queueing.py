"""How work gets into the queue."""

from collections.abc import Callable

from django.db import transaction


def queue_on_commit(queue: Callable[..., object], *args: object, **options: object) -> None:
    """Call `queue` as soon as all is stored, which outside of a transaction is now.

    If the queue is away, that is only logged: nothing is queued that the beat would not find, or
    bring again. No partial is handed on: Django stumbles when it logs one, which has no name.
    """
    transaction.on_commit(lambda: queue(*args, **options), robust=True)
