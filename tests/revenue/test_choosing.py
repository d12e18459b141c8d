"""Whose turn it is today: the three, why they, and in which order."""

import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection
from hypothesis import given
from hypothesis import strategies as st

from fans.attention import today_of, with_rhythm
from fans.circle import number_of
from fans.models import Turn
from fans.touches import record_touch
from fans.turns import in_touch, put_off, skip, take_back
from revenue.choosing import chosen, one_more, open_day, take_turns
from revenue.tasks.days import open_day_of, open_days
from tests.factories import (
    NOW,
    AcquaintanceFactory,
    CreatorFactory,
    FanFactory,
    MembershipFactory,
    PurchaseFactory,
    RecountFactory,
    SourceFactory,
    TurnFactory,
)
from tests.revenue.histories import examples

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def creator():
    creator = CreatorFactory(time_zone="UTC", target_spend=100_00)
    creator.create_default_tiers()
    return creator


@pytest.fixture
def source(creator):
    return SourceFactory(creator=creator)


@pytest.fixture
def person(creator, now):
    """`person(spend=50_00, first=200)`: somebody in the circle to whom nothing happened, and who
    had a word ten days ago, so that nothing is owed and it is not time yet."""

    def make(*, spend=50_00, first=200, word=10, last=None, **columns):
        last = first if last is None else last
        known = {key: columns.pop(key) for key in list(columns) if key.startswith(("birth", "rh"))}
        fan = FanFactory(
            creator=creator, spend=spend, window_gross=spend, lifetime_gross=spend, purchases=1,
            first_purchase_at=now - first * DAY, last_purchase_at=now - last * DAY,
            is_true_fan=spend >= creator.target_spend,
            tier=creator.tiers.filter(threshold__lte=spend).last(),
            **columns,
        )  # fmt: skip
        if word is not None:
            known["last_word_at"] = known["last_touch_at"] = now - word * DAY
        if known:
            AcquaintanceFactory(fan=fan, **known)
        return fan

    return make


def why(creator, now, count=9):
    people = with_rhythm(creator.fans.all(), creator=creator, today=today_of(creator, now))
    return dict(chosen(people, count, creator=creator, now=now))


def test_to_whom_nothing_happened_and_who_had_a_word_it_is_not_time(creator, person, now):
    person()

    assert why(creator, now) == {}


@pytest.mark.parametrize(("word", "reason"), [(364, None), (365, "rhythm"), (1000, "rhythm")])
def test_it_is_time_when_the_rhythm_has_passed(creator, person, now, word, reason):
    fan = person(word=word, first=1500, spend=5_00)  # no tier: once a year

    assert why(creator, now).get(fan.pk) == reason


def test_who_waited_most_of_their_own_rhythm_comes_first(creator, person, now):
    yearly = person(word=380, first=1500, spend=5_00)  # 1.04 of 365
    monthly = person(word=40, first=1500, spend=700_00)  # 1.33 of 30
    own = person(word=20, first=1500, rhythm_days=10)  # 2 of 10

    assert list(why(creator, now)) == [own.pk, monthly.pk, yearly.pk]


def test_thanks_are_owed_most_first(creator, person, now):
    little, much = person(spend=20_00, word=None), person(spend=60_00, word=None)

    assert list(why(creator, now).items()) == [(much.pk, "thanks"), (little.pk, "thanks")]


@pytest.mark.parametrize(("word", "is_asked"), [(6, False), (7, True)])
def test_who_heard_from_the_creator_this_week_is_left_in_peace(
    creator, person, now, word, is_asked
):
    person(word=word, rhythm_days=1)

    assert bool(why(creator, now)) == is_asked


def test_who_decided_to_leave_comes_with_that(creator, source, person, now):
    fan = person()
    MembershipFactory(source=source, fan=fan, ends_at=now + 20 * DAY, cancelled_at=now)
    MembershipFactory(source=source, fan=person(), state="ended", ends_at=now - DAY)
    MembershipFactory(source=source, fan=person())

    assert why(creator, now) == {fan.pk: "leaving"}


@pytest.mark.parametrize(
    ("day", "birthday", "is_today"),
    [
        (date(2026, 11, 22), (11, 22), True),
        (date(2026, 11, 23), (11, 22), False),
        (date(2026, 2, 28), (2, 29), True),
        (date(2028, 2, 28), (2, 29), False),
    ],
)
def test_a_birthday_is_kept_on_its_day(creator, person, now, day, birthday, is_today):
    at = now.replace(year=day.year, month=day.month, day=day.day)
    word = (now - at).days + 10
    month, number = birthday
    fan = person(word=word, first=1700, last=word, birth_month=month, birth_day=number)
    creator.fans.update(last_purchase_at=at - 20 * DAY, usual_pause=None)

    assert (why(creator, at).get(fan.pk) == "birthday") == is_today


@pytest.mark.parametrize(
    ("crossed", "word", "reason"),
    [(3, None, "true"), (13, 20, "true"), (15, 20, None), (9, 8, None)],
)
def test_who_became_true_lately_comes_until_there_was_a_word(
    creator, person, now, crossed, word, reason
):
    fan = person(spend=120_00, word=word, crossed_at=now - crossed * DAY)

    assert why(creator, now).get(fan.pk) == reason


