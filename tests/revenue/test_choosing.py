"""Whose turn it is, and why: reasons, and which of them come first."""

from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fans.attention import today_of, with_rhythm
from fans.touches import record_touch
from revenue.choosing import chosen, take_turns
from tests.factories import (
    MembershipFactory,
    PurchaseFactory,
    SourceFactory,
)
from tests.revenue.circle import DAY, somebody, with_tiers

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


def test_a_word_elsewhere_leaves_somebody_in_peace(creator, person, now):
    fan = person(word=None)
    record_touch(fan=fan, kind="met", occurred_at=now - DAY)

    assert why(creator, now) == {}
