"""Recomputing many people, with a death in the middle, and by two at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from django.db import connection

from revenue.spend import recompute_due_fans
from tests.faults.work import MANY, assert_recomputed, due, due_people, is_settled
from tests.revenue.workers import kill, wait_until, worker


def test_a_recompute_that_is_killed_is_brought_to_its_end_by_the_next_worker(house):
    creator = due_people(MANY)
    with worker() as process:
        house.send("revenue.tasks.figures.recompute")
        wait_until(lambda: due(creator) < MANY)
        kill(process)
    assert 0 < due(creator) < MANY

    with worker(), house.beat():
        wait_until(lambda: is_settled(creator))

    assert_recomputed(creator, MANY)


def test_two_recomputes_of_one_creator_share_the_work_and_the_sums_are_right(house):
    creator = due_people(MANY)

    def recompute() -> int:
        try:
            return recompute_due_fans(creator=creator, now=datetime.now(UTC))
        finally:
            connection.close()  # the thread's own

    with ThreadPoolExecutor() as pool:
        one, other = pool.submit(recompute), pool.submit(recompute)

    assert one.result() + other.result() == MANY
    assert one.result()
    assert other.result()
    assert is_settled(creator)
    assert_recomputed(creator, MANY)
