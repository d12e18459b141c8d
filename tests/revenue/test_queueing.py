"""How work gets into the queue: once for each row while it waits, and only work empties it."""

import pytest
from django.core.cache import cache

from revenue.queueing import SPREAD, begins, queue_once, turn_of
from revenue.tasks.deliveries import read_messages_of, work_off_nudges

NUDGES, MESSAGES = work_off_nudges.name, read_messages_of.name


@pytest.fixture
def put(db, queued, django_capture_on_commit_callbacks):
    """`put((task, pk), …)` asks for these one after the other, and returns what was queued."""
    cache.clear()

    def run(*asked) -> list[tuple[str, list]]:
        with django_capture_on_commit_callbacks(execute=True):
            for task, pk in asked:
                queue_once(task, pk)
        return queued()

    return run


def test_a_task_waits_once_for_each_row(put):
    asked = [(work_off_nudges, 1), (work_off_nudges, 2), (read_messages_of, 1)]

    assert put(*asked, *asked) == [(NUDGES, [1]), (NUDGES, [2]), (MESSAGES, [1])]
    assert put(*asked) == []


def test_what_begins_is_queued_anew(put):
    put((work_off_nudges, 1), (work_off_nudges, 2))

    begins(work_off_nudges, 1)

    assert put((work_off_nudges, 1), (work_off_nudges, 2)) == [(NUDGES, [1])]


def test_who_clears_the_cache_leaves_the_queue_alone(queued):
    work_off_nudges.delay(1)

    cache.clear()

    assert queued() == [(NUDGES, [1])]


def test_neighbours_begin_a_minute_apart_and_all_within_the_hour():
    turns = [turn_of(pk) for pk in range(1, SPREAD.seconds + 1)]

    assert len(set(turns)) == len(turns)
    assert (min(turns), max(turns)) == (0, SPREAD.seconds - 1)
    assert turns[1] - turns[0] == 61
    assert SPREAD.seconds < 3600  # the queue hands out again what it waits for longer
