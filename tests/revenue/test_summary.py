"""The figures of everybody: when they are made, what they hold, and that none is too old."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

import orjson
import pytest
from django.core.cache import cache
from django.db import transaction

from fans.models import Creator, Fan
from revenue.beginning import begin_measuring
from revenue.ingest import ingest
from revenue.models import Summary
from revenue.spend import recompute_due_fans
from revenue.summary import FEW, KEPT, Figures, figures_at_hand, figures_of, summarise
from revenue.tasks.figures import recompute_creator, summarise_creator, summarise_due
from revenue.values import Page, Payment, PaymentStatus, PurchaseKind
from tests.factories import (
    CreatorFactory,
    FanFactory,
    PurchaseFactory,
    RecountFactory,
    SourceFactory,
    SummaryFactory,
)

pytestmark = pytest.mark.django_db

TASK = "revenue.tasks.figures.summarise_creator"


@pytest.fixture(autouse=True)
def _nothing_is_queued():
    cache.clear()


@pytest.fixture
def source():
    return SourceFactory(creator=CreatorFactory(time_zone="UTC"))


@pytest.fixture
def buyer(source, now):
    """`buyer((3, 60_00), (40, 50_00))`: somebody who bought for so much so many days ago."""

    def make(*bought, **fields):
        fan = FanFactory(creator=source.creator, recompute_at=now, **fields)
        for days, amount in bought:
            at = now - timedelta(days)
            PurchaseFactory(source=source, fan=fan, occurred_at=at, amount=amount, fee=50)
        return fan

    return make


def recomputed(creator, now):
    recompute_due_fans(creator=creator, now=now)
    return figures_of(creator=creator, now=now)


def test_the_figures_of_a_handful_of_people(source, buyer, now):
    old = buyer((500, 30_00), (400, 90_00), (200, 120_00))
    new = buyer((20, 100_00))
    near = buyer((300, 20_00), (150, 20_00), (10, 45_00))
    late = buyer((230, 10_00), (200, 10_00), (170, 10_00))
    PurchaseFactory(source=source, amount=7_00, occurred_at=now - timedelta(2))

    figures = recomputed(source.creator, now)

    assert (figures.people.everybody, figures.people.true) == (4, 2)
    assert figures.people.on_their_way == 2
    assert figures.turnover.true_now == 2
    assert (figures.change(30), figures.change(90)) == (1, 1)
    assert figures.newly_true.ids == [new.pk]
    assert figures.one_purchase_away.ids == [near.pk]
    assert figures.slipping.ids == [late.pk]
    assert figures.income.counted == 342_00
    assert figures.median_order == 20_00
    assert figures.concentration.people == 4
    assert old.pk not in figures.newly_true.ids


def test_figures_come_out_of_the_store_as_they_went_in(source, buyer, now):
    for days in range(60, 0, -1):
        buyer((days, 100_00))
    figures = recomputed(source.creator, now)
    summarise(creator=source.creator, now=now)

    stored = Summary.objects.get().figures

    assert Figures.from_json(stored) == figures
    assert figures.arrival.middle
    assert {field.name for field in fields(Figures)} == stored.keys()


def test_the_figures_of_nobody_are_nothing_and_can_be_stored(now):
    creator = CreatorFactory()

    figures = Figures.from_json(summarise(creator=creator, now=now).figures)

    assert figures.people.everybody == 0
    assert figures.concentration is None
    assert figures.median_order is None


def test_it_is_as_many_queries_for_many_people_as_for_few(
    source, buyer, now, django_assert_num_queries
):
    for count in (1, 30):
        for _ in range(count):
            buyer((20, 100_00), (9, 5_00))
        recompute_due_fans(creator=source.creator, now=now)
        with django_assert_num_queries(16):
            figures_of(creator=source.creator, now=now)


def test_of_a_long_list_only_the_first_are_kept(source, buyer, now):
    for number in range(KEPT + 3):
        buyer((number + 1, 100_00))

    found = recomputed(source.creator, now).newly_true

    assert (found.count, len(found.ids)) == (KEPT + 3, KEPT)


# What a page gets.


def test_a_page_of_few_people_needs_no_summary_and_leaves_none(source, buyer, now):
    buyer((20, 100_00))
    recompute_due_fans(creator=source.creator, now=now)

    assert figures_at_hand(creator=source.creator, now=now).people.true == 1
    assert not Summary.objects.exists()


def test_a_page_of_many_people_waits_for_the_summary(source, now):
    Fan.objects.bulk_create(Fan(creator=source.creator) for _ in range(FEW + 1))
    assert figures_at_hand(creator=source.creator, now=now) is None

    summarise(creator=source.creator, now=now)

    found = figures_at_hand(creator=source.creator, now=now + timedelta(hours=1))
    assert (found.people.everybody, found.made_at) == (FEW + 1, now)


@pytest.mark.parametrize(
    "change",
    [
        {"target_count": 500},
        {"target_spend": 50_00},
        {"living": 30_000_00},
        {"counts": "net"},
        {"window_months": 6},
        {"time_zone": "Asia/Kathmandu"},
        {"currency": "EUR"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_figures_of_another_measure_are_not_shown(source, buyer, now, change):
    summarise(creator=source.creator, now=now)
    Creator.objects.update(**change)

    found = figures_at_hand(creator=Creator.objects.get(), now=now + timedelta(minutes=1))

    assert found.made_at == now + timedelta(minutes=1)


def test_while_purchases_are_recounted_there_are_no_figures(source, buyer, now):
    summarise(creator=source.creator, now=now)
    Summary.objects.update(is_stale=True)
    RecountFactory(creator=source.creator)

    assert figures_at_hand(creator=source.creator, now=now) is None
    assert summarise(creator=source.creator, now=now + timedelta(minutes=1)) is None
    assert Summary.objects.get().is_stale


# When it is made.


@pytest.mark.parametrize(
    ("is_stale", "took_ms", "age", "is_due"),
    [
        (False, 0, timedelta(hours=3), False),
        (True, 0, timedelta(), True),
        (True, 1000, timedelta(seconds=20.9), False),
        (True, 1000, timedelta(seconds=21), True),
        (False, 0, timedelta(hours=12), False),
        (False, 0, timedelta(hours=12, seconds=1), True),
        (True, 10_000_000, timedelta(hours=13), True),
    ],
)
def test_it_rests_twenty_times_as_long_as_it_took_and_is_made_anew_after_midnight(
    now, is_stale, took_ms, age, is_due
):
    creator = CreatorFactory(time_zone="UTC")
    SummaryFactory(creator=creator, is_stale=is_stale, took_ms=took_ms, made_at=now - age)

    assert Summary.objects.due(now).exists() is is_due


def test_midnight_is_that_of_the_creators_clock():
    seen_at = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    for zone in ("Europe/London", "UTC"):
        creator = CreatorFactory(time_zone=zone, name=zone)
        SummaryFactory(creator=creator, made_at=seen_at - timedelta(hours=1))

    assert [s.creator.name for s in Summary.objects.due(seen_at)] == ["Europe/London"]


@pytest.fixture
def at_work(db, now, time_machine, queued, django_capture_on_commit_callbacks):
    """`at_work(task, creator_id)`: whether it put the making of figures into the queue."""
    time_machine.move_to(now, tick=False)

    def run(task, *args) -> bool:
        with django_capture_on_commit_callbacks(execute=True):
            task(*args)
        return (TASK, [args[0] if args else Creator.objects.get().pk]) in queued()

    return run


def test_a_recompute_that_had_work_is_followed_by_new_figures_and_another_is_not(
    source, buyer, at_work
):
    creator = source.creator
    buyer((20, 100_00))
    assert at_work(recompute_creator, creator.pk)
    summarise_creator(creator.pk)
    made = Summary.objects.get()
    assert Figures.from_json(made.figures).people.true == 1

    assert not at_work(recompute_creator, creator.pk)
    Summary.objects.update(took_ms=0)
    buyer((10, 100_00))
    assert at_work(recompute_creator, creator.pk)


def test_many_recomputes_queue_the_figures_once(source, buyer, at_work):
    creator = source.creator
    buyer((20, 100_00))
    assert at_work(recompute_creator, creator.pk)
    buyer((10, 100_00))
    assert not at_work(recompute_creator, creator.pk)


def test_what_has_to_rest_is_found_by_the_beat_later(source, buyer, now, at_work, time_machine):
    creator = source.creator
    SummaryFactory(creator=creator, made_at=now, took_ms=2000)
    buyer((20, 100_00))
    assert not at_work(recompute_creator, creator.pk)
    assert not at_work(summarise_due)

    time_machine.move_to(now + timedelta(seconds=42), tick=False)

    assert at_work(summarise_due)


def test_figures_that_were_never_made_are_found_by_the_beat(source, at_work):
    assert not at_work(summarise_due)
    FanFactory(creator=source.creator)
    assert at_work(summarise_due)


def payment(**fields):
    return Payment(
        external_id="ch_1",
        occurred_at=datetime(2026, 11, 1, tzinfo=UTC),
        status=PaymentStatus.SUCCEEDED,
        kind=PurchaseKind.SALE,
        currency="GBP",
        amount=5_00,
        **fields,
    )


def test_money_of_nobody_makes_the_figures_stale_though_nobody_is_due(source, now):
    summarise(creator=source.creator, now=now)

    ingest(source=source, page=Page(cursor=None, payments=[payment()]), now=now)

    assert Summary.objects.get().is_stale
    assert not Fan.objects.due(now).exists()


@pytest.mark.parametrize("change", [{"target_count": 500}, {"living": 30_000_00}])
def test_another_goal_has_the_figures_made_anew(source, now, at_work, change):
    creator = source.creator
    SummaryFactory(creator=creator, made_at=now)
    for name, value in change.items():
        setattr(creator, name, value)

    assert at_work(lambda pk: begin_measuring(creator=creator, fields=change, now=now), creator.pk)


def test_a_worker_that_is_killed_leaves_the_figures_as_stale_as_they_were(source, now, monkeypatch):
    SummaryFactory(creator=source.creator, is_stale=True)

    def killed(**_: object) -> None:
        raise SystemExit

    monkeypatch.setattr("revenue.summary.figures_of", killed)
    with pytest.raises(SystemExit), transaction.atomic():
        summarise(creator=source.creator, now=now)

    assert Summary.objects.get().is_stale


def test_stored_figures_name_nobody(source, buyer, now):
    buyer((20, 100_00), name="Zoë Unmistakable", email="zoe@example.com")
    recompute_due_fans(creator=source.creator, now=now)

    stored = orjson.dumps(summarise(creator=source.creator, now=now).figures).decode()

    assert "Unmistakable" not in stored
    assert "example.com" not in stored


def test_another_day_has_another_today(source, now):
    assert figures_of(creator=source.creator, now=now).today == date(2026, 11, 22)
