"""What happens by itself: after a whole import, and every night."""

from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app

from revenue.models import BooksCheck, Reconciliation, Source, Stretch, Sync
from revenue.queueing import SPREAD
from revenue.tasks.books import check_all_books, check_books_of
from revenue.tasks.figures import recompute_creator
from revenue.tasks.sources import (
    ATTEMPTS,
    begin_reading,
    forget_runs,
    look_back,
    look_back_sources,
    read_source,
    reconcile_source,
    reconcile_sources,
)
from sandbox import App, Key
from sandbox.workshop import Workshop
from tests.factories import (
    CreatorFactory,
    MovementFactory,
    SourceFactory,
    StretchFactory,
    SyncFactory,
)
from tests.revenue.importing import connected
from tests.revenue.workers import wait_until, worker

# Real transactions: what is queued on commit is queued.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Workshop:
    shop = Workshop(currency="usd", start=datetime.now(UTC) - timedelta(days=90))
    for _ in range(3):
        shop.charge(2500, email="ann@example.com")
        shop.pass_time(days=30)
    return shop


@pytest.fixture
def source(shop, stripe) -> Source:
    """Connected, and never read."""
    stripe(shop.account)
    return connected(shop)


def read_to_the_end(source: Source, *, full: bool) -> None:
    read_source(begin_reading(source=source, full=full, now=datetime.now(UTC)).pk)
    source.refresh_from_db()
    assert source.synced_at


def test_a_whole_import_ends_with_the_proof(source, queued):
    read_to_the_end(source, full=True)

    assert (reconcile_source.name, [source.pk]) in queued()
    reconcile_source(source.pk)
    assert source.reconciliations.get().outcome == "equal"


def test_reading_what_is_new_does_not(source, queued):
    read_to_the_end(source, full=True)
    queued()

    read_to_the_end(source, full=False)

    assert reconcile_source.name not in [task for task, _ in queued()]


def test_an_import_that_failed_does_not(source, queued, settings, monkeypatch):
    monkeypatch.setattr("revenue.gateways.stripe.client.ATTEMPTS", 1)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    sync = begin_reading(source=source, full=True, now=datetime.now(UTC))

    read_source(sync.pk)

    sync.refresh_from_db()
    assert sync.state == "failed"
    assert reconcile_source.name not in [task for task, _ in queued()]


def test_lines_that_were_repaired_have_their_people_recomputed(source, queued):
    read_to_the_end(source, full=True)
    source.movements.order_by("occurred_at").first().delete()
    queued()

    reconcile_source(source.pk)

    assert source.reconciliations.get().outcome == "repaired"
    assert queued() == [(recompute_creator.name, [source.creator_id])]


def test_where_nothing_came_of_it_is_read_and_tried_again_but_not_for_ever(source, queued):
    read_to_the_end(source, full=True)
    running = SyncFactory(source=source)
    queued()

    reconcile_source(source.pk)

    assert source.reconciliations.get().outcome == "moving"
    assert queued() == [
        (read_source.name, [running.pk]),
        (reconcile_source.name, [source.pk, 2]),
    ]
    reconcile_source(source.pk, ATTEMPTS)
    assert queued() == []


def test_a_key_that_is_refused_is_soon_told_on_the_source(shop, source, queued, stripe):
    read_to_the_end(source, full=True)
    app = App([shop.account])
    app._doors[shop.key] = (shop.account, Key(shop.key, state="revoked"))
    stripe(app)
    queued()

    reconcile_source(source.pk)
    [(_, [sync]), (_, again)] = queued()
    read_source(sync)
    reconcile_source(*again)

    source.refresh_from_db()
    assert source.state == "key_refused"
    assert source.reconciliations.get().outcome == "failed"
    assert reconcile_source.name not in [task for task, _ in queued()]


def test_every_night_the_last_days_of_every_source_are_read_again(queued):
    old = SourceFactory(synced_at=datetime.now(UTC))
    MovementFactory(source=old, occurred_at=datetime.now(UTC))
    SourceFactory(state="key_refused")

    look_back_sources(3)
    assert queued() == [(look_back.name, [old.pk, 3])]
    look_back(old.pk, 3)

    sync = old.syncs.get()
    assert timedelta(days=3) <= sync.started_at - sync.since < timedelta(days=3, minutes=1)
    assert queued() == [(read_source.name, [sync.pk])]


