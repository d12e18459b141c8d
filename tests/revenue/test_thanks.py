"""What thanks are owed for, and how long thanks take."""

from datetime import timedelta

import pytest

from fans.attention import with_rhythm
from fans.touches import record_touch
from revenue.thanks import gratitude_lag, with_owed
from tests.factories import CreatorFactory, FanFactory, PurchaseFactory, SourceFactory, TouchFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def source():
    return SourceFactory(creator=CreatorFactory())


@pytest.fixture
def bought(source, now):
    """`bought(30, 10)`: somebody who paid 10.00 so many days ago each."""

    def buy(*days_ago, **columns):
        fan = FanFactory(
            creator=source.creator,
            lifetime_gross=10_00 * len(days_ago),
            last_purchase_at=now - min(days_ago) * DAY,
        )
        for days in days_ago:
            PurchaseFactory(source=source, fan=fan, occurred_at=now - days * DAY, **columns)
        return fan

    return buy


def owed(fan, now):
    people = with_rhythm(fan.creator.fans.all(), creator=fan.creator, today=now.date())
    return with_owed(people, creator=fan.creator).get(pk=fan.pk).owed


@pytest.mark.parametrize(
    ("kind", "days_ago", "expected"),
    [
        (None, 0, 30_00),
        ("thanked", 25, 20_00),
        ("wrote", 25, 20_00),
        ("met", 15, 10_00),
        ("called", 5, 0),
        ("wrote", 100, 30_00),
        ("they_wrote", 5, 30_00),
    ],
)
def test_thanks_are_owed_for_all_that_was_paid_since_the_last_word(
    bought, now, kind, days_ago, expected
):
    fan = bought(30, 20, 10)
    bought(1)
    if kind:
        record_touch(fan=fan, kind=kind, occurred_at=now - days_ago * DAY)

    assert owed(fan, now) == expected


def test_what_has_no_rate_is_in_no_sum(source, bought, now):
    fan = bought(20)
    record_touch(fan=fan, kind="wrote", occurred_at=now - 30 * DAY)
    PurchaseFactory(
        source=source, fan=fan, occurred_at=now - 5 * DAY, rate=None, rate_origin="missing",
        counted_gross=None, counted_net=None,
    )  # fmt: skip

    assert owed(fan, now) == 10_00


def test_each_payment_waits_for_the_word_that_came_next(bought, source, now):
    ada = bought(300, 100, 50)
    TouchFactory(fan=ada, occurred_at=now - 90 * DAY)  # after 210 and 10 days
    TouchFactory(fan=ada, occurred_at=now - 48 * DAY)  # after 2 days
    TouchFactory(fan=ada, occurred_at=now - 1 * DAY)

    lag = gratitude_lag(creator=source.creator, now=now)

    assert (lag.median, lag.payments, lag.answered, lag.waiting) == (10 * DAY, 3, 3, 0)
    assert lag.days == 10.0


def test_what_waits_still_is_told_apart(bought, source, now):
    ada = bought(40, 10)
    bought(20)
    TouchFactory(fan=ada, occurred_at=now - 30 * DAY)

    lag = gratitude_lag(creator=source.creator, now=now)

    assert (lag.median, lag.payments, lag.answered, lag.waiting) == (10 * DAY, 3, 1, 2)


@pytest.mark.parametrize("kind", ["they_wrote", None])
def test_without_a_word_there_is_no_lag(bought, source, now, kind):
    fan = bought(10)
    if kind:
        TouchFactory(fan=fan, kind=kind, occurred_at=now - DAY)

    lag = gratitude_lag(creator=source.creator, now=now)

    assert (lag.median, lag.days, lag.payments, lag.answered) == (None, None, 1, 0)


@pytest.mark.parametrize(
    ("columns", "payments"),
    [
        ({"state": "failed", "status": "failed", "counted_gross": 0, "counted_net": 0}, 0),
        ({"state": "refunded", "returned": 10_00, "counted_gross": 0, "counted_net": 0}, 1),
    ],
)
def test_only_what_was_paid_counts(bought, source, now, columns, payments):
    fan = bought(10, **columns)
    TouchFactory(fan=fan, occurred_at=now - 4 * DAY)

    lag = gratitude_lag(creator=source.creator, now=now)

    assert (lag.payments, lag.answered) == (payments, payments)


def test_only_payments_of_the_window_and_of_this_creators_people_count(bought, source, now):
    fan = bought(400, 380, 5)
    TouchFactory(fan=fan, occurred_at=now - 3 * DAY)
    PurchaseFactory(source=source, occurred_at=now - 3 * DAY)
    other = FanFactory()
    PurchaseFactory(source=SourceFactory(creator=other.creator), fan=other, occurred_at=now - DAY)
    TouchFactory(fan=other, occurred_at=now)

    lag = gratitude_lag(creator=source.creator, now=now)

    assert (lag.median, lag.payments, lag.answered) == (2 * DAY, 1, 1)


def test_two_words_at_once_answer_a_payment_once(bought, source, now):
    fan = bought(5)
    TouchFactory.create_batch(2, fan=fan, occurred_at=now - 3 * DAY)

    assert gratitude_lag(creator=source.creator, now=now).answered == 1
