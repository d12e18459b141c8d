"""The database or the queue goes away while workers are at it, and while Stripe delivers."""

import threading
import time
from collections import defaultdict
from contextlib import closing, contextmanager
from itertools import count

import psycopg
import pytest
from django.db import connection

from sandbox import App
from sandbox.directory import load
from sandbox.webhooks import deliver
from sandbox.workshop import Workshop
from tests.faults.work import (
    MANY,
    assert_recomputed,
    assert_whole,
    begun,
    due_people,
    is_settled,
    is_under_way,
)
from tests.revenue.deliveries import SECRET, address
from tests.revenue.importing import connected, sync
from tests.revenue.recording import FULL
from tests.revenue.workers import wait_until, worker

LEDGER = "/v1/balance_transactions"
#: Of the 21 pages that the ledger has.
PAGES = 8
LONG = 150  # seconds, for a worker on a busy machine


class Gate(App):
    """Lets everybody have the first `PAGES` pages of the ledger; the others when it is opened."""

    def __init__(self) -> None:
        super().__init__([load(FULL)])
        self.opened = threading.Event()
        self._pages = defaultdict[str, count](lambda: count(1))

    def __call__(self, environ, start_response):
        is_page = environ["PATH_INFO"] == LEDGER and "limit=100" in environ["QUERY_STRING"]
        if is_page and next(self._pages[environ["HTTP_AUTHORIZATION"]]) > PAGES:
            self.opened.wait(LONG)
        return super().__call__(environ, start_response)


@pytest.fixture
def gate(stripe):
    """Stripe, where no import ends before it is opened."""
    gate = Gate()
    stripe(gate)
    yield gate
    gate.opened.set()


@contextmanager
def both_in_the_middle(house, sync, creator):
    """One worker imports, as whoever comes up takes up what is begun, and another recomputes; and
    neither comes to an end within."""
    with closing(psycopg.connect(house.environment["DATABASE_URL"])) as holder:
        wait_until(lambda: is_under_way(sync))
        holder.execute("LOCK TABLE fans_tier")  # which a recompute reads, and an import does not
        house.send("revenue.tasks.figures.recompute_creator", creator.pk)
        wait_until(somebody_waits_for_a_lock)
        yield


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return cursor.fetchone()[0]


def test_a_crash_of_the_database_interrupts_and_loses_nothing(house, gate):
    creator, sync = due_people(MANY), begun()

    with worker():
        with both_in_the_middle(house, sync, creator):
            house.crash(house.database)
            connection.close()
        gate.opened.set()
        house.bring_up()
        wait_until(lambda: is_settled(sync.source.creator) and is_settled(creator))

    assert_whole(sync)
    assert_recomputed(creator, MANY)


def test_work_goes_on_while_the_queue_is_away(house, gate):
    creator, sync = due_people(MANY), begun()

    with worker():
        with both_in_the_middle(house, sync, creator):
            house.crash(house.queue)
        gate.opened.set()
        wait_until(lambda: not is_running(sync))
        house.bring_up()
        with house.beat():  # whom the import changed could not be queued
            wait_until(lambda: is_settled(sync.source.creator) and is_settled(creator))

    assert_whole(sync)
    assert_recomputed(creator, MANY)


def is_running(sync):
    sync.refresh_from_db()
    return sync.is_running


def test_what_was_queued_and_got_lost_is_found_by_the_beat(house, gate):
    creator, syncs = due_people(MANY), [begun(), begun()]

    with worker():
        wait_until(lambda: all(is_under_way(run) for run in syncs))  # both workers are busy
        syncs.append(begun(minutes_ago=5))
        house.send("revenue.tasks.sources.read_source", syncs[-1].pk)
        house.send("revenue.tasks.figures.recompute_creator", creator.pk)
        assert house.queued() >= 2
        with house.beat(due_in=6):
            house.lose_queued()
            house.crash(house.queue)
            gate.opened.set()
            house.bring_up()
            everybody = [creator, *(run.source.creator for run in syncs)]
            wait_until(lambda: all(is_settled(somebody) for somebody in everybody))

    for run in syncs:
        assert_whole(run)
    assert_recomputed(creator, MANY)


@pytest.fixture
def shop(stripe):
    shop = Workshop()
    stripe(shop.account)
    return shop


@pytest.fixture
def listening(shop, house):
    """A source that is read and hears deliveries."""
    source = connected(shop)
    sync(source)
    source.webhook_secrets = SECRET
    source.save()
    return source


def sold(shop, *amounts):
    """What Stripe has to tell of as many sales: an event each."""
    ids = [shop.charge(amount, email="ann@example.com").id for amount in amounts]
    return [event for event in shop.events if event["data"]["object"]["id"] in ids]


def test_a_delivery_that_cannot_be_stored_is_sent_again_by_stripe(house, listening, shop):
    first, second = sold(shop, 2500, 1000)[:2]

    with house.web() as url:
        endpoint = {"url": url + address(listening), "secret": SECRET}
        assert deliver(endpoint, first) == 200
        house.crash(house.database)
        connection.close()
        assert 500 <= deliver(endpoint, second) < 600
        house.bring_up()
        assert deliver(endpoint, second) == 200

    told = listening.nudges.order_by("pk").values_list("external_id", flat=True)
    assert list(told) == [first["id"], second["id"]]


def test_a_delivery_is_stored_while_the_queue_is_away_and_worked_off_later(house, listening, shop):
    [told, *_] = sold(shop, 2500)

    with house.web() as url:
        house.crash(house.queue)
        started = time.monotonic()
        assert deliver({"url": url + address(listening), "secret": SECRET}, told) == 200
        # It does not try for ever; how quick it is on a quiet machine is for the bench to say.
        assert time.monotonic() - started < 60
        house.bring_up()
    assert listening.nudges.filter(done_at=None).count() == 1

    with worker(), house.beat():
        wait_until(listening.purchases.exists)
        wait_until(lambda: is_settled(listening.creator))

    assert listening.creator.fans.get().lifetime_gross == 2500
