"""Runs of reading a source, page by page; interrupted at any point, they go on where they were.

The cursor moves in the transaction that stores the page, so a killed worker loses at most a page
it had not stored. Two workers on one run do no harm: whoever comes second finds the cursor moved
on and stops.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Max
from django.utils import timezone

from revenue.gateways.problems import SourceProblem, Unforeseen
from revenue.gateways.stripe.client import StripeGateway
from revenue.gateways.stripe.reading import (
    oldest_movement_at,
    read_customers,
    read_missing_customers,
    read_movements,
)
from revenue.ingest import ingest, lock
from revenue.models import Customer, Source, Sync
from revenue.values import Page

log = structlog.get_logger(__name__)

#: Lines of the ledger show up some seconds to minutes after the moment they carry.
OVERLAP = timedelta(hours=1)

Phase = Sync.Phase
State = Sync.State


class Overtaken(Exception):
    """Another worker has moved this run on; it is theirs now."""


def start_sync(*, source: Source, full: bool, now: datetime) -> Sync:
    """The run that reads `source`: one under way, a full one that was interrupted, or a new one.

    The first run of a source is always full; later ones read what is new, with an overlap.
    """
    with transaction.atomic():
        source = lock(source)
        running = source.syncs.filter(state=State.RUNNING).first()
        if running:
            return running
        last = source.syncs.order_by("-started_at", "-pk").first()
        if last and last.state == State.FAILED and last.is_full:
            return _take_up_again(last, now)
        newest = source.movements.aggregate(at=Max("occurred_at"))["at"]
        partial = bool(source.synced_at and newest and not full)
        return Sync.objects.create(
            source=source,
            since=newest - OVERLAP if partial else None,
            started_at=now,
            heard_at=now,
        )


def run_sync(
    *,
    sync: Sync,
    gateway: StripeGateway,
    clock: Callable[[], datetime] = timezone.now,
    until: datetime | None = None,
    after_page: Callable[[Sync], None] = lambda sync: None,
) -> Sync:
    """Read page after page until `sync` has ended, or `until`; returns it as it then is.

    Raises Overtaken if another worker reads it. A problem ends the run as failed, with its
    sentence on the run and its state on the source; one that nobody foresaw is raised, too.
    """
    try:
        while sync.is_running and (until is None or clock() < until):
            sync = _advance(sync, gateway, clock)
            after_page(sync)
    except SourceProblem as problem:
        sync = _fail(sync, problem, now=clock())
    except (Overtaken, OperationalError, InterfaceError):
        raise  # the run is somebody else's, or goes on as soon as the database is there again
    except Exception:
        _fail(sync, Unforeseen(), now=clock())
        raise
    return sync


def gateway_of(source: Source) -> StripeGateway:
    return StripeGateway(source.key)


def _take_up_again(sync: Sync, now: datetime) -> Sync:
    sync.state, sync.problem, sync.finished_at, sync.heard_at = State.RUNNING, "", None, now
    sync.save()
    return sync


def _advance(sync: Sync, gateway: StripeGateway, clock: Callable[[], datetime]) -> Sync:
    """Read the next page and store it together with the cursor behind it."""
    if sync.phase == Phase.CUSTOMERS:
        if not sync.cursor and sync.oldest_at is None and sync.is_full:
            hint = sync.source.account_created_at
            sync.oldest_at = oldest_movement_at(gateway, hint=hint, now=clock())
        page = read_customers(gateway, after=sync.cursor, since=sync.since)
    else:
        page = read_movements(gateway, after=sync.cursor, since=sync.since)
        if not sync.is_full:
            page = _with_missing_customers(sync.source, gateway, page)
    return _store(sync, page, now=clock())


def _store(sync: Sync, page: Page, *, now: datetime) -> Sync:
    with transaction.atomic():
        lock(sync.source)
        stored = Sync.objects.select_related("source").get(pk=sync.pk)
        if (stored.state, stored.phase, stored.cursor) != (sync.state, sync.phase, sync.cursor):
            raise Overtaken
        written = ingest(source=stored.source, page=page, now=now)
        stored.oldest_at = sync.oldest_at
        stored.customers_read += len(page.customers) if sync.phase == Phase.CUSTOMERS else 0
        stored.movements_read += len(page.movements)
        stored.movements_new += written.movements
        stored.purchases_changed += written.purchases
        if page.movements:
            stored.reached_at = page.movements[-1].occurred_at
        _turn_page(stored, page, now=now)
        stored.save()
    return stored


def _turn_page(sync: Sync, page: Page, *, now: datetime) -> None:
    sync.heard_at = now
    sync.cursor = page.cursor or ""
    if page.cursor:
        return
    if sync.phase == Phase.CUSTOMERS:
        sync.phase = Phase.MOVEMENTS
        return
    sync.phase, sync.state, sync.finished_at = Phase.FINISHED, State.DONE, now
    Source.objects.filter(pk=sync.source_id).update(
        synced_at=sync.started_at, state=Source.State.OK, problem=""
    )
    log.info("sync_done", sync=sync.pk, movements=sync.movements_read, new=sync.movements_new)


def _fail(sync: Sync, problem: SourceProblem, *, now: datetime) -> Sync:
    with transaction.atomic():
        Source.objects.filter(pk=sync.source_id).update(state=problem.state, problem=str(problem))
        Sync.objects.filter(pk=sync.pk, state=State.RUNNING).update(
            state=State.FAILED, problem=str(problem), finished_at=now
        )
    log.warning("sync_failed", sync=sync.pk, state=problem.state)
    return Sync.objects.select_related("source").get(pk=sync.pk)


def _with_missing_customers(source: Source, gateway: StripeGateway, page: Page) -> Page:
    """`page` with the customers of its payments that nobody has heard of yet."""
    ids = {payment.customer_id for payment in page.payments if payment.customer_id}
    known = Customer.objects.filter(source=source, external_id__in=ids)
    missing = sorted(ids - set(known.values_list("external_id", flat=True)))
    if not missing:
        return page
    return Page(
        cursor=page.cursor,
        customers=read_missing_customers(gateway, missing),
        payments=page.payments,
        movements=page.movements,
        returns=page.returns,
    )