def test_looking_back_waits_for_a_run_that_is_under_way_but_not_for_ever(queued):
    source = SourceFactory(synced_at=datetime.now(UTC))
    MovementFactory(source=source, occurred_at=datetime.now(UTC))
    short = begin_reading(source=source, full=False, now=datetime.now(UTC))
    queued()

    look_back(source.pk, 3)

    assert queued() == [
        (read_source.name, [short.pk]),
        (look_back.name, [source.pk, 3, 2]),
    ]
    look_back(source.pk, 3, ATTEMPTS)
    assert queued() == [(read_source.name, [short.pk])]


def test_every_night_every_source_that_has_been_read_is_compared(queued):
    read, again = SourceFactory(), SourceFactory()
    SourceFactory(synced_at=None)
    SourceFactory(state="key_refused")

    reconcile_sources()

    assert sorted(queued()) == [(reconcile_source.name, [pk]) for pk in (read.pk, again.pk)]
    Source.objects.filter(pk=read.pk).update(state="key_refused")
    reconcile_source(read.pk)
    assert not Reconciliation.objects.exists()


def test_every_night_every_creator_has_a_check_of_their_own(queued):
    creators = [CreatorFactory(), CreatorFactory()]

    check_all_books()

    assert sorted(queued()) == [(check_books_of.name, [c.pk]) for c in creators]
    check_books_of(creators[0].pk)
    assert creators[0].books_checks.get().is_right
    check_books_of(0)  # gone meanwhile


def test_the_schedule_names_tasks_that_there_are(settings):
    schedule = settings.CELERY_BEAT_SCHEDULE

    current_app.loader.import_default_modules()  # as a worker does
    assert {entry["task"] for entry in schedule.values()} <= current_app.tasks.keys()
    nights = [schedule[name]["schedule"].day_of_week for name in ("look-back", "look-back-far")]
    assert nights == [{1, 2, 3, 4, 5, 6}, {0}]


def test_a_night_through_a_real_worker(shop, source):
    current_app.control.purge()
    Source.objects.filter(pk=source.pk).delete()
    # Their turn is the first of the night: nobody waits.
    creator = CreatorFactory(pk=SPREAD.seconds, currency="USD", time_zone="UTC")
    account = {"account_id": shop.account.id, "key": shop.key, "synced_at": None}
    source = SourceFactory(pk=SPREAD.seconds, creator=creator, **account)

    with worker():
        begin_reading(source=source, full=True, now=datetime.now(UTC))
        wait_until(source.reconciliations.filter(outcome="equal").exists)
        lost = source.movements.order_by("occurred_at").first()
        lost.delete()
        look_back_sources.delay(3)
        wait_until(source.syncs.filter(since__isnull=False, state="done").exists)
        reconcile_sources.delay()
        wait_until(source.reconciliations.filter(outcome="repaired").exists)
        check_all_books.delay()
        wait_until(BooksCheck.objects.filter(creator=creator).exists)

    assert source.movements.filter(external_id=lost.external_id).exists()
    assert creator.books_checks.get().findings == []


def test_runs_that_read_what_was_new_are_forgotten_after_a_week_but_not_the_last_one():
    now = datetime.now(UTC)

    def run(days_ago: int, *, full: bool = False, **columns) -> Sync:
        at = now - timedelta(days=days_ago)
        since = None if full else at - timedelta(days=1)
        ended = {"state": "done", "finished_at": at} | columns
        sync = SyncFactory(source=source, started_at=at, heard_at=at, since=since, **ended)
        return StretchFactory(sync=sync, is_done=True).sync

    source = SourceFactory()
    run(9)
    kept = [run(30, full=True), run(10, state="failed", problem="Gone."), run(6)]
    source = SourceFactory()
    kept.append(run(90))

    forget_runs()

    assert set(Sync.objects.all()) == set(kept)
    assert Stretch.objects.count() == len(kept)
