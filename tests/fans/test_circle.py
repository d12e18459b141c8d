"""Who is in the circle, and how far through it a creator is."""

from datetime import date

import pytest

from fans.circle import Circle, circle_of, how_far, number_of, without_turn
from fans.seating import seating
from tests.factories import NOW, CreatorFactory, FanFactory, TurnFactory

pytestmark = pytest.mark.django_db


def people(creator, *spends):
    return [
        FanFactory(
            creator=creator,
            spend=spend,
            is_true_fan=spend >= creator.target_spend,
            crossed_at=NOW if spend >= creator.target_spend else None,
        )
        for spend in spends
    ]


@pytest.mark.parametrize(
    ("seats", "spends", "inside"),
    [
        (3, [], []),
        (3, [0, 50_00], [50_00]),
        (3, [0, 10_00, 20_00, 120_00], [10_00, 20_00, 120_00]),
        (2, [10_00, 20_00, 120_00], [20_00, 120_00]),
        (2, [10_00, 20_00, 20_00], [20_00, 20_00]),
        (2, [100_00, 110_00, 120_00, 130_00, 99_99], [100_00, 110_00, 120_00, 130_00]),
        (2, [100_00, 110_00, 99_99], [100_00, 110_00]),
        (1, [-5_00, 0], []),
    ],
)
def test_the_circle_are_the_people_with_a_dot_in_the_field(seats, spends, inside):
    creator = CreatorFactory(target_count=seats)
    people(creator, *spends)

    found = circle_of(creator)

    assert sorted(found.values_list("spend", flat=True)) == inside
    assert len(seating(creator=creator, now=NOW).field.people) == len(inside)


def test_of_equals_those_who_have_the_dot_are_in_it():
    creator = CreatorFactory(target_count=2)
    first, second, _third = people(creator, 20_00, 20_00, 20_00)

    assert set(circle_of(creator)) == {first, second}


def test_another_creators_people_and_turns_are_not_in_it():
    creator = CreatorFactory()
    people(CreatorFactory(), 500_00)
    TurnFactory(circle=7)

    assert (circle_of(creator).count(), number_of(creator)) == (0, 1)


@pytest.mark.parametrize(
    ("circle", "outcome", "is_left"),
    [
        (2, "open", False),
        (2, "done", False),
        (2, "skipped", False),
        (2, "snoozed", False),
        (1, "open", False),
        (1, "done", True),
        (1, "skipped", True),
        (1, "snoozed", False),
    ],
)
def test_nobody_has_two_turns_in_a_circle_and_who_was_put_off_waits_for_their_day(
    circle, outcome, is_left
):
    creator = CreatorFactory()
    [fan] = people(creator, 50_00)
    until = date(2027, 1, 1) if outcome == "snoozed" else None
    TurnFactory(fan=fan, circle=circle, outcome=outcome, until=until)

    left = without_turn(circle_of(creator), creator=creator, number=2)

    assert left.exists() == is_left


def test_how_far_the_circle_is_counts_who_was_served_and_who_is_left():
    creator = CreatorFactory(target_count=5)
    a, b, c, _d, e = people(creator, 120_00, 110_00, 50_00, 40_00, 30_00)
    gone = FanFactory(creator=creator)
    for fan in (a, b, gone):
        TurnFactory(fan=fan, circle=1, outcome="done")
    TurnFactory(fan=a, circle=2, outcome="done")
    TurnFactory(fan=gone, circle=2, outcome="skipped")
    TurnFactory(fan=c, circle=2)
    TurnFactory(fan=e, circle=2, outcome="snoozed", until=date(2027, 1, 1))

    assert how_far(creator) == Circle(number=2, served=2, left=4, put_off=1)


@pytest.mark.parametrize(
    ("served", "left", "percent", "days", "closes"),
    [
        (0, 1000, 0, 334, date(2027, 10, 21)),
        (999, 1, 99, 1, date(2026, 11, 22)),
        (10, 0, 100, 0, date(2026, 11, 22)),
        (0, 0, 0, 0, date(2026, 11, 22)),
        (1, 4, 20, 2, date(2026, 11, 23)),
    ],
)
def test_the_rest_of_a_circle_takes_a_day_for_every_three(served, left, percent, days, closes):
    circle = Circle(number=1, served=served, left=left, put_off=0)

    assert (circle.percent, circle.days_left) == (percent, days)
    assert circle.closes_on(NOW.date()) == closes
