"""What the tasks of workers do with nudges."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache

from revenue.gateways.stripe.client import StripeGateway
from revenue.models import Nudge, Source
from revenue.nudging import BATCH, LEASE
from revenue.queueing import queue_once
from revenue.tasks.deliveries import forget_nudges, work_off_nudges, work_off_what_is_left
from revenue.tasks.figures import recompute_creator
from sandbox import App, Fault
from sandbox.workshop import Workshop
from tests.factories import NudgeFactory, SourceFactory
from tests.revenue.nudges import connected, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return Workshop()


@pytest.fixture
def queued(monkeypatch):
    asked = []
    monkeypatch.setattr(work_off_nudges, "delay", asked.append)
    return asked


@pytest.fixture
def recomputed(monkeypatch):
    asked = []
    monkeypatch.setattr(recompute_creator, "delay", asked.append)
    return asked


@pytest.fixture(autouse=True)
def _an_empty_cache():
    cache.clear()


@pytest.mark.django_db(transaction=True)
def test_the_task_queues_the_recompute_and_itself_while_there_is_more(
    stripe, shop, queued, recomputed, monkeypatch
):
    stripe(shop.account)
    source = connected(shop)
    told(source, *["xx_1"] * (BATCH + 1))

    work_off_nudges(source.pk)
    assert (queued, recomputed) == ([source.pk], [source.creator_id])
    work_off_nudges(source.pk)
    assert queued == [source.pk]
    work_off_nudges(source.pk)
    assert recomputed == [source.creator_id] * 2


def test_one_task_waits_in_the_queue_at_a_time(queued, django_capture_on_commit_callbacks):
    source = SourceFactory()
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            queue_once(work_off_nudges, source.pk)
    assert queued == [source.pk]

    work_off_nudges(source.pk)  # begins, so that it does not see what comes from now on
    with django_capture_on_commit_callbacks(execute=True):
        queue_once(work_off_nudges, source.pk)

    assert queued == [source.pk] * 2


@pytest.mark.parametrize("state", ["key_refused", "disconnected", "removing"])
def test_the_task_leaves_a_source_alone_that_cannot_be_read(stripe, shop, queued, state):
    app = App([shop.account])
    stripe(app)
    source = connected(shop)
    told(source, "ch_1")
    Source.objects.update(state=state)
    asked = app.hits.total()

    work_off_nudges(source.pk)
    work_off_what_is_left()
    work_off_nudges(source.pk + 1)

    assert app.hits.total() == asked
    assert queued == []


def test_a_stripe_that_is_away_is_not_asked_again_at_once(
    stripe, shop, queued, recomputed, monkeypatch
):
    def impatient(source):
        return StripeGateway(source.key, sleep=lambda seconds: None)

    monkeypatch.setattr("revenue.tasks.deliveries.gateway_of", impatient)
    stripe(shop.account)
    source = connected(shop)
    lost = [Fault(path, times=6, status=503) for path in ("/v1/charges/ch_1", "/v1/balance")]
    stripe(shop.account, faults=lost)
    told(source, "ch_1")

    work_off_nudges(source.pk)
    work_off_what_is_left()

    assert queued == []
    source.refresh_from_db()
    assert source.state == "unreachable"


@pytest.mark.django_db(transaction=True)
def test_the_beat_takes_up_what_is_left_once(queued):
    idle, waiting, claimed, resting, failed, lost = (SourceFactory() for _ in range(6))
    now = datetime.now(UTC)
    NudgeFactory(source=idle, done_at=now)
    NudgeFactory(source=waiting)
    NudgeFactory(source=claimed)
    NudgeFactory(source=claimed, rests_until=now + LEASE)
    NudgeFactory(source=resting, attempts=1, rests_until=now + LEASE)
    NudgeFactory(source=failed, attempts=8, rests_until=now - LEASE)
    NudgeFactory(source=lost, rests_until=now - LEASE)

    work_off_what_is_left()
    work_off_what_is_left()

    assert sorted(queued) == [waiting.pk, lost.pk]


def test_what_is_done_is_forgotten_after_a_month():
    now = datetime.now(UTC)
    month = timedelta(days=30, minutes=1)
    old = NudgeFactory(arrived_at=now - month, done_at=now - month)
    kept = [
        NudgeFactory(arrived_at=now - month),
        NudgeFactory(arrived_at=now - month + timedelta(minutes=2), done_at=now),
    ]

    forget_nudges()

    assert not Nudge.objects.filter(pk=old.pk).exists()
    assert Nudge.objects.filter(pk__in=[nudge.pk for nudge in kept]).count() == 2
