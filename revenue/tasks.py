"""What workers do: ids in, one call, done. Each may run twice or be killed at any moment."""

from datetime import datetime, timedelta
from functools import partial

import structlog
from celery import shared_task
from django.db import transaction
from django.utils import timezone

from fans.models import Creator
from revenue.models import Source, Sync
from revenue.run import Overtaken
from revenue.spend import creators_with_due_fans, recompute_due_fans
from revenue.syncing import gateway_of, run_sync, start_sync

log = structlog.get_logger(__name__)

#: A run of reading makes room for other tasks after this time and queues itself again.
TURN = timedelta(seconds=20)
#: Longer than a slow answer with its retries takes between two pages.
SILENCE = 60


def begin_reading(*, source: Source, full: bool, now: datetime) -> Sync:
    """Start the run that reads `source`, or find the one under way, and have a worker read it.

    Should the queue be away, the beat finds the run and takes it up.
    """
    with transaction.atomic():
        sync = start_sync(source=source, full=full, now=now)
        transaction.on_commit(partial(read_source.delay, sync.pk), robust=True)
    return sync


@shared_task
def read_source(sync_id: int) -> None:
    """Read on where the run stands; queue the rest."""
    sync = Sync.objects.select_related("source").filter(pk=sync_id).first()
    if not sync or not sync.is_running:
        return
    try:
        sync = run_sync(
            sync=sync,
            gateway=gateway_of(sync.source),
            until=timezone.now() + TURN,
            after_page=lambda sync: recompute_creator.delay(sync.source.creator_id),
        )
    except Overtaken:
        return
    if sync.is_running:
        read_source.delay(sync.pk)


@shared_task
def recompute_creator(creator_id: int) -> None:
    """Bring the due fans of one creator up to now."""
    creator = Creator.objects.filter(pk=creator_id).first()
    if creator:
        recompute_due_fans(creator=creator, now=timezone.now())


@shared_task
def recompute() -> None:
    """The safety net: whoever is due, by an event that got lost or by time alone."""
    for creator in creators_with_due_fans(timezone.now()):
        recompute_due_fans(creator=creator, now=timezone.now())


@shared_task
def sync_sources() -> None:
    """Ask every connected source what is new."""
    for source in Source.objects.to_sync():
        begin_reading(source=source, full=False, now=timezone.now())


@shared_task
def resume_syncs(silent_for: int = SILENCE) -> None:
    """Take up runs whose worker has not been heard of for `silent_for` seconds."""
    silent_since = timezone.now() - timedelta(seconds=silent_for)
    for sync in Sync.objects.filter(state=Sync.State.RUNNING, heard_at__lt=silent_since):
        read_source.delay(sync.pk)
