"""What workers do: ids in, one call, done. Each may run twice or be killed at any moment."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from celery import Task, shared_task
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from urllib3.exceptions import HTTPError

from fans.models import Creator, Fan
from revenue import central_bank, leaving
from revenue.auditing import audit
from revenue.choosing import open_day
from revenue.ingest import SourceClosed
from revenue.likeness import find_doubles
from revenue.live.reading import read_messages
from revenue.looking import look_through
from revenue.models import (
    Departure,
    Message,
    Nudge,
    Reconciliation,
    Recount,
    Removal,
    Source,
    Summary,
    Sync,
    Upload,
)
from revenue.nudging import work_off
from revenue.proposing import propose, propose_proved
from revenue.queueing import queue_on_commit
from revenue.rating import LOOKED_BACK, count_at_new_rates, creators_since
from revenue.reconciling import reconcile
from revenue.recounting import recount
from revenue.removing import remove
from revenue.run import Overtaken
from revenue.spend import creators_with_due_fans, is_recounted, recompute_due_fans
from revenue.summary import summarise
from revenue.syncing import OVERLAP, gateway_of, run_sync, start_sync
from revenue.uploading import import_rows, undo_rows

log = structlog.get_logger(__name__)

#: Long work makes room for other tasks after this time and queues itself again.
TURN = timedelta(seconds=20)
#: Longer than a page takes. A run that is only slow may be taken up twice, which does no harm.
SILENCE = 60
#: A task that has waited so many seconds in the queue may be lost.
QUEUED = 60
#: As long as Stripe tells of an event.
REMEMBERED = timedelta(days=30)
#: What could not be done just now is tried again after this time, so many times in all.
PAUSE = timedelta(minutes=3)
ATTEMPTS = 5
#: Nightly work is spread over this time. Less than an hour: the queue hands out again what it has
#: not heard of for so long.
SPREAD = timedelta(minutes=40)


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
    queue_on_commit(have_worked_off, sync.source_id)  # what it read of events
    if sync.is_full and sync.state == Sync.State.DONE:
        queue_on_commit(reconcile_source.delay, sync.source_id)


@shared_task
def recompute_creator(creator_id: int) -> None:
    """Bring the due fans of one creator up to now."""
    with suppress(Creator.DoesNotExist):
        creator = Creator.objects.get(pk=creator_id)
        if recompute_due_fans(creator=creator, now=timezone.now()):
            Summary.objects.outdate(creator=creator_id)
        have_summarised(creator_id)


@shared_task
def recompute() -> None:
    """The safety net: whoever is due, by an event that got lost or by time alone."""
    for creator in creators_with_due_fans(timezone.now()):
        recompute_creator(creator.pk)


def have_summarised(creator_id: int) -> None:
    """Have a worker make the figures of a creator anew if that is due, or they were never made."""
    summaries = Summary.objects.filter(creator=creator_id)
    if summaries.exists() and not summaries.due(timezone.now()).exists():
        return
    if cache.add(_summary_queued(creator_id), True, timeout=QUEUED):
        queue_on_commit(summarise_creator.delay, creator_id)


@shared_task
def summarise_creator(creator_id: int) -> None:
    """Make the figures of one creator anew, and look for who may be one person and for what may be
    counted twice."""
    cache.delete(_summary_queued(creator_id))
    with suppress(Creator.DoesNotExist):
        creator = Creator.objects.get(pk=creator_id)
        summarise(creator=creator, now=timezone.now())
        propose(creator=creator, now=timezone.now())
        find_doubles(creator=creator)


@shared_task
def propose_proved_addresses(user_id: int) -> None:
    """Tell creators that two of their people may be the one who proved an address just now."""
    propose_proved(user=user_id, now=timezone.now())


@shared_task
def summarise_due() -> None:
    """Figures that had to rest first, or are of yesterday, or whose task got lost."""
    due = Summary.objects.due(timezone.now()).values_list("creator", flat=True)
    somebody = Fan.objects.filter(creator=OuterRef("pk"))
    never = Creator.objects.filter(Exists(somebody), summary=None).values_list("pk", flat=True)
    for pk in (*due, *never):
        have_summarised(pk)


def _summary_queued(creator_id: int) -> str:
    return f"summary-queued-{creator_id}"


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


@shared_task
def recount_creator(creator_id: int) -> None:
    """Count the purchases of a creator in another currency; queue the rest."""
    with suppress(Creator.DoesNotExist):
        creator = Creator.objects.open().get(pk=creator_id)
        is_done = recount(creator=creator, until=timezone.now() + TURN)
        follow = recompute_creator if is_done else recount_creator
        queue_on_commit(follow.delay, creator_id)


@shared_task
def update_rates() -> None:
    """Fetch the bank's newest rates; have what they may change counted anew."""
    now = timezone.now()
    since = (now - LOOKED_BACK).date()
    try:
        since = min(central_bank.update_rates(url=settings.ECB_RATES_URL, now=now) or since, since)
    except (central_bank.BadRates, HTTPError) as problem:
        log.warning("rates_not_updated", problem=str(problem))
    for pk in creators_since(since):
        queue_on_commit(count_at_new_rates_of.delay, pk, since.isoformat())


