"""When it is looked for who may be one person and what may be counted twice: after the figures were
made, by one worker, and no more often than what it costs allows."""

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache

from fans.models import Proposal
from revenue.comparing import compare
from revenue.models import Double, Summary
from revenue.models.summary import LOST, REST
from revenue.tasks.figures import compare_creator, compare_due, summarise_creator
from tests.factories import (
    CreatorFactory,
    FanFactory,
    IdentityFactory,
    PurchaseFactory,
    SourceFactory,
    SummaryFactory,
)

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def creator():
    """With two people who may be one, and two payments that look like one."""
    creator = CreatorFactory()
    for address in ("zoe@example.com", "zoe+shop@example.com"):
        fan = FanFactory(creator=creator)
        IdentityFactory(fan=fan, value=address)
    for _ in range(2):
        PurchaseFactory(source=SourceFactory(creator=creator), payer_name="Zoë")
    return creator


@pytest.fixture
def at_work(now, time_machine, queued, django_capture_on_commit_callbacks):
    """`at_work(task, creator_id)`: the creators that were queued to be compared."""
    time_machine.move_to(now, tick=False)
    cache.clear()

    def run(task, *args) -> list[int]:
        with django_capture_on_commit_callbacks(execute=True):
            task(*args)
        return [pk for name, [pk] in queued() if name == compare_creator.name]

    return run


def found(creator) -> tuple[int, int]:
    return creator.proposals.count(), creator.doubles.count()


@pytest.mark.parametrize(
    ("made", "compared", "took", "since", "is_due"),
    [
        (0, None, 0, None, True),
        (0, -1, 0, None, True),
        (-1, -1, 0, None, False),
        (-1, 0, 0, None, False),
        (0, -REST, 1, None, False),
        (0, -REST - 1, 1, None, True),
        (0, None, 0, -1, False),
        (0, -1, 0, -1, False),
        (0, -1, 0, -LOST.total_seconds(), True),
    ],
)
def test_it_is_due_after_new_figures_when_it_has_rested_and_nobody_is_at_it(
    now, made, compared, took, since, is_due
):
    def at(seconds: float | None) -> datetime | None:
        return None if seconds is None else now + seconds * SECOND

    SummaryFactory(
        made_at=at(made),
        compared_at=at(compared),
        compare_ms=1000 * took,
        comparing_since=at(since),
    )

    assert Summary.objects.to_compare(now).exists() is is_due


def test_new_figures_are_followed_by_it(creator, now, at_work):
    assert at_work(summarise_creator, creator.pk) == [creator.pk]
    assert found(creator) == (0, 0)

    compare_creator(creator.pk)

    assert found(creator) == (1, 1)
    summary = Summary.objects.get()
    assert (summary.compared_at, summary.comparing_since) == (now, None)


def test_what_it_took_is_what_it_rests_by(creator, now, monkeypatch):
    SummaryFactory(creator=creator, made_at=now)
    clock = iter([100.0, 142.5])
    monkeypatch.setattr("revenue.comparing.perf_counter", lambda: next(clock))

    assert compare(creator=creator, now=now)

    assert Summary.objects.get().compare_ms == 42_500


def test_what_has_to_rest_is_found_by_the_beat_later(creator, now, at_work, time_machine):
    SummaryFactory(creator=creator, made_at=now, compared_at=now - SECOND, compare_ms=2000)
    assert at_work(compare_due) == []
    compare_creator(creator.pk)  # queued before, and late
    assert found(creator) == (0, 0)

    time_machine.move_to(now + 2 * REST * SECOND + SECOND, tick=False)

    assert at_work(compare_due) == [creator.pk]
    assert at_work(compare_due) == []  # it waits already


def test_two_workers_do_not_do_it_at_once(creator, now):
    SummaryFactory(creator=creator, made_at=now, comparing_since=now)

    assert not compare(creator=creator, now=now + SECOND)

    assert not Proposal.objects.exists()


def test_what_a_killed_worker_was_at_is_taken_up_later(
    creator, now, at_work, time_machine, monkeypatch
):
    SummaryFactory(creator=creator, made_at=now)

    def killed(**_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("revenue.comparing.find_doubles", killed)
        with pytest.raises(SystemExit):
            compare_creator(creator.pk)
    assert at_work(compare_due) == []

    time_machine.move_to(now + LOST, tick=False)

    assert at_work(compare_due) == [creator.pk]
    compare_creator(creator.pk)
    assert found(creator) == (1, 1)


def test_who_leaves_is_asked_nothing_more(creator, now, at_work):
    SummaryFactory(creator=creator, made_at=now)
    creator.leaves_at = now
    creator.save()

    assert at_work(compare_due) == []
    compare_creator(creator.pk)
    compare_creator(0)  # gone meanwhile

    assert not Double.objects.exists()
