"""Stored numbers against the rules in plain Python, at the worst hours of calendars and clocks."""

import threading
import time as clock
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fans.window import months_before, window_start
from revenue.spend import WRITTEN, rebuilt, recompute_all_fans, recompute_due_fans
from tests.factories import CreatorFactory, FanFactory, PurchaseFactory, SourceFactory

pytestmark = pytest.mark.django_db

ZONES = ["UTC", "Europe/London", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu"]
NO_PURCHASE = ("failed", "authorised", "cancelled", "elsewhere")
MOMENT = timedelta(microseconds=1)


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """When a clock shows `local`: the second time if twice, and if never, as long after midnight
    as if it did."""
    shown = [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return max(shown)


def crossed_at(creator, past, counted):
    for latest in past:
        local = (latest.occurred_at + MOMENT).astimezone(creator.zone)
        day = months_before(local.date(), creator.window_months)
        since = instant(datetime.combine(day, local.time()), creator.zone)
        window = [p for p in past if since <= p.occurred_at <= latest.occurred_at]
        if sum(counted(p) for p in window) >= creator.target_spend:
            return latest.occurred_at
    return None


def leaves_at(creator, bought):
    """The first moment at which the window begins after `bought`."""
    local = bought.astimezone(creator.zone)
    day = months_before(local.date(), -creator.window_months)
    if day.day < local.day:
        return instant(datetime.combine(day + timedelta(1), time.min), creator.zone)
    return instant(datetime.combine(day, local.time()), creator.zone) + MOMENT


def expected(creator, purchases, now):
    start = window_start(now, months=creator.window_months, zone=creator.zone)
    past = sorted((p for p in purchases if p.occurred_at < now), key=lambda p: p.occurred_at)
    recent = [p for p in past if p.occurred_at >= start]
    made = [p for p in past if p.state not in NO_PURCHASE]

    def counted(p):
        return (p.counted_gross if creator.counts == "gross" else p.counted_net) or 0

    spend = sum(map(counted, recent))
    tiers = [tier.pk for tier in creator.tiers.all() if tier.threshold <= spend]
    changes = [p.occurred_at + MOMENT for p in purchases if p.occurred_at >= now]
    if recent:
        changes.append(max(leaves_at(creator, recent[0].occurred_at), now + timedelta(minutes=1)))
    return {
        "purchases": len(made),
        "first_purchase_at": made[0].occurred_at if made else None,
        "last_purchase_at": made[-1].occurred_at if made else None,
        "lifetime_gross": sum(p.counted_gross or 0 for p in past),
        "lifetime_net": sum(p.counted_net or 0 for p in past),
        "window_gross": sum(p.counted_gross or 0 for p in recent),
        "window_net": sum(p.counted_net or 0 for p in recent),
        "spend": spend,
        "is_true_fan": spend >= creator.target_spend,
        "tier_id": tiers[-1] if tiers else None,
        "crossed_at": crossed_at(creator, past, counted),
        "recompute_at": min(changes, default=None),
    }


# Ends of months, and days on which some of the zones change their clocks, several years running.
DAYS = [
    date(year, 1, 1) + timedelta(days)
    for year in (2023, 2024, 2025)
    for days in (0, 30, 57, 58, 59, 67, 68, 84, 85, 88, 89, 90, 96, 119, 242, 268, 298, 299, 305)
]
awkward = st.builds(
    lambda day, halves: datetime.combine(day, time(), UTC) + halves * timedelta(minutes=30),
    st.sampled_from(DAYS),
    st.integers(-4, 51),
)
amounts = st.sampled_from([0, 20_00, 49_99, 50_00, 50_01, 99_99, 100_00])
kinds = st.one_of(
    st.builds(
        lambda amount, fee: {
            "state": "paid", "amount": amount, "counted_gross": amount, "counted_net": amount - fee
        },
        amounts, st.sampled_from([0, 0, 1, 40_00]),
    ),
    st.builds(
        lambda amount, fee: {
            "state": "lost", "amount": amount, "returned": amount,
            "counted_gross": 0, "counted_net": -fee,
        },
        amounts, st.sampled_from([15_00, 60_00]),
    ),
    st.builds(
        lambda state: {"state": state, "counted_gross": 0, "counted_net": None},
        st.sampled_from(NO_PURCHASE),
    ),
    st.just(
        {
            "state": "paid", "currency": "XPF", "counted_gross": None, "counted_net": None,
            "rate": None, "rate_date": None, "rate_origin": "missing",
        }
    ),
)  # fmt: skip


@st.composite
def histories(draw):
    """Rules, two people's purchases, and two moments to look at them; about whole windows apart."""
    zone, months = draw(st.sampled_from(ZONES)), draw(st.integers(1, 24))
    local = draw(awkward).astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    def windows_away(windows, seconds):
        day = months_before(local.date(), windows * months)
        return instant(datetime.combine(day, local.time()), ZoneInfo(zone)) + timedelta(0, seconds)

    hour = 60 * 60
    related = st.builds(
        windows_away,
        st.integers(-1, 2),
        st.sampled_from([*6 * [0], 1, -1, hour, -hour, hour // 2, 24 * hour, -24 * hour]),
    )
    moments = related | related | related | awkward
    purchases = st.builds(lambda at, kind: {"occurred_at": at} | kind, moments, kinds)
    baskets = st.lists(purchases, max_size=6)
    counts = draw(st.sampled_from(["gross", "net"]))
    rules = {"time_zone": zone, "window_months": months, "counts": counts}
    return rules, draw(st.tuples(baskets, baskets)), draw(moments), draw(moments)


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=histories())
def test_stored_and_rebuilt_are_what_plain_python_says(history):
    rules, baskets, now, later = history
    creator = CreatorFactory(**rules)
    creator.create_default_tiers()
    source = SourceFactory(creator=creator)
    fans = [FanFactory(creator=creator, recompute_at=now) for _ in baskets]
    for fan, basket in zip(fans, baskets, strict=True):
        for purchase in basket:
            PurchaseFactory(source=source, fan=fan, **purchase)

    def stored():
        return {row.pop("id"): row for row in creator.fans.values("id", *WRITTEN)}

    def right(now):
        return {
            fan.pk: expected(creator, [SimpleNamespace(**p) for p in basket], now)
            for fan, basket in zip(fans, baskets, strict=True)
        }

    recompute_due_fans(creator=creator, now=now)
    assert stored() == right(now)

    recompute_all_fans(creator=creator, now=later)
    assert stored() == right(later)
    rows = rebuilt(creator=creator, now=now)
    assert {fan: dict(zip(WRITTEN, row, strict=True)) for fan, *row in rows} == right(now)


@pytest.mark.parametrize(
    ("zone", "months", "first", "second"),
    [
        ("UTC", 12, datetime(2024, 6, 1, 10), datetime(2025, 6, 1, 10)),
        # By the local clock: an hour of it is gone, or there twice, between the two.
        ("Europe/London", 1, datetime(2025, 3, 30, 0, 30), datetime(2025, 4, 30, 0, 30)),
        ("America/New_York", 5, datetime(2025, 6, 15, 22), datetime(2025, 11, 15, 22)),
        # February has no 31st.
        ("Asia/Kathmandu", 1, datetime(2025, 2, 28, 10), datetime(2025, 3, 31, 10)),
    ],
)
def test_two_purchases_a_whole_window_apart_never_stood_in_one(zone, months, first, second, now):
    creator = CreatorFactory(time_zone=zone, window_months=months)
    source = SourceFactory(creator=creator)
    apart, within = (FanFactory(creator=creator, recompute_at=now) for _ in range(2))
    first, second = (moment.replace(tzinfo=ZoneInfo(zone)) for moment in (first, second))
    for fan, at in [(apart, first), (within, first + MOMENT), (apart, second), (within, second)]:
        PurchaseFactory(source=source, fan=fan, occurred_at=at, amount=50_00)

    recompute_due_fans(creator=creator, now=now)

    assert list(creator.fans.order_by("pk").values_list("crossed_at", flat=True)) == [None, second]


def test_an_hour_that_the_clock_shows_twice_is_still_two_hours(now):
    source = SourceFactory(creator=CreatorFactory(time_zone="Europe/London"))
    fan = FanFactory(creator=source.creator, recompute_at=now)
    ten_to_two, ten_past_one = (
        datetime(2024, 10, 27, *at, tzinfo=UTC) for at in [(0, 50), (1, 10)]
    )
    for at in (ten_to_two, ten_past_one):
        PurchaseFactory(source=source, fan=fan, occurred_at=at, amount=50_00)

    recompute_due_fans(creator=source.creator, now=now)

    fan.refresh_from_db()
    assert fan.crossed_at == ten_past_one


def test_a_loss_that_has_left_the_window_hides_nothing(now):
    creator = CreatorFactory(counts="net")
    source = SourceFactory(creator=creator)
    fan = FanFactory(creator=creator, recompute_at=now)
    for days, net in [(800, -15_00), (10, 60_00), (5, 40_00)]:
        PurchaseFactory(
            source=source, fan=fan, occurred_at=now - timedelta(days), counted_net=net, amount=60_00
        )

    recompute_due_fans(creator=creator, now=now)

    fan.refresh_from_db()
    assert fan.crossed_at == now - timedelta(5)


def test_what_came_at_the_same_moment_counts_together(now):
    creator = CreatorFactory(counts="net")
    source = SourceFactory(creator=creator)
    fan = FanFactory(creator=creator, recompute_at=now)
    for net in (100_00, -15_00, 10_00):
        PurchaseFactory(
            source=source, fan=fan, occurred_at=now - timedelta(5), counted_net=net, amount=100_00
        )

    recompute_due_fans(creator=creator, now=now)

    fan.refresh_from_db()
    assert (fan.spend, fan.crossed_at) == (95_00, None)


def test_a_change_of_rules_reaches_everybody_at_once(now):
    source = SourceFactory()
    creator = source.creator
    fans = [FanFactory(creator=creator, recompute_at=now) for _ in range(3)]
    for fan in fans[:2]:
        PurchaseFactory(source=source, fan=fan, occurred_at=now - timedelta(40), amount=60_00)
    recompute_due_fans(creator=creator, now=now)

    type(creator).objects.filter(pk=creator.pk).update(target_spend=50_00)
    assert (
        recompute_all_fans(creator=creator, now=now) == 2
    )  # by the rules of now, not of `creator`

    assert list(creator.fans.order_by("pk").values_list("is_true_fan", flat=True)) == [
        True, True, False,
    ]  # fmt: skip


def test_who_is_marked_due_while_everybody_is_recomputed_stays_due(now, transactional_db):
    source = SourceFactory()
    fan = FanFactory(creator=source.creator, recompute_at=now)
    PurchaseFactory(source=source, fan=fan, occurred_at=now - timedelta(3))
    marked, later = threading.Event(), now + timedelta(seconds=1)

    def mark() -> None:
        with transaction.atomic():
            source.creator.fans.mark_everybody_due(now=later)
            marked.set()
            wait_until_somebody_waits()
        connection.close()

    worker = threading.Thread(target=mark)
    worker.start()
    marked.wait(10)
    changed = recompute_all_fans(creator=source.creator, now=now)
    worker.join()

    fan.refresh_from_db()
    assert (changed, fan.recompute_at) == (0, later)


def wait_until_somebody_waits() -> None:
    with connection.cursor() as cursor:
        for _ in range(1000):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone() != (0,):
                return
            clock.sleep(0.01)
