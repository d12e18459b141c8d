"""Runs of reading a source, page by page; interrupted at any point, they go on where they were.

Pages are asked for several at once and stored in whatever order they come: the books do not
depend on it. The cursor of a stretch moves in the transaction that stores the page, so a killed
worker loses only pages that it had not stored. Two workers on one run do no harm: whoever comes
second finds the cursor moved on and stops.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Max
from django.utils import timezone

from revenue.gateways.problems import SourceProblem, Unforeseen
from revenue.gateways.stripe.client import IN_FLIGHT, StripeGateway
from revenue.ingest import SourceClosed, lock_open
from revenue.models import Source, Sync
from revenue.run import Overtaken, Run

log = structlog.get_logger(__name__)

#: Lines of the ledger show up some seconds to minutes after the moment they carry.
OVERLAP = timedelta(hours=1)
#: As long as Stripe tells of an event. Who was not read for longer is read whole, because no list
#: says what has changed of an object that was known.
REMEMBERED = timedelta(days=30)

State = Sync.State


def start_sync(
    *, source: Source, full: bool, now: datetime, look_back: timedelta = OVERLAP
) -> Sync:
    """The run that reads `source`: one under way, one that failed, or a new one.

    A run that failed goes on where it was; but where it read only what was new, not if everything
    is asked for, nor an hour later: what came since would wait for it. The first run of a source is
    always full, and so is one after a month without any; others read what is new since the last
    that ended well, with an overlap, or everything since `look_back` before `now` where that is
    longer. Single lines come by deliveries, too: the newest of them says nothing of the others
    before it. Raises SourceClosed if `source` has no key any more, or is gone.
    """
    with transaction.atomic():
        source = lock_open(source)
        full = full or source.synced_at is None or source.synced_at < now - REMEMBERED
        running = source.syncs.filter(state=State.RUNNING).first()
        if running:
            return running
        last = source.syncs.order_by("-started_at", "-pk").first()
        if last and last.state == State.FAILED and _goes_on(last, full=full, now=now):
            return _take_up_again(last, now)
        since = None if full else _watermark(source, last, now - look_back)
        return Sync.objects.create(source=source, since=since, started_at=now, heard_at=now)


def run_sync(
    *,
    sync: Sync,
    gateway: StripeGateway,
    clock: Callable[[], datetime] = timezone.now,
    until: datetime | None = None,
    after_page: Callable[[Sync], None] = lambda sync: None,
    in_flight: int = IN_FLIGHT,
) -> Sync:
    """Read page after page until `sync` has ended, or `until`; returns it as it then is.

    `in_flight` pages are asked for at the same time. Raises Overtaken if another worker reads the
    run, and SourceClosed if the source was taken away meanwhile. A problem ends the run as failed,
    with its sentence on the run and its state on the source; one that nobody foresaw is raised,
    too.
    """
    try:
        run = Run(sync=sync, gateway=gateway, clock=clock, until=until, after_page=after_page)
        return run.read(in_flight=in_flight)
    except SourceProblem as problem:
        return _fail(sync, problem, now=clock())
    except (Overtaken, SourceClosed, OperationalError, InterfaceError):
        raise  # the run is nobody's or somebody else's, or goes on once the database is there again
    except Exception:
        _fail(sync, Unforeseen(), now=clock())
        raise


def gateway_of(source: Source) -> StripeGateway:
    return StripeGateway(source.key)


def _goes_on(failed: Sync, *, full: bool, now: datetime) -> bool:
    return failed.is_full or (not full and failed.started_at > now - OVERLAP)


def _watermark(source: Source, last: Sync | None, wanted: datetime) -> datetime | None:
    """From when on a run reads that reads what is new; None: everything."""
    newest = source.movements.aggregate(at=Max("occurred_at"))["at"]
    if not newest or not source.synced_at:
        return None
    failed = [last.since] if last and last.since and last.state == State.FAILED else []
    return min(newest - OVERLAP, source.synced_at - OVERLAP, wanted, *failed)


def _take_up_again(sync: Sync, now: datetime) -> Sync:
    sync.state, sync.problem, sync.finished_at, sync.heard_at = State.RUNNING, "", None, now
    sync.save()
    # What the key was not allowed then may be what it was given meanwhile.
    sync.stretches.exclude(lacks="").update(lacks="", cursor="", reached_at=None, is_done=False)
    return sync


def _fail(sync: Sync, problem: SourceProblem, *, now: datetime) -> Sync:
    with transaction.atomic():
        lock_open(sync.source)
        ended = Sync.objects.filter(pk=sync.pk, state=State.RUNNING).update(
            state=State.FAILED, problem=str(problem), finished_at=now
        )
        # A run that somebody else has ended says nothing of the source any more.
        if ended:
            Source.objects.filter(pk=sync.source_id).update(
                state=problem.state, problem=str(problem)
            )
    log.warning("sync_failed", sync=sync.pk, state=problem.state)
    return Sync.objects.select_related("source").get(pk=sync.pk)
