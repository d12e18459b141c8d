"""What is said beside a progress bar."""

from datetime import timedelta

import pytest

from dashboard.progress import in_words, progress_of, running
from tests.factories import CreatorFactory, SourceFactory, SyncFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute left"),
        (49, "less than a minute left"),
        (50, "about 1 minute left"),
        (100, "about 2 minutes left"),
        (89 * 60, "about 89 minutes left"),
        (2.4 * 3600, "about 2 hours left"),
    ],
)
def test_the_time_left_is_no_finer_than_anybody_can_know(seconds, words):
    assert in_words(seconds) == words


def test_a_run_half_way_through_its_time_span_says_so(now):
    sync = SyncFactory(
        started_at=now - timedelta(seconds=100),
        oldest_at=now - timedelta(days=400),
        span_read=timedelta(days=200),
        heard_at=now,
        customers_read=100,
        movements_read=300,
    )

    progress = progress_of(sync, now=now)

    assert (progress.percent, progress.rate) == (50, 4)
    assert progress.time_left == "about 2 minutes left"
    assert not progress.is_quiet


def test_nothing_is_promised_while_nobody_can_know(now):
    progress = progress_of(SyncFactory(started_at=now), now=now)

    assert (progress.percent, progress.rate, progress.time_left) == (None, 0, "")


def test_a_worker_that_is_not_heard_of_is_told(now):
    sync = SyncFactory(started_at=now - timedelta(hours=1), heard_at=now - timedelta(minutes=1))

    assert progress_of(sync, now=now).is_quiet


def test_only_ones_own_running_runs_are_shown(now):
    source = SourceFactory()
    mine = SyncFactory(source=source)
    SyncFactory(source=source, state="done", finished_at=now)
    SyncFactory(source=SourceFactory(creator=CreatorFactory()))

    assert [progress.sync for progress in running(source.creator, now=now)] == [mine]
