"""When the circle is full: the numbers of people who have written about it, and the rules."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fans.arrival import Outlook, arrival, growth_of

LAST_DAY = date(2025, 12, 31)


def forecast(true_fans: int = 0, *, target: int = 1000, arrived=(), lost=(), seed="7"):
    lost = lost or [0] * len(arrived)
    return arrival(
        true_fans=true_fans, target=target, arrived=arrived, lost=lost, today=LAST_DAY, seed=seed
    )


def test_a_half_is_no_person_whom_the_circle_would_ever_have():
    """1 and 8 who come, 4 of 9 lost; 4 more who come, 4 of 9 lost: 12 ÷ 8/9 is 13.5."""
    arrived = [8, *[0] * 180, 4, *[0] * 183]
    lost = [0, 4, *[0] * 200, 4, *[0] * 162]

    assert growth_of(true_fans=5, arrived=arrived, lost=lost).ceiling == 13
    assert forecast(5, arrived=arrived, lost=lost).ceiling == 13


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