@shared_task
def count_at_new_rates_of(creator_id: int, since: str, after: int = 0) -> None:
    """Count the purchases of a creator anew that new rates may change; queue the rest."""
    with suppress(Creator.DoesNotExist):
        creator = Creator.objects.open().get(pk=creator_id)
        day, until = date.fromisoformat(since), timezone.now() + TURN
        reached = count_at_new_rates(creator=creator, since=day, after=after, until=until)
        queue_on_commit(recompute_creator.delay, creator_id)
        if reached is not None:
            queue_on_commit(count_at_new_rates_of.delay, creator_id, since, reached)


@shared_task
def look_through_upload(upload_id: int) -> None:
    """Find out what a file is and what would come of it."""
    with suppress(Upload.DoesNotExist):
        look_through(upload=Upload.objects.get(pk=upload_id), now=timezone.now())


@shared_task
def import_upload(upload_id: int) -> None:
    """Import the next rows of a file; queue the rest."""
    _work_on(upload_id, import_rows, import_upload)


@shared_task
def undo_upload(upload_id: int) -> None:
    """Take back the next rows of a file; queue the rest."""
    _work_on(upload_id, undo_rows, undo_upload)


def _work_on(upload_id: int, work: Callable[..., bool], task: Task) -> None:
    with suppress(Upload.DoesNotExist, SourceClosed):
        upload = Upload.objects.get(pk=upload_id)
        is_done = work(upload=upload, until=timezone.now() + TURN)
        queue_on_commit(recompute_creator.delay, upload.creator_id)
        if not is_done:
            queue_on_commit(task.delay, upload_id)


#: What is next for a file in each state in which a worker is at it.
NEXT = {
    Upload.State.RECEIVED: look_through_upload,
    Upload.State.IMPORTING: import_upload,
    Upload.State.UNDOING: undo_upload,
}


@shared_task
def forget_files() -> None:
    """Files that were looked through and never imported are not kept for longer than a week."""
    Upload.objects.forgotten(timezone.now()).delete()


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
        queue_on_commit(read_source.delay, sync.pk)


def have_worked_off(source_id: int) -> None:
    """Have a worker work off the nudges of a source, unless a task for that waits in the queue."""
    if cache.add(_queued(source_id), True, timeout=QUEUED):
        work_off_nudges.delay(source_id)


@shared_task
def work_off_nudges(source_id: int) -> None:
    """Read what was named by deliveries and polls; queue the rest."""
    cache.delete(_queued(source_id))
    source = Source.objects.connected().filter(pk=source_id).first()
    if not source:
        return
    with suppress(SourceClosed):
        if work_off(source=source, gateway=gateway_of(source), now=timezone.now()):
            queue_on_commit(recompute_creator.delay, source.creator_id)
            # Last, so that it sees what came while this task was at it: nobody else was asked then.
            if source.nudges.open(timezone.now()).exists():
                queue_on_commit(have_worked_off, source_id)


@shared_task
def work_off_what_is_left() -> None:
    """The safety net: nudges that failed, or whose worker or task got lost."""
    for source in Source.objects.to_work_off(timezone.now()).only("pk"):
        queue_on_commit(have_worked_off, source.pk)


def have_messages_read(source_id: int) -> None:
    """Have a worker read what was delivered, unless a task for that waits in the queue."""
    if cache.add(_messages_queued(source_id), True, timeout=QUEUED):
        read_messages_of.delay(source_id)


@shared_task
def read_messages_of(source_id: int) -> None:
    """Store what a platform has told; queue the rest."""
    cache.delete(_messages_queued(source_id))
    source = Source.objects.open().filter(pk=source_id).first()
    if not source:
        return
    with suppress(SourceClosed):
        if read_messages(source=source, now=timezone.now()):
            queue_on_commit(recompute_creator.delay, source.creator_id)
            # Last, so that it sees what came while this task was at it.
            if source.messages.open(timezone.now()).exists():
                queue_on_commit(have_messages_read, source_id)


