"""One worker's turn at a run of reading: ask ahead, store what came, move the cursors."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog
from django.db import transaction

from revenue import planning
from revenue.ahead import Ahead, Arrival
from revenue.gateways.stripe.client import StripeGateway
from revenue.gateways.stripe.lists import permission_of
from revenue.gateways.stripe.reading import (
    Answer,
    Question,
    ask,
    ask_and_translate,
    oldest_movement_at,
)
from revenue.grown import look_at_the_grown
from revenue.ingest import SourceClosed, known_lines, lock_open, settle_invoices, store
from revenue.models import Source, Stretch, Sync
from revenue.values import Listing, Page
from truefans.garbage import seldom_collected
from truefans.transactions import lazily_committed

log = structlog.get_logger(__name__)

#: Pages that are stored in one transaction, at most: each costs the same few dozen statements.
#: Half as many more wait to be stored meanwhile; the memory of an import is these.
PAGES_AT_ONCE = 12
#: The same where lines are known: what is passed over as it came takes a tenth of the room.
KNOWN_AT_ONCE = 24
#: Seconds to wait for so many, once there is one.
PATIENCE = 0.3

Answered = list[tuple[Stretch, Answer]]


class Overtaken(Exception):
    """Another worker has moved this run on; it is theirs now."""


def _anew(sync: Sync) -> Sync:
    """The run as it is stored; raises SourceClosed if it went with its source."""
    found = Sync.objects.select_related("source").filter(pk=sync.pk).first()
    if found is None:
        raise SourceClosed
    return found


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
        #: Lists that begin with their newest row whatever time is asked for: no gain in cutting.
        self._uncut: set[str] = set()
        #: Pieces that have just been cut off what was answered, and are stored together with it.
        self._cut_off: list[Stretch] = []

    def read(self, *, in_flight: int) -> Sync:
        """The run as it is when the turn is over."""
        self._sync = _anew(self._sync)
        if not self._sync.is_running or self._is_over():
            return self._sync
        self._stretches = self._begun()
        self._waiting = [stretch for stretch in self._stretches if not stretch.is_done]
        # Before anything is known there is nothing to compare with, and the threads that wait for
        # pages can do a part of the work.
        is_first = self._sync.source.synced_at is None
        how, at_once = (ask_and_translate, PAGES_AT_ONCE) if is_first else (ask, KNOWN_AT_ONCE)
        ahead: Ahead[Stretch, Question, Answer] = Ahead(
            partial(how, self._gateway),
            follow=self._follow,
            in_flight=in_flight,
            most_waiting=at_once // 2,
        )
        with seldom_collected(), ahead:
            self._ask(ahead)
            while arrivals := ahead.take(at_most=at_once, patience=PATIENCE):
                self._note(arrivals, room=ahead.free)
                self._ask(ahead)
                self._store([(arrival.key, arrival.answer) for arrival in arrivals])
                self._after_page(self._sync)
                self._ask(ahead)
        return self._sync

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
            self._claim().save(update_fields=["oldest_at", "version"])
            return planning.plan(sync, now=self._clock())

    def _ask(self, ahead: Ahead[Stretch, Question, Answer]) -> None:
        """Have as many pages under way as there is room for; none any more when time is up."""
        while self._waiting and ahead.free and not self._is_over():
            stretch = self._waiting.pop(0)
            ahead.put(stretch, _question(stretch, stretch.cursor, stretch.reached_at))

    def _follow(self, stretch: Stretch, answer: Answer) -> Question | None:
        """What a thread asks next, before the answer is noted; of a list of which only a part is
        read that is decided here."""
        if not answer.cursor or stretch.listing in planning.NEWEST or self._is_over():
            return None
        return _question(stretch, answer.cursor, answer.reached_at)

    def _note(self, arrivals: list[Arrival[Stretch, Answer]], *, room: int) -> None:
        """Move the stretches in memory on; cut long ones where there is room for more."""
        self._cut_off = []
        going: dict[Stretch, bool] = {}
        for stretch, answer, goes_on in arrivals:
            stretch.cursor = answer.cursor or ""
            stretch.rows += answer.count
            stretch.reached_at = answer.reached_at or stretch.reached_at
            stretch.lacks = answer.lacks
            stretch.busy = answer.rows_a_day
            if answer.is_outside:
                self._uncut.add(stretch.listing)
            stretch.is_done = not answer.cursor or planning.is_enough(stretch, sync=self._sync)
            going[stretch] = goes_on
        going = {stretch: goes_on for stretch, goes_on in going.items() if not stretch.is_done}
        waiting = {stretch for stretch, goes_on in going.items() if not goes_on}
        pieces = room - len(self._waiting) - len(waiting)
        if self._sync.is_full and pieces > 0:
            long = [stretch for stretch in going if stretch.listing not in self._uncut]
            self._cut_off = planning.cut_longest(long, pieces=pieces, sync=self._sync)
            self._stretches += self._cut_off
        more = [stretch for stretch in self._waiting if stretch not in waiting]
        # What was begun is ended first: its pages are what the rest is understood by.
        begun = sorted((*more, *waiting), key=lambda stretch: stretch.pk)
        self._waiting = [*begun, *self._cut_off]

    def _store(self, answered: Answered) -> None:
        """Store the pages together with the cursors behind them, in one transaction."""
        now = self._clock()
        with lazily_committed():
            sync = self._claim()
            source = sync.source
            known = self._known(source, answered)
            pages = [answer.page(known) for _, answer in answered]
            written = store(source=source, page=Page.of(pages), now=now)
            planning.note_progress({stretch for stretch, _ in answered}, cut_off=self._cut_off)
            for (stretch, _), page in zip(answered, pages, strict=True):
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
        if written.movements:
            look_at_the_grown()

    def _known(self, source: Source, answered: Answered) -> dict[str, int]:
        answers = [answer for _, answer in answered if answer.translated is None]
        names = [line.name for answer in answers for line in answer.lines]
        return known_lines(source, names) if names else {}

    def _claim(self) -> Sync:
        """The run as it is stored, its source locked; raises Overtaken if it is somebody else's.

        Of two workers at one run the first to write goes on: each cuts and counts by what it
        remembers. Where nothing else is saved of the run, its `version` has to be.
        """
        source = lock_open(self._sync.source)
        sync = Sync.objects.select_for_update(no_key=True).filter(pk=self._sync.pk).first()
        if sync is None:
            raise SourceClosed
        if not sync.is_running or sync.version != self._sync.version:
            raise Overtaken
        sync.version += 1
        self._sync.version = sync.version
        sync.source = source
        sync.oldest_at = self._sync.oldest_at
        return sync

    def _end(self, sync: Sync, *, now: datetime) -> None:
        """Everything is read: what could only be known at the end, and the state of the source."""
        if more := planning.plan_nobodys(sync) or planning.plan_orders(sync):
            self._stretches += more
            self._waiting += more
            return
        sync.state, sync.finished_at = Sync.State.DONE, now
        source = sync.source
        source.synced_at, source.state, source.problem = sync.started_at, Source.State.OK, ""
        source.lacks = self._lacks()
        source.save(update_fields=["synced_at", "state", "problem", "lacks"])
        source.nudges.paused().wake()
        sync.purchases_changed += settle_invoices(source=source, now=now)
        log.info("sync_done", sync=sync.pk, movements=sync.movements_read, new=sync.movements_new)

    def _lacks(self) -> list[str]:
        """By their permissions, lists that could not be read: by this run, or by one before it
        where this one did not ask."""
        asked = {permission_of(stretch.listing) for stretch in self._stretches}
        lacking = {stretch.lacks for stretch in self._stretches} - {""}
        return sorted(lacking | {*self._sync.source.lacks} - asked)


def _question(stretch: Stretch, after: str, reached_at: datetime | None) -> Question:
    return Question(
        listing=Listing(stretch.listing),
        since=stretch.since,
        until=stretch.until,
        after=after,
        reached_at=reached_at,
        ids=tuple(stretch.ids),
        is_whole=planning.is_whole(stretch),
    )
