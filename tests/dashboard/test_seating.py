"""Who sits where: the stored standing of the fans, as dots."""

from datetime import timedelta

import pytest

from fans.field import FULL, filled
from fans.seating import seating
from tests.factories import CreatorFactory, FanFactory

pytestmark = pytest.mark.django_db


def true_fan(creator, seat, **fields):
    return FanFactory(creator=creator, spend=100_00, is_true_fan=True, seat=seat, **fields)


def test_true_fans_sit_by_their_numbers_and_those_without_one_behind_them(creator, now):
    names = {None: "unseated", 3: "third", 1: "first"}
    for seat, name in names.items():
        true_fan(creator, seat, name=name)

    seats = seating(creator=creator, now=now, people_url="/people/")

    assert [person.label.split("\u2069")[0] for person in seats.field.people] == [
        "\u2068first", "\u2068third", "\u2068unseated",
    ]  # fmt: skip


def test_nobody_is_named_where_names_are_not_asked_for(creator, now):
    true_fan(creator, 1, name="Zoë")

    assert [person.label for person in seating(creator=creator, now=now).field.people] == [""]


def test_ones_own_seat_is_marked(creator, now):
    true_fan(creator, 1)
    me = FanFactory(creator=creator, spend=40_00)

    seats = seating(creator=creator, now=now, own=me)

    assert seats.field.own == seats.field.dots[1]
    assert filled(seats.field.own.fraction) < FULL


def test_who_looks_and_has_no_dot_breaks_nothing(creator, now):
    assert seating(creator=creator, now=now, own=FanFactory(creator=creator)).field.own is None


def test_steps_are_the_tiers_above_the_target(creator, now):
    for seat, spend in enumerate((100_00, 499_99, 500_00), start=1):
        FanFactory(creator=creator, spend=spend, is_true_fan=True, seat=seat)

    assert [dot.step for dot in seating(creator=creator, now=now).field.dots[:3]] == [0, 0, 1]


def test_a_circle_that_is_more_than_full_says_by_how_many(now):
    creator = CreatorFactory(target_count=2)
    for seat in (1, 2, 3):
        true_fan(creator, seat)
    FanFactory(creator=creator, spend=50_00)

    seats = seating(creator=creator, now=now)

    assert (seats.true_fans, seats.beyond, seats.on_their_way, seats.empty) == (3, 1, 0, 0)


def test_the_people_of_another_creator_have_no_seat(creator, now):
    true_fan(CreatorFactory(), 1)

    assert seating(creator=creator, now=now).true_fans == 0


def test_nobody_is_named_where_a_dot_is_several_people(now):
    creator = CreatorFactory(target_count=2001)
    true_fan(creator, 1, name="Zoë")

    assert seating(creator=creator, now=now, people_url="/people/").field.people == []


def test_a_field_takes_as_many_queries_for_many_as_for_few(creator, now, django_assert_num_queries):
    for seat in range(1, 30):
        true_fan(creator, seat)

    with django_assert_num_queries(2):
        seating(creator=creator, now=now, people_url="/people/")
    creator.target_count = 20
    with django_assert_num_queries(3):  # there may be more of them than seats
        assert seating(creator=creator, now=now).true_fans == 29


def test_who_is_slipping_has_a_paler_rim_but_not_in_public(creator, now):
    long_ago = now - timedelta(days=400)
    true_fan(creator, 1, purchases=1, last_purchase_at=long_ago)
    true_fan(creator, 2, purchases=1, last_purchase_at=now)

    assert [dot.is_slipping for dot in seating(creator=creator, now=now).field.dots[:2]] == [
        True,
        False,
    ]
    assert seating(creator=creator, now=now).slipping == 1
    assert seating(creator=creator, now=now, is_public=True).slipping == 0