@shared_task
def read_what_is_left() -> None:
    """The safety net: deliveries that failed, or whose worker or task got lost."""
    for pk in Message.objects.sources(timezone.now()).values_list("pk", flat=True):
        queue_on_commit(have_messages_read, pk)


def _messages_queued(source_id: int) -> str:
    return f"messages-queued-{source_id}"


@shared_task
def forget_messages() -> None:
    """What they said is kept; as they came they are of no use any more."""
    Message.objects.forgettable(timezone.now()).delete()


@shared_task
def forget_nudges() -> None:
    """Nobody tells twice of what is older than a month, so nobody needs to be recognised."""
    Nudge.objects.filter(arrived_at__lt=timezone.now() - REMEMBERED).exclude(done_at=None).delete()


@shared_task
def forget_runs() -> None:
    """Runs that read what was new are told of for a while; whole readings always."""
    Sync.objects.forgettable(timezone.now()).delete()


def _queued(source_id: int) -> str:
    return f"nudges-queued-{source_id}"


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


def turn_of(pk: int) -> int:
    """How many seconds into the night a row has its turn: neighbours are a minute apart."""
    return pk * 61 % SPREAD.seconds


@shared_task
def resume_changes(silent_for: int = SILENCE) -> None:
    """Take up removals, recounts, files and deletions whose worker has not been heard of for
    `silent_for` seconds. Where everything will be deleted, nothing else is done."""
    silent_since = timezone.now() - timedelta(seconds=silent_for)
    removals = Removal.objects.filter(heard_at__lt=silent_since, source__creator__leaves_at=None)
    for source_id in removals.values_list("source", flat=True):
        queue_on_commit(remove_source.delay, source_id)
    unfinished = Recount.objects.under_way().filter(creator__leaves_at=None)
    for recounted in unfinished.filter(heard_at__lt=silent_since):
        queue_on_commit(recount_creator.delay, recounted.creator_id)
    uploads = Upload.objects.under_way().filter(creator__leaves_at=None)
    for upload in uploads.filter(heard_at__lt=silent_since):
        queue_on_commit(NEXT[Upload.State(upload.state)].delay, upload.pk)
    for departure in Departure.objects.filter(heard_at__lt=silent_since):
        queue_on_commit(delete_creator.delay, departure.creator_id)


@shared_task
def tell_owners(creator_id: int) -> None:
    """Write to the owners of a studio that was closed, unless that was done."""
    leaving.tell(creator_id, now=timezone.now())


@shared_task
def tell_all_owners() -> None:
    """The safety net: mails whose task got lost, or that could not be sent."""
    untold = Departure.objects.filter(told_at=None, begun_at=None)
    for creator_id in untold.values_list("creator", flat=True):
        queue_on_commit(tell_owners.delay, creator_id)


@shared_task
def delete_who_left() -> None:
    """Have everything deleted of those whose time to change their mind is over."""
    left = Creator.objects.filter(leaves_at__lte=timezone.now())
    for pk in left.values_list("pk", flat=True):
        queue_on_commit(delete_creator.delay, pk)


@shared_task
def delete_creator(creator_id: int) -> None:
    """Delete everything of a creator; queue the rest."""
    creator = Creator.objects.filter(pk=creator_id).first()
    if creator is None:
        return
    if leaving.delete_everything(creator=creator, until=timezone.now() + TURN):
        log.info("creator_deleted", creator=creator_id)
    else:
        queue_on_commit(delete_creator.delay, creator_id)


@shared_task
def open_days() -> None:
    """Have it chosen whose turn it is, for every creator whose day has just begun."""
    now = timezone.now()
    zones = Creator.objects.order_by().values_list("time_zone", flat=True).distinct()
    new = [zone for zone in zones if now.astimezone(ZoneInfo(zone)).hour == 0]
    for pk in Creator.objects.open().filter(time_zone__in=new).values_list("pk", flat=True):
        queue_on_commit(open_day_of.delay, pk)


@shared_task
def open_day_of(creator_id: int) -> None:
    """Choose whose turn it is today, if that is not done yet."""
    with suppress(Creator.DoesNotExist):
        open_day(creator=Creator.objects.get(pk=creator_id), now=timezone.now())
