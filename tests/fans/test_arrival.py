"""When the circle is full: the numbers of people who have written about it, and the rules."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fans.arrival import YEAR, Outlook, Pace, arrival

LAST_DAY = date(2025, 12, 31)
ONE_A_DAY = 365


def forecast(true_fans: int = 0, *, target: int = 1000, arrived=(), lost=(), seed="7"):
    lost = lost or [0] * len(arrived)
    return arrival(
        true_fans=true_fans, target=target, arrived=arrived, lost=lost, today=LAST_DAY, seed=seed
    )


def test_one_a_day_makes_a_thousand_in_a_thousand_days():
    days = Pace(ONE_A_DAY, 0).days_until(1000, true_fans=0)

    assert days == 1000
    assert LAST_DAY + timedelta(days) == date(2028, 9, 26)


@pytest.mark.parametrize(
    ("loss", "year", "ceiling"),
    [
        (0, 3, None),
        (0.10, 4, 3650),
        (0.20, 4, 1825),
        (0.30, 5, 1217),
        (0.365, None, 1000),
        (0.40, None, 912),
        (0.50, None, 730),
    ],
)
def test_what_one_a_day_comes_to_when_some_are_lost(loss, year, ceiling):
    pace = Pace(ONE_A_DAY, loss)
    days = pace.days_until(1000, true_fans=0)

    assert pace.ceiling == ceiling
    assert (days and days // YEAR + 1) == year


def test_three_hundred_a_year_hold_a_thousand_of_whom_three_in_ten_are_lost():
    assert Pace(300, 0.3).ceiling == 1000


def test_a_pace_without_chance_has_no_range():
    found = forecast(365, arrived=[1] * 365)

    assert found.outlook == Outlook.EXPECTED
    assert found.earliest == found.middle == found.latest == LAST_DAY + timedelta(635)
    assert found.ceiling is None


def test_the_more_chance_the_wider_the_range():
    steady = forecast(365, arrived=[7, 0, 0, 0, 0, 0, 0] * 52)
    in_launches = forecast(365, arrived=([0] * 60 + [61]) * 6)

    assert steady.earliest == steady.latest
    assert in_launches.earliest < in_launches.middle < in_launches.latest
    assert (in_launches.latest - in_launches.earliest).days > 300


def test_where_one_year_in_ten_brings_nobody_there_is_no_latest_date():
    in_two_launches = forecast(365, arrived=([0] * 181 + [182]) * 2)

    assert in_two_launches.middle
    assert in_two_launches.latest is None


@pytest.mark.parametrize(
    ("true_fans", "arrived", "lost", "outlook", "ceiling"),
    [
        (1000, [], [], Outlook.REACHED, None),
        (1000, [1] * 365, [1] * 365, Outlook.REACHED, 1000),
        (0, [], [], Outlook.TOO_EARLY, None),
        (9, [0] * 300 + [1] * 9, [], Outlook.TOO_EARLY, None),
        (10, [0] * 45 + [1] * 10, [], Outlook.TOO_EARLY, None),
        (10, [0] * 46 + [1] * 10, [], Outlook.EXPECTED, None),
        (500, [1] * 365, [1] * 365, Outlook.LEVELS_OFF, 500),
        (10, ([0] * 35 + [1]) * 10, [], Outlook.FAR, None),
    ],
)
def test_what_can_be_said(true_fans, arrived, lost, outlook, ceiling):
    found = forecast(true_fans, arrived=arrived, lost=lost)

    assert (found.outlook, found.ceiling) == (outlook, ceiling)
    assert bool(found.middle) == (outlook == Outlook.EXPECTED)


def test_only_the_last_year_counts():
    busy_once = [50] * 400 + [1] * 365

    assert forecast(600, arrived=busy_once) == forecast(600, arrived=[1] * 365)


flows = st.integers(0, 5)


@given(
    arrived=st.lists(flows, max_size=400),
    beginning=st.integers(0, 300),
    target=st.integers(1, 2000),
    data=st.data(),
)
def test_any_history_has_an_outlook_that_is_the_same_whenever_asked(
    arrived, beginning, target, data
):
    lost, there = [], beginning
    for came in arrived:
        lost.append(data.draw(st.integers(0, min(there, 3))) if came % 2 else 0)
        there += came - lost[-1]

    found = forecast(there, target=target, arrived=arrived, lost=lost)

    assert found == forecast(there, target=target, arrived=arrived, lost=lost)
    known = [day for day in (found.earliest, found.middle, found.latest) if day]
    assert known == sorted(known)
    assert all(day > LAST_DAY for day in known)
    if found.outlook == Outlook.EXPECTED:
        assert found.ceiling is None or found.ceiling > target
