"""Sources: read, read back, held against their balance, and removed."""

from contextlib import suppress
from datetime import datetime, timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from revenue.ingest import SourceClosed
from revenue.models import Reconciliation, Source, Summary, Sync
from revenue.queueing import TURN, queue_on_commit, queue_once, turn_of
from revenue.reconciling import reconcile
from revenue.removing import remove
from revenue.run import Overtaken
from revenue.syncing import OVERLAP, gateway_of, run_sync, start_sync
from revenue.tasks.deliveries import work_off_nudges
from revenue.tasks.figures import recompute_creator

#: What could not be done just now is tried again after this time, so many times in all.
PAUSE = timedelta(minutes=3)
ATTEMPTS = 5


def begin_reading(
    *, source: Source, full: bool, now: datetime, look_back: timedelta = OVERLAP
) -> Sync | None:
    """Start the run that reads `source`, or find the one under way, and have a worker read it.

    Should the queue be away, the beat finds the run and takes it up. `look_back` is as for
    `start_sync`. None: the source has no key any more, or is gone.
    """
    with suppress(SourceClosed), transaction.atomic():
        sync = start_sync(source=source, full=full, now=now, look_back=look_back)
        queue_on_commit(read_source.delay, sync.pk)
        return sync
    return None


@shared_task
def sync_sources() -> None:
    """Ask every connected source what is new."""
    for source in Source.objects.to_sync():
        begin_reading(source=source, full=False, now=timezone.now())


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
            after_page=lambda sync: queue_on_commit(
                recompute_creator.delay, sync.source.creator_id
            ),
        )
    except (Overtaken, SourceClosed):
        return
    if sync.is_running:
        queue_on_commit(read_source.delay, sync.pk)
        return
    queue_once(work_off_nudges, sync.source_id)  # what it read of events
    if sync.is_full and sync.state == Sync.State.DONE:
        queue_on_commit(reconcile_source.delay, sync.source_id)


@shared_task
def forget_runs() -> None:
    """Runs that read what was new are told of for a while; whole readings always."""
    Sync.objects.forgettable(timezone.now()).delete()


@shared_task
def look_back_sources(days: int) -> None:
    """Have the last `days` of every source read again, one after the other."""
    for pk in Source.objects.connected().values_list("pk", flat=True):
        queue_on_commit(look_back.apply_async, (pk, days), countdown=turn_of(pk))


@shared_task
def look_back(source_id: int, days: int, attempt: int = 1) -> None:
    """Read the last `days` of a source again; after the run that is under way, if there is one."""
    source = Source.objects.connected().filter(pk=source_id).first()
    if not source:
        return
    now, wanted = timezone.now(), timedelta(days=days)
    sync = begin_reading(source=source, full=False, now=now, look_back=wanted)
    if sync and sync.since and sync.since > now - wanted and attempt < ATTEMPTS:
        again = (source_id, days, attempt + 1)
        queue_on_commit(look_back.apply_async, again, countdown=PAUSE.seconds)


@shared_task
def reconcile_sources() -> None:
    """Have the books of every source compared with its balance, one after the other."""
    read = Source.objects.connected().exclude(synced_at=None)
    for pk in read.values_list("pk", flat=True):
        queue_on_commit(reconcile_source.apply_async, (pk,), countdown=turn_of(pk))


@shared_task
def reconcile_source(source_id: int, attempt: int = 1) -> None:
    """Compare the books of a source with its balance; if nothing came of it, read and try again."""
    source = Source.objects.connected().filter(pk=source_id).first()
    if not source:
        return
    try:
        check = reconcile(source=source, gateway=gateway_of(source), now=timezone.now())
    except SourceClosed:
        return
    if check.outcome == Reconciliation.Outcome.REPAIRED:
        queue_on_commit(recompute_creator.delay, source.creator_id)
    if check.is_undecided and attempt < ATTEMPTS:
        begin_reading(source=source, full=False, now=timezone.now())
        again = (source_id, attempt + 1)
        queue_on_commit(reconcile_source.apply_async, again, countdown=PAUSE.seconds)


@shared_task
def remove_source(source_id: int) -> None:
    """Take away what came from a source; queue the rest."""
    source = Source.objects.filter(pk=source_id).exclude(removal=None).first()
    if source and not source.creator.is_leaving:
        is_gone = remove(source=source, until=timezone.now() + TURN)
        Summary.objects.outdate(creator=source.creator_id)  # money of nobody makes nobody due
        queue_on_commit(recompute_creator.delay, source.creator_id)
        if not is_gone:
            queue_on_commit(remove_source.delay, source_id)
