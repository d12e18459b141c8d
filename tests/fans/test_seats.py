"""A seat is the number of a true fan by the order of first crossing, given once, kept for ever."""

from datetime import timedelta

import pytest

from fans.seats import assign_seats
from revenue.models import Sync
from revenue.spend import recompute_due_fans
from tests.factories import CreatorFactory, FanFactory, PurchaseFactory, SourceFactory, SyncFactory

pytestmark = pytest.mark.django_db


def seats(creator):
    return list(creator.fans.order_by("pk").values_list("seat", flat=True))


def test_seats_go_by_the_order_of_crossing_not_by_the_order_of_arrival(now):
    source = SourceFactory()
    for days in (10, 300, 50):
        fan = FanFactory(creator=source.creator, recompute_at=now)
        PurchaseFactory(
            source=source, fan=fan, amount=120_00, occurred_at=now - timedelta(days=days)
        )

    recompute_due_fans(creator=source.creator, now=now)

    assert seats(source.creator) == [3, 1, 2]


def test_who_was_true_once_has_a_seat_though_they_rest_now(now):
    source = SourceFactory()
    fan = FanFactory(creator=source.creator, recompute_at=now)
    PurchaseFactory(source=source, fan=fan, amount=120_00, occurred_at=now - timedelta(days=900))

    recompute_due_fans(creator=source.creator, now=now)

    fan.refresh_from_db()
    assert (fan.seat, fan.is_true_fan) == (1, False)


def test_a_refund_keeps_the_number_and_nobody_else_gets_it(now):
    source = SourceFactory()
    first, second = (FanFactory(creator=source.creator, recompute_at=now) for _ in range(2))
    bought = PurchaseFactory(
        source=source, fan=first, amount=120_00, occurred_at=now - timedelta(days=9)
    )
    recompute_due_fans(creator=source.creator, now=now)
    bought.returned, bought.counted_gross, bought.state = 120_00, 0, "refunded"
    bought.save()
    source.creator.fans.mark_due([first.pk], now=now)
    PurchaseFactory(source=source, fan=second, amount=120_00, occurred_at=now - timedelta(days=1))
    source.creator.fans.mark_due([second.pk], now=now)

    recompute_due_fans(creator=source.creator, now=now)

    first.refresh_from_db()
    assert (first.is_true_fan, first.crossed_at) == (False, None)
    assert seats(source.creator) == [1, 2]


def test_two_purchases_a_year_apart_to_the_second_never_stood_in_one_window(now):
    source = SourceFactory(creator=CreatorFactory(time_zone="UTC"))
    fan = FanFactory(creator=source.creator, recompute_at=now)
    for year in (2024, 2025):
        PurchaseFactory(
            source=source, fan=fan, amount=60_00, occurred_at=now.replace(year=year, month=5)
        )

    recompute_due_fans(creator=source.creator, now=now)

    fan.refresh_from_db()
    assert (fan.crossed_at, fan.seat) == (None, None)


def test_no_seat_is_given_while_history_is_still_being_read(now):
    source = SourceFactory()
    sync = SyncFactory(source=source)
    fan = FanFactory(creator=source.creator, recompute_at=now)
    PurchaseFactory(source=source, fan=fan, amount=120_00, occurred_at=now - timedelta(days=9))

    recompute_due_fans(creator=source.creator, now=now)
    assert seats(source.creator) == [None]

    sync.state, sync.finished_at = Sync.State.DONE, now
    sync.save()
    recompute_due_fans(creator=source.creator, now=now)
    assert seats(source.creator) == [1]


def test_each_creator_counts_from_one(now):
    for _ in range(2):
        fan = FanFactory(crossed_at=now)
        assert assign_seats(creator=fan.creator) == 1
        assert seats(fan.creator) == [1]
        assert assign_seats(creator=fan.creator) == 0
