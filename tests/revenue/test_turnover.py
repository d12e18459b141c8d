"""Who was a true fan on any day, from the ledger, against the rebuilt standing of that day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings

from fans.window import midnight
from revenue.spend import COLUMNS, rebuilt
from revenue.turnover import turnover
from tests.factories import CreatorFactory, FanFactory, PurchaseFactory, SourceFactory
from tests.revenue.test_rebuilding import histories

pytestmark = pytest.mark.django_db

IS_TRUE = 1 + COLUMNS.index("is_true_fan")


def true_fans(creator, at):
    return {row[0] for row in rebuilt(creator=creator, now=at) if row[IS_TRUE]}


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=histories())
def test_on_any_day_there_were_as_many_as_the_books_rebuilt_for_that_day_say(history):
    rules, baskets, now, other = history
    creator = CreatorFactory(**rules)
    source = SourceFactory(creator=creator)
    for basket in baskets:
        fan = FanFactory(creator=creator)
        for purchase in basket:
            PurchaseFactory(source=source, fan=fan, **purchase)
    PurchaseFactory(source=source, occurred_at=other, amount=500_00)  # nobody's

    found = turnover(creator=creator, now=now)

    assert found.true_now == len(true_fans(creator, now))
    times = [p["occurred_at"] for basket in baskets for p in basket]
    months = timedelta(days=30) * creator.window_months
    days = {at.astimezone(creator.zone).date() + timedelta(n) for at in times for n in (0, 1)}
    days |= {day + months for day in days} | {other.astimezone(creator.zone).date()}
    for day in days:
        if (begin := midnight(day, creator.zone)) < now:
            assert found.true_on(day) == len(true_fans(creator, begin)), day


@pytest.fixture
def bought(now):
    source = SourceFactory(creator=CreatorFactory(time_zone="Europe/London"))

    def make(*purchases, **rules):
        for name, value in rules.items():
            setattr(source.creator, name, value)
        fan = FanFactory(creator=source.creator)
        for day, amount in purchases:
            at = datetime.combine(day, datetime.min.time(), source.creator.zone)
            PurchaseFactory(
                source=source, fan=fan, occurred_at=at + timedelta(hours=12), amount=amount
            )
        return source.creator

    return make


def turns(creator, now):
    """{day: (arrived, lost)} of the days on which anybody did."""
    found = turnover(creator=creator, now=now)
    flows = enumerate(zip(found.arrived, found.lost, strict=True))
    return {found.since + timedelta(n): flow for n, flow in flows if any(flow)}


def test_somebody_arrives_on_the_day_that_reaches_the_target_and_is_lost_a_window_later(
    bought, now
):
    creator = bought((date(2025, 1, 10), 60_00), (date(2025, 3, 5), 40_00))

    assert turns(creator, now) == {date(2025, 3, 5): (1, 0), date(2026, 1, 10): (0, 1)}


def test_who_buys_again_in_time_is_not_lost_and_who_comes_back_arrives_again(bought, now):
    bought((date(2024, 1, 10), 100_00), (date(2025, 1, 9), 100_00))
    creator = bought((date(2023, 6, 1), 100_00), (date(2026, 6, 1), 100_00))

    assert turns(creator, now) == {
        date(2023, 6, 1): (1, 0),
        date(2024, 6, 1): (0, 1),
        date(2024, 1, 10): (1, 0),
        date(2026, 1, 9): (0, 1),
        date(2026, 6, 1): (1, 0),
    }


def test_a_loss_that_leaves_the_window_lets_somebody_arrive(bought, now):
    creator = bought((date(2025, 1, 1), 5_00), (date(2025, 6, 1), 100_00), counts="net")
    creator.purchases.filter(counted_net=5_00).update(counted_net=-15_00)

    assert turns(creator, now) == {date(2026, 1, 1): (1, 0), date(2026, 6, 1): (0, 1)}


def test_without_purchases_nobody_ever_came(now):
    found = turnover(creator=CreatorFactory(), now=now)

    assert (found.true_now, found.true_on(date(2020, 1, 1))) == (0, 0)
    assert (found.since, found.arrived, found.lost) == (now.date(), [0], [0])


def test_days_are_those_of_the_creators_clock(now):
    creator = CreatorFactory(time_zone="Pacific/Auckland")
    source = SourceFactory(creator=creator)
    at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    PurchaseFactory(source=source, fan=FanFactory(creator=creator), occurred_at=at, amount=100_00)

    assert turns(creator, now) == {date(2026, 3, 2): (1, 0)}


def test_at_midnight_itself_a_new_day_has_not_brought_anything_yet(bought):
    creator = bought((date(2026, 3, 1), 100_00))

    found = turnover(creator=creator, now=datetime(2026, 3, 3, tzinfo=ZoneInfo("Europe/London")))

    assert (found.arrived, found.lost) == ([1, 0], [0, 0])


def test_however_long_the_history_it_is_two_queries(bought, now, django_assert_num_queries):
    creator = bought(*[(date(2015, 1, 1) + timedelta(300 * n), 60_00) for n in range(14)])

    with django_assert_num_queries(2):
        turnover(creator=creator, now=now)
