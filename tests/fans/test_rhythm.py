"""How late somebody is: the rule, and the same said to the database."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fans.models import Fan
from fans.rhythm import Warmth, warmth
from tests.factories import FanFactory
from tests.revenue.histories import examples

DAY = timedelta(days=1)
MONTH = 30 * DAY


@pytest.mark.parametrize(
    ("purchases", "pause", "ago", "expected"),
    [
        (5, MONTH, 44 * DAY, Warmth.WARM),
        (5, MONTH, 45 * DAY, Warmth.LATE),
        (5, MONTH, 75 * DAY, Warmth.VERY_LATE),
        (5, MONTH, 730 * DAY, Warmth.LAPSED),
        (5, 600 * DAY, 800 * DAY, Warmth.WARM),
        (5, 600 * DAY, 900 * DAY, Warmth.LATE),
        (5, 600 * DAY, 1500 * DAY, Warmth.LAPSED),
        (2, None, 364 * DAY, Warmth.WARM),
        (2, None, 365 * DAY, Warmth.LATE),
        (2, MONTH, 364 * DAY, Warmth.WARM),
        (1, None, 457 * DAY, Warmth.VERY_LATE),
        (1, None, 730 * DAY, Warmth.LAPSED),
        (4, timedelta(), 364 * DAY, Warmth.WARM),
        (0, None, DAY, None),
    ],
)
def test_how_late_somebody_is_by_their_own_rhythm(purchases, pause, ago, expected, now):
    last = now - ago
    found = warmth(purchases=purchases, usual_pause=pause, last_purchase_at=last, now=now)
    assert found == expected


@pytest.mark.django_db
@examples(60)
@given(
    purchases=st.integers(0, 4),
    pause=st.none() | st.integers(0, 900).map(lambda days: days * DAY),
    ago=st.integers(0, 2000).map(lambda days: days * DAY),
)
def test_the_database_finds_those_whom_the_rule_calls_late_or_slipping(now, purchases, pause, ago):
    fan = FanFactory(purchases=purchases, usual_pause=pause, last_purchase_at=now - ago)
    found = warmth(
        purchases=purchases, usual_pause=pause, last_purchase_at=fan.last_purchase_at, now=now
    )
    is_slipping = found is not None and found.is_slipping
    people = Fan.objects.filter(pk=fan.pk)
    assert people.slipping(now).exists() == is_slipping
    assert [each for each in Warmth if people.of_warmth(each, now)] == [found] * bool(found)


@pytest.mark.django_db
def test_one_purchase_away_is_whose_usual_order_would_do():
    creator = FanFactory(name="Nobody yet").creator
    for name, spend, usual in [("Ada", 80_00, 20_00), ("Ben", 80_00, 19_99), ("Cleo", 0, None)]:
        FanFactory(creator=creator, name=name, spend=spend, usual_order=usual)
    FanFactory(creator=creator, name="Dai", spend=100_00, usual_order=50_00, is_true_fan=True)

    assert [fan.name for fan in creator.fans.one_purchase_away()] == ["Ada"]
