"""The days of a circle: three people each, nobody twice before everybody had their turn."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection
from hypothesis import given
from hypothesis import strategies as st

from fans.circle import number_of
from fans.models import Turn
from fans.turns import in_touch, put_off, skip, take_back
from revenue.choosing import one_more, open_day
from revenue.tasks.days import open_day_of, open_days
from tests.factories import (
    NOW,
    CreatorFactory,
    FanFactory,
    RecountFactory,
    SourceFactory,
    TurnFactory,
)
from tests.revenue.circle import DAY, somebody, with_tiers
from tests.revenue.histories import examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def creator():
    return with_tiers()


@pytest.fixture
def source(creator):
    return SourceFactory(creator=creator)


@pytest.fixture
def person(creator, now):
    return partial(somebody, creator, now)


def many(person, count):
    return [person(spend=60_00 - number, word=None) for number in range(count)]


def day_of(creator):
    return list(creator.turn_set.filter(day=NOW.date()).values_list("fan", flat=True))


def test_a_day_has_three_people_and_opening_it_again_changes_nothing(creator, person, now):
    people = many(person, 5)

    open_day(creator=creator, now=now)
    first = day_of(creator)
    people[3].spend = people[3].lifetime_gross = 5000_00
    people[3].save()
    open_day(creator=creator, now=now + timedelta(hours=3))

    assert first == day_of(creator) == [fan.pk for fan in people[:3]]


def test_who_was_not_served_yesterday_is_there_today_and_the_rest_are_new(creator, person, now):
    a, b, c, d, e = many(person, 5)
    open_day(creator=creator, now=now - DAY)
    for turn in creator.turn_set.exclude(fan=b):
        skip(turn=turn, now=now - DAY)

    open_day(creator=creator, now=now)

    assert set(day_of(creator)) == {b.pk, d.pk, e.pk}
    assert creator.turn_set.filter(fan__in=[a, c], day=now.date() - DAY).count() == 2


def test_nobody_comes_twice_until_everybody_was_served(creator, person, now):
    people = many(person, 7)
    seen = []
    for number in range(3):
        open_day(creator=creator, now=now + number * DAY)
        turns = creator.turn_set.open()
        assert {turn.circle for turn in turns} == {1}
        seen += [turn.fan_id for turn in turns]
        for turn in turns:
            skip(turn=turn, now=now)

    assert sorted(seen) == sorted(fan.pk for fan in people)
    assert len(seen) == 7

    open_day(creator=creator, now=now + 3 * DAY)

    assert set(creator.turn_set.open().values_list("circle", flat=True)) == {2}
    assert creator.turn_set.open().count() == 3


def test_the_next_circle_does_not_begin_while_a_turn_of_this_one_is_open(creator, person, now):
    many(person, 4)
    open_day(creator=creator, now=now)
    for turn in creator.turn_set.open()[:2]:
        skip(turn=turn, now=now)
    open_day(creator=creator, now=now + DAY)

    assert number_of(creator) == 1
    assert creator.turn_set.open().count() == 2


@pytest.mark.parametrize("days", [1, 7, 30])
def test_who_was_put_off_comes_back_on_their_day_and_not_before(creator, person, now, days):
    many(person, 1)
    open_day(creator=creator, now=now)
    turn = creator.turn_set.get()
    put_off(turn=turn, until=turn.day + days * DAY, now=now)

    for number in range(1, days):
        open_day(creator=creator, now=now + number * DAY)
        assert not creator.turn_set.open().exists()
    open_day(creator=creator, now=now + days * DAY)

    turn.refresh_from_db()
    assert (turn.outcome, turn.until, turn.day) == ("open", None, now.date() + days * DAY)
    assert creator.turn_set.count() == 1


def test_who_was_put_off_does_not_hold_up_the_circle_and_comes_back_in_the_next(
    creator, person, now
):
    many(person, 2)
    open_day(creator=creator, now=now)
    late, other = creator.turn_set.all()
    put_off(turn=late, until=late.day + 2 * DAY, now=now)
    skip(turn=other, now=now)

    open_day(creator=creator, now=now + DAY)
    again = creator.turn_set.get(circle=2)
    skip(turn=again, now=now)
    open_day(creator=creator, now=now + 2 * DAY)

    late.refresh_from_db()
    assert again.fan_id == other.fan_id
    assert (late.outcome, late.circle) == ("open", 2)


def test_one_more_is_who_waits_and_then_whoever_waited_longest_and_then_nobody(
    creator, person, now
):
    owed = person(word=None)
    long, short = person(word=60), person(word=30)
    open_day(creator=creator, now=now)
    assert day_of(creator) == [owed.pk]

    assert one_more(creator=creator, now=now).fan_id == long.pk
    assert one_more(creator=creator, now=now).fan_id == short.pk
    for turn in creator.turn_set.open():
        skip(turn=turn, now=now)
    assert one_more(creator=creator, now=now) is None
    assert creator.turn_set.count() == 3


def test_nobody_is_chosen_before_all_history_is_read(creator, person, now):
    many(person, 3)
    source = SourceFactory(creator=creator, synced_at=None)

    open_day(creator=creator, now=now)
    assert day_of(creator) == []

    source.synced_at = now
    source.save()
    RecountFactory(creator=creator)
    open_day(creator=creator, now=now)
    assert day_of(creator) == []


def test_a_creator_without_anybody_has_nobodys_turn(creator, now):
    open_day(creator=creator, now=now)

    assert one_more(creator=creator, now=now) is None
    assert not Turn.objects.exists()


def test_another_creators_people_never_come(creator, person, now):
    many(person, 1)
    FanFactory(spend=900_00, lifetime_gross=900_00, first_purchase_at=now - 900 * DAY)

    open_day(creator=creator, now=now)

    assert {turn.fan.creator_id for turn in Turn.objects.all()} == {creator.pk}


def test_choosing_asks_as_often_for_many_as_for_few(
    creator, person, now, django_assert_max_num_queries
):
    many(person, 3)
    with django_assert_max_num_queries(26):
        open_day(creator=creator, now=now)
    Turn.objects.all().delete()
    many(person, 40)
    with django_assert_max_num_queries(26):
        open_day(creator=creator, now=now)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("open_it", [open_day, one_more])
def test_two_who_open_the_day_at_the_same_moment_see_the_same_people(creator, person, now, open_it):
    many(person, 9)
    barrier = threading.Barrier(3)

    def come():
        barrier.wait(10)
        open_it(creator=creator, now=now)
        connection.close()

    team = [threading.Thread(target=come) for _ in range(3)]
    for member in team:
        member.start()
    for member in team:
        member.join(30)

    people = day_of(creator)
    assert len(people) == len(set(people)) == 3


def test_the_database_gives_nobody_two_turns_in_a_circle():
    turn = TurnFactory()

    with pytest.raises(IntegrityError, match="turn_comes_once_a_circle"):
        TurnFactory(fan=turn.fan, day=turn.day + DAY)


STEPS = st.lists(st.sampled_from(["word", "skip", "week", "more", "back", "day"]), max_size=25)


@examples(8)
@given(steps=STEPS, count=st.integers(1, 8))
def test_whatever_is_done_with_the_turns_nobody_comes_twice_in_a_circle(steps, count):
    creator = CreatorFactory(time_zone="UTC")
    for number in range(count):
        FanFactory(
            creator=creator, spend=50_00 + number, lifetime_gross=50_00,
            first_purchase_at=NOW - 500 * DAY, last_purchase_at=NOW - 100 * DAY,
        )  # fmt: skip
    now = NOW
    open_day(creator=creator, now=now)
    for step in steps:
        turn = creator.turn_set.open().first()
        if step == "day":
            now += DAY
            open_day(creator=creator, now=now)
        elif step == "more":
            one_more(creator=creator, now=now)
        elif turn and step == "skip":
            skip(turn=turn, now=now)
        elif turn and step == "week":
            put_off(turn=turn, until=turn.day + 7 * DAY, now=now)
        elif turn and step == "word":
            in_touch(turn=turn, kind="wrote", now=now)
        elif step == "back" and (ended := creator.turn_set.filter(day=now.date()).first()):
            take_back(ended)

    turns = list(creator.turn_set.values_list("circle", "fan"))
    assert len(turns) == len(set(turns))
    ahead = creator.turn_set.filter(outcome__in=["open", "snoozed"])
    assert ahead.count() == ahead.values("fan").distinct().count()


@pytest.mark.parametrize(
    ("zone", "is_chosen"),
    [("Europe/London", False), ("Pacific/Auckland", False), ("Asia/Kamchatka", True)],
)
def test_a_worker_opens_the_days_that_have_just_begun(
    time_machine, now, queued, creator, zone, is_chosen, django_capture_on_commit_callbacks
):
    creator.time_zone = zone
    creator.save()
    time_machine.move_to(now + timedelta(minutes=16), tick=False)

    with django_capture_on_commit_callbacks(execute=True):
        open_days()

    found = [task for task, _arguments in queued() if task == "revenue.tasks.days.open_day_of"]
    assert bool(found) == is_chosen


def test_the_worker_chooses(time_machine, now, person, creator):
    many(person, 4)
    time_machine.move_to(now, tick=False)

    open_day_of(creator.pk)
    open_day_of(creator.pk)
    open_day_of(0)  # gone meanwhile

    assert creator.turn_set.count() == 3
