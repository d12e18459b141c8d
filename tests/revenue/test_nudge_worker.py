"""Nudges through a real web server and real Celery workers, also when those are killed."""

from datetime import UTC, datetime

import pytest
from django.db.models import F

from revenue.nudging import LEASE
from revenue.tasks.deliveries import work_off_what_is_left
from sandbox.webhooks import deliver, thin
from sandbox.workshop import Workshop
from tests.revenue.deliveries import SECRET, address
from tests.revenue.test_nudge_order import acts, imported, settled
from tests.revenue.workers import kill, wait_until, worker

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _an_empty_queue():
    from celery import current_app

    current_app.control.purge()


def is_worked_off(source):
    due = source.creator.fans.due(datetime.now(UTC))
    return not source.nudges.filter(done_at=None).exists() and not due.exists()


def test_what_stripe_delivers_is_in_the_books_within_seconds(stripe, live_server):
    """Pitfall 3: most deliveries are answered before anything is done about them."""
    shop = Workshop()
    stripe(shop.account)
    source = imported(shop)
    for _ in acts(shop):
        shop.pass_time(hours=1)
    endpoint = {"url": live_server.url + address(source), "secret": SECRET}

    with worker():
        for number, event in enumerate(shop.events * 2):
            assert deliver(endpoint, thin(event) if number % 3 else event) == 200
        assert source.nudges.count() == len(shop.events)
        wait_until(lambda: is_worked_off(source))

    assert settled(source) == settled(imported(shop))


def test_nudges_of_a_worker_that_is_killed_are_taken_up_by_another(stripe, live_server):
    shop = Workshop()
    stripe(shop.account, latency=0.05)
    source = imported(shop)
    for _ in acts(shop):
        shop.pass_time(hours=1)
    endpoint = {"url": live_server.url + address(source), "secret": SECRET}
    for event in shop.events:
        deliver(endpoint, event)

    with worker() as process:
        wait_until(lambda: source.nudges.exclude(rests_until=None).exists())
        kill(process)
    assert not source.nudges.exclude(done_at=None).exists()
    assert not source.movements.exists()
    with worker():
        work_off_what_is_left.delay()  # the beat, within the lease: nothing is done twice
        wait_until(lambda: not source.nudges.filter(rests_until=None).exists())
        source.nudges.update(rests_until=F("rests_until") - LEASE)  # the lease has ended
        work_off_what_is_left.delay()
        wait_until(lambda: is_worked_off(source))

    assert settled(source) == settled(imported(shop))
