"""One worker's turn at a run of reading: ask ahead, store what came, move the cursors."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog
from django.db import connection, transaction

from revenue import planning
from revenue.ahead import Ahead
from revenue.gateways.stripe.client import StripeGateway
from revenue.gateways.stripe.reading import (
    Answer,
    Question,
    ask,
    ask_and_translate,
    oldest_movement_at,
)
from revenue.ingest import known_lines, lock, settle_invoices, store
from revenue.models import Source, Stretch, Sync
from revenue.values import Listing, Page

log = structlog.get_logger(__name__)

#: Pages that are stored in one transaction, about: each costs the same few dozen statements.
PAGES_AT_ONCE = 12

Arrivals = list[tuple[Stretch, Answer]]


class Overtaken(Exception):
    """Another worker has moved this run on; it is theirs now."""


class Run:
    """Reads `sync` until it has ended or the time is `until`.

    The stretches in memory stand where the provider has answered, those in the database where the
    answers are stored.
    """

    def __init__(
        self,
        *,
        sync: Sync,
        gateway: StripeGateway,
        clock: Callable[[], datetime],
        until: datetime | None,
        after_page: Callable[[Sync], None],
    ) -> None:
        self._sync = sync
        self._gateway = gateway
        self._clock = clock
        self._until = until
        self._after_page = after_page
        self._stretches: list[Stretch] = []
        self._waiting: list[Stretch] = []

    def read(self, *, in_flight: int) -> Sync:
        """The run as it is when the turn is over."""
        self._sync = Sync.objects.select_related("source").get(pk=self._sync.pk)
        if not self._sync.is_running or self._is_over():
            return self._sync
        self._stretches = self._begun()
        self._waiting = [stretch for stretch in self._stretches if not stretch.is_done]
        # Before anything is known there is nothing to compare with, and the threads that wait for
        # pages can do a part of the work.
        how = ask_and_translate if self._sync.source.synced_at is None else ask
        asking = partial(how, self._gateway)
        with Ahead[Stretch, Question, Answer](asking, in_flight=in_flight) as ahead:
            self._ask(ahead)
            while arrivals := self._gather(ahead):
                self._store(arrivals)
                self._after_page(self._sync)
                self._ask(ahead)
        return self._sync

    def _gather(self, ahead: Ahead[Stretch, Question, Answer]) -> Arrivals:
        """Enough pages for one transaction, or all that are under way; meanwhile ask on."""
        gathered: Arrivals = []
        while len(gathered) < PAGES_AT_ONCE and (arrivals := ahead.take()):
            gathered += arrivals
            self._note(arrivals, room=ahead.free)
            self._ask(ahead)
        return gathered

    def _is_over(self) -> bool:
        return self._until is not None and self._clock() >= self._until

    def _begun(self) -> list[Stretch]:
        """All parts of the run, in the order in which they had best be read."""
        sync = self._sync
        found = list(sync.stretches.order_by("pk"))
        if found:
            return found
        if sync.is_full:
            hint = sync.source.account_created_at
            sync.oldest_at = oldest_movement_at(self._gateway, hint=hint, now=self._clock())
        with transaction.atomic():
            lock(sync.source)
            if sync.stretches.exists():
                raise Overtaken
            sync.save(update_fields=["oldest_at"])
            return planning.plan(sync, now=self._clock())

    def _ask(self, ahead: Ahead[Stretch, Question, Answer]) -> None:
        """Have as many pages under way as there is room for; none any more when time is up."""
        while self._waiting and ahead.free and not self._is_over():
            stretch = self._waiting.pop(0)
            question = Question(
                listing=Listing(stretch.listing),
                since=stretch.since,
                until=stretch.until,
                after=stretch.cursor,
                ids=tuple(stretch.ids),
            )
            ahead.put(stretch, question)

    def _note(self, arrivals: Arrivals, *, room: int) -> None:
        """Move the stretches in memory on; cut long ones where there is room for more."""
        going = []
        for stretch, answer in arrivals:
            stretch.cursor = answer.cursor or ""
            stretch.rows += answer.count
            stretch.reached_at = answer.reached_at or stretch.reached_at
            stretch.lacks = answer.lacks
            stretch.busy = answer.rows_a_day
            stretch.is_done = not answer.cursor or planning.is_enough(stretch, sync=self._sync)
            if not stretch.is_done:
                going.append(stretch)
        if self._sync.is_full:
            older = planning.cut_longest(
                going, pieces=room - len(self._waiting) - len(going), sync=self._sync
            )
            self._stretches += older
            going += older
        # What was begun is ended first: its pages are what the rest is understood by.
        self._waiting = sorted({*self._waiting, *going}, key=lambda stretch: stretch.pk)

    def _store(self, arrivals: Arrivals) -> None:
        """Store the pages together with the cursors behind them, in one transaction."""
        now = self._clock()
        with transaction.atomic(), connection.cursor() as cursor:
            # What a crash of the database takes back is read again: the cursors go with the pages.
            cursor.execute("SET LOCAL synchronous_commit = off")
            source = lock(self._sync.source)
            sync = self._fresh(arrivals, source)
            known = self._known(source, arrivals)
            pages = [answer.page(known) for _, answer in arrivals]
            written = store(source=source, page=Page.of(pages), now=now)
            Stretch.objects.bulk_update(
                {stretch for stretch, _ in arrivals},
                ["cursor", "rows", "reached_at", "lacks", "is_done"],
            )
            for (stretch, _), page in zip(arrivals, pages, strict=True):
                sync.customers_read += page.rows if stretch.listing == Listing.CUSTOMERS else 0
                sync.movements_read += page.rows if stretch.listing == Listing.MOVEMENTS else 0
            sync.movements_new += written.movements
            sync.purchases_changed += written.purchases
            sync.span_read = planning.span_read(self._stretches, sync=sync)
            sync.heard_at = now
            if all(stretch.is_done for stretch in self._stretches):
                self._end(sync, now=now)
            sync.save()
        self._sync = sync

    def _known(self, source: Source, arrivals: Arrivals) -> dict[str, int]:
        answers = [answer for _, answer in arrivals if answer.translated is None]
        names = [row.get("id") or "" for answer in answers for row, *_ in answer.lines]
        return known_lines(source, names) if names else {}

    def _fresh(self, arrivals: Arrivals, source: Source) -> Sync:
        """The run as it is stored; raises Overtaken unless it stands where we asked from."""
        sync = Sync.objects.get(pk=self._sync.pk)
        stored = Stretch.objects.in_bulk({stretch.pk for stretch, _ in arrivals})
        stands = {pk: None if was.is_done else was.cursor for pk, was in stored.items()}
        for stretch, answer in arrivals:
            if stands.get(stretch.pk) != answer.question.after:
                raise Overtaken
            stands[stretch.pk] = answer.cursor
        if not sync.is_running:
            raise Overtaken
        sync.source = source
        sync.oldest_at = self._sync.oldest_at
        return sync

    def _end(self, sync: Sync, *, now: datetime) -> None:
        """Everything is read: what could only be known at the end, and the state of the source."""
        if orders := planning.plan_orders(sync):
            self._stretches.append(orders)
            self._waiting.append(orders)
            return
        sync.state, sync.finished_at = Sync.State.DONE, now
        source = sync.source
        source.synced_at, source.state, source.problem = sync.started_at, Source.State.OK, ""
        source.lacks = sorted({stretch.lacks for stretch in self._stretches} - {""})
        source.save(update_fields=["synced_at", "state", "problem", "lacks"])
        sync.purchases_changed += settle_invoices(source=source, now=now)
        log.info("sync_done", sync=sync.pk, movements=sync.movements_read, new=sync.movements_new)