@pytest.mark.parametrize(
    ("before", "lately", "reason"),
    [(20_00, 6_00, "tier"), (30_00, 6_00, None), (20_00, 0, None), (0, 30_00, "tier")],
)
@pytest.mark.parametrize("counts", ["gross", "net"])
def test_who_reached_a_tier_lately_comes_with_that(
    creator, source, person, now, before, lately, reason, counts
):
    creator.counts = counts
    fan = person(spend=before + lately, word=20, last=5 if lately else 30)
    for amount, days in ((before, 100), (lately, 5)):
        PurchaseFactory(source=source, fan=fan, amount=amount, occurred_at=now - days * DAY)

    assert (why(creator, now).get(fan.pk) == "tier") == (reason == "tier")


def test_money_that_left_the_window_is_not_in_the_spend_of_then(creator, source, person, now):
    fan = person(spend=30_00, word=20, last=5)
    PurchaseFactory(source=source, fan=fan, amount=90_00, occurred_at=now - 500 * DAY)
    PurchaseFactory(source=source, fan=fan, amount=30_00, occurred_at=now - 5 * DAY)

    assert why(creator, now).get(fan.pk) == "tier"


def test_who_is_about_to_lapse_comes_with_that(creator, person, now):
    fan = person(first=1000, last=50, word=20)
    creator.fans.update(purchases=5, usual_pause=30 * DAY)

    assert why(creator, now) == {fan.pk: "slipping"}


@pytest.mark.parametrize(
    ("first", "reason"),
    [(365, "anniversary"), (366, None), (365 + 365 + 365 + 365, None), (1461, "anniversary")],
)
def test_the_anniversary_of_the_first_purchase_is_kept(creator, person, now, first, reason):
    fan = person(first=first, last=20)

    assert why(creator, now).get(fan.pk) == reason


def test_the_day_of_the_first_purchase_itself_is_no_anniversary(creator, person, now):
    assert why(creator, now).get(person(first=0).pk) is None


def test_an_anniversary_is_by_the_creators_calendar(creator, person, now):
    creator.time_zone = "Pacific/Auckland"  # where it is the 23rd
    fan = person(first=365, last=20)

    assert why(creator, now).get(fan.pk) == "anniversary"
    fan.first_purchase_at += timedelta(hours=23)
    fan.save()
    assert why(creator, now) == {}


def test_the_more_pressing_event_comes_first(creator, source, person, now):
    kept = person(first=365, last=20, spend=90_00)
    new = person(spend=120_00, crossed_at=now - DAY, last=1)
    born = person(birth_month=11, birth_day=22, last=20)
    leaving = person(spend=30_00)
    MembershipFactory(source=source, fan=leaving, state="past_due")

    assert list(why(creator, now).items()) == [
        (leaving.pk, "leaving"), (born.pk, "birthday"), (new.pk, "true"), (kept.pk, "anniversary"),
    ]  # fmt: skip


def test_of_three_one_had_an_event_one_is_owed_thanks_one_has_waited(creator, source, person, now):
    leaving = [person(spend=spend) for spend in (30_00, 40_00)]
    for fan in leaving:
        MembershipFactory(source=source, fan=fan, state="past_due")
    owed = [person(spend=spend, word=None) for spend in (60_00, 50_00)]
    waiting = [person(spend=5_00, first=1500, word=word) for word in (900, 800)]

    assert why(creator, now, 3) == {
        leaving[1].pk: "leaving", owed[0].pk: "thanks", waiting[0].pk: "rhythm"
    }  # fmt: skip


NUMBERS = st.lists(st.integers(1, 9), max_size=9, unique=True)


@given(lists=st.lists(NUMBERS, max_size=3), count=st.integers(0, 9))
def test_turns_are_taken_from_each_list_and_nobody_comes_twice(lists, count):
    picked = take_turns([[(n, "why") for n in some] for some in lists], count)

    assert len(picked) == min(count, len({n for some in lists for n in some}))
    assert len({n for n, _why in picked}) == len(picked)
    if count and any(lists):
        assert picked[0][0] == next(some for some in lists if some)[0]


@pytest.mark.parametrize(
    ("lists", "count", "expected"),
    [
        (["abc", "def", "ghi"], 3, "adg"),
        (["abc", "abc", "abc"], 3, "abc"),
        (["", "", "ghi"], 3, "ghi"),
        (["", "d", "ghi"], 3, "dgh"),
        (["a", "ad", "adg"], 3, "adg"),
        (["abc", "def", "ghi"], 2, "ad"),
        ([], 3, ""),
    ],
)
def test_the_order_in_which_turns_are_taken(lists, count, expected):
    picked = take_turns([[(name, "why") for name in some] for some in lists], count)

    assert "".join(name for name, _why in picked) == expected


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


def test_a_word_elsewhere_leaves_somebody_in_peace(creator, person, now):
    fan = person(word=None)
    record_touch(fan=fan, kind="met", occurred_at=now - DAY)

    assert why(creator, now) == {}
