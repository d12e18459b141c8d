"""What a platform tells by itself: nudges to read something, and messages that say it all."""

from contextlib import suppress

from celery import shared_task
from django.utils import timezone

from revenue.ingest import SourceClosed
from revenue.live.reading import read_messages
from revenue.models import Message, Nudge, Source
from revenue.nudging import work_off
from revenue.queueing import begins, queue_on_commit, queue_once
from revenue.syncing import REMEMBERED, gateway_of
from revenue.tasks.figures import recompute_creator


@shared_task
def work_off_nudges(source_id: int) -> None:
    """Read what was named by deliveries and polls; queue the rest."""
    begins(work_off_nudges, source_id)
    source = Source.objects.connected().filter(pk=source_id).first()
    if not source:
        return
    with suppress(SourceClosed):
        if work_off(source=source, gateway=gateway_of(source), now=timezone.now()):
            queue_on_commit(recompute_creator.delay, source.creator_id)
            # Last, so that it sees what came while this task was at it: nobody else was asked then.
            if source.nudges.open(timezone.now()).exists():
                queue_once(work_off_nudges, source_id)


@shared_task
def work_off_what_is_left() -> None:
    """The safety net: nudges that failed, or whose worker or task got lost."""
    for source in Source.objects.to_work_off(timezone.now()).only("pk"):
        queue_once(work_off_nudges, source.pk)


@shared_task
def read_messages_of(source_id: int) -> None:
    """Store what a platform has told; queue the rest."""
    begins(read_messages_of, source_id)
    source = Source.objects.open().filter(pk=source_id).first()
    if not source:
        return
    with suppress(SourceClosed):
        if read_messages(source=source, now=timezone.now()):
            queue_on_commit(recompute_creator.delay, source.creator_id)
            # Last, so that it sees what came while this task was at it.
            if source.messages.open(timezone.now()).exists():
                queue_once(read_messages_of, source_id)


@shared_task
def read_what_is_left() -> None:
    """The safety net: deliveries that failed, or whose worker or task got lost."""
    for pk in Message.objects.sources(timezone.now()).values_list("pk", flat=True):
        queue_once(read_messages_of, pk)


@shared_task
def forget_messages() -> None:
    """What they said is kept; as they came they are of no use any more."""
    Message.objects.forgettable(timezone.now()).delete()


@shared_task
def forget_nudges() -> None:
    """Nobody tells twice of what is older than a month, so nobody needs to be recognised."""
    Nudge.objects.filter(arrived_at__lt=timezone.now() - REMEMBERED).exclude(done_at=None).delete()
