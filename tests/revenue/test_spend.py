"""Spend and standing: the SQL against the rule written out in plain Python."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fans.window import window_start
from revenue.books import check_fans
from revenue.spend import COLUMNS, rebuilt, recompute_all_fans, recompute_due_fans
from tests.factories import CreatorFactory, FanFactory, PurchaseFactory, SourceFactory

pytestmark = pytest.mark.django_db

ZONES = ["UTC", "Europe/London", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu"]


def reference(creator, purchases, now):
    """What docs/definitions.md says, without a database."""
    start = window_start(now, months=creator.window_months, zone=creator.zone)
    past = [p for p in purchases if p.occurred_at < now]
    counted = [p for p in past if p.occurred_at >= start]
    spend = sum(p.counted_gross for p in counted)
    local = creator.zone
    crossed = None
    for latest in sorted(past, key=lambda p: p.occurred_at):
        since = window_start(
            latest.occurred_at + timedelta(microseconds=1), months=creator.window_months, zone=local
        )
        window = [p for p in past if since <= p.occurred_at <= latest.occurred_at]
        if sum(p.counted_gross for p in window) >= creator.target_spend:
            crossed = latest.occurred_at
            break
    tiers = [t for t in creator.tiers.all() if t.threshold <= spend]
    return {
        "purchases": len(past),
        "first_purchase_at": min((p.occurred_at for p in past), default=None),
        "last_purchase_at": max((p.occurred_at for p in past), default=None),
        "lifetime_gross": sum(p.counted_gross for p in past),
        "lifetime_net": sum(p.counted_net for p in past),
        "window_gross": spend,
        "window_net": sum(p.counted_net for p in counted),
        "spend": spend,
        "is_true_fan": spend >= creator.target_spend,
        "tier_id": tiers[-1].pk if tiers else None,
        "crossed_at": crossed,
    }


moments = st.datetimes(datetime(2023, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
baskets = st.lists(st.tuples(moments, st.integers(0, 80_00), st.integers(0, 5_00)), max_size=8)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    basket=baskets, now=moments, zone=st.sampled_from(ZONES), months=st.sampled_from([1, 6, 12, 24])
)
def test_the_statement_says_what_the_rule_says(basket, now, zone, months):
    creator = CreatorFactory(time_zone=zone, window_months=months)
    creator.create_default_tiers()
    source = SourceFactory(creator=creator)
    fan = FanFactory(creator=creator)
    purchases = [
        PurchaseFactory(source=source, fan=fan, occurred_at=at, amount=amount, fee=min(fee, amount))
        for at, amount, fee in basket
    ]

    [(fan_id, *row, _)] = rebuilt(creator=creator, now=now)

    assert fan_id == fan.pk
    assert dict(zip(COLUMNS, row, strict=True)) == reference(creator, purchases, now)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(basket=baskets, start=moments, steps=st.lists(st.integers(1, 400 * 86400), max_size=6))
def test_what_is_stored_is_right_at_any_moment_if_only_the_due_are_recomputed(basket, start, steps):
    creator = CreatorFactory(time_zone="Europe/London")
    source = SourceFactory(creator=creator)
    fan = FanFactory(creator=creator, recompute_at=start)
    for at, amount, fee in basket:
        PurchaseFactory(source=source, fan=fan, occurred_at=at, amount=amount, fee=min(fee, amount))

    now = start
    for step in [0, *steps]:
        now += timedelta(seconds=step)
        recompute_due_fans(creator=creator, now=now)

        assert list(check_fans(creator=creator, now=now)) == []


LEAP = datetime(2024, 2, 29, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("bought", "months", "last_moment_in"),
    [
        (datetime(2025, 6, 1, 10, tzinfo=UTC), 12, datetime(2026, 6, 1, 10, tzinfo=UTC)),
        # A window of a year ago from 28 February begins on the 28th: the 29th is inside all day.
        (LEAP, 12, datetime(2025, 2, 28, 23, 59, 59, 999999, tzinfo=UTC)),
        (
            datetime(2025, 8, 31, 10, tzinfo=UTC),
            6,
            datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
        ),
    ],
)
def test_a_purchase_leaves_the_window_exactly_when_it_is_due(bought, months, last_moment_in):
    creator = CreatorFactory(time_zone="UTC", window_months=months)
    source = SourceFactory(creator=creator)
    fan = FanFactory(creator=creator, recompute_at=bought + timedelta(days=1))
    PurchaseFactory(source=source, fan=fan, occurred_at=bought, amount=150_00)
    recompute_due_fans(creator=creator, now=bought + timedelta(days=1))

    fan.refresh_from_db()
    assert fan.is_true_fan
    assert fan.recompute_at == last_moment_in + timedelta(microseconds=1)

    assert recompute_due_fans(creator=creator, now=last_moment_in) == 0
    recompute_due_fans(creator=creator, now=last_moment_in + timedelta(microseconds=1))
    fan.refresh_from_db()
    assert (fan.is_true_fan, fan.spend, fan.lifetime_gross) == (False, 0, 150_00)
    assert fan.recompute_at is None


def test_a_purchase_dated_ahead_of_our_clock_counts_when_its_time_has_come(now):
    source = SourceFactory()
    fan = FanFactory(creator=source.creator, recompute_at=now)
    PurchaseFactory(source=source, fan=fan, occurred_at=now + timedelta(minutes=3))

    recompute_due_fans(creator=source.creator, now=now)
    fan.refresh_from_db()
    assert fan.purchases == 0

    recompute_due_fans(creator=source.creator, now=now + timedelta(minutes=4))
    fan.refresh_from_db()
    assert fan.purchases == 1


def test_a_creator_who_counts_net_has_their_true_fans_by_net(now):
    source = SourceFactory(creator=CreatorFactory(counts="net"))
    fan = FanFactory(creator=source.creator, recompute_at=now)
    PurchaseFactory(source=source, fan=fan, occurred_at=now - timedelta(1), amount=100_00, fee=3_20)

    recompute_due_fans(creator=source.creator, now=now)

    fan.refresh_from_db()
    assert (fan.window_gross, fan.spend, fan.is_true_fan) == (100_00, 96_80, False)


def test_a_purchase_without_a_rate_is_a_purchase_but_adds_no_spend(now):
    source = SourceFactory()
    fan = FanFactory(creator=source.creator, recompute_at=now)
    PurchaseFactory(
        source=source, fan=fan, occurred_at=now - timedelta(1), currency="XPF",
        counted_gross=None, counted_net=None, rate=None, rate_date=None, rate_origin="missing",
    )  # fmt: skip

    recompute_due_fans(creator=source.creator, now=now)

    fan.refresh_from_db()
    assert (fan.purchases, fan.spend) == (1, 0)


def test_other_creators_money_never_counts(now):
    mine, theirs = SourceFactory(), SourceFactory()
    fan = FanFactory(creator=mine.creator, recompute_at=now)
    other = FanFactory(creator=theirs.creator, recompute_at=now)
    PurchaseFactory(source=mine, fan=fan, occurred_at=now - timedelta(1), amount=5_00)
    PurchaseFactory(source=theirs, fan=other, occurred_at=now - timedelta(1), amount=500_00)

    assert recompute_due_fans(creator=mine.creator, now=now) == 1

    fan.refresh_from_db()
    other.refresh_from_db()
    assert (fan.spend, other.spend, other.recompute_at) == (5_00, 0, now)


def test_recomputing_everybody_when_nothing_changed_writes_nothing(now):
    source = SourceFactory()
    for _ in range(5):
        fan = FanFactory(creator=source.creator, recompute_at=now)
        PurchaseFactory(source=source, fan=fan, occurred_at=now - timedelta(3))
    recompute_due_fans(creator=source.creator, now=now)

    assert recompute_all_fans(creator=source.creator, now=now + timedelta(seconds=1)) == 0


def test_many_due_fans_take_a_constant_number_of_queries(now, django_assert_num_queries):
    source = SourceFactory()
    for _ in range(30):
        fan = FanFactory(creator=source.creator, recompute_at=now)
        PurchaseFactory(source=source, fan=fan, occurred_at=now - timedelta(3))

    with django_assert_num_queries(18):
        recompute_due_fans(creator=source.creator, now=now)


def test_fans_that_another_worker_holds_are_left_to_it(now, transactional_db):
    import threading

    source = SourceFactory()
    held = FanFactory(creator=source.creator, recompute_at=now)
    free = FanFactory(creator=source.creator, recompute_at=now)
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        from django.db import transaction

        with transaction.atomic():
            source.creator.fans.select_for_update().get(pk=held.pk)
            locked.set()
            release.wait(10)
        connection.close()

    worker = threading.Thread(target=hold)
    worker.start()
    locked.wait(10)
    done = recompute_due_fans(creator=source.creator, now=now)
    release.set()
    worker.join()

    held.refresh_from_db()
    free.refresh_from_db()
    assert (done, held.recompute_at, free.recompute_at) == (1, now, None)


@pytest.mark.parametrize("zone", ZONES)
def test_the_moment_to_look_again_is_after_the_oldest_purchase_by_the_local_clock(zone, now):
    creator = CreatorFactory(time_zone=zone)
    source = SourceFactory(creator=creator)
    fan = FanFactory(creator=creator, recompute_at=now)
    bought = datetime(2026, 3, 1, 8, 30, tzinfo=ZoneInfo(zone))
    PurchaseFactory(source=source, fan=fan, occurred_at=bought)

    recompute_due_fans(creator=creator, now=now)

    fan.refresh_from_db()
    leaves = datetime(2027, 3, 1, 8, 30, tzinfo=ZoneInfo(zone)) + timedelta(microseconds=1)
    assert fan.recompute_at == leaves
