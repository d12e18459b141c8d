"""The import through real Celery workers, also when they are killed in the middle of it."""

from datetime import UTC, datetime

import pytest

from revenue.books import check_books
from revenue.gateways.stripe.connecting import connect
from revenue.spend import may_seat
from revenue.syncing import gateway_of, run_sync, start_sync
from revenue.tasks.sources import read_source
from sandbox.directory import load
from tests.factories import CreatorFactory
from tests.revenue.books_of import books_of
from tests.revenue.recording import FULL
from tests.revenue.workers import kill, wait_until, worker

pytestmark = [pytest.mark.django_db(transaction=True)]


def connected():
    creator = CreatorFactory(currency="USD", time_zone="UTC")
    creator.create_default_tiers()
    return connect(creator=creator, key="rk_test_any")


def begin(source):
    sync = start_sync(source=source, full=True, now=datetime.now(UTC))
    read_source.delay(sync.pk)
    return sync


def is_settled(source):
    """Read to the end, everybody recomputed and every seat given."""
    creator = source.creator
    unseated = creator.fans.exclude(crossed_at=None).filter(seat=None)
    due = creator.fans.due(datetime.now(UTC))
    return may_seat(creator) and not due.exists() and not unseated.exists()


@pytest.fixture(autouse=True)
def _an_empty_queue():
    from celery import current_app

    current_app.control.purge()


def test_a_worker_killed_in_the_middle_of_an_import_leaves_the_same_books(stripe):
    stripe(load(FULL), latency=0.1)
    source = connected()

    with worker() as process:
        sync = begin(source)

        def is_in_the_middle() -> bool:
            sync.refresh_from_db()
            return sync.movements_read >= 300

        wait_until(is_in_the_middle)
        kill(process)
    sync.refresh_from_db()
    assert sync.is_running
    assert sync.movements_read < 2048
    with worker():
        wait_until(lambda: is_settled(source))

    sync.refresh_from_db()
    assert (sync.state, sync.movements_read) == ("done", 2048)
    assert list(check_books(creator=source.creator, now=datetime.now(UTC))) == []
    clean = connected()
    run_sync(sync=begin(clean), gateway=gateway_of(clean))
    check_books_of_both(source, clean)


def check_books_of_both(killed, clean):
    from revenue.spend import recompute_due_fans

    recompute_due_fans(creator=clean.creator, now=datetime.now(UTC))
    assert books_of(killed.creator) == books_of(clean.creator)
