"""The proof: every night the books of every creator are rebuilt and compared."""

from contextlib import suppress

from celery import shared_task
from django.utils import timezone

from fans.models import Creator
from revenue.auditing import audit
from revenue.queueing import queue_on_commit, turn_of
from revenue.spend import is_recounted


@shared_task
def check_all_books() -> None:
    """Have the books of every creator checked, one after the other."""
    for pk in Creator.objects.open().values_list("pk", flat=True):
        queue_on_commit(check_books_of.apply_async, (pk,), countdown=turn_of(pk))


@shared_task
def check_books_of(creator_id: int) -> None:
    """Check the books of one creator, keep what was found and tell the admins; on another night if
    they are being recounted."""
    with suppress(Creator.DoesNotExist):
        creator = Creator.objects.get(pk=creator_id)
        if not is_recounted(creator):
            audit(creator=creator, now=timezone.now())
