"""Two processes of workers at the same run of reading."""

import threading
from itertools import count

from revenue.models import Sync
from sandbox import App
from sandbox.directory import load
from tests.faults.work import assert_whole, begun, is_settled
from tests.revenue.recording import FULL
from tests.revenue.workers import wait_until, worker

LONG = 150  # seconds, for a worker on a busy machine


class MeetingPoint(App):
    """Lets the first two who ask for `path` go on at the same moment."""

    path = ""

    def __init__(self) -> None:
        super().__init__([load(FULL)], latency=0.05)
        self.both = threading.Barrier(2)
        self._arrivals = count(1)

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == self.path and next(self._arrivals) <= 2:
            self.both.wait(LONG)
        return super().__call__(environ, start_response)

    def met(self) -> bool:
        return next(self._arrivals) > 2 and not self.both.broken


def is_planned(sync: Sync) -> bool:
    return sync.stretches.exists()


def test_two_that_begin_at_the_same_moment_read_every_line_once(house, stripe):
    app = MeetingPoint()
    stripe(app)
    sync = begun()
    app.path = "/v1/balance_transactions"  # asked first of all: how far back does it go?

    with worker():
        for _ in range(2):
            house.send("revenue.tasks.sources.read_source", sync.pk)
        wait_until(lambda: is_settled(sync.source.creator))

    assert app.met()
    assert_whole(sync)
    assert sync.movements_read == sync.movements_new


def test_a_second_one_who_joins_in_the_middle_reads_no_line_twice(house, stripe):
    app = MeetingPoint()
    stripe(app)
    sync = begun()
    app.path = "/v1/customers"  # each asks for the first page of every list

    with worker():
        house.send("revenue.tasks.sources.read_source", sync.pk)
        wait_until(lambda: is_planned(sync))
        house.send("revenue.tasks.sources.read_source", sync.pk)
        wait_until(lambda: is_settled(sync.source.creator))

    assert app.met()
    assert_whole(sync)
    assert sync.movements_read == sync.movements_new
